using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.Json;

namespace GameServer.Bench.Programs;

/// <summary>How soon ticks are steady: the tick's p99 in each second after the start, by the settings of the compiler.</summary>
internal static class TieringProgram
{
    private const string Profile = "System.Runtime.TieredPGO";
    private const string QuickLoops = "System.Runtime.TieredCompilation.QuickJitForLoops";
    private const string CompiledAhead = "GameServer.IsCompiledAhead";

    public static int Run(string[] args)
    {
        ProgramOptions options = new ProgramOptions("tiering", "the tick's p99 per second from the start on, by build and settings of the compiler")
            .Number("--seconds", 30, 2, 600, "length of one run")
            .Number("--bots", 16, 1, 256, "players")
            .Number("--rounds", 1, 1, 100, "runs of each, in turn; the table shows medians");
        if (!options.TryParse(args, out int exitCode))
        {
            return exitCode;
        }

        string published = ServerRun.Publish();
        try
        {
            Print(Variants(published), options["--seconds"], options["--bots"], options["--rounds"]);
        }
        finally
        {
            Directory.Delete(published, recursive: true);
        }

        return 0;
    }

    private static ServerRun[] Variants(string published)
    {
        Dictionary<string, JsonNode?> chosen = [];
        return
        [
            // What the runtime does when nobody asks for anything: no rehearsal either, which the server plays when it is not compiled ahead.
            new("default", ServerRun.OrdinaryFolder, new Dictionary<string, JsonNode?> { [Profile] = null, [QuickLoops] = null, [CompiledAhead] = true }),
            new("chosen", ServerRun.OrdinaryFolder, chosen),
            new("R2R default", published, new Dictionary<string, JsonNode?> { [Profile] = null, [QuickLoops] = null }),
            new("R2R chosen", published, chosen),
            new("R2R slow loops", published, new Dictionary<string, JsonNode?> { [QuickLoops] = false }),
        ];
    }

    private static void Print(ServerRun[] runs, int seconds, int bots, int rounds)
    {
        Console.WriteLine(Machine.Line);
        Console.WriteLine($"load {Machine.Load} before; {bots} bots at 60 Hz; p99 of the tick in microseconds, per second after the ready line");
        var table = new Samples[runs.Length, seconds];
        var skipped = new int[runs.Length];
        for (int round = 0; round < rounds; round++)
        {
            for (int run = 0; run < runs.Length; run++)
            {
                Measure(runs[run], bots, seconds, (second, p99, skips) =>
                {
                    (table[run, second] ??= new Samples(rounds)).Add(p99);
                    skipped[run] += skips;
                });
            }
        }

        Row("second", runs.Select(static r => r.Name));
        for (int second = 0; second < seconds; second++)
        {
            Row((second + 1).ToString(CultureInfo.InvariantCulture), Enumerable.Range(0, runs.Length).Select(r => Text(table[r, second])));
        }

        Row("skipped", skipped.Select(static s => s.ToString(CultureInfo.InvariantCulture)));
        Console.WriteLine($"load {Machine.Load} after");
    }

    private static string Text(Samples? samples) => samples is null ? "-" : samples.Percentile(50).ToString("0", CultureInfo.InvariantCulture);

    private static void Row(string name, IEnumerable<string> cells) => Console.WriteLine($"{name,-8}" + string.Concat(cells.Select(static c => $"{c,16}")));

    private static void Measure(ServerRun run, int bots, int seconds, Action<int, double, int> take)
    {
        using Process server = run.Start($"serve --port 0 --http none --bots {bots} --log-format json --status-seconds 1 --seconds {seconds + 1}");
        ServerRun.ReadEvent(server.StandardOutput, "ready");
        for (int second = 0; second < seconds; second++)
        {
            JsonElement figures = ServerRun.ReadEvent(server.StandardOutput, "status");
            take(second, figures.GetProperty("took_p99_micros").GetDouble(), figures.GetProperty("skipped").GetInt32());
        }

        server.StandardOutput.ReadToEnd();
        server.WaitForExit();
    }
}
