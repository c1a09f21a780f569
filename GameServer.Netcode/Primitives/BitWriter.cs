using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace GameServer.Netcode.Primitives;

/// <summary>Writes bits into a caller's buffer, least significant bit of the first byte first.</summary>
/// <remarks>
/// Never throws: a write that does not fit sets <see cref="Overflowed"/> and is ignored with all that follow, so a caller writes a whole
/// unit and asks once. <see cref="Mark"/> and <see cref="Rewind"/> take a unit back. Allocates: no.
/// </remarks>
public ref struct BitWriter
{
    private readonly Span<byte> _buffer;
    private ulong _scratch;
    private int _scratchBits;
    private int _byteIndex;

    // Below 0 once a write did not fit: every later write then fails the one comparison that each has to make.
    private int _bitsLeft;

    /// <summary>A writer over <paramref name="buffer"/>, whose contents it overwrites.</summary>
    public BitWriter(Span<byte> buffer)
    {
        _buffer = buffer;
        _scratch = 0;
        _scratchBits = 0;
        _byteIndex = 0;
        _bitsLeft = buffer.Length * 8;
    }

    /// <summary>A position to return to.</summary>
    public readonly struct Position
    {
        internal readonly ulong Scratch;
        internal readonly int ScratchBits;
        internal readonly int ByteIndex;
        internal readonly int BitsLeft;

        internal Position(ulong scratch, int scratchBits, int byteIndex, int bitsLeft)
        {
            Scratch = scratch;
            ScratchBits = scratchBits;
            ByteIndex = byteIndex;
            BitsLeft = bitsLeft;
        }
    }

    /// <summary>True once a write did not fit.</summary>
    public readonly bool Overflowed => _bitsLeft < 0;

    /// <summary>Bits written so far.</summary>
    public readonly int BitCount => (_byteIndex * 8) + _scratchBits;

    /// <summary>Bytes that the bits written so far take.</summary>
    public readonly int ByteCount => (BitCount + 7) >> 3;

    /// <summary>Bits that still fit; 0 after an overflow.</summary>
    public readonly int BitsLeft => Math.Max(0, _bitsLeft);

    /// <summary>Writes the low <paramref name="bits"/> bits (0–32) of <paramref name="value"/>; higher bits must be 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Write(uint value, int bits)
    {
        System.Diagnostics.Debug.Assert(bits is >= 0 and <= 32, "0 to 32 bits");
        System.Diagnostics.Debug.Assert(bits == 32 || value >> bits == 0, "the value has more bits than announced");
        if (bits > _bitsLeft)
        {
            _bitsLeft = -1;
            return;
        }

        _bitsLeft -= bits;
        _scratch |= (ulong)value << _scratchBits;
        _scratchBits += bits;
        if (_scratchBits >= 32)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(_buffer.Slice(_byteIndex, 4), (uint)_scratch);
            _byteIndex += 4;
            _scratch >>= 32;
            _scratchBits -= 32;
        }
    }

    /// <summary>Writes one bit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteBool(bool value) => Write(value ? 1u : 0u, 1);

    /// <summary>Writes the low <paramref name="bits"/> bits (0–64) of <paramref name="value"/>; higher bits must be 0.</summary>
    public void WriteLong(ulong value, int bits)
    {
        if (bits <= 32)
        {
            Write((uint)value, bits);
            return;
        }

        Write((uint)value, 32);
        Write((uint)(value >> 32), bits - 32);
    }

    /// <summary>Writes an unsigned number in groups of 4 bits with a continuation bit each: 5 bits up to 15, 10 up to 255, …</summary>
    public void WriteVariable(uint value)
    {
        ulong groups = 0;
        int bits = 0;
        while (value > 15)
        {
            groups |= (ulong)((value & 15) | 16) << bits;
            value >>= 4;
            bits += 5;
        }

        WriteLong(groups | ((ulong)value << bits), bits + 5);
    }

    /// <summary>Writes a signed number, small magnitudes short (zigzag, then <see cref="WriteVariable"/>).</summary>
    public void WriteSigned(int value) => WriteVariable((uint)((value << 1) ^ (value >> 31)));

    /// <summary>Writes whole bytes at the current bit position, all or (when they do not fit) none.</summary>
    public void WriteBytes(scoped ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length > _bitsLeft >> 3)
        {
            _bitsLeft = -1;
            return;
        }

        if ((_scratchBits & 7) == 0)
        {
            FlushScratch();
            bytes.CopyTo(_buffer.Slice(_byteIndex));
            _byteIndex += bytes.Length;
            _bitsLeft -= bytes.Length * 8;
            return;
        }

        while (bytes.Length >= 4)
        {
            Write(BinaryPrimitives.ReadUInt32LittleEndian(bytes), 32);
            bytes = bytes.Slice(4);
        }

        foreach (byte b in bytes)
        {
            Write(b, 8);
        }
    }

    /// <summary>Writes the first <paramref name="bits"/> bits of <paramref name="source"/>, all or (when they do not fit) none.</summary>
    /// <param name="source">Bits in the order of this writer; whole words of 32 bits are read from it, so it reaches up to 3 bytes beyond them.</param>
    /// <param name="bits">How many.</param>
    internal void WriteBits(scoped ReadOnlySpan<byte> source, int bits)
    {
        if (bits > _bitsLeft)
        {
            _bitsLeft = -1;
            return;
        }

        // Whole words shift by the same distance; the room for all was asked for once.
        _bitsLeft -= bits & ~31;
        Span<byte> destination = _buffer.Slice(_byteIndex);
        int index = 0;
        ulong scratch = _scratch;
        for (; bits >= 32; bits -= 32)
        {
            scratch |= (ulong)BinaryPrimitives.ReadUInt32LittleEndian(source.Slice(index)) << _scratchBits;
            BinaryPrimitives.WriteUInt32LittleEndian(destination.Slice(index), (uint)scratch);
            scratch >>= 32;
            index += 4;
        }

        _scratch = scratch;
        _byteIndex += index;
        if (bits > 0)
        {
            Write(BinaryPrimitives.ReadUInt32LittleEndian(source.Slice(index)) & ((1u << bits) - 1), bits);
        }
    }

    /// <summary>The current position, to come back to.</summary>
    public readonly Position Mark() => new(_scratch, _scratchBits, _byteIndex, _bitsLeft);

    /// <summary>Takes back everything since <paramref name="position"/>, an overflow included.</summary>
    public void Rewind(in Position position)
    {
        _scratch = position.Scratch;
        _scratchBits = position.ScratchBits;
        _byteIndex = position.ByteIndex;
        _bitsLeft = position.BitsLeft;
    }

    /// <summary>Writes out the last partial word, padded with zero bits, and returns the number of bytes; nothing may be written after it.</summary>
    public int Finish()
    {
        int count = ByteCount;
        FlushScratch();
        return count;
    }

    // What was accepted has room in the buffer, the padding of the last byte included.
    private void FlushScratch()
    {
        while (_scratchBits > 0)
        {
            _buffer[_byteIndex++] = (byte)_scratch;
            _scratch >>= 8;
            _scratchBits -= 8;
        }

        _scratchBits = 0;
    }
}
