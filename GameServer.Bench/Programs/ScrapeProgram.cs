using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using System.Text.Json;

namespace GameServer.Bench.Programs;

/// <summary>What scrapers and idle HTTP connections cost the tick: the same match with and without them, in turn, each in a process of its own.</summary>
internal static class ScrapeProgram
{
    public static int Run(string[] args)
    {
        ProgramOptions options = new ProgramOptions("scrapes", "the tick's p99 with and without scrapes and idle connections")
            .Number("--pairs", 10, 1, 1_000, "interleaved pairs of runs")
            .Number("--seconds", 8, 5, 3_600, "length of one run; the first 3 s are not measured")
            .Number("--bots", 16, 1, 256, "players")
            .Number("--rate", 50, 1, 190, "scrapes per second")
            .Number("--idle", 250, 0, 2_000, "idle connections; the server keeps 256 of one address, each for 5 s");
        if (!options.TryParse(args, out int exitCode))
        {
            return exitCode;
        }

        Console.WriteLine(Machine.Line);
        Console.WriteLine("pair   quiet p99 us   loaded p99 us   difference us   scrapes");
        int pairs = options["--pairs"];
        var differences = new Samples(pairs);
        for (int pair = 0; pair < pairs; pair++)
        {
            // Which one comes first changes, so that a slow drift of the machine favours neither.
            bool quietFirst = pair % 2 == 0;
            (double first, long firstScrapes) = Measure(options, isLoaded: !quietFirst);
            (double second, long secondScrapes) = Measure(options, isLoaded: quietFirst);
            (double quiet, double loaded) = quietFirst ? (first, second) : (second, first);
            differences.Add(loaded - quiet);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{pair + 1,4}   {quiet,12:0}   {loaded,13:0}   {loaded - quiet,13:0}   {firstScrapes + secondScrapes,7}"));
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"median difference {differences.Percentile(50):0} us"));
        return 0;
    }

    private static (double P99Micros, long Scrapes) Measure(ProgramOptions options, bool isLoaded)
    {
        string stats = Path.GetTempFileName();
        string program = Path.Combine(AppContext.BaseDirectory, "GameServer.dll");
        using Process server = Process.Start(new ProcessStartInfo(
            "dotnet", $"\"{program}\" serve --port 0 --http 127.0.0.1:0 --bots {options["--bots"]} --seconds {options["--seconds"]} --stats-json \"{stats}\" --log-format json")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        _ = server.StandardError.ReadToEndAsync();
        Uri http = ReadAddress(server.StandardOutput);
        Task<string> rest = server.StandardOutput.ReadToEndAsync();
        long scrapes = isLoaded ? Load(http, options["--rate"], options["--idle"], server) : 0;
        server.WaitForExit();
        _ = rest.Result;
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(stats));
        File.Delete(stats);
        return (document.RootElement.GetProperty("tickDurationMicros").GetProperty("p99").GetDouble(), scrapes);
    }

    private static Uri ReadAddress(StreamReader lines)
    {
        while (lines.ReadLine() is { } line)
        {
            using JsonDocument document = JsonDocument.Parse(line);
            if (document.RootElement.GetProperty("event").GetString() == "ready")
            {
                return new Uri(document.RootElement.GetProperty("http").GetString()!);
            }
        }

        throw new InvalidOperationException("the server did not get ready");
    }

    /// <summary>Scrapes at the rate, beside the idle connections, until the server has ended; returns how often it was answered.</summary>
    private static long Load(Uri http, int rate, int idle, Process server)
    {
        var connections = new List<TcpClient>();
        using var client = new HttpClient { BaseAddress = http, Timeout = TimeSpan.FromSeconds(2) };
        long scrapes = 0;
        try
        {
            for (int i = 0; i < idle; i++)
            {
                connections.Add(new TcpClient(http.Host, http.Port));
            }

            long start = Stopwatch.GetTimestamp();
            for (long next = 1; !server.HasExited; next++)
            {
                scrapes += client.GetByteArrayAsync("/metrics").GetAwaiter().GetResult().Length > 0 ? 1 : 0;
                TimeSpan wait = TimeSpan.FromSeconds((double)next / rate) - Stopwatch.GetElapsedTime(start);
                if (wait > TimeSpan.Zero)
                {
                    Thread.Sleep(wait);
                }
            }
        }
        catch (Exception e) when (e is HttpRequestException or SocketException or IOException or TaskCanceledException)
        {
            // The server's time is over.
        }
        finally
        {
            connections.ForEach(static c => c.Dispose());
        }

        return scrapes;
    }
}
