using System.Text;

namespace GameServer.Netcode.Messages;

/// <summary>Unicode canonical forms (UAX 15) from tables of its own: a process without culture data has none.</summary>
/// <remarks>Allocates: buffers and results. For names and other short texts, not for every packet.</remarks>
internal static class CanonicalForm
{
    private const int SyllableFirst = 0xAC00;
    private const int LeadFirst = 0x1100;
    private const int VowelFirst = 0x1161;
    private const int TrailBefore = 0x11A7;
    private const int LeadCount = 19;
    private const int VowelCount = 21;
    private const int TrailCount = 28;
    private const int PartMask = (1 << 21) - 1;
    private const ulong ComposesAgain = 1UL << 63;

    private static readonly Dictionary<ulong, int> Compositions = MakeCompositions();

    /// <summary>The text in form C: composed.</summary>
    public static string Compose(string text)
    {
        if (IsAscii(text))
        {
            return text;
        }

        List<int> points = Decompose(text);
        int starter = -1;
        int written = 0;
        int classBefore = 0;
        for (int i = 0; i < points.Count; i++)
        {
            int point = points[i];
            int combining = ClassOf(point);
            bool blocked = starter < 0 || (classBefore != 0 ? classBefore >= combining : written - starter > 1);
            if (!blocked && TryCompose(points[starter], point, out int composed))
            {
                points[starter] = composed;
                continue;
            }

            starter = combining == 0 ? written : starter;
            classBefore = combining;
            points[written++] = point;
        }

        return ToText(points, written);
    }

    /// <summary>The code points of the text in form D: decomposed, marks in their canonical order.</summary>
    public static List<int> Decompose(string text)
    {
        var points = new List<int>(text.Length * 2);
        for (int i = 0; i < text.Length; i++)
        {
            int point = text[i];
            if (char.IsHighSurrogate(text[i]) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                point = char.ConvertToUtf32(text[i], text[++i]);
            }

            AddDecomposed(points, point);
        }

        SortMarks(points);
        return points;
    }

    /// <summary>Text of code points.</summary>
    public static string ToText(List<int> points, int count)
    {
        var text = new StringBuilder(count);
        for (int i = 0; i < count; i++)
        {
            if (points[i] >= 0x10000)
            {
                text.Append((char)(0xD800 + ((points[i] - 0x10000) >> 10)));
                text.Append((char)(0xDC00 + (points[i] & 0x3FF)));
            }
            else
            {
                text.Append((char)points[i]);
            }
        }

        return text.ToString();
    }

    private static bool IsAscii(string text)
    {
        foreach (char c in text)
        {
            if (c >= 0x80)
            {
                return false;
            }
        }

        return true;
    }

    private static void AddDecomposed(List<int> points, int point)
    {
        int syllable = point - SyllableFirst;
        if (syllable >= 0 && syllable < LeadCount * VowelCount * TrailCount)
        {
            points.Add(LeadFirst + (syllable / (VowelCount * TrailCount)));
            points.Add(VowelFirst + (syllable / TrailCount % VowelCount));
            if (syllable % TrailCount != 0)
            {
                points.Add(TrailBefore + (syllable % TrailCount));
            }

            return;
        }

        if (point < 0xC0 || !TryFind(CanonicalTable.Decompositions, (ulong)point, 42, out ulong entry))
        {
            points.Add(point);
            return;
        }

        AddDecomposed(points, (int)((entry >> 21) & PartMask));
        if ((entry & PartMask) != 0)
        {
            AddDecomposed(points, (int)(entry & PartMask));
        }
    }

    private static void SortMarks(List<int> points)
    {
        for (int i = 1; i < points.Count; i++)
        {
            int point = points[i];
            int combining = ClassOf(point);
            int at = i;
            while (combining != 0 && at > 0 && ClassOf(points[at - 1]) > combining)
            {
                points[at] = points[at - 1];
                at--;
            }

            points[at] = point;
        }
    }

    private static bool TryCompose(int first, int second, out int composed)
    {
        int lead = first - LeadFirst;
        int vowel = second - VowelFirst;
        if (lead >= 0 && lead < LeadCount && vowel >= 0 && vowel < VowelCount)
        {
            composed = SyllableFirst + (((lead * VowelCount) + vowel) * TrailCount);
            return true;
        }

        int syllable = first - SyllableFirst;
        int trail = second - TrailBefore;
        if (syllable >= 0 && syllable < LeadCount * VowelCount * TrailCount && syllable % TrailCount == 0 && trail > 0 && trail < TrailCount)
        {
            composed = first + trail;
            return true;
        }

        return Compositions.TryGetValue(((ulong)first << 21) | (uint)second, out composed);
    }

    private static int ClassOf(int point)
    {
        if (point < 0x300)
        {
            return 0;
        }

        int low = 0;
        int high = CanonicalTable.CombiningClasses.Length - 1;
        while (low <= high)
        {
            int middle = (low + high) / 2;
            ulong run = CanonicalTable.CombiningClasses[middle];
            int first = (int)(run >> 32);
            if (point < first)
            {
                high = middle - 1;
            }
            else if (point >= first + (int)((run >> 8) & 0xFFFFFF))
            {
                low = middle + 1;
            }
            else
            {
                return (int)(run & 0xFF);
            }
        }

        return 0;
    }

    /// <summary>Finds the entry whose key, the 21 bits from <paramref name="shift"/> on, is <paramref name="key"/>.</summary>
    internal static bool TryFind(ulong[] sorted, ulong key, int shift, out ulong entry)
    {
        int low = 0;
        int high = sorted.Length - 1;
        while (low <= high)
        {
            int middle = (low + high) / 2;
            entry = sorted[middle];
            ulong found = (entry >> shift) & PartMask;
            if (found == key)
            {
                return true;
            }

            low = found < key ? middle + 1 : low;
            high = found < key ? high : middle - 1;
        }

        entry = 0;
        return false;
    }

    private static Dictionary<ulong, int> MakeCompositions()
    {
        var compositions = new Dictionary<ulong, int>();
        foreach (ulong entry in CanonicalTable.Decompositions)
        {
            if ((entry & ComposesAgain) != 0)
            {
                compositions[entry & ((1UL << 42) - 1)] = (int)((entry >> 42) & PartMask);
            }
        }

        return compositions;
    }
}
