using System.Globalization;
using System.Text;
using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Messages;

/// <summary>What a player's name may be, and which names people take for the same.</summary>
/// <remarks>
/// A name is in form NFC; runs of spaces are one space, none at the ends; variation selectors are left out. Control characters, bidirectional marks,
/// zero-width and other invisible characters, private and unassigned ones are refused. Allocates: for joins, not for packets.
/// </remarks>
public static class PlayerName
{
    /// <summary>The name of a player who gives none.</summary>
    public const string Default = "player";

    /// <summary>Small letters of other scripts, and digits, that look like a Latin letter in one case or the other, each followed by that letter.</summary>
    private const string LookAlikes = "аaвbеeнhіiјjкkмmоoрpсcтtуyхxѕsһhԁdԛqԝwαaβbεeζzηhιiκkμmνnοoρpτtυyχx0o1l|lil";

    /// <summary>Brings a name into the form in which it is kept; false when it is not allowed.</summary>
    /// <param name="text">The name as it was given.</param>
    /// <param name="name">The name as it is kept; empty when it is not allowed.</param>
    /// <param name="problem">Why it is not allowed, as a sentence for a person; else empty.</param>
    public static bool TryNormalize(string text, out string name, out string problem)
    {
        name = string.Empty;
        problem = string.Empty;
        var kept = new StringBuilder(text.Length);
        for (int i = 0; i < text.Length; i++)
        {
            bool isPair = char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]);
            int point = isPair ? char.ConvertToUtf32(text[i], text[i + 1]) : text[i];
            UnicodeCategory category = CharUnicodeInfo.GetUnicodeCategory(text, i);
            if (category == UnicodeCategory.SpaceSeparator)
            {
                kept.Append(kept.Length > 0 && kept[^1] != ' ' ? " " : string.Empty);
            }
            else if (IsRefused(point, category))
            {
                problem = $"the name holds U+{point:X4} at character {i + 1}, which is {Describe(category)}; a name holds visible characters and single spaces";
                return false;
            }
            else if (!IsVariationSelector(point))
            {
                kept.Append(text, i, isPair ? 2 : 1);
            }

            i += isPair ? 1 : 0;
        }

        string composed = CanonicalForm.Compose(kept.ToString().TrimEnd(' '));
        if (composed.Length > Limits.PlayerNameCharsMax)
        {
            problem = $"the name has {composed.Length} characters, {Limits.PlayerNameCharsMax} are allowed";
            return false;
        }

        name = composed.Length > 0 ? composed : Default;
        return true;
    }

    /// <summary>A key that is the same for names that differ only in case, in compatible forms, or in letters that look alike.</summary>
    public static string KeyOf(string name)
    {
        var folded = new StringBuilder(name.Length);
        for (int i = 0; i < name.Length; i++)
        {
            bool isPair = char.IsHighSurrogate(name[i]) && i + 1 < name.Length;
            Fold(folded, isPair ? char.ConvertToUtf32(name[i], name[++i]) : name[i]);
        }

        List<int> points = CanonicalForm.Decompose(folded.ToString().ToLowerInvariant());
        for (int i = 0; i < points.Count; i++)
        {
            points[i] = LookAlike(points[i]);
        }

        return CanonicalForm.ToText(points, points.Count);
    }

    /// <summary>The name with a number behind it, for the second of two who give the same one; shortened when it has to be.</summary>
    public static string Numbered(string name, int number)
    {
        string suffix = " (" + number.ToString(CultureInfo.InvariantCulture) + ")";
        int length = Math.Min(name.Length, Limits.PlayerNameCharsMax - suffix.Length);
        length -= length > 0 && char.IsHighSurrogate(name[length - 1]) ? 1 : 0;
        return name.Substring(0, length).TrimEnd(' ') + suffix;
    }

    private static void Fold(StringBuilder folded, int point)
    {
        if (CanonicalForm.TryFind(FoldTable.Pairs, (ulong)point, 42, out ulong pair))
        {
            Append(folded, (int)((pair >> 21) & 0x1FFFFF));
            Append(folded, (int)(pair & 0x1FFFFF));
            return;
        }

        int low = 0;
        int high = FoldTable.Runs.Length - 1;
        while (low <= high)
        {
            int middle = (low + high) / 2;
            ulong run = FoldTable.Runs[middle];
            int first = (int)(run >> 42);
            if (point < first)
            {
                high = middle - 1;
            }
            else if (point >= first + (int)((run >> 21) & 0x1FFFFF))
            {
                low = middle + 1;
            }
            else
            {
                point = (int)(run & 0x1FFFFF) + point - first;
                break;
            }
        }

        Append(folded, point);
    }

    private static void Append(StringBuilder text, int point)
    {
        if (point >= 0x10000)
        {
            text.Append(char.ConvertFromUtf32(point));
        }
        else
        {
            text.Append((char)point);
        }
    }

    private static int LookAlike(int point)
    {
        int last = point;
        for (int i = 0; i < LookAlikes.Length; i += 2)
        {
            last = LookAlikes[i] == last ? LookAlikes[i + 1] : last; // i, which looks like l, comes last
        }

        return last;
    }

    private static bool IsVariationSelector(int point) => point is (>= 0xFE00 and <= 0xFE0F) or (>= 0xE0100 and <= 0xE01EF);

    // Letters and marks that are drawn as nothing are as good as zero-width characters.
    private static bool IsRefused(int point, UnicodeCategory category) =>
        category is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse
            or UnicodeCategory.OtherNotAssigned or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        || point is 0x034F or 0x115F or 0x1160 or 0x17B4 or 0x17B5 or 0x2800 or 0x3164 or 0xFFA0 or (>= 0x180B and <= 0x180F) or (>= 0xE0000 and <= 0xE00FF);

    private static string Describe(UnicodeCategory category) => category switch
    {
        UnicodeCategory.Control => "a control character",
        UnicodeCategory.Format => "a bidirectional mark or a zero-width character",
        UnicodeCategory.Surrogate => "half a character",
        UnicodeCategory.PrivateUse => "a private character",
        UnicodeCategory.OtherNotAssigned => "not assigned",
        UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator => "a line break",
        _ => "invisible",
    };
}
