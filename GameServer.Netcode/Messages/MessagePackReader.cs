using System.Buffers.Binary;

namespace GameServer.Netcode.Messages;

/// <summary>Reads MessagePack values of any encoding that a writer may choose.</summary>
/// <remarks>
/// Never throws: a value of another type or range, malformed bytes or an early end give 0 or nothing, set <see cref="Failed"/>, and every
/// later read does the same; the caller asks once at the end. Headers announce at most what the rest of the buffer can hold, so a
/// caller may loop over a count; caps of its own it checks itself. Extension types are understood by <see cref="Skip"/> alone.
/// Allocates: only <see cref="ReadString"/>.
/// </remarks>
public ref struct MessagePackReader
{
    /// <summary>Arrays and maps within one another that <see cref="Skip"/> follows; deeper ones fail.</summary>
    public const int DepthMax = 32;

    private readonly ReadOnlySpan<byte> _buffer;
    private int _index;

    /// <summary>A reader over <paramref name="buffer"/>.</summary>
    public MessagePackReader(ReadOnlySpan<byte> buffer)
    {
        _buffer = buffer;
        _index = 0;
        Failed = false;
    }

    /// <summary>True once a read failed, or the caller refused what it read.</summary>
    public bool Failed { get; private set; }

    /// <summary>Bytes not yet read; 0 after a failure.</summary>
    public readonly int BytesLeft => Failed ? 0 : _buffer.Length - _index;

    /// <summary>Refuses the message: all later reads fail.</summary>
    public void Fail() => Failed = true;

    /// <summary>Takes a nil; false when the next value is another one, which then stays to be read.</summary>
    public bool TryReadNil()
    {
        if (BytesLeft == 0 || _buffer[_index] != MessagePackFormat.Nil)
        {
            return false;
        }

        _index++;
        return true;
    }

    /// <summary>Reads a truth value.</summary>
    public bool ReadBoolean()
    {
        byte format = ReadFormat();
        Failed |= format is not (MessagePackFormat.True or MessagePackFormat.False);
        return !Failed && format == MessagePackFormat.True;
    }

    /// <summary>Reads a whole number; fails when it does not fit.</summary>
    public int ReadInt32()
    {
        long value = ReadInt64();
        Failed |= value is < int.MinValue or > int.MaxValue;
        return Failed ? 0 : (int)value;
    }

    /// <summary>Reads a whole number; fails when it is negative or does not fit.</summary>
    public uint ReadUInt32()
    {
        ulong value = ReadUInt64();
        Failed |= value > uint.MaxValue;
        return Failed ? 0 : (uint)value;
    }

    /// <summary>Reads a whole number; fails when it does not fit.</summary>
    public long ReadInt64()
    {
        ulong bits = ReadInteger(ReadFormat(), out bool negative);
        Failed |= !negative && bits > long.MaxValue;
        return Failed ? 0 : (long)bits;
    }

    /// <summary>Reads a whole number; fails when it is negative.</summary>
    public ulong ReadUInt64()
    {
        ulong bits = ReadInteger(ReadFormat(), out bool negative);
        Failed |= negative;
        return Failed ? 0 : bits;
    }

    /// <summary>Reads a float; doubles and whole numbers are rounded to one, as some writers shorten 1.0 to 1.</summary>
    /// <returns>Maybe NaN or infinity, which the caller has to refuse where they mean nothing.</returns>
    public float ReadSingle()
    {
        byte format = ReadFormat();
        switch (format)
        {
            case MessagePackFormat.Float32:
                return BitConverter.Int32BitsToSingle((int)ReadBigEndian(4));
            case MessagePackFormat.Float64:
                return (float)BitConverter.Int64BitsToDouble((long)ReadBigEndian(8));
            default:
                ulong bits = ReadInteger(format, out bool negative);
                return negative ? (long)bits : bits;
        }
    }

    /// <summary>Reads text as its bytes in place, which nobody has checked to be UTF-8.</summary>
    public ReadOnlySpan<byte> ReadUtf8()
    {
        byte format = ReadFormat();
        switch (format)
        {
            case >= MessagePackFormat.FixStr and <= MessagePackFormat.FixStrMax:
                return Take((uint)(format - MessagePackFormat.FixStr));
            case MessagePackFormat.Str8:
                return Take(ReadBigEndian(1));
            case MessagePackFormat.Str16:
                return Take(ReadBigEndian(2));
            case MessagePackFormat.Str32:
                return Take(ReadBigEndian(4));
            default:
                Failed = true;
                return default;
        }
    }

    /// <summary>Reads text; fails when it is not UTF-8 or longer than the destination.</summary>
    /// <returns>Characters written to <paramref name="destination"/>.</returns>
    public int ReadStringInto(scoped Span<char> destination)
    {
        ReadOnlySpan<byte> utf8 = ReadUtf8();
        Failed |= !MessagePackText.TryDecode(utf8, destination, out int charCount);
        return charCount;
    }

    /// <summary>Reads text as a string; fails when it is not UTF-8 or longer than <paramref name="charsMax"/> (at most 256) characters.</summary>
    public string ReadString(int charsMax)
    {
        System.Diagnostics.Debug.Assert(charsMax is >= 0 and <= 256, "0 to 256 characters");
        Span<char> chars = stackalloc char[256];
        int charCount = ReadStringInto(chars.Slice(0, charsMax));
        return chars.Slice(0, charCount).ToString();
    }

    /// <summary>Reads bytes in place.</summary>
    public ReadOnlySpan<byte> ReadBinary()
    {
        switch (ReadFormat())
        {
            case MessagePackFormat.Bin8:
                return Take(ReadBigEndian(1));
            case MessagePackFormat.Bin16:
                return Take(ReadBigEndian(2));
            case MessagePackFormat.Bin32:
                return Take(ReadBigEndian(4));
            default:
                Failed = true;
                return default;
        }
    }

    /// <summary>Reads the number of elements of an array, which follow.</summary>
    public int ReadArrayHeader()
    {
        byte format = ReadFormat();
        return format switch
        {
            >= MessagePackFormat.FixArray and < MessagePackFormat.FixStr => CheckCount((uint)(format & 15), 1),
            MessagePackFormat.Array16 => CheckCount(ReadBigEndian(2), 1),
            MessagePackFormat.Array32 => CheckCount(ReadBigEndian(4), 1),
            _ => CheckCount(ulong.MaxValue, 1),
        };
    }

    /// <summary>Reads the number of pairs of a map, which follow as key, value, key, value, …</summary>
    public int ReadMapHeader()
    {
        byte format = ReadFormat();
        return format switch
        {
            >= MessagePackFormat.FixMap and < MessagePackFormat.FixArray => CheckCount((uint)(format & 15), 2),
            MessagePackFormat.Map16 => CheckCount(ReadBigEndian(2), 2),
            MessagePackFormat.Map32 => CheckCount(ReadBigEndian(4), 2),
            _ => CheckCount(ulong.MaxValue, 2),
        };
    }

    /// <summary>Passes over one value of any type, everything inside it included.</summary>
    public void Skip() => SkipValue(DepthMax);

    private void SkipValue(int depthLeft)
    {
        if (BytesLeft == 0 || depthLeft == 0)
        {
            Failed = true;
            return;
        }

        byte format = _buffer[_index];
        if (format is >= MessagePackFormat.FixMap and < MessagePackFormat.FixArray or MessagePackFormat.Map16 or MessagePackFormat.Map32)
        {
            SkipMany((long)ReadMapHeader() * 2, depthLeft - 1);
        }
        else if (format is >= MessagePackFormat.FixArray and < MessagePackFormat.FixStr or MessagePackFormat.Array16 or MessagePackFormat.Array32)
        {
            SkipMany(ReadArrayHeader(), depthLeft - 1);
        }
        else
        {
            _index++;
            SkipScalar(format);
        }
    }

    private void SkipMany(long count, int depthLeft)
    {
        for (long i = 0; i < count && !Failed; i++)
        {
            SkipValue(depthLeft);
        }
    }

    private void SkipScalar(byte format)
    {
        switch (format)
        {
            case <= MessagePackFormat.PositiveFixIntMax or >= MessagePackFormat.NegativeFixInt:
            case MessagePackFormat.Nil or MessagePackFormat.False or MessagePackFormat.True:
                break;
            case <= MessagePackFormat.FixStrMax:
                Take((uint)(format - MessagePackFormat.FixStr));
                break;
            case MessagePackFormat.Bin8 or MessagePackFormat.Str8:
                Take(ReadBigEndian(1));
                break;
            case MessagePackFormat.Bin16 or MessagePackFormat.Str16:
                Take(ReadBigEndian(2));
                break;
            case MessagePackFormat.Bin32 or MessagePackFormat.Str32:
                Take(ReadBigEndian(4));
                break;
            case MessagePackFormat.Ext8:
                Take(ReadBigEndian(1) + 1);
                break;
            case MessagePackFormat.Ext16:
                Take(ReadBigEndian(2) + 1);
                break;
            case MessagePackFormat.Ext32:
                Take(ReadBigEndian(4) + 1);
                break;
            case MessagePackFormat.Float32:
                Take(4);
                break;
            case MessagePackFormat.Float64:
                Take(8);
                break;
            case >= MessagePackFormat.UInt8 and <= MessagePackFormat.UInt64:
                Take(1u << (format - MessagePackFormat.UInt8));
                break;
            case >= MessagePackFormat.Int8 and <= MessagePackFormat.Int64:
                Take(1u << (format - MessagePackFormat.Int8));
                break;
            case >= MessagePackFormat.FixExt1 and <= MessagePackFormat.FixExt16:
                Take((1u << (format - MessagePackFormat.FixExt1)) + 1);
                break;
            default:
                Failed = true;
                break;
        }
    }

    private byte ReadFormat()
    {
        if (BytesLeft == 0)
        {
            Failed = true;
            return MessagePackFormat.NeverUsed;
        }

        return _buffer[_index++];
    }

    private ulong ReadInteger(byte format, out bool negative)
    {
        ulong bits;
        switch (format)
        {
            case <= MessagePackFormat.PositiveFixIntMax:
                negative = false;
                return format;
            case >= MessagePackFormat.NegativeFixInt:
                bits = (ulong)(sbyte)format;
                break;
            case >= MessagePackFormat.UInt8 and <= MessagePackFormat.UInt64:
                negative = false;
                return ReadBigEndian(1 << (format - MessagePackFormat.UInt8));
            case MessagePackFormat.Int8:
                bits = (ulong)(sbyte)ReadBigEndian(1);
                break;
            case MessagePackFormat.Int16:
                bits = (ulong)(short)ReadBigEndian(2);
                break;
            case MessagePackFormat.Int32:
                bits = (ulong)(int)ReadBigEndian(4);
                break;
            case MessagePackFormat.Int64:
                bits = ReadBigEndian(8);
                break;
            default:
                Failed = true;
                bits = 0;
                break;
        }

        negative = (long)bits < 0;
        return bits;
    }

    private ulong ReadBigEndian(int bytes)
    {
        ReadOnlySpan<byte> number = Take((uint)bytes);
        return number.Length switch
        {
            1 => number[0],
            2 => BinaryPrimitives.ReadUInt16BigEndian(number),
            4 => BinaryPrimitives.ReadUInt32BigEndian(number),
            8 => BinaryPrimitives.ReadUInt64BigEndian(number),
            _ => 0,
        };
    }

    private ReadOnlySpan<byte> Take(ulong bytes)
    {
        if (Failed || bytes > (ulong)(_buffer.Length - _index))
        {
            Failed = true;
            return default;
        }

        ReadOnlySpan<byte> taken = _buffer.Slice(_index, (int)bytes);
        _index += taken.Length;
        return taken;
    }

    // Each value takes a byte at least, so a count that the rest of the buffer cannot hold is refused before anybody loops over it.
    private int CheckCount(ulong count, uint valuesEach)
    {
        if (Failed || count > (ulong)BytesLeft / valuesEach)
        {
            Failed = true;
            return 0;
        }

        return (int)count;
    }
}
