using GameServer.Netcode.Game;
using GameServer.Netcode.Messages;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Snapshots;
using GameServer.Netcode.Transport;

namespace GameServer.Netcode.Server;

/// <summary>One match on one thread: eats inbound records, runs ticks, writes snapshots.</summary>
/// <remarks>
/// Sans-IO: <see cref="Drain"/> takes records from the lanes, <see cref="Step"/> runs the next tick and puts its snapshots into the rings.
/// The state is a pure function of its options and the sequence of ticks, records, matches and skips. Owner: simulation thread. Allocates: at start,
/// joins and leaves.
/// </remarks>
public sealed class Room : IEventSink
{
    private readonly GameRules _rules;
    private readonly RoomOptions _options;
    private readonly RoomObserver _observer;
    private readonly World _world;
    private readonly SnapshotSource _source;
    private readonly DelayedMatch? _delayed;
    private readonly SnapshotSender _sender;
    private readonly SnapshotHistory _history;
    private readonly InterestGrid _grid;
    private readonly RoomEvents _events;
    private readonly SnapshotWriter _writer;
    private readonly StepRunner _steps;
    private readonly SessionTable _sessions;
    private readonly Outbox _outbox;
    private readonly InboundDrain _drain;
    private readonly OutsideChanges _outside;
    private readonly float _deltaSeconds;
    private long _eventsTold;
    private long _briefEventsTold;
    private byte _ruleEventOrdinal;
    private bool _hasSkipped;
    private bool _isMatchNew;
    private int _warmed;
    private int _warmth;

    private Room(GameRules rules, RoomOptions options, InboundLane[] inbound, SpscRing[] outbound, RoomObserver? observer)
    {
        Argument.Given(options, nameof(options), "give the settings of the room").Check();
        Argument.Given(inbound, nameof(inbound), "give a lane for each network thread");
        Argument.Given(outbound, nameof(outbound), "give a ring for each network thread");
        if (inbound.Length != options.NetworkThreads || outbound.Length != options.NetworkThreads)
        {
            throw new ArgumentException(
                $"{options.NetworkThreads} lanes in and rings out are needed, as network threads; there are {inbound.Length} and {outbound.Length}", nameof(inbound));
        }

        Array.ForEach(inbound, lane => Argument.Given(lane, nameof(inbound), "a lane for each network thread").Require(options.PeersPerThread));
        Array.ForEach(outbound, ring => Argument.Given(ring, nameof(outbound), "a ring for each network thread"));
        SnapshotSizes.Check(rules.Schema, options.BudgetBytes);
        if (options.SyncTest)
        {
            StepCode.Check(rules.Schema);
        }

        _rules = rules;
        _options = options;
        _observer = observer ?? new RoomObserver();
        _deltaSeconds = 1f / options.TickRateHz;
        PeriodMicros = 1_000_000.0 / options.TickRateHz;
        var seeds = RoomSeeds.Of(options);
        StepSeed = seeds.Steps;
        _world = new World(rules.Schema, options.PlayersMax + options.SpectatorsMax, seeds.Rules, seeds.Secret) { Tick = new Tick(options.FirstTick) };
        _events = new RoomEvents(rules.Schema, _world.Counters, options.TickRateHz, options.IdleTimeoutMillis);
        _source = new SnapshotSource(_world, _events);
        _history = _source.History;
        _grid = _source.Grid;
        _writer = _source.Writer;
        _delayed = options.SpectatorDelayMillis > 0 && options.SpectatorsMax > 0 ? new DelayedMatch(_source, options) : null;
        _steps = new StepRunner(_world, _history, _events, options, seeds.Steps, _observer);
        _sessions = new SessionTable(_world, options);
        _outbox = new Outbox(outbound, Drops);
        _sender = new SnapshotSender(_outbox, options, _observer);
        _drain = new InboundDrain(this, inbound, _sessions, _outbox, rules, options, _observer);
        _outside = new OutsideChanges(_world, _sessions);
        NextTick = new Tick(options.FirstTick);
        _world.NextRuleOrdinal = 0;
        _rules.Start(Context(NextTick));
        NextTick += 1;
    }

    /// <summary>Makes a room for a game.</summary>
    /// <param name="game">The game.</param>
    /// <param name="options">Settings.</param>
    /// <param name="inbound">Per network thread: records from clients.</param>
    /// <param name="outbound">Per network thread: records to clients.</param>
    /// <param name="observer">Is told what happens.</param>
    /// <exception cref="ArgumentException">The game or the options are wrong; the message says what.</exception>
    public static Room Create<TInput>(
        Game<TInput> game, RoomOptions options, InboundLane[] inbound, SpscRing[] outbound, RoomObserver? observer = null)
        where TInput : unmanaged => new(new GameRules<TInput>(game), options, inbound, outbound, observer);

    /// <summary>All state of the game.</summary>
    public World World => _world;

    /// <summary>The tick that <see cref="Step"/> runs next.</summary>
    public Tick NextTick { get; private set; }

    /// <summary>When that tick is due, in microseconds of the host's clock; set by the host, inputs are measured against it.</summary>
    public long NextDeadlineMicros { get; set; }

    /// <summary>Length of a tick in microseconds.</summary>
    public double PeriodMicros { get; }

    /// <summary>What was dropped, by reason.</summary>
    public DropCounters Drops { get; } = new();

    /// <summary>Rays that steps have cast.</summary>
    public long ShotsFired => _steps.Rays;

    /// <summary>Rays that hit.</summary>
    public long ShotsHit => _steps.RayHits;

    /// <summary>What became of the views of those rays, the clamped ones by reason.</summary>
    public RewindTotals Rewinds => _steps.Rewinds;

    /// <summary>Records of entities written into snapshots.</summary>
    public long EntitiesSent => _writer.EntitiesSent;

    /// <summary>Records that had to wait for a later tick.</summary>
    public long EntitiesDeferred => _writer.EntitiesDeferred;

    /// <summary>What did not fit or was out of range, by what the game declared.</summary>
    public GameCounters Counters => _world.Counters;

    /// <summary>Records of players' own entities that had to wait for a later tick.</summary>
    public long OwnedDeferred => _writer.OwnedDeferred;

    /// <summary>Hash of the state; equal in equal rooms.</summary>
    public ulong StateHash => _world.Hash();

    /// <summary>True once new joins are refused.</summary>
    public bool IsDraining { get; private set; }

    /// <summary>Matches that the game has ended.</summary>
    public long MatchesEnded => _world.MatchesEnded;

    /// <summary>Seed of the chance in steps; the only one that clients are told.</summary>
    internal ulong StepSeed { get; }

    internal SessionTable Sessions => _sessions;

    internal SnapshotHistory History => _history;

    /// <summary>The match for spectators that see it late; none: all see it live.</summary>
    internal DelayedMatch? Delayed => _delayed;

    /// <summary>The log of reliable events.</summary>
    internal EventLog Log => _events.Reliable;

    /// <summary>Sums of the inputs of all sessions, those that have ended included.</summary>
    public InputTotals Inputs => _sessions.InputTotals();

    /// <summary>How one seat is doing.</summary>
    public bool TryGetPlayer(int seat, out PlayerStatus status) => _sessions.TryGetStatus(seat, out status);

    /// <summary>A player's score, by the game.</summary>
    /// <exception cref="ArgumentException">The room has no such seat.</exception>
    public int ScoreOf(PlayerId player)
    {
        _world.Players.CheckSeat(player, nameof(player));
        return _rules.ScoreOf(_world, player);
    }

    /// <summary>Takes all records that have arrived.</summary>
    public void Drain(long nowMicros)
    {
        long start = Now();
        _world.Tick = NextTick;
        _drain.Run(nowMicros);
        Done(RoomPhase.Drain, start);
    }

    /// <summary>Takes one record that has arrived, ahead of <see cref="Drain"/>; false when there is none, or only such as take long.</summary>
    /// <remarks>For a thread that waits for the tick: what it takes now, the tick need not. Which tick takes it stays the same.</remarks>
    public bool DrainOne(long nowMicros)
    {
        _world.Tick = NextTick;
        return _drain.TryTakeOne(nowMicros);
    }

    /// <summary>Brings a little of what the next tick needs into the processor's caches; false when there is no more to bring.</summary>
    /// <remarks>For a thread that would only spin until the tick is due: whatever ran on its core since the last tick has evicted much of the room. Changes nothing.</remarks>
    public bool WarmUp()
    {
        if (_warmed > _sessions.Joined.Count + 1)
        {
            return false;
        }

        Tick frame = NextTick - 1;
        _warmth += _warmed switch
        {
            0 => _history.Touch(frame),
            1 => _history.Touch(NextTick),
            _ => _sessions.Joined[_warmed - 2].Touch(NextTick, _history),
        };
        _warmed++;
        return true;
    }

    /// <summary>Leaves out ticks that cannot be caught up; the next one is announced as a jump.</summary>
    /// <exception cref="ArgumentException">The number of ticks is negative: time does not go back.</exception>
    public void SkipTicks(int count)
    {
        Argument.InRange(count, 0, int.MaxValue, nameof(count), "a number of ticks of ");
        _hasSkipped |= count > 0;
        NextTick += count;
        _steps.TicksSkipped(NextTick);
    }

    /// <summary>Runs the next tick and puts its snapshots into the rings.</summary>
    public void Step()
    {
        Tick tick = NextTick;
        _world.Tick = tick;
        _world.NextRuleOrdinal = 0;
        _ruleEventOrdinal = 0;
        long start = Now();
        _outside.End(tick, isAll: false);
        _steps.Begin(tick);
        foreach (Session session in _sessions.Joined)
        {
            if (!session.IsSpectator)
            {
                _steps.Run(session, tick);
            }
        }

        start = Done(RoomPhase.Step, start);
        RunRules(tick);
        start = Done(RoomPhase.Rules, start);
        _history.Capture(tick);
        start = Done(RoomPhase.Capture, start);
        _grid.Rebuild();
        TellEvents(_events.Reliable, ref _eventsTold);
        TellEvents(_events.Brief, ref _briefEventsTold);
        if (_events.TryFindExcess(tick, out EventSchema excess, out long perSecond, out double silence))
        {
            _observer.EventsTooMany(excess.Name, excess.IsReliable, perSecond, silence);
        }

        _delayed?.Advance(tick, _sessions, _drain);
        _outbox.BeginTick();
        foreach (Session session in _sessions.Joined)
        {
            Send(session, tick);
        }

        _world.OwnerChanged.Clear();
        _drain.EndTick();
        _outbox.EndTick();
        _warmed = 0;
        Done(RoomPhase.Encode, start);
        NextTick = tick + 1;
    }

    /// <summary>Hands the game the parameters of a match that is to begin with the next tick; between two steps.</summary>
    public void BeginMatch(IReadOnlyDictionary<string, string> parameters)
    {
        Argument.Given(parameters, nameof(parameters), "give the parameters of the match, none as an empty dictionary");
        _rules.BeginMatch(Context(_world.Tick), parameters);
        _isMatchNew = true;
    }

    /// <summary>Refuses new joins from here on and tells everybody that the server stops in <paramref name="seconds"/>, 0 to 86,400.</summary>
    /// <exception cref="ArgumentException">The seconds are out of their range.</exception>
    public void BeginDraining(int seconds)
    {
        Argument.InRange(seconds, 0, Limits.DrainingSecondsMax, nameof(seconds), "a number of seconds of ");
        IsDraining = true;
        Span<byte> message = stackalloc byte[16];
        int size = ControlMessage.WriteDraining(message, seconds);
        foreach (Session session in _sessions.Joined)
        {
            _drain.Send(session, message[..size]);
        }
    }

    /// <summary>Sends everybody a line from whoever runs the server, live to those who watch late, too.</summary>
    /// <exception cref="ArgumentException">It is empty, or longer than <see cref="Limits.NoticeCharsMax"/>.</exception>
    public void Notify(string text)
    {
        Argument.Given(text, nameof(text), "give the notice");
        if (text.Length is 0 or > Limits.NoticeCharsMax)
        {
            throw new ArgumentException($"the notice has {text.Length} characters; allowed: at least 1, at most {Limits.NoticeCharsMax}", nameof(text));
        }

        Span<byte> message = stackalloc byte[NoticeMessage.BytesMax];
        int size = NoticeMessage.Write(message, text.AsSpan());
        foreach (Session session in _sessions.Joined)
        {
            _drain.Send(session, message[..size]);
        }
    }

    /// <summary>Ends every session.</summary>
    /// <exception cref="ArgumentException">The reason is not one of <see cref="LeaveReason"/>.</exception>
    public void Stop(LeaveReason reason)
    {
        Argument.Defined(reason, nameof(reason));
        IsDraining = true;
        _drain.EndAll(reason);
    }

    /// <summary>Ends one session; false when the seat is free.</summary>
    /// <param name="seat">Whose.</param>
    /// <param name="reason">Why.</param>
    /// <param name="text">A sentence for the player; empty: the one of the reason. What is beyond <see cref="Limits.ReasonCharsMax"/> characters is left out.</param>
    /// <exception cref="ArgumentException">The reason is not one of <see cref="LeaveReason"/>, or the text is null.</exception>
    public bool Kick(int seat, LeaveReason reason, string text = "")
    {
        Argument.Defined(reason, nameof(reason));
        return _drain.EndSeat(seat, reason, Argument.Given(text, nameof(text), "give the sentence, or an empty one"));
    }

    void IEventSink.Emit(int eventIndex, ref byte value) => _events.Add(eventIndex, ref value, _world.Tick, PlayerId.None, _ruleEventOrdinal++);

    /// <summary>The game is about to be called between two ticks: what it changes is none of the players' own doing.</summary>
    internal void BeginHook() => _outside.Begin();

    internal TickContext Context(Tick tick) => new(_world, this, tick, _deltaSeconds);

    private void RunRules(Tick tick)
    {
        _outside.Begin();
        _rules.Tick(Context(tick));
        _world.ClearCommands();
        _outside.End(tick, isAll: _hasSkipped || _isMatchNew);
        _hasSkipped = false;
        _isMatchNew = false;
    }

    private void TellEvents(EventLog log, ref long told)
    {
        float reach = _world.Schema.InterestLeave;
        for (; told < log.End; told++)
        {
            if (!log.Holds(told))
            {
                continue; // more in one tick than the log holds: of reliable ones that ends the sessions, by the backlog that they cannot hold either
            }

            ref readonly EventLog.Entry entry = ref log[told];
            Tick until = _events.Until(in entry);
            foreach (Session session in _sessions.Joined)
            {
                if (session.DelayTicks > 0)
                {
                    continue;
                }

                bool near = !entry.HasPosition || !_grid.IsBounded || session.IsSpectator || entry.Owner == session.Player;
                if (!near && _world.Players.TryGetViewPoint(session.Player, _world, out System.Numerics.Vector3 point))
                {
                    System.Numerics.Vector3 away = entry.Position - point;
                    near = (away.X * away.X) + (away.Y * away.Y) + (away.Z * away.Z) <= reach * reach;
                }

                if (near)
                {
                    (log == _events.Reliable ? session.Stream.Events : session.Stream.BriefEvents).Add(told, entry.EventIndex, until);
                }
            }
        }
    }

    private void Send(Session session, Tick tick)
    {
        _outbox.FlushBacklog(session);
        if (session.DelayTicks == 0)
        {
            _sender.Send(session, tick, _source);
        }
        else if (_delayed!.HasBegun)
        {
            _sender.Send(session, tick - session.DelayTicks, _delayed.Source);
        }
    }

    private long Now() => _options.NanosClock?.Invoke() ?? 0;

    private long Done(RoomPhase phase, long start)
    {
        long now = Now();
        if (_options.NanosClock is not null)
        {
            _observer.PhaseDone(phase, now - start);
        }

        return now;
    }
}
