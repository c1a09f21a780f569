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
    private readonly ulong _seed;
    private readonly bool _syncTest;
    private readonly float _deltaSeconds;
    private readonly int[] _slots;
    private readonly byte[] _before = new byte[Limits.ComponentBytesMax];
    private readonly byte[] _first = new byte[Limits.ComponentBytesMax];
    private Session _session = null!;
    private Tick _tick;
    private ViewStamp _stamp;
    private VerdictReason _reason;
    private byte _rayOrdinal;
    private int _spawnOrdinal;
    private int _eventOrdinal;
    private bool _despawn;
    private bool _isRepeat;

    public StepRunner(World world, SnapshotHistory history, RoomEvents events, RoomOptions options, RoomObserver observer)
    {
        _world = world;
        _events = events;
        _observer = observer;
        _seed = options.Seed;
        _syncTest = options.SyncTest;
        _deltaSeconds = 1f / options.TickRateHz;
        _slots = new int[world.Schema.SlotCount];
        _view = new RewoundView(world.Schema, history, Judged);
    }

    /// <summary>Rays judged since the start.</summary>
    public long Rays { get; private set; }

    public long RayHits { get; private set; }

    public long RaysAccepted { get; private set; }

    public long RaysClamped { get; private set; }

    public long RaysExtrapolated { get; private set; }

    public override View View => _view;

    public override Schema Schema => _world.Schema;

    public override CommandQueue[]? Commands => _isRepeat ? null : _world.Commands;

    /// <summary>Takes the player's input of the tick and steps all that he owns.</summary>
    public void Run(Session session, Tick tick)
    {
        _session = session;
        _tick = tick;
        _rayOrdinal = 0;
        _spawnOrdinal = _eventOrdinal = 0;
        bool received = session.Inputs.Take(tick, out Span<byte> input, out ViewStamp claimed);
        SetView(session, received, in claimed);
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

        _world.Spawn(kindIndex, ref component, _session.Player, (byte)_spawnOrdinal++);
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

    public override ReadOnlySpan<byte> Singleton(int kindIndex) => _world.ComponentBytes(_world.Schema.Kinds[kindIndex].FirstSlot);

    private void SetView(Session session, bool received, in ViewStamp claimed)
    {
        _reason = VerdictReason.Starved;
        if (!received)
        {
            _stamp = session.Policy.Continue(_tick);
        }
        else
        {
            SnapshotStream stream = session.Stream;
            float ackAge = stream.AckAge + (4 * stream.AckAgeDeviation) + Math.Clamp(session.MarginMean, 0, 12);
            ViewOutcome outcome = session.Policy.Judge(_tick, in claimed, stream.NewestAcked, ackAge, out _stamp);
            _reason = outcome == ViewOutcome.Clamped ? VerdictReason.Clamped : VerdictReason.Exact;
        }

        _view.Show(session.Stream, in _stamp);
        if (_reason == VerdictReason.Exact && (_view.IsExtrapolated || !session.Stream.IsKnownAt(_stamp.Tick)))
        {
            _reason = VerdictReason.Extrapolated;
        }
    }

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

        _despawn = false;
        kind.RunStep(ref component[0], ref input, in context);
        if (_syncTest)
        {
            Repeat(kind, component, ref input, in context, id);
        }

        if (_despawn)
        {
            _world.Despawn(id);
        }
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

        VerdictReason reason = _reason == VerdictReason.Exact && _view.LacksState ? VerdictReason.Extrapolated : _reason;
        _session.Stream.BriefEvents.Add(new ShotVerdict(_tick, _rayOrdinal++, target, reason));
        bool hit = !target.IsNone;
        bool clamped = _reason == VerdictReason.Clamped;
        Rays++;
        RayHits += hit ? 1 : 0;
        RaysClamped += clamped ? 1 : 0;
        RaysAccepted += clamped ? 0 : 1;
        RaysExtrapolated += _view.IsExtrapolated ? 1 : 0;
        _observer.RayJudged((_tick - _stamp.Tick) - (_stamp.Fraction / 256f), clamped, _view.IsExtrapolated, hit);
    }
}
