using System.Globalization;
using GameServer.Bench.Programs;

namespace GameServer.Bench.Attacks;

/// <summary>Attacks on the transport over loopback, honest clients beside them: one table of attack, figure, bound, verdict.</summary>
internal static class AttackProgram
{
    private const int ShortDatagrams = 40_000;
    private const int ShortRate = 20_000;
    private const int ShortSecondsMax = 6;

    // Those that wait more than they work run beside each other, before the floods, which run alone.
    private static readonly (string Name, bool Waits, Func<AttackRun, AttackRow> Run)[] Attacks =
    [
        ("connects", false, FloodAttacks.ForgedConnects),
        ("victim", false, FloodAttacks.ForgedConnectsOfAVictim),
        ("proofs", false, ProvedConnects.Run),
        ("kill-server", true, ForgeryAttacks.KillAtTheServer),
        ("kill-client", true, ForgeryAttacks.KillAtTheClient),
        ("acks", false, ForgeryAttacks.Acknowledgements),
        ("malformed", false, ForgeryAttacks.Malformed),
        ("reflection", true, Reflection.Run),
        ("moves", true, Reflection.ByMoves),
        ("roaming", true, StrangerAttacks.Roaming),
        ("restart", true, StrangerAttacks.Restart),
        ("replay", true, Replay.Run),
        ("squatters", true, RoomAttacks.Squatters),
        ("unjoined", false, RoomAttacks.Unjoined),
        ("inputs", false, RoomAttacks.Inputs),
        ("chat", true, RoomAttacks.Chat),
        ("fragments", false, PeerAttacks.Fragments),
        ("flood", false, PeerAttacks.Flood),
        ("nacks", false, PeerAttacks.EmptyAcknowledgements),
    ];

    /// <summary>Runs the program; 1: a bound was missed.</summary>
    public static int Run(string[] args)
    {
        string? only = TakeOnly(ref args);
        ProgramOptions options = new ProgramOptions(
                "attack", "attacks on the transport over loopback, with honest clients beside them; exit code 1 when a bound is missed")
            .Number("--seconds", 60, 1, 600, "time of each flood")
            .Number("--rate", 100_000, 1_000, 1_000_000, "forged datagrams a second of a flood")
            .Flag("--short", "all within 60 s, as the checks of the repository run it: floods of 40,000 datagrams at 20,000 a second")
            .Flag("--only", $"NAME[,NAME…]: these alone ({string.Join(", ", Attacks.Select(static a => a.Name))})");
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

        using var control = new Control();
        AttackRun run = options.Has("--short")
            ? new AttackRun(control, ShortDatagrams, ShortRate, ShortSecondsMax, Yields: true)
            : new AttackRun(
                control, (long)options["--rate"] * options["--seconds"], options["--rate"], options["--seconds"], Yields: false);
        AttackRow[] rows = RunAll(run, names);
        Print(rows);
        return rows.Any(static r => r.Holds == false) ? 1 : 0;
    }

    private static AttackRow[] RunAll(AttackRun run, string[] names)
    {
        var rows = new AttackRow[Attacks.Length];
        Thread[] waiting = [.. Enumerable.Range(0, Attacks.Length).Where(i => Attacks[i].Waits && names.Contains(Attacks[i].Name))
            .Select(i => new Thread(() => rows[i] = Try(i, run)) { Name = Attacks[i].Name, IsBackground = true })];
        Array.ForEach(waiting, static t => t.Start());
        Array.ForEach(waiting, static t => t.Join());
        for (int i = 0; i < Attacks.Length; i++)
        {
            if (!Attacks[i].Waits && names.Contains(Attacks[i].Name))
            {
                rows[i] = Try(i, run);
            }
        }

        return [.. rows.Where(static r => r is not null)];
    }

    /// <summary>An attack that cannot be carried out is a breach, too, and the others go on.</summary>
    private static AttackRow Try(int index, AttackRun run)
    {
        try
        {
            return Attacks[index].Run(run);
        }
        catch (InvalidOperationException e)
        {
            return new AttackRow(Attacks[index].Name, e.Message, "the attack can be carried out", false);
        }
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
        Console.WriteLine(Machine.Line);
        Console.WriteLine(ThreadNice.Line);
        Console.WriteLine();
        Console.WriteLine("| attack | figure | bound | verdict |");
        Console.WriteLine("|---|---|---|---|");
        foreach (AttackRow row in rows)
        {
            string verdict = row.Holds switch { true => "holds", false => "MISSED", null => "not tried" };
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {row.Attack} | {row.Figure} | {row.Bound} | {verdict} |"));
        }
    }
}
