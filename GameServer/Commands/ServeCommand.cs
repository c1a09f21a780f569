using System.Net;
using System.Text.Json;
using GameServer.Bots;
using GameServer.Configuration;
using GameServer.Hosting;
using GameServer.Netcode.Game;
using GameServer.Netcode.Transport;
using GameServer.Operations;
using GameServer.Operations.Logging;

namespace GameServer.Commands;

/// <summary>Runs the server until its time, its drain or its operator ends it.</summary>
/// <remarks>Owner: the main thread.</remarks>
internal sealed class ServeCommand<TInput>
    where TInput : unmanaged
{
    private const int OthersMovedAfterSeconds = 2;
    private const int StatusSecondsAsJson = 60;

    private readonly Game<TInput> _game;
    private readonly GameExtras<TInput> _extras;
    private readonly ParsedCommand _parsed;
    private readonly ServeOptions _options;

    public ServeCommand(Game<TInput> game, GameExtras<TInput> extras, ParsedCommand parsed)
    {
        (_game, _extras, _parsed) = (game, extras, parsed);
        _options = (ServeOptions)parsed.Options!;
    }

    public int Run()
    {
        var telemetry = new ServerTelemetry(_options.NetworkThreads);
        var control = new ServerControl(_options.PlayerSeats + MatchServer.SpectatorsMax, _options.DrainTimeoutSeconds) { DrainNotice = _options.DrainNotice };
        using var operations = new ServerOperations(_parsed, telemetry, control, _extras.MatchParameters);
        operations.Start();
        if (operations.ChoosePort() is not int port)
        {
            operations.Stop(ExitCode.Clean);
            return ExitCode.Clean;
        }

        using MatchServer server = MatchServer.Create(_game, _options, port, telemetry, control);
        Announce(operations, server.Address);
        if (_extras is { Bots: not null, Rehearsal: not null } && Rehearsal.IsWorthwhile)
        {
            Rehearsal.Run(_extras.Rehearsal(), _extras.Bots, _options);
        }

        operations.WaitForHttp();
        control.RequestFirstMatch(new MatchRequest(_options.MatchId ?? $"match-{Guid.NewGuid():N}"[..14], _options.MatchConfig));
        server.Start();
        using BotFleet<TInput>? bots = StartBots(server, control);
        ReportMachine(server, operations);
        operations.Ready(_extras.Picture is null ? "none" : $"GameServer watch --connect {Reachable(server.Address)}", server.Address.ToString());

        Watch(server, control, new StatusLine(telemetry, server.Simulation, control, !operations.IsJson), operations);
        bots?.Stop();
        server.StopNetwork();
        return End(server, operations, telemetry);
    }

    // The one line that scripts look for: bare on a terminal; as JSON on a redirected output, and bare beside it.
    private static void Announce(ServerOperations operations, IPEndPoint address)
    {
        bool isText = !operations.IsJson;
        (isText ? Console.Out : Console.Error).WriteLine($"listening udp {address}");
        if (!isText)
        {
            ServerLog.Listening(operations.Log, address.ToString());
        }
    }

    private void ReportMachine(MatchServer server, ServerOperations operations)
    {
        server.Placement.WaitForEntered(1 + server.Sockets.Count);
        Report(operations, BootReport.Of(server.Placement, SocketGrant.Of(server.Sockets[0], _options.SocketBufferBytes, server.Sockets.Count), MatchServer.RoomOptionsOf(_options).RewindCap));
    }

    private static void Report(ServerOperations operations, BootReport report)
    {
        if (report.GoodLine.Length > 0)
        {
            ServerLog.MachineFacts(operations.Log, report.GoodLine);
        }

        foreach (BootItem item in report.Warnings)
        {
            ServerLog.MachineFinding(operations.Log, item.Name, item.Value, item.Cost, item.Fix);
        }
    }

    /// <summary>Where a client on this machine reaches a bound address.</summary>
    private static IPEndPoint Reachable(IPEndPoint bound) => new(
        bound.Address.Equals(IPAddress.Any) ? IPAddress.Loopback : bound.Address.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback : bound.Address, bound.Port);

    private BotFleet<TInput>? StartBots(MatchServer server, ServerControl control)
    {
        if (_options.Bots == 0 || _extras.Bots is null)
        {
            return null;
        }

        var options = new FleetOptions(
            PeerAddress.From(Reachable(server.Address)), _options.Bots, Math.Max(1, _options.Seed), default, _options.PortableSocket);
        var fleet = new BotFleet<TInput>(_game, _extras.Bots, options);
        control.OwnBots = fleet;
        fleet.Start();
        return fleet;
    }

    private void Watch(MatchServer server, ServerControl control, StatusLine status, ServerOperations operations)
    {
        var files = new SystemFiles();
        var load = new CoreLoad(files, server.Placement.Plan.SimulationCore is int core ? new CpuMask(core) : server.Placement.Plan.Allowed, Environment.ProcessId);
        int every = _options.StatusSeconds ?? (operations.IsJson ? StatusSecondsAsJson : 1);
        long started = MonotonicClock.Micros;
        long next = started + 1_000_000;
        for (int seconds = 1; !HasEnded(server, next); seconds++, next += 1_000_000)
        {
            if (every > 0 && seconds % every == 0)
            {
                status.Log(operations.Log);
            }

            if (_options.Seconds > 0 && seconds >= _options.Seconds)
            {
                control.RequestStop("seconds");
            }

            if (seconds == OthersMovedAfterSeconds)
            {
                // Threads that the runtime added after the start.
                server.Placement.MoveOthers();
                Report(operations, BootReport.OfOthers(server.Placement, files, load));
            }

            if (server.Failure is not null)
            {
                control.RequestStop("failure");
            }
        }
    }

    private static bool HasEnded(MatchServer server, long untilMicros)
    {
        do
        {
            if (server.Simulation.WaitForEnd(TimeSpan.FromMilliseconds(20)))
            {
                return true;
            }
        }
        while (MonotonicClock.Micros < untilMicros);
        return false;
    }

    private int End(MatchServer server, ServerOperations operations, ServerTelemetry telemetry)
    {
        int code = ExitCode.Clean;
        if (server.Failure is { } failure)
        {
            ServerLog.Unexpected(operations.Log, failure, "a thread of the match");
            code = ExitCode.Unexpected;
        }

        operations.GiveHandles();
        RunFigures figures = server.Simulation.Figures;
        ServerLog.Summary(operations.Log, StatusLine.Summary(figures));
        void Write(Utf8JsonWriter json) => ServerJson.Write(json, server.Simulation, telemetry, _options);
        if (_options.StatsJson is not null && !StatsJson.TryWrite(_options.StatsJson, Write, out string? problem))
        {
            Console.Error.WriteLine($"error: --stats-json \"{_options.StatsJson}\": {problem}");
            ServerLog.StatsNotWritten(operations.Log, _options.StatsJson, problem!, StatsJson.ToElement(Write));
            code = code == ExitCode.Clean ? ExitCode.ResultsNotDurable : code;
        }

        operations.Stop(code);
        return code;
    }
}
