using System.Globalization;
using GameServer.Netcode.Messages;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Server;
using GameServer.Netcode.Transport;
using GameServer.Operations;

namespace GameServer.Hosting;

/// <summary>The thread that a room lives on: waits for each deadline, takes what has arrived, runs the tick, wakes the network threads.</summary>
/// <remarks>
/// It alone touches the room. The outside reaches it through <see cref="ServerControl"/>. Allocates per tick: no; joins, leaves and matches may.
/// </remarks>
public sealed class SimulationThread : IDisposable
{
    /// <summary>The network threads are told of a tick this long before it is due, which is what waking them takes.</summary>
    private const long AnnounceNanos = 30_000;

    /// <summary>How old the list of players may be.</summary>
    private const long PublishNanos = 1_000_000_000;

    private readonly Room _room;
    private readonly RoomTelemetry _observer;
    private readonly ServerTelemetry _telemetry;
    private readonly ServerControl _control;
    private readonly NetworkThread[] _network;
    private readonly CorePlacement _placement;
    private readonly MatchRounds _rounds;
    private readonly InboundLane[] _inbound;
    private readonly DropCounters[] _drops;
    private readonly TickPacer _pacer = new();
    private readonly TickSchedule _schedule;
    private readonly Thread _thread;
    private readonly ManualResetEventSlim _running = new();
    private readonly ManualResetEventSlim _ended = new();
    private readonly int _seats;
    private long _publishesNanos;
    private SchedStat? _account;
    private Counter _steadyAllocatedBytes;
    private Counter _overrunsBySystem;
    private long _clientTicks;
    private long _runDelayNanos;
    private long _matchesBeforeDrain;
    private long _matchesTold;

    /// <summary>Prepares the thread; nothing runs before <see cref="Start"/>.</summary>
    public SimulationThread(
        Room room, RoomTelemetry observer, RoomOptions options, InboundLane[] inbound, NetworkThread[] network,
        ServerTelemetry telemetry, ServerControl control, CorePlacement placement)
    {
        _room = room;
        _observer = observer;
        _inbound = inbound;
        _network = network;
        _telemetry = telemetry;
        _control = control;
        _placement = placement;
        _rounds = new MatchRounds(control, telemetry);
        _telemetry.Simulation.Drops = room.Drops;
        _telemetry.Simulation.Game = room.Counters;
        _drops = [room.Drops, .. telemetry.Network.Select(static n => n.Drops)];
        _schedule = new TickSchedule(options.TickRateHz);
        _seats = options.PlayersMax + options.SpectatorsMax;
        _thread = new Thread(Run) { Name = "simulation", IsBackground = true };
    }

    /// <summary>What ended the thread before its time, or null.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>The figures of the run; complete once the thread has ended.</summary>
    public RunFigures Figures => _observer.Figures;

    /// <summary>Sessions that were ended because more waited for their client than may; complete once the thread has ended.</summary>
    public long Overflows => _observer.Overflows;

    /// <summary>Bytes allocated by ticks without joins and leaves. Any thread may read.</summary>
    public long SteadyAllocatedBytes => _steadyAllocatedBytes.Value;

    /// <summary>Overruns during which the thread was kept from its processor. Any thread may read.</summary>
    public long OverrunsBySystem => _overrunsBySystem.Value;

    /// <summary>Duration of each tick in nanoseconds, of the run so far; any thread may read.</summary>
    public Histogram DurationNanos { get; } = new();

    /// <summary>Lateness of each tick in nanoseconds, of the run so far; any thread may read.</summary>
    public Histogram LatenessNanos { get; } = new();

    /// <summary>Begins to tick; returns once the match that was asked for has begun.</summary>
    public void Start()
    {
        _thread.Start();
        _running.Wait();
    }

    /// <summary>Waits for the end; false when it has not come in time.</summary>
    public bool WaitForEnd(TimeSpan patience) => _ended.Wait(patience);

    /// <summary>Releases what belongs to the thread, which has ended.</summary>
    public void Dispose()
    {
        _account?.Dispose();
        _running.Dispose();
        _ended.Dispose();
    }

    private void Run()
    {
        try
        {
            _placement.EnterSimulation();
            _account = new SchedStat();
            _observer.Figures.Begin(Totals());
            BeginWantedMatch();
            _running.Set();
            Loop();
            _rounds.End(_room.NextTick.Value);
            _observer.Figures.Close(Totals(), _drops);
            _room.Stop(LeaveReason.ServerStopped);
        }
        catch (Exception e)
        {
            // A game that throws has left its world in an unknown state: nothing more is run, the clients are told.
            Failure = e;
            _rounds.End(_room.NextTick.Value);
            TryStopRoom();
        }
        finally
        {
            _placement.Leave();
            _control.Ended();
            EndTickOfNetwork();
            _running.Set();
            _ended.Set();
        }
    }

    private void TryStopRoom()
    {
        try
        {
            _observer.Figures.Close(Totals(), _drops); // up to the tick that failed
            _room.Stop(LeaveReason.ServerFailed);
        }
        catch (Exception e)
        {
            Failure = new AggregateException(Failure!, e);
        }
    }

    private void Loop()
    {
        _schedule.Start(MonotonicClock.Nanos + 1_000_000);
        long comings = 0;
        Func<bool> prepare = () => _room.WarmUp() || _room.DrainOne(MonotonicClock.Micros);
        do
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            _room.NextDeadlineMicros = _schedule.NextDeadlineNanos / 1000;
            _pacer.WaitUntil(_schedule.NextDeadlineNanos - AnnounceNanos, prepare);
            foreach (NetworkThread network in _network)
            {
                network.BeginTick();
            }

            _pacer.WaitUntil(_schedule.NextDeadlineNanos);
            Tick();
            bool steady = comings == _observer.Comings;
            comings = _observer.Comings;
            _steadyAllocatedBytes.Add(steady ? GC.GetAllocatedBytesForCurrentThread() - before : 0);
        }
        while (!Obey());
    }

    private void Tick()
    {
        long beganNanos = MonotonicClock.Nanos;
        long delayNanos = _runDelayNanos;
        long leftBefore = _observer.PlayersLeft;
        int skipped = _schedule.Begin(beganNanos);
        if (skipped > 0)
        {
            _room.SkipTicks(skipped);
            _room.NextDeadlineMicros = (beganNanos - _schedule.LatenessNanos) / 1000;
            Tell(ServerEventKind.TicksSkipped, skipped, beganNanos, beganNanos);
        }

        uint tick = _room.NextTick.Value;
        _observer.Tick = tick;
        _telemetry.Simulation.InboundRingBytes.Set(InboundBytes());
        _observer.DrainBegins(beganNanos / 1000, _room.NextDeadlineMicros);
        _room.Drain(beganNanos / 1000);
        if (_observer.PlayersLeft != leftBefore && _observer.Figures.IsClosing)
        {
            _observer.Figures.Close(Totals(), _drops);
        }

        _observer.StepBegins();
        _room.Step();
        long stepped = MonotonicClock.Nanos;
        EndTickOfNetwork();
        long ended = MonotonicClock.Nanos;
        _observer.PhaseDone(TickPhase.Publish, ended - stepped);
        bool overran = _schedule.End(ended);
        _runDelayNanos = _account!.Read().DelayNanos;
        if (overran)
        {
            NoteOverrun(beganNanos, ended, _runDelayNanos - delayNanos);
        }

        Count(ended - beganNanos, _runDelayNanos - delayNanos, overran);
        _control.TickAdvanced(tick, ServerControl.NowMicros());
    }

    private void Count(long durationNanos, long delayNanos, bool overran)
    {
        SimulationTelemetry simulation = _telemetry.Simulation;
        simulation.Ticks.Add();
        simulation.Overruns.Add(overran ? 1 : 0);
        simulation.SkippedTicks.Set(_schedule.SkippedTicks);
        simulation.TickDuration.Record(durationNanos / 1000);
        simulation.Lateness.Record(_schedule.LatenessNanos / 1000);
        simulation.Players.Set(_room.World.Players.Count);
        simulation.Spectators.Set(_observer.Clients - _room.World.Players.Count);
        simulation.Entities.Set(_room.World.EntityCount);
        simulation.EntitiesSent.Set(_room.EntitiesSent);
        simulation.EntitiesDeferred.Set(_room.EntitiesDeferred);
        simulation.OwnedDeferred.Set(_room.OwnedDeferred);
        simulation.ShotsFired.Set(_room.ShotsFired);
        simulation.ShotsHit.Set(_room.ShotsHit);
        simulation.SetRewinds(_room.Rewinds);
        InputTotals inputs = _room.Inputs;
        simulation.InputsExecuted.Set(inputs.Executed);
        simulation.InputsStarved.Set(inputs.Starved);
        simulation.InputsLate.Set(inputs.Late);
        simulation.InputsDuplicate.Set(inputs.Duplicate);
        DurationNanos.Record(durationNanos);
        LatenessNanos.Record(_schedule.LatenessNanos);
        _clientTicks += _observer.Clients;
        RunFigures figures = _observer.Figures;
        figures.Tick(durationNanos, _schedule.LatenessNanos, delayNanos, _room.World.Players.Count);
        if (figures.IsOpening(MonotonicClock.Nanos))
        {
            figures.Open(Totals(), _drops);
        }

        // By the clock, not by the number of the tick: a server that skips ticks would miss the numbers.
        long nowNanos = MonotonicClock.Nanos;
        if (nowNanos >= _publishesNanos)
        {
            _publishesNanos = nowNanos + PublishNanos;
            PublishSlowly();
            if (!_rounds.IsOpen && _room.World.Players.Count > 0 && _control.Drain == DrainState.Running)
            {
                _rounds.BeginNext(_room.NextTick.Value);
            }
        }
    }

    private void PublishSlowly()
    {
        _observer.PublishPlayers(_room, _control.Players);
        long backlog = 0;
        for (int seat = 0; seat < _seats; seat++)
        {
            backlog += _room.TryGetPlayer(seat, out Netcode.Server.PlayerStatus status) ? status.EventBacklog : 0;
        }

        _telemetry.Simulation.EventBacklog.Set(backlog);
    }

    /// <summary>Does what was asked for from outside; true when the room is to end.</summary>
    private bool Obey()
    {
        while (_control.TryTakeKick(out KickRequest kick))
        {
            _room.Kick(_observer.SeatOf(kick.PlayerId), LeaveReason.Kicked, kick.Reason);
        }

        TellEndedMatches(); // before another one begins in its place
        BeginWantedMatch();
        if (_control.Drain != DrainState.Running && !_room.IsDraining)
        {
            long left = Math.Clamp((_control.DrainDeadlineMicros - ServerControl.NowMicros()) / 1_000_000, 0, 86_400);
            _matchesBeforeDrain = _room.MatchesEnded;
            _room.BeginDraining((int)left);
            Notify(_control.DrainNotice.Replace("{seconds}", left.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal));
        }

        while (_control.TryTakeNotice(out string? notice))
        {
            Notify(notice);
        }

        bool matchOver = _room.World.Players.Count <= _control.OwnBots.Playing || _room.MatchesEnded > _matchesBeforeDrain;
        return _control.ShouldEnd(matchOver, ServerControl.NowMicros());
    }

    private void Notify(string text)
    {
        if (text.Length > 0)
        {
            _room.Notify(text);
        }
    }

    private void BeginWantedMatch()
    {
        while (_control.TryTakeMatch(out MatchRequest? match))
        {
            _room.BeginMatch(match!.Parameters);
            _rounds.Begin(match, _room.NextTick.Value);
        }
    }

    private void TellEndedMatches()
    {
        if (_matchesTold != _room.MatchesEnded)
        {
            _matchesTold = _room.MatchesEnded;
            _rounds.End(_room.NextTick.Value);
        }
    }

    private void NoteOverrun(long beganNanos, long endedNanos, long delayNanos)
    {
        // Late from the start, or kept from its processor in the middle: without that time it would have ended before the next deadline.
        long lostNanos = delayNanos + Math.Max(0, _schedule.LatenessNanos);
        bool bySystem = lostNanos > RunFigures.DisturbedNanos && endedNanos - lostNanos <= _schedule.NextDeadlineNanos;
        _overrunsBySystem.Add(bySystem ? 1 : 0);
        Tell(ServerEventKind.Overrun, 1, beganNanos, endedNanos, _schedule.LatenessNanos, delayNanos);
    }

    private void Tell(ServerEventKind kind, int count, long startNanos, long endNanos, long lateNanos = 0, long waitNanos = 0)
    {
        long offset = ServerControl.NowMicros() - MonotonicClock.Micros;
        _telemetry.Events.TryAdd(new ServerEvent
        {
            Kind = kind,
            Tick = _observer.Tick,
            PlayerId = -1,
            Count = count,
            StartMicros = (startNanos / 1000) + offset,
            EndMicros = (endNanos / 1000) + offset,
            LateMicros = lateNanos / 1000,
            WaitMicros = waitNanos / 1000,
            Phases = _observer.Phases,
        });
    }

    private RunTotals Totals()
    {
        var totals = new RunTotals
        {
            Nanos = MonotonicClock.Nanos,
            Ticks = _telemetry.Simulation.Ticks.Value,
            Overruns = _schedule.Overruns,
            OverrunsBySystem = OverrunsBySystem,
            SkippedTicks = _schedule.SkippedTicks,
            ClientTicks = _clientTicks,
            SimulationBytes = SteadyAllocatedBytes,
            ProcessBytes = GC.GetTotalAllocatedBytes(precise: false),
            RunDelayNanos = _runDelayNanos,
            Gen0 = GC.CollectionCount(0),
            Gen1 = GC.CollectionCount(1),
            Gen2 = GC.CollectionCount(2),
            Inputs = _room.Inputs,
            Rewinds = _room.Rewinds,
            ShotsFired = _room.ShotsFired,
            ShotsHit = _room.ShotsHit,
        };
        for (int i = 0; i < _network.Length; i++)
        {
            totals.NetworkBytes += _network[i].SteadyAllocatedBytes;
            totals.BytesIn += _telemetry.Network[i].BytesIn.Value;
            totals.BytesOut += _telemetry.Network[i].BytesOut.Value;
        }

        return totals;
    }

    private int InboundBytes()
    {
        int bytes = 0;
        foreach (InboundLane lane in _inbound)
        {
            bytes += lane.Ring.UsedBytes;
        }

        return bytes;
    }

    private void EndTickOfNetwork()
    {
        foreach (NetworkThread network in _network)
        {
            network.EndTick();
        }
    }
}
