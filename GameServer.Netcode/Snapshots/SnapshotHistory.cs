using System.Runtime.CompilerServices;
using GameServer.Netcode.Game;
using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Snapshots;

/// <summary>The last <see cref="Limits.HistoryTicks"/> frames of a world: baselines for deltas, states for rewinds.</summary>
/// <remarks>Owner: simulation thread. Allocates: only at start.</remarks>
internal sealed class SnapshotHistory
{
    private readonly World _world;
    private readonly Schema _schema;
    private readonly SnapshotFrame[] _frames = new SnapshotFrame[Limits.HistoryTicks];
    private readonly int[] _componentOffsets;
    private SnapshotFrame _spare;
    private SnapshotFrame? _newest;
    private SnapshotFrame? _oldest;

    public SnapshotHistory(World world)
    {
        _world = world;
        _schema = world.Schema;
        Changed = new SlotSet(_schema.SlotCount);
        _componentOffsets = new int[_schema.SlotCount];
        int bytes = 0;
        for (int slot = 0; slot < _schema.SlotCount; slot++)
        {
            _componentOffsets[slot] = bytes;
            bytes += _schema.KindOfSlot(slot).SizeBytes;
        }

        for (int i = 0; i < _frames.Length; i++)
        {
            _frames[i] = new SnapshotFrame(_schema.SlotCount, _schema.ColumnCount, bytes);
        }

        _spare = new SnapshotFrame(_schema.SlotCount, _schema.ColumnCount, bytes);
    }

    /// <summary>The frame captured last.</summary>
    public SnapshotFrame Newest => _newest ?? _frames[0];

    /// <summary>Slots whose seen columns are new in the frame captured last.</summary>
    public SlotSet Changed { get; }

    /// <summary>Captures the state after a tick: each entity is quantised once.</summary>
    public void Capture(Tick tick)
    {
        SnapshotFrame? previous = _newest;
        SnapshotFrame frame = FrameFor(tick);
        frame.Tick = tick;
        frame.IsFilled = true;
        frame.Generations.AsSpan().Clear();
        Changed.Clear();
        foreach (KindSchema kind in _schema.Kinds)
        {
            CaptureKind(kind, frame, previous);
        }

        _newest = frame;
        _oldest = FindOldest(tick);
    }

    /// <summary>Reads what the frame of a tick and the world hold of living entities.</summary>
    public int Touch(Tick tick)
    {
        int sum = 0;
        foreach (int slot in _world.Alive)
        {
            ref byte component = ref _world.Component(slot);
            sum += Touch(tick, slot) + component + Unsafe.Add(ref component, _schema.KindOfSlot(slot).SizeBytes - 1) + _world.Meta(slot).Generation;
        }

        return sum;
    }

    /// <summary>Reads what the frame of a tick holds in one slot, whatever that is.</summary>
    public int Touch(Tick tick, int slot)
    {
        SnapshotFrame frame = _frames[tick.HistoryIndex];
        int first = _componentOffsets[slot];
        return Row(frame, slot)[0] + frame.Generations[slot] + frame.ChangedAt[slot].HistoryIndex + frame.PreviousChangedAt[slot].HistoryIndex
            + frame.Components[first] + frame.Components[first + _schema.KindOfSlot(slot).SizeBytes - 1];
    }

    /// <summary>The frame of a tick, if it is still held.</summary>
    public bool TryGet(Tick tick, out SnapshotFrame frame)
    {
        frame = _frames[tick.HistoryIndex];
        return frame.IsFilled && frame.Tick == tick;
    }

    /// <summary>The frame of a tick or, where that was left out, the next one; the newest when the tick has not been.</summary>
    public SnapshotFrame FirstFrom(Tick tick)
    {
        Tick newest = Newest.Tick;
        for (Tick t = newest - tick < Limits.HistoryTicks ? tick : newest - (Limits.HistoryTicks - 1); t < newest; t += 1)
        {
            if (TryGet(t, out SnapshotFrame frame))
            {
                return frame;
            }
        }

        return Newest;
    }

    /// <summary>A frame in which a slot has the seen state that it had at <paramref name="tick"/>.</summary>
    /// <remarks>A frame that is gone is replaced by the oldest one as long as the entity has not changed in between.</remarks>
    public bool TryGetSeen(Tick tick, int slot, ushort generation, out SnapshotFrame frame)
    {
        if (TryGet(tick, out frame))
        {
            return frame.Generations[slot] == generation;
        }

        if (_oldest is not { } oldest || tick > oldest.Tick)
        {
            return false;
        }

        frame = oldest;
        return frame.Generations[slot] == generation && frame.ChangedAt[slot] <= tick;
    }

    /// <summary>Seen columns of a slot in a frame.</summary>
    public Span<int> Row(SnapshotFrame frame, int slot)
    {
        KindSchema kind = _schema.KindOfSlot(slot);
        int count = kind.Seen.Count;
        return frame.Columns.AsSpan(kind.FirstColumn + ((slot - kind.FirstSlot) * count), count);
    }

    /// <summary>Exact words of a slot in a frame.</summary>
    public ReadOnlySpan<int> Words(SnapshotFrame frame, int slot) => System.Runtime.InteropServices.MemoryMarshal.Cast<byte, int>(
        frame.Components.AsSpan(_componentOffsets[slot], _schema.KindOfSlot(slot).SizeBytes));

    // After a jump of a whole history, the frame captured last has the place of this one; it is still needed, to see what has changed since.
    private SnapshotFrame FrameFor(Tick tick)
    {
        ref SnapshotFrame frame = ref _frames[tick.HistoryIndex];
        if (frame == _newest)
        {
            (frame, _spare) = (_spare, frame);
        }

        return frame;
    }

    private void CaptureKind(KindSchema kind, SnapshotFrame frame, SnapshotFrame? previous)
    {
        int end = kind.FirstSlot + kind.Capacity;
        for (int slot = _world.Alive.NextFrom(kind.FirstSlot, end); slot < end; slot = _world.Alive.NextFrom(slot + 1, end))
        {
            ref World.EntityMeta meta = ref _world.Meta(slot);
            frame.Generations[slot] = meta.Generation;
            Span<int> row = Row(frame, slot);
            kind.Seen.Capture(ref _world.Component(slot), meta.Teleports, row);
            if (!meta.Owner.IsNone)
            {
                Unsafe.CopyBlockUnaligned(ref frame.Components[_componentOffsets[slot]], ref _world.Component(slot), (uint)kind.SizeBytes);
            }

            bool known = previous is not null && previous.Generations[slot] == meta.Generation;
            if (known && row.SequenceEqual(Row(previous!, slot)))
            {
                frame.ChangedAt[slot] = previous!.ChangedAt[slot];
                frame.PreviousChangedAt[slot] = previous.PreviousChangedAt[slot];
            }
            else
            {
                Changed.Add(slot);
                frame.ChangedAt[slot] = frame.Tick;
                frame.PreviousChangedAt[slot] = known ? previous!.ChangedAt[slot] : frame.Tick - 1;
            }
        }
    }

    private SnapshotFrame? FindOldest(Tick newest)
    {
        for (int back = Limits.HistoryTicks - 1; back >= 0; back--)
        {
            if (TryGet(newest - back, out SnapshotFrame frame))
            {
                return frame;
            }
        }

        return null;
    }
}
