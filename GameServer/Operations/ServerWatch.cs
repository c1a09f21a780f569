using GameServer.Configuration;
using GameServer.Operations.Logging;
using GameServer.Operations.Orchestrators;
using Microsoft.Extensions.Logging;

namespace GameServer.Operations;

/// <summary>Looks after the server: takes its events, watches its progress, and ends it when its time has come.</summary>
/// <remarks>Owner: one thread, which calls <see cref="Round"/> many times a second. The time is that of <see cref="ServerControl.Now"/>.</remarks>
internal sealed class ServerWatch
{
    private const long GraceMicros = 3_000_000;
    private const long FirstWarningMicros = 10_000_000;

    /// <summary>Up to this part longer than <c>--exit-when-empty</c>, so that the servers of a fleet do not end at the same moment.</summary>
    private const double JitterShare = 0.1;

    private readonly ServerTelemetry _telemetry;
    private readonly ServerControl _control;
    private readonly IOrchestrator _orchestrator;
    private readonly EventReporter _reporter;
    private readonly ILogger _log;
    private readonly Action _giveUp;
    private readonly double _jitter;
    private readonly long _startMicros;
    private ServeOptions _options;
    private long _nextWarningMicros = FirstWarningMicros;
    private long _emptySinceMicros;
    private bool _hadPlayers; // since the match that was asked for began; its rounds count as one
    private bool _wasPlayed; // the round
    private int _playedMatches;
    private long _drainSinceMicros;
    private bool _hangs;

    /// <param name="options">Times after which the server ends.</param>
    /// <param name="telemetry">Where events come from.</param>
    /// <param name="control">Progress and wishes.</param>
    /// <param name="orchestrator">Is told of a drain.</param>
    /// <param name="reporter">Takes the events.</param>
    /// <param name="log">Takes the rest.</param>
    /// <param name="giveUp">Ends the process: the simulation hangs and its time is over.</param>
    /// <param name="chance">Draws how much later than others this server ends.</param>
    public ServerWatch(
        ServeOptions options, ServerTelemetry telemetry, ServerControl control, IOrchestrator orchestrator, EventReporter reporter, ILogger log, Action giveUp, Random chance)
    {
        (_options, _telemetry, _control, _orchestrator, _reporter, _log, _giveUp) = (options, telemetry, control, orchestrator, reporter, log, giveUp);
        _jitter = 1 + (chance.NextDouble() * JitterShare);
        _startMicros = control.Now;
        _emptySinceMicros = _startMicros;
    }

    /// <summary>Takes over reloaded settings; any thread.</summary>
    public void Apply(ServeOptions options)
    {
        Volatile.Write(ref _options, _options with { LifetimeSeconds = options.LifetimeSeconds, ExitWhenEmptySeconds = options.ExitWhenEmptySeconds, MaxMatches = options.MaxMatches });
        _control.SetDrainTimeout(options.DrainTimeoutSeconds);
    }

    /// <summary>Looks once.</summary>
    public void Round()
    {
        NotePlayers(); // who came and went between two rounds has been there
        while (_telemetry.Events.TryTake(out ServerEvent item))
        {
            TellDrain(); // what the simulation does because of a drain is told after it
            _reporter.Report(in item);
            CountMatch(in item);
        }

        long now = _control.Now;
        _reporter.Settle(now);
        WatchProgress(now);
        WatchTime(now);
        TellDrain();
    }

    /// <summary>There are no more rounds: reports the drain, if there was one.</summary>
    public void End()
    {
        if (_drainSinceMicros != 0)
        {
            _reporter.ReportDrain(_control.DrainReason ?? "", _drainSinceMicros, _control.Now);
        }
    }

    private void TellDrain()
    {
        long now = _control.Now;
        if (_control.Drain != DrainState.Running && _drainSinceMicros == 0)
        {
            _drainSinceMicros = now;
            int secondsLeft = (int)Math.Max(0, (_control.DrainDeadlineMicros - now + 500_000) / 1_000_000);
            ServerLog.Draining(_log, _control.DrainReason ?? "", _telemetry.Simulation.Players.Value, secondsLeft);
            _orchestrator.Draining(secondsLeft);
        }
    }

    /// <summary>A match that was asked for is new: whoever was there before has not played it.</summary>
    private void CountMatch(in ServerEvent item)
    {
        if (item.Kind == ServerEventKind.MatchStarted)
        {
            _hadPlayers &= item.Count > 1;
            _wasPlayed = false;
        }
        else if (item.Kind == ServerEventKind.MatchEnded && (_wasPlayed || _reporter.WasLastAskedFor))
        {
            _playedMatches++;
            int most = Volatile.Read(ref _options).MaxMatches;
            if (most > 0 && _playedMatches >= most)
            {
                _control.RequestDrain("max_matches");
            }
        }
    }

    /// <summary>Remembers that somebody plays; true when nobody does.</summary>
    private bool NotePlayers()
    {
        bool isEmpty = _telemetry.Simulation.Players.Value <= _control.OwnBots.Present;
        _hadPlayers |= !isEmpty;
        _wasPlayed |= !isEmpty;
        return isEmpty;
    }

    private void WatchProgress(long now)
    {
        SimulationProgress progress = _control.Progress();
        bool hangs = progress == SimulationProgress.Hanging;
        if (hangs && !_hangs)
        {
            ServerLog.SimulationHangs(_log, _control.LastTick);
        }

        _hangs = hangs;
        if (progress == SimulationProgress.Starting && now - _startMicros >= _nextWarningMicros)
        {
            ServerLog.StillStarting(_log, (now - _startMicros) / 1_000_000);
            _nextWarningMicros *= 2;
        }

        if (hangs && _control.Drain != DrainState.Running && now - _control.DrainDeadlineMicros > GraceMicros)
        {
            ServerLog.GivesUp(_log);
            _giveUp();
        }
    }

    private void WatchTime(long now)
    {
        ServeOptions options = Volatile.Read(ref _options);
        if (options.LifetimeSeconds > 0 && now - _startMicros >= options.LifetimeSeconds * 1_000_000L)
        {
            _control.RequestDrain("lifetime");
        }

        bool isEmpty = NotePlayers();
        // A fresh server, one that was just allocated and one in a pool have nobody and wait for somebody.
        if (!isEmpty || !_hadPlayers || !_control.IsReady || _orchestrator.IsPooled)
        {
            _emptySinceMicros = now;
        }
        else if (options.ExitWhenEmptySeconds > 0 && now - _emptySinceMicros >= options.ExitWhenEmptySeconds * 1_000_000L * _jitter)
        {
            _control.RequestDrain("empty"); // not all servers of a fleet at the same moment
        }
    }
}
