using System.Globalization;
using GameServer.Bench.Programs;

namespace GameServer.Bench.Attacks;

/// <summary>Attacks on the transport over loopback, honest clients beside them: one table of attack, figure, bound, verdict.</summary>
internal static class AttackProgram
{
    private static readonly (string Name, Func<AttackTimes, AttackRow> Run)[] Attacks =
    [
        ("connects", FloodAttacks.ForgedConnects),
        ("victim", FloodAttacks.ForgedConnectsOfAVictim),
        ("proofs", FloodAttacks.ConnectsOfOneHost),
        ("kill-server", ForgeryAttacks.KillAtTheServer),
        ("kill-client", ForgeryAttacks.KillAtTheClient),
        ("malformed", ForgeryAttacks.Malformed),
        ("reflection", StrangerAttacks.Reflection),
        ("roaming", StrangerAttacks.Roaming),
        ("restart", StrangerAttacks.Restart),
        ("replay", PeerAttacks.Replay),
        ("fragments", PeerAttacks.Fragments),
        ("flood", PeerAttacks.Flood),
    ];

    /// <summary>Runs the program; 1: a bound was missed.</summary>
    public static int Run(string[] args)
    {
        string? only = TakeOnly(ref args);
        ProgramOptions options = new ProgramOptions("attack", "attacks on the transport over loopback, with honest clients beside them; exit code 1 when a bound is missed")
            .Number("--seconds", 60, 1, 600, "time of each flood")
            .Number("--rate", 100_000, 1_000, 1_000_000, "forged datagrams a second of a flood of connects")
            .Flag("--short", "all in less than 90 s, as the checks of the repository run it")
            .Flag("--only", "NAME[,NAME…]: these alone (connects, victim, proofs, kill-server, kill-client, malformed, reflection, roaming, restart, replay, fragments, flood)");
        if (!options.TryParse(args, out int exitCode))
        {
            return exitCode;
        }

        string[] names = only?.Split(',') ?? [.. Attacks.Select(static a => a.Name)];
        if (names.FirstOrDefault(static n => !Attacks.Any(a => a.Name == n)) is { } unknown)
        {
            Console.Error.WriteLine($"error: attack --only {unknown}: there is no such attack; --help lists them");
            return 2;
        }

        var times = new AttackTimes(options.Has("--short") ? 5 : options["--seconds"], options["--rate"]);
        AttackRow[] rows = [.. Attacks.Where(a => names.Contains(a.Name)).Select(a => a.Run(times))];
        Print(rows);
        return rows.Any(static r => r.Holds == false) ? 1 : 0;
    }

    private static string? TakeOnly(ref string[] args)
    {
        int index = Array.IndexOf(args, "--only");
        if (index < 0 || index + 1 == args.Length)
        {
            return null;
        }

        string only = args[index + 1];
        args = [.. args[..index], .. args[(index + 2)..]];
        return only;
    }

    private static void Print(AttackRow[] rows)
    {
        Console.WriteLine("| attack | figure | bound | verdict |");
        Console.WriteLine("|---|---|---|---|");
        foreach (AttackRow row in rows)
        {
            string verdict = row.Holds switch { true => "holds", false => "MISSED", null => "not tried" };
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {row.Attack} | {row.Figure} | {row.Bound} | {verdict} |"));
        }
    }
}

/// <summary>How long floods last, and how fast they are.</summary>
/// <param name="FloodSeconds">Seconds of each flood.</param>
/// <param name="Rate">Forged datagrams a second.</param>
internal readonly record struct AttackTimes(int FloodSeconds, int Rate)
{
    /// <summary>What is said where raw sockets are not allowed.</summary>
    public const string NoRawSockets = "raw sockets are not allowed here (CAP_NET_RAW)";
}
