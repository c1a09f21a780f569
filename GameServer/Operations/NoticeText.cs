using System.Globalization;
using System.Text;
using GameServer.Netcode.Primitives;

namespace GameServer.Operations;

/// <summary>What may be sent to players as a line: a notice, or the reason of a kick.</summary>
internal static class NoticeText
{
    /// <summary>The longest reason of a kick.</summary>
    public const int ReasonCharsMax = 128;

    /// <summary>The rule in words.</summary>
    public static readonly string Allowed = Words(Limits.NoticeCharsMax);

    /// <summary>The rule for the reason of a kick in words.</summary>
    public static readonly string AllowedReason = Words(ReasonCharsMax);

    /// <summary>Whether a text is one.</summary>
    public static bool IsRight(string text) => IsLine(text, Limits.NoticeCharsMax);

    /// <summary>Whether a text is the reason of a kick; an empty one is none, which is right too.</summary>
    public static bool IsRightReason(string text) => text.Length == 0 || IsLine(text, ReasonCharsMax);

    /// <summary>Whether a character can change what is read around it.</summary>
    public static bool Steers(Rune rune) => Rune.GetUnicodeCategory(rune)
        is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;

    private static bool IsLine(string text, int charsMax) => text.Length <= charsMax && !string.IsNullOrWhiteSpace(text)
        && !text.EnumerateRunes().Any(static r => Steers(r) || r == Rune.ReplacementChar);

    private static string Words(int charsMax) => $"1 to {charsMax} characters of one line, not only spaces, without control and format characters";
}
