using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;

namespace GameServer.Bench.Programs;

/// <summary>How long the server takes from the start of its process to its ready line: published, and as an ordinary build.</summary>
internal static class StartsProgram
{
    private static readonly Dictionary<string, JsonNode?> AsBuilt = [];

    public static int Run(string[] args)
    {
        ProgramOptions options = new ProgramOptions("starts", "milliseconds from process start to the ready line, builds in turn")
            .Number("--runs", 10, 1, 1_000, "starts of each build")
            .Number("--bots", 0, 0, 256, "bots of the server's own");
        if (!options.TryParse(args, out int exitCode))
        {
            return exitCode;
        }

        string published = ServerRun.Publish();
        try
        {
            var runs = new ServerRun[] { new("ReadyToRun publish", published, AsBuilt), new("ordinary build", ServerRun.OrdinaryFolder, AsBuilt) };
            Print(runs, options["--runs"], options["--bots"]);
        }
        finally
        {
            Directory.Delete(published, recursive: true);
        }

        return 0;
    }

    private static void Print(ServerRun[] runs, int count, int bots)
    {
        Console.WriteLine(Machine.Line);
        Console.WriteLine($"load {Machine.Load} before; ms from process start to the ready line");
        Samples[] told = [.. runs.Select(_ => new Samples(count))];
        Samples[] seen = [.. runs.Select(_ => new Samples(count))];
        Samples[] worked = [.. runs.Select(_ => new Samples(count))];
        for (int i = 0; i < count; i++)
        {
            for (int run = 0; run < runs.Length; run++)
            {
                (double toldMillis, double seenMillis, double workedMillis) = Start(runs[run], bots);
                told[run].Add(toldMillis);
                seen[run].Add(seenMillis);
                worked[run].Add(workedMillis);
            }
        }

        Console.WriteLine($"{"build",-20} {"starts",6} {"median",7} {"min",6} {"max",6}   {"seen from outside, median",25}   {"processor time, median",22}");
        for (int run = 0; run < runs.Length; run++)
        {
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{runs[run].Name,-20} {count,6} {told[run].Percentile(50),7:0} {told[run].Percentile(0),6:0} {told[run].Percentile(100),6:0}   {seen[run].Percentile(50),25:0}   {worked[run].Percentile(50),22:0}"));
        }

        Console.WriteLine($"load {Machine.Load} after");
    }

    private static (double Told, double Seen, double Worked) Start(ServerRun run, int bots)
    {
        long began = Stopwatch.GetTimestamp();
        using Process server = run.Start($"serve --port 0 --http 127.0.0.1:0 --bots {bots} --log-format json --seconds 1");
        double told = ServerRun.ReadEvent(server.StandardOutput, "ready").GetProperty("start_millis").GetDouble();
        double seen = Stopwatch.GetElapsedTime(began).TotalMilliseconds;
        double worked = ServerRun.ProcessorMillis(server);
        server.StandardOutput.ReadToEnd();
        server.WaitForExit();
        return (told, seen, worked);
    }
}
