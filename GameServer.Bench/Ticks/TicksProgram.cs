using System.Collections;
using System.Globalization;
using GameServer.Bench.Programs;
using GameServer.Bench.Rooms;
using GameServer.Configuration;
using GameServer.Hosting;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Transport;
using GameServer.Operations;

namespace GameServer.Bench.Ticks;

/// <summary>The server's real threads under synthetic clients over loopback: how long ticks take, how punctual they are, what they allocate.</summary>
internal static class TicksProgram
{
    private const int JoinSecondsMax = 20;
    private const int SettleSeconds = 4; // the figures of a run begin 3 s after the last join

    public static int Run(string[] args)
    {
        ProgramOptions options = new ProgramOptions("ticks", "a whole server with its threads, and synthetic clients over loopback")
            .Number("--clients", 64, 1, Limits.PlayersMax, "players, all visible and moving")
            .Number("--rate", 128, 1, 1000, "ticks per second")
            .Number("--seconds", 10, 1, 3600, "measured seconds")
            .Number("--budget", 1200, 256, 16_384, "snapshot bytes per client and tick")
            .Flag("--realtime", "asks for SCHED_FIFO for the simulation thread")
            .Flag("--unpinned", "lets all threads run anywhere");
        if (!options.TryParse(args, out int exitCode))
        {
            return exitCode;
        }

        Console.WriteLine(Machine.Line);
        Console.WriteLine($"{options["--clients"]} clients at {options["--rate"]} Hz, {options["--seconds"]} s, budget {options["--budget"]:N0} B; load before {Machine.Load}");
        var telemetry = new ServerTelemetry();
        var control = new ServerControl(options["--clients"] + MatchServer.SpectatorsMax, drainTimeoutSeconds: 1);
        using MatchServer server = MatchServer.Create(new CrowdGame(options["--clients"] + 8), ServerOptions(options), 0, telemetry, control);
        control.RequestFirstMatch(new MatchRequest("ticks", new Dictionary<string, string>()));
        server.Start();
        var bare = new BareLoop(options["--rate"], server.Placement.Plan.SimulationCore);
        using (var clients = new LoopbackClients(options["--clients"], options["--rate"], PeerAddress.From(server.Address)))
        {
            bare.Start();
            clients.Start();
            if (!WaitForJoins(clients, options["--clients"]))
            {
                Console.Error.WriteLine($"error: {clients.Playing} of {options["--clients"]} clients joined: {clients.Failure?.Message ?? "no answer"}");
                return 1;
            }

            Thread.Sleep(SettleSeconds * 1000);
            bare.Count();
            Thread.Sleep(options["--seconds"] * 1000);
            bare.Stop();
            control.RequestStop("measured");
            server.Simulation.WaitForEnd(TimeSpan.FromSeconds(5));
            server.StopNetwork();
            if ((clients.Failure ?? server.Failure) is { } failure && server.Failure is not null)
            {
                Console.Error.WriteLine("error: " + failure);
                return 1;
            }
        }

        Print(server.Simulation.Figures, bare, options);
        return 0;
    }

    private static ServeOptions ServerOptions(ProgramOptions options)
    {
        string[] arguments =
        [
            "serve", "--port", "0", "--bind", "127.0.0.1", "--bots", "0", "--max-players", Text(options["--clients"]), "--tick-rate", Text(options["--rate"]),
            "--budget", Text(options["--budget"]), "--cpu-affinity", options.Has("--unpinned") ? "none" : "auto",
            .. options.Has("--realtime") ? (string[])["--realtime"] : [],
        ];

        // No environment: a setting of whoever runs it must not change what is measured.
        ParsedCommand parsed = Configuration.CommandLine.Parse(arguments, new Hashtable(), TextWriter.Null, Console.Error);
        return (ServeOptions)parsed.Options!;
    }

    private static string Text(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static bool WaitForJoins(LoopbackClients clients, int count)
    {
        long deadline = MonotonicClock.Micros + (JoinSecondsMax * 1_000_000L);
        while (clients.Playing < count && clients.Failure is null && MonotonicClock.Micros < deadline)
        {
            Thread.Sleep(20);
        }

        return clients.Playing == count;
    }

    private static void Print(RunFigures figures, BareLoop bare, ProgramOptions options)
    {
        RunTotals from = figures.Start;
        RunTotals to = figures.End;
        double ticks = Math.Max(1, to.Ticks - from.Ticks);
        double seconds = (to.Nanos - from.Nanos) / 1e9;
        double clientTicks = Math.Max(1, to.ClientTicks - from.ClientTicks);
        Console.WriteLine($"µs                          p50       p99     p99.9       max    ticks");
        Console.WriteLine(Row("tick duration", figures.DurationNanos));
        Console.WriteLine(Row("lateness", figures.LatenessNanos));
        Console.WriteLine(Row("  not delayed by others", figures.UndisturbedLatenessNanos));
        Console.WriteLine(Row("bare loop's lateness", bare.Lateness.All));
        Console.WriteLine(Row("  not delayed by others", bare.Lateness.Undisturbed));
        Line($"lateness, ours : bare loop (not delayed): p99 {Ratio(figures, bare, 99):0.00}, p99.9 {Ratio(figures, bare, 99.9):0.00}; the bare loop runs on the same processor and may meet it");
        Line($"waited for a processor: simulation {(to.RunDelayNanos - from.RunDelayNanos) / 1e6:N1} ms, bare loop {bare.RunDelayNanos / 1e6:N1} ms of {seconds:N1} s; load {Machine.Load}");
        Line($"overruns {to.Overruns - from.Overruns}, of them by the system {to.OverrunsBySystem - from.OverrunsBySystem}; skipped ticks {to.SkippedTicks - from.SkippedTicks}; inputs executed {to.Inputs.Executed - from.Inputs.Executed:N0}, starved {to.Inputs.Starved - from.Inputs.Starved:N0}");
        Line($"allocated per tick: simulation {(to.SimulationBytes - from.SimulationBytes) / ticks:0.##} B, network {(to.NetworkBytes - from.NetworkBytes) / ticks:0.##} B; collections {to.Gen0 - from.Gen0}/{to.Gen1 - from.Gen1}/{to.Gen2 - from.Gen2}");
        Line($"per client: {(to.BytesOut - from.BytesOut) / clientTicks:N0} B out and {(to.BytesIn - from.BytesIn) / clientTicks:N0} B in per tick, {(to.BytesOut - from.BytesOut) / seconds / options["--clients"] / 1000:N1} and {(to.BytesIn - from.BytesIn) / seconds / options["--clients"] / 1000:N1} kB/s (UDP payload); snapshot p50 {figures.SnapshotBytes.Percentile(50):N0} B, p99 {figures.SnapshotBytes.Percentile(99):N0} B");
    }

    private static double Ratio(RunFigures figures, BareLoop bare, double percent) =>
        figures.UndisturbedLatenessNanos.Percentile(percent) / Math.Max(1, (double)bare.Lateness.Undisturbed.Percentile(percent));

    private static string Row(string name, Histogram nanos) => string.Create(
        CultureInfo.InvariantCulture,
        $"{name,-22} {nanos.Percentile(50) / 1e3,9:N1} {nanos.Percentile(99) / 1e3,9:N1} {nanos.Percentile(99.9) / 1e3,9:N1} {nanos.Max / 1e3,9:N1} {nanos.Count,8:N0}");

    private static void Line(FormattableString text) => Console.WriteLine(text.ToString(CultureInfo.InvariantCulture));
}
