using System.Globalization;
using System.Text;
using GameServer.Netcode.Primitives;

namespace GameServer.Operations;

/// <summary>What may be sent to players as a notice.</summary>
internal static class NoticeText
{
    /// <summary>The rule in words.</summary>
    public static readonly string Allowed = $"1 to {Limits.NoticeCharsMax} characters of one line, without control and format characters";

    /// <summary>Whether a text is one.</summary>
    public static bool IsRight(string text) => text.Length is > 0 and <= Limits.NoticeCharsMax && !text.EnumerateRunes().Any(static r =>
        Rune.GetUnicodeCategory(r) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        || r == Rune.ReplacementChar);
}
