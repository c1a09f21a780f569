namespace GameServer.Bench.Cheats;

/// <summary>What the players of one name came to, over all matches.</summary>
internal sealed class CheatRow
{
    /// <summary>Standard deviations either side that hold 95 % of what chance makes.</summary>
    private const double Deviations95 = 1.96;

    public string Name { get; init; } = "";

    public long Rays { get; set; }

    public long Hits { get; set; }

    public long Blind { get; set; }

    public long Clamped { get; set; }

    public long StateAgeMax { get; set; }

    /// <summary>Sum of how far back the views of the hits lay, in ticks.</summary>
    public double RewindTicks { get; set; }

    public double Kills { get; set; }

    public string Left { get; set; } = "";

    public double HitPercent => 100.0 * Hits / Math.Max(1, Rays);

    public double BlindPercent => 100.0 * Blind / Math.Max(1, Hits);

    public double ClampedPercent => 100.0 * Clamped / Math.Max(1, Rays);

    public double RewindMean => RewindTicks / Math.Max(1, Hits);

    /// <summary>The share of blind hits, as its chance may really be: the 95 % interval of Wilson, in percent.</summary>
    public (double From, double To) BlindInterval
    {
        get
        {
            double n = Math.Max(1, Hits);
            double share = Blind / n;
            double z2 = Deviations95 * Deviations95;
            double middle = (share + (z2 / (2 * n))) / (1 + (z2 / n));
            double half = Deviations95 * Math.Sqrt((share * (1 - share) / n) + (z2 / (4 * n * n))) / (1 + (z2 / n));
            return (100 * (middle - half), 100 * (middle + half));
        }
    }
}
