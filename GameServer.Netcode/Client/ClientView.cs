using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using GameServer.Netcode.Game;
using GameServer.Netcode.Inputs;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Snapshots;

namespace GameServer.Netcode.Client;

/// <summary>The entities of one kind, ready to draw.</summary>
/// <remarks>Valid until the client's next update.</remarks>
public readonly struct ViewEntities<T>
    where T : unmanaged
{
    private readonly ViewBuffer<T> _buffer;

    internal ViewEntities(ViewBuffer<T> buffer) => _buffer = buffer;

    /// <summary>How many.</summary>
    public int Count => _buffer.Count;

    /// <summary>One of them; fields that only its owner receives are 0 unless it is an own one.</summary>
    public ref readonly T this[int index] => ref _buffer.Values[index];

    /// <summary>All of them.</summary>
    public ReadOnlySpan<T> Values => _buffer.Values.AsSpan(0, _buffer.Count);

    /// <summary>The id of each.</summary>
    public ReadOnlySpan<EntityId> Ids => _buffer.Ids.AsSpan(0, _buffer.Count);

    /// <summary>The id of one of them; none for a predicted one that the server has not confirmed.</summary>
    public EntityId IdAt(int index) => _buffer.Ids[index];

    /// <summary>True for an entity of the client's own.</summary>
    public bool IsOwn(int index) => index >= _buffer.Count - _buffer.OwnCount;

    /// <summary>Enumerates them.</summary>
    public Enumerator GetEnumerator() => new(_buffer);

    /// <summary>Walks over the entities.</summary>
    public struct Enumerator
    {
        private readonly ViewBuffer<T> _buffer;
        private int _index;

        internal Enumerator(ViewBuffer<T> buffer)
        {
            _buffer = buffer;
            _index = -1;
        }

        /// <summary>The entity at hand.</summary>
        public readonly ref readonly T Current => ref _buffer.Values[_index];

        /// <summary>Goes to the next one.</summary>
        public bool MoveNext() => ++_index < _buffer.Count;
    }
}

/// <summary>Typed arrays behind <see cref="ViewEntities{T}"/>.</summary>
internal sealed class ViewBuffer<T>
    where T : unmanaged
{
    public ViewBuffer(int capacity)
    {
        Values = new T[capacity];
        Ids = new EntityId[capacity];
    }

    public T[] Values { get; }

    public EntityId[] Ids { get; }

    public int Count { get; set; }

    public int OwnCount { get; set; }

    public long Update { get; set; } = -1;
}

/// <summary>What the player sees: others interpolated at the view tick, own entities predicted and smoothed.</summary>
/// <remarks>Owner: the client's thread. Allocates: only at the first look at a kind.</remarks>
public sealed class ClientView
{
    private readonly Schema _schema;
    private readonly List<EntityReplica> _others;
    private readonly Predictor _predictor;
    private readonly object?[] _buffers;
    private readonly ReadOnlyMemory<EntityReplica> _replicas;
    private ViewStamp _stamp;
    private float _ownFraction;
    private long _update;
    private int _extrapolationTicksMax;

    internal ClientView(Schema schema, ReadOnlyMemory<EntityReplica> replicas, List<EntityReplica> others, Predictor predictor)
    {
        _schema = schema;
        _replicas = replicas;
        _others = others;
        _predictor = predictor;
        _buffers = new object?[schema.Kinds.Length];
    }

    /// <summary>The view tick.</summary>
    public Tick Tick => _stamp.Tick;

    /// <summary>The entities of a kind.</summary>
    public ViewEntities<T> Of<T>(EntityKind<T> kind)
        where T : unmanaged
    {
        KindSchema schema = _schema.Kinds[_schema.IndexOf(kind)];
        var buffer = (ViewBuffer<T>)(_buffers[schema.Index] ??= new ViewBuffer<T>(schema.Capacity + Limits.OwnedEntitiesMax));
        if (buffer.Update != _update)
        {
            buffer.Update = _update;
            buffer.Count = buffer.OwnCount = 0;
            AddOthers(schema, buffer);
            AddOwn(schema, buffer);
        }

        return new ViewEntities<T>(buffer);
    }

    /// <summary>A singleton, as far as it is known.</summary>
    public T Get<T>(SingletonKind<T> kind)
        where T : unmanaged
    {
        KindSchema schema = _schema.Kinds[_schema.IndexOf(kind)];
        EntityReplica replica = _replicas.Span[schema.FirstSlot];
        T value = default;
        if (replica.Seen.Count > 0)
        {
            schema.Seen.Restore(replica.Seen.NewestRow, ref Unsafe.As<T, byte>(ref value));
        }

        return value;
    }

    internal void Show(in ViewStamp stamp, float ownFraction, int extrapolationTicksMax)
    {
        _stamp = stamp;
        _ownFraction = ownFraction;
        _extrapolationTicksMax = extrapolationTicksMax;
        _update++;
    }

    private void AddOthers<T>(KindSchema kind, ViewBuffer<T> buffer)
        where T : unmanaged
    {
        foreach (EntityReplica replica in _others)
        {
            if (replica.Kind != kind || buffer.Count == buffer.Values.Length || !ScreenView.IsOnScreen(replica, in _stamp)
                || !ScreenView.TryFind(replica, in _stamp, out ReadOnlySpan<int> earlier, out ReadOnlySpan<int> later, out int weight))
            {
                continue;
            }

            ref T value = ref buffer.Values[buffer.Count];
            value = default;
            ref byte component = ref Unsafe.As<T, byte>(ref value);
            if (weight is <= 0 or >= 256 || earlier[0] != later[0])
            {
                kind.Seen.Restore(weight >= 256 ? later : earlier, ref component);
            }
            else
            {
                kind.Seen.Blend(earlier, later, weight, ref component);
            }

            Extrapolate(replica, ref component);
            buffer.Ids[buffer.Count++] = replica.Id;
        }
    }

    // Beyond the newest snapshot, a moving entity goes on as it moved in the last tick, for a bounded time. Only for drawing.
    private void Extrapolate(EntityReplica replica, ref byte component)
    {
        int column = replica.Kind.PositionColumn;
        int beyond = -_stamp.AgeParts;
        if (beyond <= 0 || column < 0 || replica.Seen.Count < 2 || replica.Seen.Newest.Tick != _stamp.Newest
            || !replica.Seen.TryGet(_stamp.Newest - 1, out ReadOnlySpan<int> before))
        {
            return;
        }

        ReadOnlySpan<int> newest = replica.Seen.NewestRow;
        float ticks = Math.Min(beyond / 256f, _extrapolationTicksMax);
        for (int i = 0; i < 3 && newest[0] == before[0]; i++)
        {
            ref readonly FieldSpec spec = ref replica.Kind.Seen.Columns[column + i];
            float now = spec.Quantizer.Dequantize(newest[column + i]);
            float then = spec.Quantizer.Dequantize(before[column + i]);
            Unsafe.As<byte, float>(ref Unsafe.Add(ref component, spec.Offset)) = now + ((now - then) * ticks);
        }
    }

    private void AddOwn<T>(KindSchema kind, ViewBuffer<T> buffer)
        where T : unmanaged
    {
        foreach (PredictedEntity entity in _predictor.Entities)
        {
            if (entity.Kind != kind || entity.HasEnded || buffer.Count == buffer.Values.Length)
            {
                continue;
            }

            ref T value = ref buffer.Values[buffer.Count];
            value = Unsafe.As<byte, T>(ref entity.State[0]);
            ref byte component = ref Unsafe.As<T, byte>(ref value);
            if (entity.TryRecall(_predictor.Current - 1, out ReadOnlySpan<byte> before, out _))
            {
                kind.Seen.Mix(ref MemoryMarshal.GetReference(before), ref entity.State[0], _ownFraction, ref component);
            }

            if (kind.PositionColumn >= 0)
            {
                Unsafe.As<byte, Vector3>(ref Unsafe.Add(ref component, kind.Seen.Columns[kind.PositionColumn].Offset)) += entity.DrawOffset;
            }

            buffer.Ids[buffer.Count++] = entity.Id;
            buffer.OwnCount++;
        }
    }
}
