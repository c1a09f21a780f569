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

    // Below 0 once failed: every later read then fails the one comparison that each has to make.
    private int _bitEnd;

    /// <summary>A reader over <paramref name="buffer"/>.</summary>
    public BitReader(ReadOnlySpan<byte> buffer)
    {
        _buffer = buffer;
        _bitIndex = 0;
        _bitEnd = buffer.Length * 8;
    }

    /// <summary>True once a read went past the end, or the caller refused what it read.</summary>
    public readonly bool Failed => _bitEnd < 0;

    /// <summary>Bits not yet read; 0 after a failure.</summary>
    public readonly int BitsLeft => Math.Max(0, _bitEnd - _bitIndex);

    /// <summary>Refuses the packet: all later reads give 0.</summary>
    public void Fail() => _bitEnd = -1;

    /// <summary>Reads <paramref name="bits"/> bits (0–32).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public uint Read(int bits)
    {
        System.Diagnostics.Debug.Assert(bits is >= 0 and <= 32, "0 to 32 bits");
        if (_bitIndex + bits > _bitEnd)
        {
            _bitEnd = -1;
            return 0;
        }

        // One load of 8 bytes serves every read: near the end it starts earlier and is shifted further.
        int start = Math.Min(_bitIndex >> 3, _buffer.Length - 8);
        ulong word = start >= 0
            ? BinaryPrimitives.ReadUInt64LittleEndian(_buffer.Slice(start, 8)) >> (_bitIndex - (start * 8))
            : ReadShortBuffer() >> _bitIndex;
        _bitIndex += bits;
        return (uint)(word & ((1UL << bits) - 1));
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
        ulong high = Read(bits - 32);
        return Failed ? 0 : low | (high << 32);
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
                return Failed ? 0 : value;
            }
        }

        Fail();
        return 0;
    }

    /// <summary>Reads a number of <see cref="BitWriter.WriteSigned"/>.</summary>
    public int ReadSigned()
    {
        uint value = ReadVariable();
        return (int)(value >> 1) ^ -(int)(value & 1);
    }

    /// <summary>Reads whole bytes at the current bit position; a failure gives zeros.</summary>
    public void ReadBytes(scoped Span<byte> destination)
    {
        if (destination.Length > (_bitEnd - _bitIndex) >> 3)
        {
            Fail();
            destination.Clear();
            return;
        }

        if ((_bitIndex & 7) == 0)
        {
            _buffer.Slice(_bitIndex >> 3, destination.Length).CopyTo(destination);
            _bitIndex += destination.Length * 8;
            return;
        }

        while (destination.Length >= 4)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(destination, Read(32));
            destination = destination.Slice(4);
        }

        for (int i = 0; i < destination.Length; i++)
        {
            destination[i] = (byte)Read(8);
        }
    }

    private readonly ulong ReadShortBuffer()
    {
        ulong word = 0;
        for (int i = 0; i < _buffer.Length; i++)
        {
            word |= (ulong)_buffer[i] << (i * 8);
        }

        return word;
    }
}
