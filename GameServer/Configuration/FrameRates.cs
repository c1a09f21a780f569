using System.Globalization;

namespace GameServer.Configuration;

/// <summary>Frames a second of clients, which take them in turn; none: as often as they are polled.</summary>
public sealed record FrameRates(IReadOnlyList<int> Rates)
{
    private const int Min = 10;
    private const int Max = 240;

    internal static string Allowed { get; } = $"whole numbers from {Min} to {Max}, separated by commas, such as 60 or 30,60,144";

    /// <summary>Time from one frame to the next of the client of a number, in microseconds; 0: as often as it is polled.</summary>
    public long PeriodMicros(int number) => Rates.Count == 0 ? 0 : 1_000_000 / Rates[number % Rates.Count];

    internal static bool TryParse(string text, out FrameRates? rates)
    {
        var found = new List<int>();
        foreach (string part in text.Split(',', text.Length == 0 ? StringSplitOptions.RemoveEmptyEntries : StringSplitOptions.None))
        {
            if (!int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out int rate) || rate is < Min or > Max)
            {
                rates = null;
                return false;
            }

            found.Add(rate);
        }

        rates = new FrameRates(found);
        return true;
    }
}
