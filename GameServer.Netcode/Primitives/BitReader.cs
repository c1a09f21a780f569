using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace GameServer.Netcode.Primitives;

/// <summary>Reads what <see cref="BitWriter"/> wrote.</summary>
/// <remarks>
/// Never throws: a read past the end gives 0, sets <see cref="Failed"/>, and every later read gives 0 too; the caller asks once at the
/// end of a unit. Allocates: no.
/// </remarks>
public ref struct BitReader
{
    private readonly ReadOnlySpan<byte> _buffer;
    private int _bitIndex;

    /// <summary>A reader over <paramref name="buffer"/>.</summary>
    public BitReader(ReadOnlySpan<byte> buffer)
    {
        _buffer = buffer;
        _bitIndex = 0;
        Failed = false;
    }

    /// <summary>True once a read went past the end, or the caller refused what it read.</summary>
    public bool Failed { get; private set; }

    /// <summary>Bits not yet read.</summary>
    public readonly int BitsLeft => (_buffer.Length * 8) - _bitIndex;

    /// <summary>Refuses the packet: all later reads give 0.</summary>
    public void Fail() => Failed = true;

    /// <summary>Reads <paramref name="bits"/> bits (0–32).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint Read(int bits)
    {
        System.Diagnostics.Debug.Assert(bits is >= 0 and <= 32, "0 to 32 bits");
        if (Failed || bits > BitsLeft)
        {
            Failed = true;
            return 0;
        }

        int byteIndex = _bitIndex >> 3;
        int shift = _bitIndex & 7;
        _bitIndex += bits;
        ulong word = byteIndex + 8 <= _buffer.Length
            ? BinaryPrimitives.ReadUInt64LittleEndian(_buffer.Slice(byteIndex, 8))
            : ReadTail(byteIndex);
        return (uint)((word >> shift) & ((1UL << bits) - 1));
    }

    /// <summary>Reads one bit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool ReadBool() => Read(1) != 0;

    /// <summary>Reads <paramref name="bits"/> bits (0–64).</summary>
    public ulong ReadLong(int bits)
    {
        if (bits <= 32)
        {
            return Read(bits);
        }

        ulong low = Read(32);
        return low | ((ulong)Read(bits - 32) << 32);
    }

    /// <summary>Reads a number of <see cref="BitWriter.WriteVariable"/>; fails when it does not fit 32 bits.</summary>
    public uint ReadVariable()
    {
        uint value = 0;
        for (int shift = 0; shift < 32; shift += 4)
        {
            uint group = Read(5);
            value |= (group & 15) << shift;
            if ((group & 16) == 0)
            {
                return value;
            }
        }

        Failed = true;
        return 0;
    }

    /// <summary>Reads a number of <see cref="BitWriter.WriteSigned"/>.</summary>
    public int ReadSigned()
    {
        uint value = ReadVariable();
        return (int)(value >> 1) ^ -(int)(value & 1);
    }

    /// <summary>Reads whole bytes at the current bit position; on failure the destination is zeroed from there on.</summary>
    public void ReadBytes(Span<byte> destination)
    {
        for (int i = 0; i < destination.Length; i++)
        {
            destination[i] = (byte)Read(8);
        }
    }

    private readonly ulong ReadTail(int byteIndex)
    {
        ulong word = 0;
        for (int i = byteIndex; i < _buffer.Length; i++)
        {
            word |= (ulong)_buffer[i] << ((i - byteIndex) * 8);
        }

        return word;
    }
}
