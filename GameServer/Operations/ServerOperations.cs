using System.Diagnostics;
using GameServer.Configuration;
using GameServer.Hosting;
using GameServer.Operations.Http;
using GameServer.Operations.Logging;
using GameServer.Operations.Orchestrators;
using GameServer.Operations.Telemetry;
using Microsoft.Extensions.Logging;

namespace GameServer.Operations;

/// <summary>Everything around the running server that an operator or a launcher sees: log, signals, HTTP, metrics, orchestrator.</summary>
/// <remarks>
/// The host makes one, calls <see cref="Start"/> at once, <see cref="ChoosePort"/> before it binds, <see cref="Ready"/> when its threads run,
/// and <see cref="Stop"/> when they have ended. Owner: the host's main thread.
/// </remarks>
public sealed class ServerOperations : IDisposable
{
    private readonly ServeOptions _options;
    private readonly ServerTelemetry _telemetry;
    private readonly ServerControl _control;
    private readonly LogOutput _output;
    private readonly SettingsReload _reload;
    private static readonly TimeSpan PatienceAtEnd = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan PatienceForFarewell = TimeSpan.FromSeconds(6);
    private const int HandlesForTheEnd = 4; // figures of the run, and one connection each to whoever is told or pushed to
    private const int SparesForTheEnd = 5; // the farewell, HTTP, two exporters, and the second signal

    private readonly SpareThreads _spares = new(SparesForTheEnd);
    private readonly HandleReserve _reserve = new(HandlesForTheEnd);
    private readonly IOrchestrator _orchestrator;
    private readonly EventReporter _reporter;
    private readonly bool _isHttpDefault;
    private readonly Lazy<TelemetryExport> _export;
    private readonly TelemetrySettings _pushes;
    private readonly Lock _losing = new();
    private readonly LogExport? _logExport;
    private readonly TelemetryProblems? _telemetryProblems;
    private HttpSurface? _http;
    private Task _serving = Task.CompletedTask;
    private ServerWatch? _watch;
    private OperationsThread? _thread;
    private ProcessSignals? _signals;
    private int _exitCode = ExitCode.Unexpected; // of the run, once it is over
    private bool _isTelemetryClosed;
    private bool _isPushing; // something may still be on its way to a receiver; by _losing

    /// <summary>Opens the log and chooses the orchestrator.</summary>
    /// <exception cref="StartFailedException">The orchestrator that is asked for is not there.</exception>
    public ServerOperations(ParsedCommand parsed, ServerTelemetry telemetry, ServerControl control, IReadOnlyList<MatchParameter>? matchParameters = null)
    {
        _options = (ServeOptions)parsed.Options!;
        (_telemetry, _control) = (telemetry, control);
        _output = new LogOutput(_options.LogFormat, _options.LogLevel);
        Log = _output.CreateLogger("GameServer");
        _pushes = TelemetrySettings.Read(Environment.GetEnvironmentVariables());
        if (_pushes.Logs)
        {
            _logExport = new LogExport();
            _output.PushTo(_logExport);
        }

        _isPushing = _pushes.Metrics || _pushes.Traces || _pushes.Logs;
        if (_isPushing)
        {
            _telemetryProblems = new TelemetryProblems(Log);
        }

        foreach (string warning in parsed.Warnings)
        {
            ServerLog.ConfigurationIgnored(Log, warning);
        }

        _isHttpDefault = parsed.Values?.Raw(Settings.Http).Source == SettingValue.Default;
        _reload = new SettingsReload(parsed, Log);
        _orchestrator = Orchestrator.Create(_options, Environment.GetEnvironmentVariables(), control, Log);
        _reporter = new EventReporter(_orchestrator, control, Log) { MatchParameters = matchParameters };
        _export = new Lazy<TelemetryExport>(() =>
        {
            var meter = new ServerMeter(telemetry, control, _options.TickRate, _options.PlayerSeats);
            _reporter.ExemplarsTo(meter);
            return new TelemetryExport(meter, _options.MetricsScopeLabels);
        });
    }

    /// <summary>True when log lines are JSON objects.</summary>
    public bool IsJson => _output.IsJson;

    /// <summary>The log; any thread but the hot ones.</summary>
    public ILogger Log { get; }

    /// <summary>The port that the game is to bind; asks the orchestrator when it chooses, and may then wait for up to half a minute.</summary>
    /// <returns>Null when a signal has asked for the end meanwhile.</returns>
    /// <exception cref="StartFailedException">The orchestrator did not say.</exception>
    public int? ChoosePort()
    {
        if (!_options.PortFromOrchestrator)
        {
            return _options.Port;
        }

        Task<int?> search = _orchestrator.FindPort();
        Task.WhenAny(search, _control.SignalArrived(Timeout.InfiniteTimeSpan)).Wait();
        return !search.IsCompleted ? null
            : search.GetAwaiter().GetResult() ?? throw new StartFailedException($"--port-from-orchestrator: {_orchestrator.Name} named no port", ExitCode.TemporaryFailure);
    }

    /// <summary>Takes signals over, and begins to serve HTTP and to report health. Metrics and HTTP start beside the caller's own start.</summary>
    public void Start()
    {
        PoolThreads.Make();
        _signals = new ProcessSignals(_control, _spares, Reload, GiveUp, Log);
        _watch = new ServerWatch(_options, _telemetry, _control, _orchestrator, _reporter, Log, GiveUp, Random.Shared);
        _thread = new OperationsThread(_watch, Log);
        _orchestrator.Started();
        _serving = Task.Run(Serve);
    }

    /// <summary>Waits until HTTP answers, so that no player is let into a server that cannot start.</summary>
    /// <exception cref="StartFailedException">HTTP could not start.</exception>
    public void WaitForHttp() => _serving.GetAwaiter().GetResult();

    /// <summary>The sockets are bound and the simulation runs: lets players in and writes the last line of the start.</summary>
    /// <param name="watch">The command that shows the match, or nothing.</param>
    /// <param name="addresses">Where players may join.</param>
    public void Ready(string watch, params string[] addresses)
    {
        _control.Started(addresses);
        if (!_control.IsReady)
        {
            return; // the end was asked for before the start was over
        }

        _orchestrator.Ready();
        using var process = Process.GetCurrentProcess();
        var sinceStart = (long)(DateTime.UtcNow - process.StartTime.ToUniversalTime()).TotalMilliseconds;
        ServerLog.Ready(Log, sinceStart, string.Join(", ", addresses), _http is { Address: { Length: > 0 } address } ? address : "none", _control.MatchId, BuildVersion.Full, watch);
        // The first scrape shall not wait for it, and no player either: what was counted before is in it all the same.
        _ = Task.Run(WarmUp);
    }

    private async Task WarmUp()
    {
        _ = _export.Value;
        if (_http is { } http)
        {
            await http.WarmUp();
        }
    }

    /// <summary>The match is over: the handles that were kept for the end may be taken.</summary>
    public void GiveHandles() => _reserve.Dispose();

    /// <summary>The threads have ended: reports what is left, tells the orchestrator, and closes everything, all at the same time.</summary>
    /// <param name="exitCode">What the process ends with, whoever does not answer now.</param>
    public void Stop(int exitCode)
    {
        Volatile.Write(ref _exitCode, exitCode);
        _thread?.Dispose();
        _thread = null;
        SimulationTelemetry simulation = _telemetry.Simulation;
        ServerLog.Ended(Log, _control.DrainReason ?? "end", simulation.Ticks.Value, simulation.Overruns.Value, simulation.SkippedTicks.Value);
        SpareWork[] ends = [_spares.Run(TellShutdown), _spares.Run(StopHttp)];
        CloseTelemetry();
        WaitForAll(ends);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        // When the caller's start has failed, ours may still be under way, and its failure is no news any more.
        _serving.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default).Wait(TimeSpan.FromSeconds(5));
        _thread?.Dispose();
        _signals?.Dispose();
        _reserve.Dispose();
        SpareWork http = _spares.Run(StopHttp);
        CloseTelemetry();
        WaitForAll(http);
        _spares.Dispose();
        _telemetryProblems?.Dispose();
        _orchestrator.Dispose();
        _output.Dispose();
    }

    private static void WaitForAll(params SpareWork[] works)
    {
        foreach (SpareWork work in works)
        {
            work.Wait(Timeout.InfiniteTimeSpan); // each has a patience of its own
        }
    }

    // A run that is over has its code; only one that hangs has none.
    private void GiveUp()
    {
        NoteTelemetryLost(); // when it is what has not come to an end
        _output.Dispose();
        Environment.Exit(Volatile.Read(ref _exitCode));
    }

    private void StopHttp()
    {
        try
        {
            Interlocked.Exchange(ref _http, null)?.DisposeAsync().AsTask().Wait(PatienceAtEnd);
        }
        catch (AggregateException e)
        {
            ServerLog.Unexpected(Log, e, "the end of http"); // the run has its code
        }
    }

    /// <summary>Pushes what waits and closes the exporters, all at once; a receiver that hangs is left alone when the time is over.</summary>
    private void CloseTelemetry()
    {
        if (Interlocked.Exchange(ref _isTelemetryClosed, true))
        {
            return;
        }

        _output.PushTo(null);
        var closings = new List<SpareWork>();
        if (_export.IsValueCreated)
        {
            closings.Add(Close(() => _export.Value.Flush((int)PatienceAtEnd.TotalMilliseconds), _export.Value));
        }

        if (_logExport is not null)
        {
            closings.Add(Close(() => _logExport.Flush((int)PatienceAtEnd.TotalMilliseconds), _logExport));
        }

        long end = ServerControl.NowMicros() + (long)PatienceAtEnd.TotalMicroseconds;
        bool isDone = true;
        foreach (SpareWork closing in closings)
        {
            isDone &= closing.Wait(TimeSpan.FromMicroseconds(Math.Max(0, end - ServerControl.NowMicros())));
        }

        if (!isDone)
        {
            NoteTelemetryLost();
        }

        lock (_losing)
        {
            _isPushing = false;
        }
    }

    /// <summary>Says once that what is still being pushed will not arrive; whoever comes second waits until it has been said, as the process may end then.</summary>
    private void NoteTelemetryLost()
    {
        lock (_losing)
        {
            if (_isPushing)
            {
                ServerLog.TelemetryLost(Log, (long)PatienceAtEnd.TotalSeconds);
            }

            _isPushing = false;
        }
    }

    // Exporters wait for their receivers as long as they like: on a thread that the end of the process does not wait for.
    private SpareWork Close(Action flush, IDisposable exporter) => _spares.Run(() =>
    {
        try
        {
            flush();
            exporter.Dispose();
        }
        catch (Exception e)
        {
            ServerLog.Unexpected(Log, e, "the last push of telemetry"); // the run has its code
        }
    });

    private void TellShutdown()
    {
        try
        {
            if (!_orchestrator.Shutdown().Wait(PatienceForFarewell))
            {
                ServerLog.OrchestratorDown(Log, _orchestrator.Name, "no answer to the shutdown");
            }
        }
        catch (AggregateException e)
        {
            // The match is over and its results are written: that its launcher could not be told is no failure of the server.
            ServerLog.Unexpected(Log, e, "the farewell to the orchestrator");
        }
    }

    private async Task Serve()
    {
        if (_pushes.Metrics || _pushes.Traces)
        {
            _ = _export.Value; // no span of the start is to be lost
        }

        if (_options.Http is not null || _options.HealthHttp is not null)
        {
            var http = new HttpSurface(_options, _telemetry, _control, _export, _output);
            try
            {
                await http.Start();
                _http = http;
            }
            catch (StartFailedException e)
            {
                await http.DisposeAsync();
                if (!_isHttpDefault || _options.HealthHttp is not null || e.ProcessExitCode != ExitCode.TemporaryFailure)
                {
                    throw;
                }

                // Nobody asked for this address: a second server on a machine is no reason to refuse players.
                ServerLog.HttpOff(Log, e.Message);
            }
        }
    }

    private void Reload()
    {
        try
        {
            _reload.Run(options =>
            {
                _http?.Reload(options);
                _output.SetThreshold(options.LogLevel);
                _watch?.Apply(options);
            });
        }
        catch (Exception e)
        {
            ServerLog.ReloadFailed(Log, e.Message); // nobody waits for it, and a match does not end for it
        }
    }
}
