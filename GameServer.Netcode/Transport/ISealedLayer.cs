namespace GameServer.Netcode.Transport;

/// <summary>Turns packets into sealed datagrams and back, in place, below everything else.</summary>
/// <remarks>
/// Layout of a datagram: <see cref="HeaderBytes"/> | packet | <see cref="TrailerBytes"/>. Datagrams whose byte 0 has the low five bits 31
/// are no packets of the plain protocol: a layer may use them and let others through.
/// Owner: network thread. Must not allocate or throw.
/// </remarks>
public interface ISealedLayer
{
    /// <summary>Bytes in front of the packet.</summary>
    int HeaderBytes { get; }

    /// <summary>Bytes behind the packet.</summary>
    int TrailerBytes { get; }

    /// <summary>Checks and opens one received datagram before any peer is looked up.</summary>
    /// <remarks><paramref name="connection"/> names what the datagram was sealed for, 0 for nothing: a peer only takes datagrams of the connection it began with.</remarks>
    bool TryOpen(Span<byte> datagram, in PeerAddress from, out ulong connection);

    /// <summary>Seals the packet that lies between header and trailer of <paramref name="datagram"/>.</summary>
    void Seal(Span<byte> datagram, in PeerAddress to, ulong connection);
}
