using System.Globalization;
using GameServer.Netcode.Primitives;
using GameServer.Operations;

namespace GameServer.Hosting;

/// <summary>One line a second that shows how the server is doing, and the summary at its end.</summary>
/// <remarks>Owner: the main thread. Reads what the hot threads publish.</remarks>
internal sealed class StatusLine
{
    private readonly ServerTelemetry _telemetry;
    private readonly SimulationThread _simulation;
    private readonly HistogramSnapshot _duration = new();
    private readonly HistogramSnapshot _lateness = new();
    private readonly HistogramSnapshot _durationLast = new();
    private readonly HistogramSnapshot _latenessLast = new();
    private Reading _last;

    public StatusLine(ServerTelemetry telemetry, SimulationThread simulation)
    {
        (_telemetry, _simulation) = (telemetry, simulation);
        _last = Read();
    }

    private readonly record struct Reading(
        long Micros, long In, long Out, long Snapshots, long SnapshotBytes, long Overruns, long Skipped, long Starved, long Accepted, long Clamped, int Gen0, int Gen1, int Gen2);

    /// <summary>The line about the time since the last call.</summary>
    public string Next()
    {
        _duration.CaptureSince(_simulation.DurationNanos, _durationLast);
        _lateness.CaptureSince(_simulation.LatenessNanos, _latenessLast);
        Reading now = Read();
        Reading last = _last;
        _last = now;
        SimulationTelemetry simulation = _telemetry.Simulation;
        double kilobytes = 1000 * (now.Micros - last.Micros) / 1e6 * Math.Max(1, simulation.Players.Value + simulation.Spectators.Value);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"tick {simulation.Ticks.Value} took {Micros(_duration, 50)}/{Micros(_duration, 99)}/{_duration.Max / 1000} us late {Micros(_lateness, 50)}/{Micros(_lateness, 99)}/{_lateness.Max / 1000} us (p50/p99/max)"
            + $" | overruns {now.Overruns - last.Overruns} skipped {now.Skipped - last.Skipped} | players {simulation.Players.Value}+{simulation.Spectators.Value}"
            + $" | per client {(now.Out - last.Out) / kilobytes:0.0} kB/s down {(now.In - last.In) / kilobytes:0.0} kB/s up, snapshot {Mean(now.SnapshotBytes - last.SnapshotBytes, now.Snapshots - last.Snapshots):0} B"
            + $" | starved {now.Starved - last.Starved} | rewinds {now.Accepted - last.Accepted} accepted {now.Clamped - last.Clamped} clamped"
            + $" | gc {now.Gen0 - last.Gen0}/{now.Gen1 - last.Gen1}/{now.Gen2 - last.Gen2}");
    }

    /// <summary>The figures of the whole run in one line.</summary>
    public static string Summary(RunFigures figures)
    {
        RunTotals start = figures.Start;
        RunTotals end = figures.End;
        double seconds = (end.Nanos - start.Nanos) / 1e9;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{seconds:0.0} s {(figures.IsSteady ? "with all players settled" : "in all")}: {end.Ticks - start.Ticks} ticks took {figures.DurationNanos.Percentile(50) / 1000}/{figures.DurationNanos.Percentile(99) / 1000}/{figures.DurationNanos.Max / 1000} us (p50/p99/max),"
            + $" {end.Overruns - start.Overruns} overruns ({end.OverrunsBySystem - start.OverrunsBySystem} by the system), {end.SkippedTicks - start.SkippedTicks} skipped,"
            + $" inputs {end.Inputs.Executed - start.Inputs.Executed} executed {end.Inputs.Starved - start.Inputs.Starved} starved, shots {end.ShotsFired - start.ShotsFired} fired {end.ShotsHit - start.ShotsHit} hit,"
            + $" {end.SimulationBytes - start.SimulationBytes + end.NetworkBytes - start.NetworkBytes} bytes allocated by simulation and network");
    }

    private static long Micros(HistogramSnapshot nanos, double percent) => nanos.Percentile(percent) / 1000;

    private static double Mean(long sum, long count) => count == 0 ? 0 : (double)sum / count;

    private Reading Read()
    {
        SimulationTelemetry simulation = _telemetry.Simulation;
        long count = 0;
        long sum = 0;
        for (int i = 0; i < simulation.SnapshotBytes.BucketCount; i++)
        {
            (long bucketCount, long bucketSum) = simulation.SnapshotBytes.Read(i);
            count += bucketCount;
            sum += bucketSum;
        }

        return new Reading(
            MonotonicClock.Micros,
            _telemetry.Network.Sum(static n => n.BytesIn.Value),
            _telemetry.Network.Sum(static n => n.BytesOut.Value),
            count,
            sum,
            simulation.Overruns.Value,
            simulation.SkippedTicks.Value,
            simulation.InputsStarved.Value,
            simulation.RewindsAccepted.Value,
            simulation.RewindsClamped.Value,
            GC.CollectionCount(0),
            GC.CollectionCount(1),
            GC.CollectionCount(2));
    }
}
