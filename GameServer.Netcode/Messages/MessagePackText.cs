namespace GameServer.Netcode.Messages;

/// <summary>UTF-8 both ways without exceptions or replacement of what is malformed (RFC 3629 §3).</summary>
internal static class MessagePackText
{
    private const int Malformed = -1;
    private const char Replacement = '\uFFFD';

    /// <summary>Decodes all of <paramref name="utf8"/>; false when it is malformed or has more characters than the destination.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> utf8, Span<char> destination, out int charCount)
    {
        charCount = 0;
        while (!utf8.IsEmpty)
        {
            int scalar = DecodeScalar(utf8, out int bytes);
            int chars = scalar >= 0x10000 ? 2 : 1;
            if (scalar == Malformed || chars > destination.Length - charCount)
            {
                charCount = 0;
                return false;
            }

            if (chars == 2)
            {
                destination[charCount++] = (char)(0xD800 + ((scalar - 0x10000) >> 10));
                scalar = 0xDC00 + (scalar & 0x3FF);
            }

            destination[charCount++] = (char)scalar;
            utf8 = utf8.Slice(bytes);
        }

        return true;
    }

    /// <summary>Bytes that <see cref="Encode"/> writes.</summary>
    public static int CountBytes(ReadOnlySpan<char> text)
    {
        int count = 0;
        for (int i = 0; i < text.Length; i++)
        {
            if (IsPair(text, i))
            {
                count += 4;
                i++;
            }
            else
            {
                char c = Scalar(text[i]);
                count += c < 0x80 ? 1 : c < 0x800 ? 2 : 3;
            }
        }

        return count;
    }

    /// <summary>Encodes text; half a surrogate pair becomes U+FFFD. The destination has <see cref="CountBytes"/> bytes.</summary>
    public static void Encode(ReadOnlySpan<char> text, Span<byte> destination)
    {
        int index = 0;
        for (int i = 0; i < text.Length; i++)
        {
            if (IsPair(text, i))
            {
                int scalar = 0x10000 + ((text[i] - 0xD800) << 10) + (text[i + 1] - 0xDC00);
                destination[index++] = (byte)(0xF0 | (scalar >> 18));
                destination[index++] = Continuation(scalar >> 12);
                destination[index++] = Continuation(scalar >> 6);
                destination[index++] = Continuation(scalar);
                i++;
                continue;
            }

            char c = Scalar(text[i]);
            if (c < 0x80)
            {
                destination[index++] = (byte)c;
                continue;
            }

            if (c < 0x800)
            {
                destination[index++] = (byte)(0xC0 | (c >> 6));
            }
            else
            {
                destination[index++] = (byte)(0xE0 | (c >> 12));
                destination[index++] = Continuation(c >> 6);
            }

            destination[index++] = Continuation(c);
        }
    }

    private static byte Continuation(int bits) => (byte)(0x80 | (bits & 0x3F));

    private static bool IsPair(ReadOnlySpan<char> text, int index) =>
        char.IsHighSurrogate(text[index]) && index + 1 < text.Length && char.IsLowSurrogate(text[index + 1]);

    private static char Scalar(char c) => char.IsSurrogate(c) ? Replacement : c;

    private static int DecodeScalar(ReadOnlySpan<byte> utf8, out int bytes)
    {
        int first = utf8[0];
        bytes = first < 0x80 ? 1 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
        if (bytes == 1)
        {
            return first;
        }

        if (first is < 0xC2 or > 0xF4 || utf8.Length < bytes)
        {
            return Malformed;
        }

        int scalar = first & (0x7F >> bytes);
        for (int i = 1; i < bytes; i++)
        {
            if ((utf8[i] & 0xC0) != 0x80)
            {
                return Malformed;
            }

            scalar = (scalar << 6) | (utf8[i] & 0x3F);
        }

        // Longer than needed, half a surrogate pair, or beyond the last code point.
        int smallest = bytes == 2 ? 0x80 : bytes == 3 ? 0x800 : 0x10000;
        return scalar < smallest || scalar is (>= 0xD800 and <= 0xDFFF) or > 0x10FFFF ? Malformed : scalar;
    }
}
