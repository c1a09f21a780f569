using System.Globalization;

namespace GameServer.Commands;

/// <summary>Text of another machine for the terminal: nothing in it moves the cursor, colours or turns the direction of a line.</summary>
internal static class ConsoleText
{
    /// <summary>The text with every control and format character replaced.</summary>
    public static string Printable(string text) => string.Create(text.Length, text, static (span, from) =>
    {
        for (int i = 0; i < span.Length; i++)
        {
            UnicodeCategory category = char.GetUnicodeCategory(from[i]);
            bool moves = category is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator;
            span[i] = moves ? '\uFFFD' : from[i];
        }
    });
}
