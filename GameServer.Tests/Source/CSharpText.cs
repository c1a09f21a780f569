using System.Text;
using System.Text.RegularExpressions;

namespace GameServer.Tests.Source;

/// <summary>Just enough of C#'s lexical grammar to ask questions about code without its comments and string literals.</summary>
internal static partial class CSharpText
{
    /// <summary>A member of a type that has a body: a method, a constructor, a property with accessors.</summary>
    public readonly record struct Member(string Head, int FirstLine, int Lines);

    /// <summary>The code with every comment, string and character literal replaced by spaces; lines keep their numbers.</summary>
    public static string WithoutCommentsAndLiterals(string text)
    {
        var code = new StringBuilder(text);
        int index = 0;
        while (index < text.Length)
        {
            int end = EndOfCommentOrLiteral(text, index);
            for (int i = index; i < end; i++)
            {
                code[i] = text[i] == '\n' ? '\n' : ' ';
            }

            index = Math.Max(end, index + 1);
        }

        return code.ToString();
    }

    /// <summary>The members with a body in braces, of all types of a file.</summary>
    public static IReadOnlyList<Member> Members(string text)
    {
        string code = WithoutCommentsAndLiterals(text);
        var members = new List<Member>();
        var open = new Stack<(bool IsType, string Head, int Line)>();
        int line = 1;
        int headStart = 0;
        for (int i = 0; i < code.Length; i++)
        {
            switch (code[i])
            {
                case '\n':
                    line++;
                    break;
                case ';':
                    headStart = i + 1;
                    break;
                case '{':
                    string head = Spaces().Replace(code[headStart..i], " ").Trim();
                    open.Push((TypeHead().IsMatch(head), head, line));
                    headStart = i + 1;
                    break;
                case '}' when open.Count > 0:
                    (bool isType, string closedHead, int firstLine) = open.Pop();
                    if (!isType && open.Count > 0 && open.Peek().IsType)
                    {
                        members.Add(new Member(closedHead, firstLine, line - firstLine + 1));
                    }

                    headStart = i + 1;
                    break;
            }
        }

        return members;
    }

    private static int EndOfCommentOrLiteral(string text, int index)
    {
        if (StartsWith(text, index, "//"))
        {
            return EndAt(text.IndexOf('\n', index), text);
        }

        if (StartsWith(text, index, "/*"))
        {
            int end = text.IndexOf("*/", index + 2, StringComparison.Ordinal);
            return end < 0 ? text.Length : end + 2;
        }

        if (text[index] == '\'')
        {
            int close = text.IndexOf('\'', text[index + 1] == '\\' ? index + 3 : index + 2);
            return EndAt(close + 1, text);
        }

        int quote = index;
        while (quote < text.Length && text[quote] is '$' or '@')
        {
            quote++;
        }

        return quote < text.Length && text[quote] == '"' ? EndOfString(text, quote, text[index..quote]) : index;
    }

    private static int EndOfString(string text, int quote, string prefix)
    {
        int quotes = 0;
        while (quote + quotes < text.Length && text[quote + quotes] == '"')
        {
            quotes++;
        }

        if (quotes >= 3)
        {
            int close = text.IndexOf(new string('"', quotes), quote + quotes, StringComparison.Ordinal);
            return close < 0 ? text.Length : close + quotes;
        }

        bool verbatim = prefix.Contains('@', StringComparison.Ordinal);
        bool interpolated = prefix.Contains('$', StringComparison.Ordinal);
        for (int i = quote + 1; i < text.Length; i++)
        {
            if (text[i] == '"' && !(verbatim && i + 1 < text.Length && text[i + 1] == '"'))
            {
                return i + 1;
            }

            bool pair = (text[i] == '\\' && !verbatim) || (text[i] == '"' && verbatim) || (interpolated && StartsWith(text, i, "{{"));
            if (pair)
            {
                i++;
            }
            else if (interpolated && text[i] == '{')
            {
                i = EndOfHole(text, i) - 1;
            }
        }

        return text.Length;
    }

    // A hole of an interpolated string holds code, and that may hold literals again.
    private static int EndOfHole(string text, int open)
    {
        int depth = 0;
        int i = open;
        while (i < text.Length)
        {
            int end = EndOfCommentOrLiteral(text, i);
            if (end > i)
            {
                i = end;
                continue;
            }

            depth += text[i] == '{' ? 1 : text[i] == '}' ? -1 : 0;
            i++;
            if (depth == 0)
            {
                return i;
            }
        }

        return text.Length;
    }

    private static bool StartsWith(string text, int index, string what) => string.CompareOrdinal(text, index, what, 0, what.Length) == 0;

    private static int EndAt(int end, string text) => end <= 0 ? text.Length : end;

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();

    [GeneratedRegex(@"\b(class|struct|interface|enum|record|namespace|extension)\s*[\w(]")]
    private static partial Regex TypeHead();
}
