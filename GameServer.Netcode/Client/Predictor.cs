using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using GameServer.Netcode.Game;
using GameServer.Netcode.Inputs;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Snapshots;

namespace GameServer.Netcode.Client;

/// <summary>Runs the client's own entities ahead of the server, and returns to the server's state where they differ.</summary>
/// <remarks>
/// Every difference in the owned bits is adopted and the inputs since are replayed; it counts as a correction only when it is larger than
/// one quantum of a seen field. Owner: the client's thread. Allocates: at start, and when it owns more than ever before.
/// </remarks>
internal sealed class Predictor : StepScope
{
    /// <summary>A predicted spawn that the server has not told of by then, though its snapshots never told all, was refused.</summary>
    private const int ConfirmTicksMax = Limits.HistoryTicks / 2;

    private const float SnapUnits = 4;

    private readonly Schema _schema;
    private readonly ReadOnlyMemory<EntityReplica> _replicas;
    private readonly List<EntityReplica> _owned;
    private readonly InputHistory _history;
    private readonly EventInbox _inbox;
    private readonly ScreenView _view;
    private readonly ShotClaims _claims;
    private readonly ClientStats _stats;
    private readonly ClientOptions _options;
    private readonly PredictedEntities _entities;
    private readonly byte[] _singleton = new byte[Limits.ComponentBytesMax];
    private readonly Mispredictions _mispredictions;
    private PlayerId _player;
    private ulong _seed;
    private float _deltaSeconds;
    private Tick _stepping;
    private Tick _compared;
    private bool _hasCompared;
    private Tick _disturbedUntil;
    private bool _isDisturbed;
    private int _historyTicks;
    private ReplayAllowance _allowance;
    private int _spawnOrdinal;
    private int _eventOrdinal;
    private bool _despawn;

    public Predictor(Schema schema, ReadOnlyMemory<EntityReplica> replicas, List<EntityReplica> owned, InputHistory history, EventInbox inbox, ScreenView view, ShotClaims claims, ClientStats stats, ClientOptions options)
    {
        _schema = schema;
        _replicas = replicas;
        _owned = owned;
        _history = history;
        _inbox = inbox;
        _view = view;
        _claims = claims;
        _stats = stats;
        _options = options;
        _allowance = new ReplayAllowance(options.ReplayTicksMax);
        _entities = new PredictedEntities(schema.ComponentBytesMax, replicas.Length);
        _mispredictions = new Mispredictions(stats, owned);
    }

    /// <summary>The client's own entities, in the order in which they step.</summary>
    public List<PredictedEntity> Entities => _entities.All;

    /// <summary>The newest predicted tick.</summary>
    public Tick Current { get; private set; }

    public override View View => _view;

    public override Schema Schema => _schema;

    public override CommandQueue[]? Commands => null;

    public void Start(PlayerId player, ulong seed, int tickRateHz, Tick tick, int historyTicks)
    {
        _historyTicks = historyTicks;
        _entities.Start(historyTicks);
        _player = player;
        _seed = seed;
        _deltaSeconds = 1f / tickRateHz;
        Current = tick;
    }

    /// <summary>Predicts the next tick with the input of the history.</summary>
    public void Predict(Tick tick)
    {
        Current = tick;
        StepAll(tick);
    }

    /// <summary>Leaves ticks out.</summary>
    public void SkipTo(Tick tick) => Current = tick;

    /// <summary>Compares each own entity at the newest tick of which the server's state is known and, where one differs, replays. At most once per update.</summary>
    /// <remarks>
    /// A snapshot that tells all of own entities says the state of each; one that had no room for all says that of those it names. Steps write only
    /// their own entity, so what is not known stays as it was predicted.
    /// </remarks>
    public void Reconcile(SnapshotReader reader, long elapsedMicros)
    {
        if (!_allowance.Refill(elapsedMicros))
        {
            return;
        }

        DropRemoved(reader);
        bool differs = false;
        bool hasFloor = reader.HasNewestOwned || _owned.Count > 0;
        Tick floor = _owned.Count > 0 ? KnownAt(_owned[0], reader) : reader.NewestOwned.Tick;
        Tick from = default;
        foreach (EntityReplica replica in _owned)
        {
            Tick known = KnownAt(replica, reader);
            floor = known < floor ? known : floor;
            if (Current - known >= _historyTicks)
            {
                continue; // there is not all that a replay from there would need; it is told again soon
            }

            PredictedEntity? entity = _entities.Link(replica, out bool isNew);
            if (entity is null || (entity.HasCompared && known <= entity.ComparedAt))
            {
                continue;
            }

            entity.IsWrong = isNew || Differs(entity, replica, known, reader);
            if (entity.IsWrong)
            {
                from = !differs || known < from ? known : from;
                differs = true;
                NoteDisturbed(replica, entity, known);
            }

            entity.ComparedAt = known;
            entity.HasCompared = true;
        }

        SettleClaims(hasFloor, floor, reader);
        if (differs)
        {
            RollBack(from, reader);
        }
    }

    private static Tick KnownAt(EntityReplica replica, SnapshotReader reader)
    {
        Tick told = replica.Owned!.Newest.Tick;
        return reader.HasNewestOwned && reader.NewestOwned.Tick > told ? reader.NewestOwned.Tick : told;
    }

    private void NoteDisturbed(EntityReplica replica, PredictedEntity entity, Tick known)
    {
        bool isExternal = replica.HasExternal && (!_hasCompared || replica.ExternalTick > (entity.HasCompared ? entity.ComparedAt : _compared));
        if (isExternal)
        {
            _disturbedUntil = _isDisturbed && _disturbedUntil > known ? _disturbedUntil : known;
            _isDisturbed = true;
        }
    }

    // Verdicts are settled up to the tick up to which all own entities are compared.
    private void SettleClaims(bool hasFloor, Tick floor, SnapshotReader reader)
    {
        if (!hasFloor || (_hasCompared && floor <= _compared))
        {
            return;
        }

        Tick before = _hasCompared ? _compared : floor - 1;
        _claims.Settle(before, floor, _isDisturbed || reader.HasStarved(before, floor));
        _isDisturbed &= _disturbedUntil > floor;
        _compared = floor;
        _hasCompared = true;
    }

    /// <summary>Lets the drawn error of corrections fade.</summary>
    public void Smooth(double elapsedMillis)
    {
        float keep = (float)Math.Max(0, 1 - (elapsedMillis * 2.3 / Math.Max(1, _options.SmoothingMillis)));
        foreach (PredictedEntity entity in _entities.All)
        {
            entity.DrawOffset *= keep;
        }
    }

    public override DeterministicRandom Random(Tick tick, PlayerId owner) => DeterministicRandom.From(_seed, tick.Value, (ulong)owner.Index);

    public override void Spawn(int kindIndex, ref byte component)
    {
        if (_spawnOrdinal == Limits.SpawnsPerTickMax)
        {
            _stats.SpawnsRefused++;
            return;
        }

        var ordinal = (byte)_spawnOrdinal++;
        if (_entities.HasConfirmed(kindIndex, _stepping, ordinal))
        {
            return;
        }

        PredictedEntity? entity = _entities.Add(_schema.Kinds[kindIndex], null, _stepping, ordinal);
        _stats.SpawnsRefused += entity is null ? 1 : 0;
        if (entity is not null)
        {
            Unsafe.CopyBlockUnaligned(ref entity.State[0], ref component, (uint)entity.Kind.SizeBytes);
            entity.Remember(_stepping);
        }
    }

    public override void Emit(int eventIndex, ref byte value)
    {
        if (_eventOrdinal < Limits.EventsPerTickMax)
        {
            _inbox.AddPredicted(eventIndex, _stepping, (byte)_eventOrdinal++, ref value);
        }
    }

    public override void DespawnSelf() => _despawn = true;

    public override ReadOnlySpan<byte> Singleton(int kindIndex)
    {
        KindSchema kind = _schema.Kinds[kindIndex];
        EntityReplica replica = _replicas.Span[kind.FirstSlot];
        _singleton.AsSpan(0, kind.SizeBytes).Clear();
        if (replica.Seen.Count > 0)
        {
            kind.Seen.Restore(replica.Seen.RowReadAt(_stepping), ref _singleton[0]);
        }

        return _singleton.AsSpan(0, kind.SizeBytes);
    }

    private void StepAll(Tick tick)
    {
        _stepping = tick;
        _spawnOrdinal = _eventOrdinal = 0;
        _view.Show(tick, in _history.StampOf(tick));
        int count = _entities.All.Count;
        for (int i = 0; i < count; i++)
        {
            PredictedEntity entity = _entities.All[i];
            if (entity.IsUnknownYet || entity.SpawnTick > tick)
            {
                continue;
            }

            if (!entity.HasEnded && entity.SpawnTick < tick && entity.Kind.HasStep)
            {
                var context = new StepContext(this, tick, _deltaSeconds, entity.Id, _player);
                _despawn = false;
                entity.Kind.RunStep(ref entity.State[0], ref _history.InputOf(tick)[0], in context);
                entity.HasEnded = _despawn;
            }

            entity.Remember(tick);
        }

        // Spawns of this tick were added at the end, which is their place in the order.
    }

    private void DropRemoved(SnapshotReader reader)
    {
        for (int i = _entities.All.Count - 1; i >= 0; i--)
        {
            PredictedEntity entity = _entities.All[i];
            if (entity.Replica is { } replica)
            {
                if (!replica.IsKnown || !replica.IsOwned || replica.Id != entity.ConfirmedId)
                {
                    _entities.RemoveAt(i);
                }
            }
            else if (IsOverdue(entity, reader) && !IsTold(entity))
            {
                _stats.SpawnsUnconfirmed++;
                _entities.RemoveAt(i);
            }
        }
    }

    private bool IsTold(PredictedEntity entity)
    {
        foreach (EntityReplica replica in _owned)
        {
            if (entity.IsKeyOf(replica))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsOverdue(PredictedEntity entity, SnapshotReader reader) =>
        (reader.HasNewestOwned && reader.NewestOwned.Tick - entity.SpawnTick > 1) || reader.Newest.Tick - entity.SpawnTick > ConfirmTicksMax;

    private bool Differs(PredictedEntity entity, EntityReplica replica, Tick tick, SnapshotReader reader)
    {
        if (!entity.TryRecall(tick, out ReadOnlySpan<byte> predicted, out bool ended))
        {
            return true;
        }

        ReadOnlySpan<byte> actual = MemoryMarshal.AsBytes(replica.Owned!.NewestRow);
        if (!ended && predicted.SequenceEqual(actual))
        {
            return false;
        }

        _mispredictions.Count(entity, replica, reader, tick, _hasCompared ? _compared : tick - Limits.HistoryTicks, predicted, actual, ended);
        return true;
    }

    private void RollBack(Tick from, SnapshotReader reader)
    {
        foreach (PredictedEntity entity in _entities.All)
        {
            entity.DrawnBefore = entity.Position + entity.DrawOffset;
        }

        ReturnTo(from, reader);
        _claims.RolledBack(from);
        Current = from > Current ? from : Current; // after a stall the server is ahead: what lies between has no inputs
        for (Tick t = from + 1; t <= Current; t += 1)
        {
            if (_history.Has(t)) // else the tick was left out: before the first input of all, or while the process slept
            {
                StepAll(t);
                _stats.ReplayedTicks++;
                _allowance.Use();
            }

            Adopt(t);
        }

        AdoptRest();
        foreach (PredictedEntity entity in _entities.All)
        {
            Vector3 error = entity.DrawnBefore - entity.Position;
            bool smooth = entity.HasBeenDrawn && DeterministicMath.Length(error) <= SnapUnits;
            entity.DrawOffset = smooth ? error : default;
            entity.HasBeenDrawn = true;
        }
    }

    // Every entity as it was at the tick; one of which nothing is known so far back joins in later.
    private void ReturnTo(Tick from, SnapshotReader reader)
    {
        for (int i = _entities.All.Count - 1; i >= 0; i--)
        {
            PredictedEntity entity = _entities.All[i];
            bool isRefused = reader.HasNewestOwned && reader.NewestOwned.Tick >= entity.SpawnTick;
            if (entity.Replica is null && (entity.SpawnTick > from || isRefused))
            {
                _entities.RemoveAt(i); // what the inputs since spawned is spawned again by the replay
                continue;
            }

            entity.IsUnknownYet = !entity.TryReturnTo(entity.SpawnTick > from ? entity.SpawnTick : from);
        }

        Adopt(from);
    }

    private void Adopt(Tick tick)
    {
        foreach (PredictedEntity entity in _entities.All)
        {
            if (entity.IsWrong && entity.ComparedAt == tick)
            {
                entity.Adopt();
            }
            else if (entity.IsUnknownYet)
            {
                entity.IsUnknownYet = !entity.TryReturnTo(tick);
            }
        }
    }

    // States of ticks that the prediction has not reached.
    private void AdoptRest()
    {
        foreach (PredictedEntity entity in _entities.All)
        {
            entity.IsUnknownYet = false;
            if (entity.IsWrong)
            {
                entity.Adopt();
                Current = entity.ComparedAt > Current ? entity.ComparedAt : Current;
            }
        }
    }
}
