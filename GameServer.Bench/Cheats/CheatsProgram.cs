using System.Globalization;
using GameServer.Arena;
using GameServer.Bench.Programs;
using GameServer.Netcode.Transport;

namespace GameServer.Bench.Cheats;

/// <summary>The cheat lab: what each lie gains beside honest bots, in virtual time.</summary>
internal static class CheatsProgram
{
    /// <summary>How much larger a cheat's share of blind hits may be than that of the honest bots, in percent of its hits.</summary>
    private const double AllowedPoints = 1;

    private const double WarmUpSeconds = 6;

    private const int ShortSeconds = 300;

    public static int Run(string[] args)
    {
        ProgramOptions options = new ProgramOptions("cheats", "honest bots and one cheat of each kind in one match in virtual time: what each lie gains; exit code 1 when one gains too much")
            .Number("--honest", 16, 1, 64, "honest bots")
            .Number("--seconds", 900, 10, 100_000, "virtual seconds")
            .Number("--delay", 40, 0, 500, "delay of the network, in ms each way")
            .Number("--jitter", 5, 0, 200, "± ms")
            .Number("--loss", 1, 0, 50, "percent each way")
            .Flag("--short", "300 virtual seconds")
            .Number("--seed", 1, 1, int.MaxValue, "seed of the match");
        if (!options.TryParse(args, out int exitCode))
        {
            return exitCode;
        }

        ulong seed = (ulong)options["--seed"];
        var link = new LinkModel { DelayMicros = options["--delay"] * 1000L, JitterMicros = options["--jitter"] * 1000L, LossPercent = options["--loss"] };
        var match = new CheatMatch(options["--honest"], Kinds(seed), link, seed);
        match.Run(WarmUpSeconds);
        if (!match.AllPlay)
        {
            Console.Error.WriteLine("error: not everybody is in the match");
            return 1;
        }

        match.Observer.IsCounting = true;
        match.Run(options.Has("--short") ? ShortSeconds : options["--seconds"]);
        return Print(match);
    }

    private static Cheat[] Kinds(ulong seed) =>
    [
        new Cheat("aim bot", seed + 101),
        new BestViewCheat(seed + 102),
        new LateAckCheat(seed + 103, 9),
        new LateAckCheat(seed + 104, 14),
        new HeldAckCheat(seed + 105, "acks held 4 s", 240, 12),
        new HeldAckCheat(seed + 106, "acks held 0.4 s", 24, 12),
        new RandomAckCheat(seed + 107),
        new StarveCheat(seed + 108),
        new LagSwitchCheat(seed + 109),
        new DoubleRateCheat(seed + 110),
        new NotANumberCheat(seed + 111),
        new FarFutureCheat(seed + 112),
    ];

    private static int Print(CheatMatch match)
    {
        Killed[] kills = [.. match.Players[0].Kills];
        var groups = match.Players.GroupBy(static p => p.Name).Select(g => Sum(match, g.Key, [.. g], kills)).ToList();
        Row honest = groups[0];
        Console.WriteLine("who                rays   hit rate    hits  blind hits   of all rays   kills each   clamped   oldest state (ticks)   against honest");
        int exitCode = 0;
        foreach (Row row in groups)
        {
            bool holds = row.BlindPercent <= honest.BlindPercent + AllowedPoints;
            exitCode = holds ? exitCode : 1;
            string verdict = row.Name == honest.Name ? "-" : holds ? "gains nothing" : $"GAINS {row.BlindPercent - honest.BlindPercent:0.0} points";
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{row.Name,-16} {row.Rays,7} {row.HitPercent,8:0.0} % {row.Hits,7} {row.Blind,4} = {row.BlindPercent,4:0.0} % {100.0 * row.Blind / Math.Max(1, row.Rays),11:0.0} % {row.Kills,12:0.0} {row.ClampedPercent,7:0.0} % {row.StateAgeMax,22}   {verdict}{row.Left}"));
        }

        return exitCode;
    }

    private static Row Sum(CheatMatch match, string name, CheatPlayer[] players, Killed[] kills)
    {
        var row = new Row { Name = name };
        foreach (CheatPlayer player in players)
        {
            RayCounts counts = match.Observer.Of(player.Client.Player);
            row.Rays += counts.Rays;
            row.Hits += counts.Hits;
            row.Blind += counts.Blind;
            row.Clamped += counts.Clamped;
            row.StateAgeMax = Math.Max(row.StateAgeMax, counts.StateAgeMax);
            row.Kills += kills.Count(k => k.Killer == player.Client.Player && k.Victim != k.Killer) / (double)players.Length;
            row.Left += string.Concat(match.Observer.Left.Where(l => l.Seat == player.Client.Player.Index).Select(static l => $" (ended: {l.Reason})"));
        }

        return row;
    }

    private sealed class Row
    {
        public string Name { get; init; } = "";

        public long Rays { get; set; }

        public long Hits { get; set; }

        public long Blind { get; set; }

        public long Clamped { get; set; }

        public long StateAgeMax { get; set; }

        public double Kills { get; set; }

        public string Left { get; set; } = "";

        public double HitPercent => 100.0 * Hits / Math.Max(1, Rays);

        public double BlindPercent => 100.0 * Blind / Math.Max(1, Hits);

        public double ClampedPercent => 100.0 * Clamped / Math.Max(1, Rays);
    }
}
