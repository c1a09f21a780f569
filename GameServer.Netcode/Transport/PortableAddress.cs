#if !NETSTANDARD2_1
using System.Buffers.Binary;
#endif
using System.Net;
using System.Net.Sockets;

namespace GameServer.Netcode.Transport;

/// <summary>One reusable address of the framework's socket, as source or as target.</summary>
/// <remarks>Owner: the socket's thread.</remarks>
internal sealed class PortableAddress
{
#if NETSTANDARD2_1
    private readonly EndPoint _any;
    private readonly bool _isIPv4;
    private EndPoint _endPoint;
    private PeerAddress _peer;

    public PortableAddress(AddressFamily family)
    {
        _isIPv4 = family == AddressFamily.InterNetwork;
        _any = new IPEndPoint(_isIPv4 ? IPAddress.Any : IPAddress.IPv6Any, 0);
        _endPoint = _any;
    }

    /// <summary>Receives into <paramref name="buffer"/> and takes the sender's address.</summary>
    public int Receive(Socket socket, byte[] buffer)
    {
        EndPoint from = _endPoint;
        int length = socket.ReceiveFrom(buffer, 0, buffer.Length, SocketFlags.None, ref from);
        if (!ReferenceEquals(from, _endPoint))
        {
            _endPoint = from;
            _peer = PeerAddress.From((IPEndPoint)from);
        }

        return length;
    }

    /// <summary>Sends one datagram of <paramref name="batch"/> to this address.</summary>
    public void Send(Socket socket, DatagramBatch batch, int index) =>
        socket.SendTo(batch.Bytes, index * DatagramBatch.BufferBytes, batch.Lengths[index], SocketFlags.None, _endPoint);

    /// <summary>The address of the last sender.</summary>
    public PeerAddress Get() => _peer;

    /// <summary>Makes this the address of <paramref name="peer"/>.</summary>
    public void Set(in PeerAddress peer)
    {
        if (ReferenceEquals(_endPoint, _any) || peer != _peer)
        {
            _peer = peer;
            IPEndPoint plain = peer.ToEndPoint();
            _endPoint = _isIPv4 ? plain : new IPEndPoint(plain.Address.MapToIPv6(), plain.Port);
        }
    }
#else
    // Every platform has the port at 2, an IPv4 address at 4, an IPv6 address at 8 and its scope at 24.
    private readonly SocketAddress _address;
    private readonly bool _isIPv4;

    public PortableAddress(AddressFamily family)
    {
        _isIPv4 = family == AddressFamily.InterNetwork;
        _address = new SocketAddress(family);
    }

    /// <summary>Receives into <paramref name="buffer"/> and takes the sender's address.</summary>
    public int Receive(Socket socket, byte[] buffer) => socket.ReceiveFrom(buffer, SocketFlags.None, _address);

    /// <summary>Sends one datagram of <paramref name="batch"/> to this address.</summary>
    public void Send(Socket socket, DatagramBatch batch, int index) => socket.SendTo(batch.Datagram(index), SocketFlags.None, _address);

    /// <summary>The address of the last sender.</summary>
    public PeerAddress Get()
    {
        ReadOnlySpan<byte> bytes = _address.Buffer.Span;
        ushort port = BinaryPrimitives.ReadUInt16BigEndian(bytes[2..]);
        return _isIPv4
            ? PeerAddress.FromIPv4(BinaryPrimitives.ReadUInt32LittleEndian(bytes[4..]), port)
            : new PeerAddress(
                BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]),
                BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]),
                port,
                BinaryPrimitives.ReadUInt32LittleEndian(bytes[24..]));
    }

    /// <summary>Makes this the address of <paramref name="peer"/>.</summary>
    public void Set(in PeerAddress peer)
    {
        Span<byte> bytes = _address.Buffer.Span;
        BinaryPrimitives.WriteUInt16BigEndian(bytes[2..], peer.Port);
        if (_isIPv4)
        {
            // An IPv6 target of an IPv4 socket becomes 0.0.0.0 and port 0, which every system refuses for this datagram alone.
            BinaryPrimitives.WriteUInt32LittleEndian(bytes[4..], peer.IsIPv4 ? (uint)(peer.Low >> 32) : 0);
            BinaryPrimitives.WriteUInt16BigEndian(bytes[2..], peer.IsIPv4 ? peer.Port : (ushort)0);
            return;
        }

        BinaryPrimitives.WriteUInt32LittleEndian(bytes[4..], 0);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], peer.High);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[16..], peer.Low);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[24..], peer.Scope);
    }
#endif
}
