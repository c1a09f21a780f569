using GameServer.Netcode.Game;
using GameServer.Netcode.Inputs;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Rewind;
using GameServer.Netcode.Snapshots;

namespace GameServer.Netcode.Server;

/// <summary>Runs the steps of all players' entities for one tick, each in the world that its player saw.</summary>
/// <remarks>Owner: simulation thread. Allocates: no.</remarks>
internal sealed class StepRunner : StepScope
{
    private readonly World _world;
    private readonly RoomEvents _events;
    private readonly RoomObserver _observer;
    private readonly RewoundView _view;
    private readonly PublicSingletons _singletons;
    private readonly RewindCap _cap;
    private readonly long[] _raysBy = new long[(int)ViewOutcome.Held + 1];
    private readonly int _tickRateHz;
    private readonly int _lateTicks;
    private readonly ulong _seed;
    private readonly bool _syncTest;
    private readonly float _deltaSeconds;
    private readonly int[] _slots;
    private readonly byte[] _before = new byte[Limits.ComponentBytesMax];
    private readonly byte[] _first = new byte[Limits.ComponentBytesMax];
    private Session _session = null!;
    private Tick _tick;
    private ViewStamp _stamp;
    private Tick _claimedNewest;
    private Tick _judgesAcksFrom;
    private bool _hasSkipped;
    private ViewOutcome _outcome;
    private VerdictReason _reason;
    private int _rayOrdinal;
    private int _spawnOrdinal;
    private int _eventOrdinal;
    private bool _despawn;
    private bool _isRepeat;
    private bool _readUnknown;

    public StepRunner(World world, SnapshotHistory history, RoomEvents events, RoomOptions options, ulong seed, RoomObserver observer)
    {
        _world = world;
        _events = events;
        _observer = observer;
        _seed = seed;
        _syncTest = options.SyncTest;
        _deltaSeconds = 1f / options.TickRateHz;
        _slots = new int[world.Schema.SlotCount];
        _view = new RewoundView(world.Schema, history, Judged);
        _singletons = new PublicSingletons(world);
        _cap = options.RewindCap;
        _tickRateHz = options.TickRateHz;
        _lateTicks = options.TickRateHz * Limits.LateSeconds;
    }

    /// <summary>Rays judged since the start.</summary>
    public long Rays { get; private set; }

    public long RayHits { get; private set; }

    public long RaysAccepted => _raysBy[(int)ViewOutcome.Accepted];

    public long RaysClamped => Rays - RaysAccepted;

    public long RaysExtrapolated { get; private set; }

    /// <summary>Rays that were not held against somebody on screen who had been behind cover for too long.</summary>
    public long RaysHidden { get; private set; }

    public override View View => _view;

    public override Schema Schema => _world.Schema;

    public override CommandQueue[]? Commands => _isRepeat ? null : _world.Commands;

    /// <summary>What became of the rays' views.</summary>
    public RewindTotals Rewinds => new(
        RaysAccepted, _raysBy[(int)ViewOutcome.Age], _raysBy[(int)ViewOutcome.Speed], _raysBy[(int)ViewOutcome.Estimate],
        _raysBy[(int)ViewOutcome.Held], RaysExtrapolated, RaysHidden);

    /// <summary>Ticks were left out: acknowledgements look old for as long as a round trip takes, and nobody is to blame.</summary>
    public void TicksSkipped(Tick next)
    {
        _hasSkipped = true;
        _judgesAcksFrom = next + _tickRateHz;
    }

    /// <summary>Makes ready for the steps of a tick.</summary>
    public void Begin(Tick tick)
    {
        _singletons.Begin(tick);
        _hasSkipped &= tick < _judgesAcksFrom;
    }

    /// <summary>Takes the player's input of the tick and steps all that he owns.</summary>
    public void Run(Session session, Tick tick)
    {
        _session = session;
        _tick = tick;
        _rayOrdinal = 0;
        _spawnOrdinal = _eventOrdinal = 0;
        bool received = session.Inputs.Take(tick, out Span<byte> input, out ViewStamp claimed);
        if (!received && session.BeginsToBeLate(_lateTicks))
        {
            // What records carry ends at a second; the client's own report does not.
            double roundTripMillis = Math.Max(session.RoundTripTicks * 1000.0 / _tickRateHz, session.Report.RoundTripMillis);
            _observer.InputsTooLate(session.Player, roundTripMillis, _cap.FollowedMillis);
        }

        SetView(session, received, in claimed);
        _reason = session.Inputs.HasRidden && _reason == VerdictReason.Exact ? VerdictReason.Starved : _reason; // of a press that the client placed in another tick
        List<int> owned = _world.OwnedSlots(session.Player);
        int count = owned.Count;
        owned.CopyTo(_slots);
        for (int i = 0; i < count; i++)
        {
            int slot = _slots[i];
            if (_world.Meta(slot).IsAlive && _world.Meta(slot).SpawnTick != tick && _world.Schema.KindOfSlot(slot).HasStep)
            {
                Step(slot, ref input[0]);
            }
        }
    }

    public override DeterministicRandom Random(Tick tick, PlayerId owner) => DeterministicRandom.From(_seed, tick.Value, (ulong)owner.Index);

    public override void Spawn(int kindIndex, ref byte component)
    {
        if (_isRepeat)
        {
            return;
        }

        if (_spawnOrdinal == Limits.SpawnsPerTickMax)
        {
            _world.Counters.Add(GameCount.PredictedSpawnRefused, kindIndex); // the client stops at the same one
            return;
        }

        EntityId id = _world.Spawn(kindIndex, ref component, _session.Player, (byte)_spawnOrdinal++);
        if (_readUnknown && !id.IsNone)
        {
            MarkExternal(id.Slot);
        }
    }

    public override void Emit(int eventIndex, ref byte value)
    {
        if (_isRepeat)
        {
            return;
        }

        if (_eventOrdinal == Limits.EventsPerTickMax)
        {
            _world.Counters.Add(GameCount.EventRefused, eventIndex);
            return;
        }

        _events.Add(eventIndex, ref value, _tick, _session.Player, (byte)_eventOrdinal++);
    }

    public override void DespawnSelf() => _despawn = true;

    public override ReadOnlySpan<byte> Singleton(int kindIndex)
    {
        // The client predicted with what it had: where that was not yet this value, a difference is none of its own making.
        ref EntityTrack track = ref _session.Stream.Track(_world.Schema.Kinds[kindIndex].FirstSlot);
        bool isKnown = track.TryFindAround(_claimedNewest, _claimedNewest, out Tick had, out _, out _) && had >= _singletons.ReadFrom(kindIndex);
        _readUnknown |= !isKnown;
        return _singletons.Read(kindIndex);
    }

    private void SetView(Session session, bool received, in ViewStamp claimed)
    {
        SnapshotStream stream = session.Stream;
        float roundTrip = session.RoundTripTicks;
        int capParts = session.CapParts(in _cap);
        int usualParts = RewindCap.UsualPartsFor(roundTrip, capParts);
        _claimedNewest = claimed.Newest;
        _outcome = ViewOutcome.Accepted;
        _reason = VerdictReason.Starved;
        if (received)
        {
            float ackAge = stream.AckAge + (4 * stream.AckAgeDeviation) + Math.Clamp(session.MarginMean, 0, 12);
            _outcome = session.Policy.Judge(_tick, in claimed, stream.NewestAcked, ackAge, capParts, usualParts, out _stamp);
            if (stream.HasAcked && !_hasSkipped)
            {
                session.Acks.InputExecuted(_tick - stream.NewestAcked, roundTrip > 0 ? roundTrip : stream.AckAgeMin);
            }

            _outcome = session.Acks.IsHeld ? ViewOutcome.Held : _outcome;
            _reason = _outcome == ViewOutcome.Accepted ? VerdictReason.Exact : VerdictReason.Clamped;
        }

        // Nobody looked at anything for an input that was made up: its rays meet the world as it is.
        if (!received || session.Acks.IsHeld)
        {
            _stamp = new ViewStamp(_tick, 0, _tick);
            _view.ShowPresent(stream, _tick);
        }
        else
        {
            _view.Show(stream, in _stamp, RewindCap.OldestState(_tick, _outcome == ViewOutcome.Age ? usualParts : capParts), GraceTicks(roundTrip));
        }

        if (_reason == VerdictReason.Exact && (_view.IsExtrapolated || !stream.IsKnownAt(_stamp.Tick)))
        {
            _reason = VerdictReason.Extrapolated;
        }
    }

    // The round trip is the shooter's: nobody can do anything about it. What its clocks add to that is not.
    private int GraceTicks(float roundTripTicks) =>
        Math.Max(((_world.Schema.SightGraceMillis * _tickRateHz) + 500) / 1000, (int)(roundTripTicks + 0.5f));

    private void Step(int slot, ref byte input)
    {
        EntityId id = _world.IdOf(slot);
        var context = new StepContext(this, _tick, _deltaSeconds, id, _session.Player);
        KindSchema kind = _world.Schema.KindOfSlot(slot);
        Span<byte> component = _world.ComponentBytes(slot);
        if (_syncTest)
        {
            component.CopyTo(_before);
        }

        _despawn = _readUnknown = false;
        kind.RunStep(ref component[0], ref input, in context);
        if (_readUnknown)
        {
            MarkExternal(slot);
        }

        if (_syncTest)
        {
            Repeat(kind, component, ref input, in context, id);
        }

        if (_despawn)
        {
            _world.Despawn(id);
        }
    }

    private void MarkExternal(int slot)
    {
        ref World.EntityMeta meta = ref _world.Meta(slot);
        meta.HasExternal = true;
        meta.ExternalTick = _tick;
    }

    private void Repeat(KindSchema kind, Span<byte> component, ref byte input, in StepContext context, EntityId id)
    {
        component.CopyTo(_first);
        bool despawn = _despawn;
        _before.AsSpan(0, component.Length).CopyTo(component);
        _isRepeat = true;
        _despawn = false;
        kind.RunStep(ref component[0], ref input, in context);
        _isRepeat = false;
        if (!component.SequenceEqual(_first.AsSpan(0, component.Length)) || despawn != _despawn)
        {
            _observer.StepDiverged(id, _tick);
        }
    }

    private void Judged(EntityId target)
    {
        if (_isRepeat)
        {
            return;
        }

        ViewOutcome outcome = _outcome == ViewOutcome.Accepted && _view.IsFreshened ? ViewOutcome.Age : _outcome;
        VerdictReason reason = _reason != VerdictReason.Exact && _reason != VerdictReason.Extrapolated ? _reason
            : _view.HidesTarget ? VerdictReason.Hidden
            : outcome != ViewOutcome.Accepted ? VerdictReason.Clamped
            : _view.LacksState ? VerdictReason.Extrapolated
            : _reason;
        if (_rayOrdinal < Limits.RaysComparedPerTick)
        {
            _session.Stream.BriefEvents.Add(new ShotVerdict(_tick, (byte)_rayOrdinal++, target, reason)); // the client compares no more
        }

        Rays++;
        RayHits += target.IsNone ? 0 : 1;
        _raysBy[(int)outcome]++;
        RaysExtrapolated += _view.IsExtrapolated ? 1 : 0;
        RaysHidden += _view.HidesTarget ? 1 : 0;
        float rewind = (_tick - _stamp.Tick) - (_stamp.Fraction / 256f);
        Tick stateTick = target.IsNone ? _tick : _view.StateTick;
        _observer.RayJudged(new RayVerdict(_session.Player, target, _tick, rewind, stateTick, outcome, _view.IsExtrapolated));
    }
}
