using System.Globalization;
using GameServer.Bench.Programs;
using GameServer.Bench.Sockets;
using GameServer.Hosting;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Transport;

namespace GameServer.Bench.Lab;

/// <summary>How many virtual seconds of a whole match one processor simulates in a second.</summary>
internal static class LabProgram
{
    private const long WarmUpMicros = 10_000_000;

    public static int Run(string[] args)
    {
        ProgramOptions options = new ProgramOptions("lab", "a whole arena match in virtual time on one thread, clients with bots included")
            .Number("--clients", 16, 1, Limits.PlayersMax, "full clients")
            .Number("--rate", 60, 1, 1000, "ticks per second")
            .Number("--frames", 60, 1, 1000, "frames per second of each client")
            .Number("--seconds", 60, 1, 100_000, "measured virtual seconds")
            .Number("--rounds", 3, 1, 100, "how often to measure them")
            .Flag("--lossy", "60 ms each way with 15 ms of jitter and 3 % loss, in place of a perfect network");
        if (!options.TryParse(args, out int exitCode))
        {
            return exitCode;
        }

        LinkModel link = options.Has("--lossy") ? new LinkModel { DelayMicros = 60_000, JitterMicros = 15_000, LossPercent = 3 } : default;
        Console.WriteLine(Machine.Line);
        Console.WriteLine($"{options["--clients"]} clients at {options["--frames"]} frames/s, {options["--rate"]} Hz, {(options.Has("--lossy") ? "60 ± 15 ms each way, 3 % loss" : "perfect network")}; {options["--seconds"]} virtual seconds per round");
        var match = new VirtualMatch(options["--clients"], options["--rate"], options["--frames"], link, seed: 1);
        match.Run(WarmUpMicros);
        Console.WriteLine("× real time by clock   by processor time   server µs per tick   client µs per update   allocated B/s: server     clients   playing   own corrections  disagreements   shots   load");
        for (int round = 0; round < options["--rounds"]; round++)
        {
            Measure(match, options["--seconds"]);
        }

        return 0;
    }

    private static void Measure(VirtualMatch match, int seconds)
    {
        (long serverBytes, long clientBytes) = (match.ServerBytes, match.ClientBytes);
        (long server, long client, long ticks, long updates) = (match.ServerNanos, match.ClientNanos, match.Ticks, match.Updates);
        (long corrections, long disagreements, long shots) = match.Quality;
        long used = ThreadCpuClock.Nanos;
        long start = MonotonicClock.Nanos;
        match.Run(seconds * 1_000_000L);
        double clockSeconds = (MonotonicClock.Nanos - start) / 1e9;
        double usedSeconds = (ThreadCpuClock.Nanos - used) / 1e9;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{seconds / clockSeconds,22:N1} {seconds / usedSeconds,19:N1} {(match.ServerNanos - server) / 1e3 / (match.Ticks - ticks),20:N1} {(match.ClientNanos - client) / 1e3 / (match.Updates - updates),22:N2} {(double)(match.ServerBytes - serverBytes) / seconds,16:N0} {(double)(match.ClientBytes - clientBytes) / seconds,12:N0} {match.Playing,9} {match.Quality.Corrections - corrections,17} {match.Quality.Disagreements - disagreements,14} {match.Quality.Shots - shots,7}   {Machine.Load}"));
    }
}
