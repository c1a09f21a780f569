using System.Buffers.Binary;

namespace GameServer.Netcode.Transport;

/// <summary>Appends a CRC32C to each datagram: finds damage, not forgery. Compatible with LiteNetLib's layer (protocol notes §17).</summary>
internal sealed class Crc32cLayer : ISealedLayer
{
    private const uint Polynomial = 0x82F63B78;

    private static readonly uint[] Table = MakeTable();

    public int HeaderBytes => 0;

    public int TrailerBytes => sizeof(uint);

    public bool TryOpen(Span<byte> datagram, in PeerAddress from, out ulong connection)
    {
        connection = 0;
        int length = datagram.Length - sizeof(uint);
        return length > 0 && BinaryPrimitives.ReadUInt32LittleEndian(datagram[length..]) == Checksum(datagram[..length]);
    }

    public void Seal(Span<byte> datagram, in PeerAddress to, ulong connection)
    {
        int length = datagram.Length - sizeof(uint);
        BinaryPrimitives.WriteUInt32LittleEndian(datagram[length..], Checksum(datagram[..length]));
    }

    internal static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
#if !NETSTANDARD2_1
        if (System.Runtime.Intrinsics.X86.Sse42.X64.IsSupported)
        {
            ulong wide = crc;
            while (bytes.Length >= sizeof(ulong))
            {
                wide = System.Runtime.Intrinsics.X86.Sse42.X64.Crc32(wide, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
                bytes = bytes[sizeof(ulong)..];
            }

            crc = (uint)wide;
        }
#endif
        foreach (byte value in bytes)
        {
            crc = (crc >> 8) ^ Table[(byte)(crc ^ value)];
        }

        return ~crc;
    }

    private static uint[] MakeTable()
    {
        var table = new uint[256];
        for (uint i = 0; i < 256; i++)
        {
            uint value = i;
            for (int bit = 0; bit < 8; bit++)
            {
                value = (value >> 1) ^ ((value & 1) * Polynomial);
            }

            table[i] = value;
        }

        return table;
    }
}
