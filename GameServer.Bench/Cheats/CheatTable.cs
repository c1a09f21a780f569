using System.Globalization;
using GameServer.Arena;

namespace GameServer.Bench.Cheats;

/// <summary>What the cheat lab prints.</summary>
internal static class CheatTable
{
    /// <summary>Blind hits below which a share says nothing: of a cheat that hits hardly anybody, one more is a point or two.</summary>
    private const int BlindHitsMin = 3;

    /// <summary>One row for each name, in the order of seats: the honest are the first.</summary>
    public static List<CheatRow> Sum(IReadOnlyList<CheatMatch> matches)
    {
        var rows = new List<CheatRow>();
        foreach (CheatMatch match in matches)
        {
            Killed[] kills = [.. match.Players[0].Kills];
            foreach (CheatPlayer player in match.Players)
            {
                CheatRow? row = rows.Find(r => r.Name == player.Name);
                if (row is null)
                {
                    rows.Add(row = new CheatRow { Name = player.Name });
                }

                Add(row, match, player, kills, matches.Count);
            }
        }

        return rows;
    }

    /// <summary>Prints the rows; 1 when a share of blind hits is larger than that of the honest by more than is allowed.</summary>
    public static int Print(List<CheatRow> rows, double allowedPoints)
    {
        CheatRow honest = rows[0];
        Console.WriteLine(
            "who                rays   hit rate    hits  blind hits (95 %)         kills each   clamped   rewind   oldest state"
            + " (ticks)   against honest");
        int exitCode = 0;
        foreach (CheatRow row in rows)
        {
            double gain = row.BlindPercent - honest.BlindPercent;
            bool isTooMuch = gain > allowedPoints;
            bool isChance = isTooMuch && row.Blind < BlindHitsMin;
            exitCode = isTooMuch && !isChance ? 1 : exitCode;
            string verdict = row == honest ? "-" : isChance ? "too few hits to say" : isTooMuch ? "GAINS" : "gains nothing";
            (double from, double to) = row.BlindInterval;
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{row.Name,-16} {row.Rays,7} {row.HitPercent,8:0.0} % {row.Hits,7} {row.Blind,4} = {row.BlindPercent,4:0.00} %"
                + $" ({from:0.00}–{to:0.00}) {row.Kills,12:0.0} {row.ClampedPercent,7:0.0} % {row.RewindMean,8:0.0} {row.StateAgeMax,22}"
                + $"   {verdict} ({gain:+0.00;−0.00;0} points){row.Left}"));
        }

        return exitCode;
    }

    private static void Add(CheatRow row, CheatMatch match, CheatPlayer player, Killed[] kills, int matches)
    {
        RayCounts counts = match.Observer.Of(player.Client.Player);
        int players = match.Players.Count(p => p.Name == player.Name);
        row.Rays += counts.Rays;
        row.Hits += counts.Hits;
        row.Blind += counts.Blind;
        row.Clamped += counts.Clamped;
        row.RewindTicks += counts.RewindTicks;
        row.StateAgeMax = Math.Max(row.StateAgeMax, counts.StateAgeMax);
        row.Kills += kills.Count(k => k.Killer == player.Client.Player && k.Victim != k.Killer) / (double)(players * matches);
        int seat = player.Client.Player.Index;
        row.Left += string.Concat(match.Observer.Left.Where(l => l.Seat == seat).Select(static l => $" (ended: {l.Reason})"));
    }
}
