using System.Globalization;
using System.Text;
using GameServer.Netcode.Primitives;
using GameServer.Operations;
using GameServer.Operations.Logging;
using Microsoft.Extensions.Logging;

namespace GameServer.Hosting;

/// <summary>Shows now and then how the server is doing, and the summary at its end.</summary>
/// <remarks>Owner: the main thread. Reads what the hot threads publish.</remarks>
/// <param name="telemetry">The server's.</param>
/// <param name="simulation">The thread that is looked at.</param>
/// <param name="control">Knows the number of the last tick.</param>
/// <param name="isText">For people: all figures in one line. Else they are values of their own, and the text beside them is short.</param>
internal sealed class StatusLine(ServerTelemetry telemetry, SimulationThread simulation, ServerControl control, bool isText)
{
    private readonly HistogramSnapshot _duration = new();
    private readonly HistogramSnapshot _lateness = new();
    private readonly HistogramSnapshot _durationLast = new();
    private readonly HistogramSnapshot _latenessLast = new();
    private Reading _last = Read(telemetry);

    private readonly record struct Reading(
        long Micros, long Ticks, long In, long Out, long Snapshots, long SnapshotBytes, long Overruns, long Skipped, long Starved, long Accepted, long Clamped, int Gen0, int Gen1, int Gen2);

    /// <summary>The figures of the time since the last call.</summary>
    public void Log(ILogger log)
    {
        _duration.CaptureSince(simulation.DurationNanos, _durationLast);
        _lateness.CaptureSince(simulation.LatenessNanos, _latenessLast);
        Reading now = Read(telemetry);
        Reading last = _last;
        _last = now;
        double seconds = Math.Max(1e-6, (now.Micros - last.Micros) / 1e6);
        double kilobytes = 1000 * seconds * Math.Max(1, telemetry.Simulation.Players.Value + telemetry.Simulation.Spectators.Value);
        KeyValuePair<string, object?>[] figures =
        [
            new("seconds", Math.Round(seconds, 1)), new("ticks", now.Ticks - last.Ticks), new("tick", control.LastTick), new("executed", now.Ticks),
            new("took_p50_micros", Micros(_duration, 50)), new("took_p99_micros", Micros(_duration, 99)), new("took_max_micros", _duration.Max / 1000),
            new("late_p50_micros", Micros(_lateness, 50)), new("late_p99_micros", Micros(_lateness, 99)), new("late_max_micros", _lateness.Max / 1000),
            new("overruns", now.Overruns - last.Overruns), new("skipped", now.Skipped - last.Skipped),
            new("players", telemetry.Simulation.Players.Value), new("spectators", telemetry.Simulation.Spectators.Value),
            new("client_kilobytes_down", Math.Round((now.Out - last.Out) / kilobytes, 1)), new("client_kilobytes_up", Math.Round((now.In - last.In) / kilobytes, 1)),
            new("snapshot_bytes", Math.Round(Mean(now.SnapshotBytes - last.SnapshotBytes, now.Snapshots - last.Snapshots))),
            new("starved", now.Starved - last.Starved), new("rewinds_accepted", now.Accepted - last.Accepted), new("rewinds_clamped", now.Clamped - last.Clamped),
            new("gc0", now.Gen0 - last.Gen0), new("gc1", now.Gen1 - last.Gen1), new("gc2", now.Gen2 - last.Gen2),
        ];
        ServerLog.Status(log, figures, isText ? Text(figures) : Short(figures));
    }

    private static string Short(KeyValuePair<string, object?>[] figures) => Fill("{seconds} s: {ticks} ticks, {overruns} overruns, {skipped} skipped, {players} players", figures);

    private static string Text(KeyValuePair<string, object?>[] figures) => Fill(
        "tick {tick} took {took_p50_micros}/{took_p99_micros}/{took_max_micros} us late {late_p50_micros}/{late_p99_micros}/{late_max_micros} us (p50/p99/max)"
        + " | overruns {overruns} skipped {skipped} | players {players}+{spectators}"
        + " | per client {client_kilobytes_down} kB/s down {client_kilobytes_up} kB/s up, snapshot {snapshot_bytes} B"
        + " | starved {starved} | rewinds {rewinds_accepted} accepted {rewinds_clamped} clamped | gc {gc0}/{gc1}/{gc2}",
        figures);

    private static string Fill(string pattern, KeyValuePair<string, object?>[] figures)
    {
        var text = new StringBuilder(pattern);
        foreach ((string name, object? value) in figures)
        {
            text.Replace("{" + name + "}", Convert.ToString(value, CultureInfo.InvariantCulture));
        }

        return text.ToString();
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

    private static Reading Read(ServerTelemetry telemetry)
    {
        SimulationTelemetry simulation = telemetry.Simulation;
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
            simulation.Ticks.Value,
            telemetry.Network.Sum(static n => n.BytesIn.Value),
            telemetry.Network.Sum(static n => n.BytesOut.Value),
            count,
            sum,
            simulation.Overruns.Value,
            simulation.SkippedTicks.Value,
            simulation.InputsStarved.Value,
            simulation.RewindsAccepted.Value,
            simulation.RewindsByAge.Value + simulation.RewindsBySpeed.Value + simulation.RewindsByEstimate.Value + simulation.RewindsByHeldAcks.Value,
            GC.CollectionCount(0),
            GC.CollectionCount(1),
            GC.CollectionCount(2));
    }
}
