using System.Buffers.Binary;

namespace GameServer.Netcode.Messages;

/// <summary>Writes MessagePack values into a caller's buffer, each in its smallest encoding.</summary>
/// <remarks>
/// Never throws on lack of room: a value that does not fit is left out whole, sets <see cref="Overflowed"/>, and all that follow are left
/// out too; the caller asks once at the end. Allocates: no.
/// </remarks>
public ref struct MessagePackWriter
{
    private readonly Span<byte> _buffer;

    /// <summary>A writer over <paramref name="buffer"/>, whose contents it overwrites.</summary>
    public MessagePackWriter(Span<byte> buffer)
    {
        _buffer = buffer;
        ByteCount = 0;
        Overflowed = false;
    }

    /// <summary>True once a value did not fit.</summary>
    public bool Overflowed { get; private set; }

    /// <summary>Bytes written so far.</summary>
    public int ByteCount { get; private set; }

    /// <summary>The bytes written so far.</summary>
    public readonly ReadOnlySpan<byte> Written => _buffer.Slice(0, ByteCount);

    /// <summary>Writes nil, the absence of a value.</summary>
    public void WriteNil() => WriteHead(MessagePackFormat.Nil, 0, 0);

    /// <summary>Writes a truth value.</summary>
    public void WriteBoolean(bool value) => WriteHead(value ? MessagePackFormat.True : MessagePackFormat.False, 0, 0);

    /// <summary>Writes a number in 1 to 5 bytes.</summary>
    public void WriteInt32(int value) => WriteInt64(value);

    /// <summary>Writes a number in 1 to 5 bytes.</summary>
    public void WriteUInt32(uint value) => WriteUInt64(value);

    /// <summary>Writes a number in 1 to 9 bytes.</summary>
    public void WriteInt64(long value)
    {
        switch (value)
        {
            case >= 0:
                WriteUInt64((ulong)value);
                break;
            case >= -32:
                WriteHead((byte)value, 0, 0);
                break;
            case >= sbyte.MinValue:
                WriteHead(MessagePackFormat.Int8, (ulong)value, 1);
                break;
            case >= short.MinValue:
                WriteHead(MessagePackFormat.Int16, (ulong)value, 2);
                break;
            case >= int.MinValue:
                WriteHead(MessagePackFormat.Int32, (ulong)value, 4);
                break;
            default:
                WriteHead(MessagePackFormat.Int64, (ulong)value, 8);
                break;
        }
    }

    /// <summary>Writes a number in 1 to 9 bytes.</summary>
    public void WriteUInt64(ulong value)
    {
        switch (value)
        {
            case <= MessagePackFormat.PositiveFixIntMax:
                WriteHead((byte)value, 0, 0);
                break;
            case <= byte.MaxValue:
                WriteHead(MessagePackFormat.UInt8, value, 1);
                break;
            case <= ushort.MaxValue:
                WriteHead(MessagePackFormat.UInt16, value, 2);
                break;
            case <= uint.MaxValue:
                WriteHead(MessagePackFormat.UInt32, value, 4);
                break;
            default:
                WriteHead(MessagePackFormat.UInt64, value, 8);
                break;
        }
    }

    /// <summary>Writes a float in 5 bytes, bit for bit.</summary>
    public void WriteSingle(float value) => WriteHead(MessagePackFormat.Float32, (uint)BitConverter.SingleToInt32Bits(value), 4);

    /// <summary>Writes text as UTF-8; half a surrogate pair becomes U+FFFD.</summary>
    public void WriteString(scoped ReadOnlySpan<char> text)
    {
        if (TryClaimString(MessagePackText.CountBytes(text), out Span<byte> payload))
        {
            MessagePackText.Encode(text, payload);
        }
    }

    /// <summary>Writes text that is UTF-8 already.</summary>
    public void WriteUtf8(scoped ReadOnlySpan<byte> utf8)
    {
        if (TryClaimString(utf8.Length, out Span<byte> payload))
        {
            utf8.CopyTo(payload);
        }
    }

    /// <summary>Writes bytes.</summary>
    public void WriteBinary(scoped ReadOnlySpan<byte> bytes)
    {
        byte format = MessagePackFormat.Bin8;
        int lengthBytes = 1;
        if (bytes.Length > byte.MaxValue)
        {
            bool isShort = bytes.Length <= ushort.MaxValue;
            format = isShort ? MessagePackFormat.Bin16 : MessagePackFormat.Bin32;
            lengthBytes = isShort ? 2 : 4;
        }

        if (TryClaim(format, (uint)bytes.Length, lengthBytes, bytes.Length, out Span<byte> payload))
        {
            bytes.CopyTo(payload);
        }
    }

    /// <summary>Begins an array: the next <paramref name="count"/> values are its elements.</summary>
    public void WriteArrayHeader(int count) =>
        WriteCount(count, MessagePackFormat.FixArray, MessagePackFormat.Array16, MessagePackFormat.Array32);

    /// <summary>Begins a map: the next <paramref name="count"/> pairs of values are its keys and values.</summary>
    public void WriteMapHeader(int count) =>
        WriteCount(count, MessagePackFormat.FixMap, MessagePackFormat.Map16, MessagePackFormat.Map32);

    private void WriteCount(int count, byte fix, byte format16, byte format32)
    {
        System.Diagnostics.Debug.Assert(count >= 0, "counts are not negative");
        switch (count)
        {
            case < 16:
                WriteHead((byte)(fix | count), 0, 0);
                break;
            case <= ushort.MaxValue:
                WriteHead(format16, (uint)count, 2);
                break;
            default:
                WriteHead(format32, (uint)count, 4);
                break;
        }
    }

    private bool TryClaimString(int length, out Span<byte> payload) => length switch
    {
        < 32 => TryClaim((byte)(MessagePackFormat.FixStr | length), 0, 0, length, out payload),
        <= byte.MaxValue => TryClaim(MessagePackFormat.Str8, (uint)length, 1, length, out payload),
        <= ushort.MaxValue => TryClaim(MessagePackFormat.Str16, (uint)length, 2, length, out payload),
        _ => TryClaim(MessagePackFormat.Str32, (uint)length, 4, length, out payload),
    };

    private void WriteHead(byte format, ulong number, int numberBytes) => TryClaim(format, number, numberBytes, 0, out _);

    // The first byte, the low bytes of a number after it (most significant first), and room for what follows: all of it or nothing.
    private bool TryClaim(byte format, ulong number, int numberBytes, int payloadBytes, out Span<byte> payload)
    {
        payload = default;
        if (Overflowed || payloadBytes > _buffer.Length - ByteCount - 1 - numberBytes)
        {
            Overflowed = true;
            return false;
        }

        Span<byte> head = _buffer.Slice(ByteCount, 1 + numberBytes);
        head[0] = format;
        switch (numberBytes)
        {
            case 1:
                head[1] = (byte)number;
                break;
            case 2:
                BinaryPrimitives.WriteUInt16BigEndian(head.Slice(1), (ushort)number);
                break;
            case 4:
                BinaryPrimitives.WriteUInt32BigEndian(head.Slice(1), (uint)number);
                break;
            case 8:
                BinaryPrimitives.WriteUInt64BigEndian(head.Slice(1), number);
                break;
        }

        payload = _buffer.Slice(ByteCount + head.Length, payloadBytes);
        ByteCount += head.Length + payloadBytes;
        return true;
    }
}
