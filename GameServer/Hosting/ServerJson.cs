using System.Text.Json;
using GameServer.Configuration;
using GameServer.Netcode.Game;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Server;
using GameServer.Operations;

namespace GameServer.Hosting;

/// <summary>The server's figures as JSON; the README explains each field.</summary>
internal static class ServerJson
{
    public static void Write(Utf8JsonWriter json, SimulationThread simulation, ServerTelemetry telemetry, ServeOptions options)
    {
        RunFigures figures = simulation.Figures;
        RunTotals start = figures.Start;
        RunTotals end = figures.End;
        double seconds = Math.Max(1e-9, (end.Nanos - start.Nanos) / 1e9);
        long ticks = end.Ticks - start.Ticks;
        double perTick = Math.Max(1, ticks);
        double clientSeconds = Math.Max(1e-9, (end.ClientTicks - start.ClientTicks) / perTick * seconds);

        json.WriteString("window", figures.IsSteady ? "steady" : "whole");
        json.WriteNumber("seconds", StatsJson.Round(seconds));
        json.WriteNumber("tickRate", options.TickRate);
        json.WriteNumber("ticks", ticks);
        StatsJson.WritePercentiles(json, "tickDurationMicros", figures.DurationNanos, 1000);
        StatsJson.WritePercentiles(json, "tickLatenessMicros", figures.LatenessNanos, 1000);
        json.WriteNumber("overruns", end.Overruns - start.Overruns);
        json.WriteNumber("overrunsBySystem", end.OverrunsBySystem - start.OverrunsBySystem);
        json.WriteNumber("skippedTicks", end.SkippedTicks - start.SkippedTicks);
        json.WriteNumber("runDelayMicros", (end.RunDelayNanos - start.RunDelayNanos) / 1000);
        json.WriteNumber("players", figures.Players);
        json.WriteNumber("clientsMean", StatsJson.Round((end.ClientTicks - start.ClientTicks) / perTick));

        long simulationBytes = end.SimulationBytes - start.SimulationBytes;
        long networkBytes = end.NetworkBytes - start.NetworkBytes;
        json.WriteNumber("allocatedBytesPerTick", StatsJson.Round((simulationBytes + networkBytes) / perTick));
        json.WriteNumber("allocatedBytesSimulation", simulationBytes);
        json.WriteNumber("allocatedBytesNetwork", networkBytes);
        json.WriteNumber("processAllocatedBytesPerSecond", Math.Round((end.ProcessBytes - start.ProcessBytes) / seconds));
        json.WriteStartObject("gc");
        json.WriteNumber("gen0", end.Gen0 - start.Gen0);
        json.WriteNumber("gen1", end.Gen1 - start.Gen1);
        json.WriteNumber("gen2", end.Gen2 - start.Gen2);
        json.WriteEndObject();

        json.WriteNumber("bytesOutPerClientPerSecond", Math.Round((end.BytesOut - start.BytesOut) / clientSeconds));
        json.WriteNumber("bytesInPerClientPerSecond", Math.Round((end.BytesIn - start.BytesIn) / clientSeconds));
        StatsJson.WritePercentiles(json, "snapshotBytes", figures.SnapshotBytes, 1);
        WriteInputs(json, in start, in end);
        WriteDrops(json, figures);
        WriteWholeRun(json, simulation, telemetry);
    }

    private static void WriteInputs(Utf8JsonWriter json, in RunTotals start, in RunTotals end)
    {
        json.WriteStartObject("inputs");
        json.WriteNumber("executed", end.Inputs.Executed - start.Inputs.Executed);
        json.WriteNumber("starved", end.Inputs.Starved - start.Inputs.Starved);
        json.WriteNumber("late", end.Inputs.Late - start.Inputs.Late);
        json.WriteNumber("duplicate", end.Inputs.Duplicate - start.Inputs.Duplicate);
        json.WriteNumber("starveBursts", end.Inputs.StarveBursts - start.Inputs.StarveBursts);
        json.WriteEndObject();
        json.WriteStartObject("rewinds");
        RewindTotals rewinds = end.Rewinds - start.Rewinds;
        json.WriteNumber("accepted", rewinds.Accepted);
        json.WriteNumber("clamped", rewinds.Clamped);
        json.WriteStartObject("clampedBy");
        json.WriteNumber("age", rewinds.Age);
        json.WriteNumber("speed", rewinds.Speed);
        json.WriteNumber("estimate", rewinds.Estimate);
        json.WriteNumber("heldAcks", rewinds.HeldAcks);
        json.WriteEndObject();
        json.WriteNumber("extrapolated", rewinds.Extrapolated);
        json.WriteNumber("hidden", rewinds.Hidden);
        json.WriteEndObject();
        json.WriteStartObject("shots");
        json.WriteNumber("fired", end.ShotsFired - start.ShotsFired);
        json.WriteNumber("hits", end.ShotsHit - start.ShotsHit);
        json.WriteEndObject();
    }

    private static void WriteDrops(Utf8JsonWriter json, RunFigures figures)
    {
        json.WriteStartObject("drops");
        foreach (DropReason reason in Enum.GetValues<DropReason>())
        {
            if (reason != DropReason.None && figures.Drops(reason) > 0)
            {
                json.WriteNumber(JsonNamingPolicy.CamelCase.ConvertName(reason.ToString()), figures.Drops(reason));
            }
        }

        json.WriteEndObject();
    }

    private static void WriteWholeRun(Utf8JsonWriter json, SimulationThread simulation, ServerTelemetry telemetry)
    {
        json.WriteStartObject("wholeRun");
        json.WriteNumber("joins", telemetry.Simulation.JoinsAccepted.Value);
        json.WriteNumber("leaves", telemetry.Simulation.Leaves.Value);
        json.WriteNumber("reliableOverflows", simulation.Overflows);
        json.WriteNumber("kernelDrops", telemetry.Network.Sum(static n => n.KernelDrops.Value));
        json.WriteNumber("correctionsOwnReported", telemetry.Simulation.Corrections[(int)CorrectionKind.Own].Value);
        json.WriteNumber("unexplainedRollbacksReported", telemetry.Simulation.UnexplainedRollbacks.Value);
        json.WriteNumber("ownDeferred", telemetry.Simulation.OwnedDeferred.Value);
        if (telemetry.Simulation.Game is { } game)
        {
            WriteGame(json, game);
        }

        json.WriteEndObject();
    }

    private static void WriteGame(Utf8JsonWriter json, GameCounters game)
    {
        json.WriteStartObject("game");
        foreach (GameCount what in Enum.GetValues<GameCount>())
        {
            json.WriteStartObject(JsonNamingPolicy.CamelCase.ConvertName(what.ToString()));
            IReadOnlyList<string> names = game.NamesOf(what);
            for (int i = 0; i < names.Count; i++)
            {
                if (game[what, i] > 0)
                {
                    json.WriteNumber(names[i], game[what, i]);
                }
            }

            json.WriteEndObject();
        }

        json.WriteEndObject();
    }
}
