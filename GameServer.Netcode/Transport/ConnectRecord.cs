using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace GameServer.Netcode.Transport;

/// <summary>Payload of a <see cref="RecordKind.Connect"/> record: the address of the peer, the connection's time, then its connect data.</summary>
/// <remarks>Within one process only, never on the wire. A payload too short for that is of a peer without an address, which says nothing.</remarks>
public static class ConnectRecord
{
    /// <summary>Bytes before the connect data.</summary>
    public const int HeaderBytes = 30;

    /// <summary>Writes what stands before the connect data.</summary>
    public static void Write(Span<byte> payload, in PeerAddress address, long connectionTime)
    {
        Unsafe.WriteUnaligned(ref payload[0], address.High);
        Unsafe.WriteUnaligned(ref payload[8], address.Low);
        Unsafe.WriteUnaligned(ref payload[16], address.Scope);
        Unsafe.WriteUnaligned(ref payload[20], address.Port);
        Unsafe.WriteUnaligned(ref payload[22], connectionTime);
    }

    /// <summary>Reads the address, the connection's time and the connect data.</summary>
    public static PeerAddress Read(ReadOnlySpan<byte> payload, out long connectionTime, out ReadOnlySpan<byte> connectData)
    {
        connectionTime = 0;
        connectData = default;
        if (payload.Length < HeaderBytes)
        {
            return default;
        }

        connectData = payload.Slice(HeaderBytes);
        ref byte first = ref MemoryMarshal.GetReference(payload);
        connectionTime = Unsafe.ReadUnaligned<long>(ref Unsafe.Add(ref first, 22));
        return new PeerAddress(
            Unsafe.ReadUnaligned<ulong>(ref first),
            Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref first, 8)),
            Unsafe.ReadUnaligned<ushort>(ref Unsafe.Add(ref first, 20)),
            Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref first, 16)));
    }
}
