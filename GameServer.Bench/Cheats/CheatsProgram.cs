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
        ProgramOptions options = new ProgramOptions(
            "cheats", "honest bots and one cheat of each kind in a match in virtual time: what each lie gains; exit code 1 when one gains too much")
            .Number("--honest", 16, 1, 64, "honest bots")
            .Number("--seconds", 900, 10, 100_000, "virtual seconds of a match")
            .Number("--matches", 2, 1, 64, "matches, each with a seed of its own and on a thread of its own")
            .Number("--delay", 40, 0, 500, "delay of the network, in ms each way")
            .Number("--jitter", 5, 0, 200, "± ms")
            .Number("--loss", 1, 0, 50, "percent each way")
            .Flag("--short", "300 virtual seconds")
            .Number("--seed", 1, 1, int.MaxValue, "seed of the first match");
        if (!options.TryParse(args, out int exitCode))
        {
            return exitCode;
        }

        var link = new LinkModel { DelayMicros = options["--delay"] * 1000L, JitterMicros = options["--jitter"] * 1000L, LossPercent = options["--loss"] };
        double seconds = options.Has("--short") ? ShortSeconds : options["--seconds"];
        var matches = new CheatMatch?[options["--matches"]];
        ulong seed = (ulong)options["--seed"];
        Parallel.For(0, matches.Length, i => matches[i] = Play(options["--honest"], link, seed + (ulong)(i * 1000), seconds));
        if (matches.Any(static m => m is null))
        {
            Console.Error.WriteLine("error: not everybody is in the match");
            return 1;
        }

        return CheatTable.Print(CheatTable.Sum(matches!), AllowedPoints);
    }

    private static CheatMatch? Play(int honest, LinkModel link, ulong seed, double seconds)
    {
        var match = new CheatMatch(honest, CheatMatch.EachCheat(seed), link, seed);
        match.Run(WarmUpSeconds);
        if (!match.AllPlay)
        {
            return null;
        }

        match.Observer.IsCounting = true;
        match.Run(seconds);
        return match;
    }
}
