using System.Text;

namespace GameServer.Operations;

/// <summary>The form that names have outside of the process.</summary>
public static class SnakeCase
{
    /// <summary>Words in lower case with underscores between them: "Kestrel.HTTPRequest" becomes "kestrel_http_request".</summary>
    public static string Of(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        var text = new StringBuilder(name.Length + 8);
        for (int i = 0; i < name.Length; i++)
        {
            if (!char.IsAsciiLetterOrDigit(name[i]) || BeginsWord(name, i))
            {
                Separate(text);
            }

            if (char.IsAsciiLetterOrDigit(name[i]))
            {
                text.Append(char.ToLowerInvariant(name[i]));
            }
        }

        return text.ToString().TrimEnd('_');
    }

    // Of a run of capitals, the last begins a word when a small letter follows: HTTPRequest is two words.
    private static bool BeginsWord(string name, int index) =>
        char.IsAsciiLetterUpper(name[index]) && index > 0
        && (!char.IsAsciiLetterUpper(name[index - 1]) || (index + 1 < name.Length && char.IsAsciiLetterLower(name[index + 1])));

    private static void Separate(StringBuilder text)
    {
        if (text.Length > 0 && text[^1] != '_')
        {
            text.Append('_');
        }
    }
}
