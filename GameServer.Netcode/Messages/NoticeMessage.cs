using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Messages;

/// <summary>Server: a line from whoever runs it, to all. Layout: MessagePack [10, text].</summary>
public static class NoticeMessage
{
    /// <summary>Largest message: each character takes at most three bytes.</summary>
    internal const int BytesMax = 8 + (3 * Limits.NoticeCharsMax);

    /// <summary>Writes it; returns its size, 0 when it does not fit.</summary>
    public static int Write(Span<byte> destination, ReadOnlySpan<char> text)
    {
        var writer = new MessagePackWriter(destination);
        writer.WriteArrayHeader(2);
        writer.WriteInt32((int)ControlKind.Notice);
        writer.WriteString(text);
        return writer.Overflowed ? 0 : writer.ByteCount;
    }

    /// <summary>Reads a notice of at most <see cref="Limits.NoticeCharsMax"/> characters.</summary>
    public static bool TryRead(ReadOnlySpan<byte> message, out string text)
    {
        text = string.Empty;
        if (!ControlMessage.TryOpen(message, ControlKind.Notice, 2, out MessagePackReader reader))
        {
            return false;
        }

        text = reader.ReadString(Limits.NoticeCharsMax);
        return !reader.Failed;
    }
}
