using System.Globalization;
using System.Text;

namespace GameServer.Netcode.Game;

/// <summary>What a game may call itself and what it declares: visible characters of any script, so that the name can be sent, compared and shown.</summary>
internal static class DeclaredName
{
    private const int ShownCharsMax = 64;

    /// <summary>Refuses a name that is missing, too long, or holds what cannot be sent or seen.</summary>
    /// <exception cref="ArgumentException">The message names <paramref name="what"/>, the name, and what a name holds.</exception>
    public static void Check(string? name, string what, int charsMax)
    {
        if (name is null)
        {
            throw new ArgumentNullException(nameof(name), $"{what}: the name is null; a name has 1 to {charsMax} characters");
        }

        if (string.IsNullOrWhiteSpace(name) || name.Length > charsMax)
        {
            string spaces = name.Length > 0 && name.Length <= charsMax ? ", but only spaces" : "";
            throw new ArgumentException($"{what} '{Shown(name, ShownCharsMax)}': the name has {name.Length} characters{spaces}; a name has 1 to {charsMax} characters", nameof(name));
        }

        for (int i = 0; i < name.Length; i += IsPair(name, i) ? 2 : 1)
        {
            string fault = FaultOf(name, i);
            if (fault.Length > 0)
            {
                throw new ArgumentException(
                    $"{what} '{Shown(name, ShownCharsMax)}': the name holds U+{(int)name[i]:X4} at character {i + 1}, which is {fault}; a name holds visible characters and spaces",
                    nameof(name));
            }
        }
    }

    /// <summary>A text of at most <paramref name="charsMax"/> characters, with a question mark for each that cannot be sent or seen.</summary>
    public static string Shown(string text, int charsMax)
    {
        var shown = new StringBuilder(Math.Min(text.Length, charsMax));
        for (int i = 0; i < text.Length; i++)
        {
            int length = IsPair(text, i) ? 2 : 1;
            if (shown.Length + length > charsMax)
            {
                break;
            }

            bool isVisible = FaultOf(text, i).Length == 0;
            shown.Append(isVisible ? text.Substring(i, length) : "?");
            i += length - 1;
        }

        return shown.ToString();
    }

    private static bool IsPair(string text, int index) => char.IsHighSurrogate(text[index]) && index + 1 < text.Length && char.IsLowSurrogate(text[index + 1]);

    // Only categories that no later version of Unicode changes: both sides have to agree.
    private static string FaultOf(string text, int index) => CharUnicodeInfo.GetUnicodeCategory(text, index) switch
    {
        UnicodeCategory.Control => "a control character",
        UnicodeCategory.Format => "a bidirectional mark or a zero-width character",
        UnicodeCategory.Surrogate => "half a character",
        UnicodeCategory.PrivateUse => "a private character",
        UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => "a line break",
        _ => "",
    };
}
