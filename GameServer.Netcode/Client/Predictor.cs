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
/// one quantum of a seen field. Owner: the client's thread. Allocates: only at start.
/// </remarks>
internal sealed class Predictor : StepScope
{
    private const int EntitiesMax = 64;
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
    private readonly List<PredictedEntity> _entities = new(EntitiesMax);
    private readonly Stack<PredictedEntity> _free = new(EntitiesMax);
    private readonly byte[] _singleton = new byte[Limits.ComponentBytesMax];
    private readonly int[] _rowA = new int[Limits.FieldsMax];
    private readonly int[] _rowB = new int[Limits.FieldsMax];
    private PlayerId _player;
    private ulong _seed;
    private float _deltaSeconds;
    private Tick _stepping;
    private Tick _compared;
    private bool _hasCompared;
    private int _replayTokens;
    private byte _spawnOrdinal;
    private byte _eventOrdinal;
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
        for (int i = 0; i < EntitiesMax; i++)
        {
            _free.Push(new PredictedEntity());
        }
    }

    /// <summary>The client's own entities, in the order in which they step.</summary>
    public List<PredictedEntity> Entities => _entities;

    /// <summary>The newest predicted tick.</summary>
    public Tick Current { get; private set; }

    public override View View => _view;

    public override CommandQueue[]? Commands => null;

    public void Start(PlayerId player, ulong seed, int tickRateHz, Tick tick)
    {
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

    /// <summary>Compares with the newest snapshot and, where it differs, replays. At most once per update.</summary>
    public void Reconcile(in SnapshotHeader header)
    {
        Tick tick = header.Tick;
        _replayTokens = Math.Min(_replayTokens + _options.ReplayTicksMax, Limits.HistoryTicks);
        if (_replayTokens <= 0 || (_hasCompared && tick <= _compared) || HasNewerPart(tick))
        {
            return;
        }

        DropRemoved(tick);
        bool differs = false;
        Tick before = _hasCompared ? _compared : tick - 1;
        bool disturbed = header.StarvedAge >= 0 && tick - header.StarvedAge > before;
        foreach (EntityReplica replica in _owned)
        {
            PredictedEntity? entity = Link(replica, out bool isNew);
            bool differsHere = isNew || (entity is not null && Differs(entity, replica, in header));
            differs |= differsHere;
            disturbed |= differsHere && replica.HasExternal && replica.ExternalTick > before;
        }

        _claims.Settle(before, tick, disturbed);

        _compared = tick;
        _hasCompared = true;
        if (differs)
        {
            RollBack(tick);
        }
    }

    /// <summary>Lets the drawn error of corrections fade.</summary>
    public void Smooth(double elapsedMillis)
    {
        float keep = (float)Math.Max(0, 1 - (elapsedMillis * 2.3 / Math.Max(1, _options.SmoothingMillis)));
        foreach (PredictedEntity entity in _entities)
        {
            entity.DrawOffset *= keep;
        }
    }

    public override DeterministicRandom Random(Tick tick, PlayerId owner) => DeterministicRandom.From(_seed, tick.Value, (ulong)owner.Index);

    public override void Spawn(int kindIndex, ref byte component)
    {
        byte ordinal = _spawnOrdinal++;
        PredictedEntity? entity = Add(_schema.Kinds[kindIndex], null, _stepping, ordinal);
        if (entity is not null)
        {
            Unsafe.CopyBlockUnaligned(ref entity.State[0], ref component, (uint)entity.Kind.SizeBytes);
            entity.Remember(_stepping);
        }
    }

    public override void Emit(int eventIndex, ref byte value) => _inbox.AddPredicted(eventIndex, _stepping, _eventOrdinal++, ref value);

    public override void DespawnSelf() => _despawn = true;

    public override ReadOnlySpan<byte> Singleton(int kindIndex)
    {
        KindSchema kind = _schema.Kinds[kindIndex];
        EntityReplica replica = _replicas.Span[kind.FirstSlot];
        _singleton.AsSpan(0, kind.SizeBytes).Clear();
        if (replica.Seen.Count > 0)
        {
            kind.Seen.Restore(replica.Seen.NewestRow, ref _singleton[0]);
        }

        return _singleton.AsSpan(0, kind.SizeBytes);
    }

    private void StepAll(Tick tick)
    {
        _stepping = tick;
        _spawnOrdinal = _eventOrdinal = 0;
        _view.Show(tick, in _history.StampOf(tick));
        int count = _entities.Count;
        for (int i = 0; i < count; i++)
        {
            PredictedEntity entity = _entities[i];
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

    private void DropRemoved(Tick tick)
    {
        for (int i = _entities.Count - 1; i >= 0; i--)
        {
            PredictedEntity entity = _entities[i];
            bool gone = entity.Replica is { } replica
                ? !replica.IsKnown || !replica.IsOwned || replica.Id != entity.ConfirmedId
                : tick - entity.SpawnTick > 1 && !IsConfirmedNow(entity);
            if (gone)
            {
                RemoveAt(i);
            }
        }
    }

    private bool IsConfirmedNow(PredictedEntity entity)
    {
        foreach (EntityReplica replica in _owned)
        {
            if (IsKeyOf(replica, entity))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsKeyOf(EntityReplica replica, PredictedEntity entity) =>
        replica.Kind == entity.Kind && replica.SpawnTick == entity.SpawnTick && replica.SpawnOrdinal == entity.SpawnOrdinal;

    // Part of a later tick has come: its rest, or the tick after it, will be compared.
    private bool HasNewerPart(Tick tick)
    {
        foreach (EntityReplica replica in _owned)
        {
            if (replica.Owned!.Count > 0 && replica.Owned.Newest.Tick > tick)
            {
                return true;
            }
        }

        return false;
    }

    private PredictedEntity? Link(EntityReplica replica, out bool isNew)
    {
        isNew = false;
        foreach (PredictedEntity entity in _entities)
        {
            if (entity.Replica == replica)
            {
                return entity;
            }
        }

        foreach (PredictedEntity entity in _entities)
        {
            if (entity.Replica is null && IsKeyOf(replica, entity))
            {
                entity.Confirm(replica);
                return entity;
            }
        }

        isNew = true;
        return Add(replica.Kind, replica, replica.SpawnTick, replica.SpawnOrdinal);
    }

    private bool Differs(PredictedEntity entity, EntityReplica replica, in SnapshotHeader header)
    {
        Tick tick = header.Tick;
        if (!entity.TryRecall(tick, out ReadOnlySpan<byte> predicted, out bool ended))
        {
            return true;
        }

        ReadOnlySpan<byte> actual = MemoryMarshal.AsBytes(replica.Owned!.NewestRow);
        if (!ended && predicted.SequenceEqual(actual))
        {
            return false;
        }

        double units = 0;
        if (ended || IsCorrection(entity.Kind, predicted, actual, out units))
        {
            Count(replica, in header, units);
        }

        return true;
    }

    private bool IsCorrection(KindSchema kind, ReadOnlySpan<byte> predicted, ReadOnlySpan<byte> actual, out double units)
    {
        Span<int> a = _rowA.AsSpan(0, kind.Seen.Count);
        Span<int> b = _rowB.AsSpan(0, kind.Seen.Count);
        kind.Seen.Capture(ref MemoryMarshal.GetReference(predicted), 0, a);
        kind.Seen.Capture(ref MemoryMarshal.GetReference(actual), 0, b);
        units = 0;
        if (kind.PositionColumn >= 0)
        {
            int offset = kind.Seen.Columns[kind.PositionColumn].Offset;
            Vector3 from = MemoryMarshal.Read<Vector3>(predicted[offset..]);
            Vector3 to = MemoryMarshal.Read<Vector3>(actual[offset..]);
            units = DeterministicMath.Distance(from, to);
        }

        for (int i = 0; i < a.Length; i++)
        {
            if (Math.Abs((long)a[i] - b[i]) > (kind.Seen.Columns[i].Type == FieldType.Float ? 1 : 0))
            {
                return true;
            }
        }

        return false;
    }

    private void Count(EntityReplica replica, in SnapshotHeader header, double units)
    {
        bool starved = header.StarvedAge >= 0 && (!_hasCompared || header.Tick - header.StarvedAge > _compared);
        bool external = replica.HasExternal && (!_hasCompared || replica.ExternalTick > _compared);
        if (starved)
        {
            _stats.CorrectionsStarved++;
        }
        else if (external)
        {
            _stats.CorrectionsExternal++;
        }
        else
        {
            _stats.CorrectionsOwn++;
            _stats.MaxCorrectionUnits = Math.Max(_stats.MaxCorrectionUnits, units);
        }
    }

    private void RollBack(Tick tick)
    {
        foreach (PredictedEntity entity in _entities)
        {
            entity.DrawnBefore = PositionOf(entity) + entity.DrawOffset;
        }

        for (int i = _entities.Count - 1; i >= 0; i--)
        {
            PredictedEntity entity = _entities[i];
            if (entity.Replica is null)
            {
                RemoveAt(i); // what the inputs since spawned is spawned again below
                continue;
            }

            MemoryMarshal.AsBytes(entity.Replica.Owned!.NewestRow).CopyTo(entity.State);
            entity.HasEnded = false;
            entity.Remember(tick);
        }

        for (Tick t = tick + 1; t <= Current; t += 1)
        {
            if (_history.Has(t)) // before the first input of all there is nothing to replay
            {
                StepAll(t);
                _stats.ReplayedTicks++;
                _replayTokens--;
            }
        }

        if (tick > Current)
        {
            Current = tick;
        }

        foreach (PredictedEntity entity in _entities)
        {
            Vector3 error = entity.DrawnBefore - PositionOf(entity);
            bool smooth = entity.HasBeenDrawn && DeterministicMath.Length(error) <= SnapUnits;
            entity.DrawOffset = smooth ? error : default;
            entity.HasBeenDrawn = true;
        }
    }

    private static Vector3 PositionOf(PredictedEntity entity)
    {
        int column = entity.Kind.PositionColumn;
        return column < 0 ? default : MemoryMarshal.Read<Vector3>(entity.Bytes[entity.Kind.Seen.Columns[column].Offset..]);
    }

    private PredictedEntity? Add(KindSchema kind, EntityReplica? replica, Tick spawnTick, byte ordinal)
    {
        if (_free.Count == 0)
        {
            return null;
        }

        PredictedEntity entity = _free.Pop();
        entity.Start(kind, replica, spawnTick, ordinal);
        int index = _entities.Count;
        while (index > 0 && _entities[index - 1].CompareTo(entity) > 0)
        {
            index--;
        }

        _entities.Insert(index, entity);
        return entity;
    }

    private void RemoveAt(int index)
    {
        _free.Push(_entities[index]);
        _entities.RemoveAt(index);
    }
}
