using System.Globalization;
using GameServer.Bench.Attacks;
using GameServer.Bench.Pairs;
using GameServer.Bench.Programs;
using GameServer.Netcode.Transport;

namespace GameServer.Bench.Throughput;

/// <summary>How fast a pair of ours moves reliable messages over a link that loses some, and a pair of LiteNetLib's over the same link, in turn.</summary>
internal static class ThroughputProgram
{
    private const double IntervalRoom = 0.10;

    private static readonly (int LossPercent, double Bound)[] Bounds = [(0, 1.0), (2, 1.4), (5, 1.7)];

    /// <summary>Runs the program; 1: a ratio is below its bound, 2: nothing was measured.</summary>
    public static int Run(string[] args)
    {
        ProgramOptions options = new ProgramOptions(
                "throughput",
                "reliable messages a second of a pair of ours and of a pair of the package LiteNetLib, over loopback with the same simulated losses; "
                + "exit code 1 when a ratio is below its bound")
            .Number("--pairs", 10, 10, 1_000, "pairs of runs for each loss")
            .Number("--messages", 2_000, 100, 1_000_000, "messages of a run")
            .Number("--bytes", 1_000, 4, 1_000, "bytes of a message")
            .Number("--delay", 10, 0, 1_000, "milliseconds one way");
        if (!options.TryParse(args, out int exitCode))
        {
            return exitCode;
        }

        ThreadNice.Raise(); // and with this thread the threads of the package, which are made later
        Console.WriteLine(Machine.Line);
        Console.WriteLine(
            $"{options["--messages"]:N0} reliable ordered messages of {options["--bytes"]:N0} B, {options["--delay"]} ms one way, "
            + $"{options["--pairs"]} pairs; load {Machine.Load}");
        bool holds = true;
        foreach ((int lossPercent, double bound) in Bounds)
        {
            if (Measure(options, lossPercent) is not { } results)
            {
                return 2;
            }

            holds &= Print(lossPercent, bound, results);
        }

        return holds ? 0 : 1;
    }

    private static List<(StreamResult Ours, StreamResult Theirs)>? Measure(ProgramOptions options, int lossPercent)
    {
        var results = new List<(StreamResult Ours, StreamResult Theirs)>();
        LinkModel link = new() { DelayMicros = options["--delay"] * 1000, LossPercent = lossPercent };
        for (int pair = 0; pair < options["--pairs"]; pair++)
        {
            // Which one comes first changes, and both lose by the same seed.
            var run = new StreamRun(link, (ulong)pair + 1, options["--messages"], options["--bytes"]);
            StreamResult? first = pair % 2 == 0 ? run.OfOurs() : run.OfTheirs();
            StreamResult? second = pair % 2 == 0 ? run.OfTheirs() : run.OfOurs();
            if (first is not { } one || second is not { } other)
            {
                Console.Error.WriteLine($"error: throughput at {lossPercent} % loss: not all messages of pair {pair + 1} arrived in time");
                return null;
            }

            results.Add(pair % 2 == 0 ? (one, other) : (other, one));
        }

        return results;
    }

    private static bool Print(int lossPercent, double bound, List<(StreamResult Ours, StreamResult Theirs)> results)
    {
        var ratio = MedianInterval.Of(results.Select(static r => r.Ours.PerSecond / r.Theirs.PerSecond));
        bool holds = ratio.Median >= bound && ratio.Low >= bound - IntervalRoom;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{lossPercent} % loss: ours {Median(results, static r => r.Ours.PerSecond):N0} messages a second, "
            + $"theirs {Median(results, static r => r.Theirs.PerSecond):N0}; ours/theirs median {ratio.Median:0.00}, "
            + $"95 % interval {ratio.Low:0.00} to {ratio.High:0.00}; bound {bound:0.0}: {(holds ? "holds" : "MISSED")}; "
            + $"datagrams back for each data datagram: ours {Median(results, static r => r.Ours.BackPerData):0.00}, "
            + $"theirs {Median(results, static r => r.Theirs.BackPerData):0.00}; "
            + $"data datagrams for each message: ours {Median(results, static r => r.Ours.DataPerMessage):0.00}, "
            + $"theirs {Median(results, static r => r.Theirs.DataPerMessage):0.00}"));
        return holds;
    }

    private static double Median(
        List<(StreamResult Ours, StreamResult Theirs)> results, Func<(StreamResult Ours, StreamResult Theirs), double> figure) =>
        MedianInterval.Of(results.Select(figure)).Median;
}
