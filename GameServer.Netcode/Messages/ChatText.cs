using System.Globalization;

namespace GameServer.Netcode.Messages;

/// <summary>What of a line of chat is passed on: nothing that moves, hides or turns round what others say, wherever the line is shown.</summary>
/// <remarks>
/// Control characters and line breaks become spaces. Marks that turn the direction of text and zero-width characters are left out, except for those that
/// languages and emoji are written with: joiners and the two marks of direction that end with their line. Allocates: no.
/// </remarks>
internal static class ChatText
{
    /// <summary>Cleans a line in place and returns its length; 0 when nothing visible is left.</summary>
    public static int Clean(Span<char> text)
    {
        int length = 0;
        bool isVisible = false;
        foreach (char c in text)
        {
            UnicodeCategory category = CharUnicodeInfo.GetUnicodeCategory(c);
            bool isBreak = category is UnicodeCategory.Control or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
            if (category == UnicodeCategory.Format && !IsWrittenWith(c))
            {
                continue;
            }

            isVisible |= !isBreak && category is not (UnicodeCategory.Format or UnicodeCategory.SpaceSeparator);
            text[length++] = isBreak ? ' ' : c;
        }

        return isVisible ? length : 0;
    }

    // Zero-width joiner and non-joiner, soft hyphen, left-to-right and right-to-left mark.
    private static bool IsWrittenWith(char c) => c is '\u200C' or '\u200D' or '\u00AD' or '\u200E' or '\u200F';
}
