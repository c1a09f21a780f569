using System.Runtime.CompilerServices;
using GameServer.Netcode.Game;
using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Client;

/// <summary>Events on the client: held back until the view reaches their tick, own ones shown at prediction, each exactly once.</summary>
/// <remarks>Owner: the client's thread. Allocates: only at start.</remarks>
internal sealed class EventInbox
{
    private const int Capacity = 1024;

    private readonly Schema _schema;
    private readonly int _stride;
    private readonly byte[] _values;
    private readonly Entry[] _entries = new Entry[Capacity];
    private int _count;
    private readonly TickRing<ulong> _shown = new(Limits.HistoryTicks * 4);

    public EventInbox(Schema schema)
    {
        _schema = schema;
        foreach (EventSchema e in schema.Events)
        {
            _stride = Math.Max(_stride, e.SizeBytes);
        }

        _values = new byte[Capacity * Math.Max(4, _stride)];
    }

    private struct Entry
    {
        public bool IsOwn;
        public int EventIndex;
        public Tick Tick;
    }

    /// <summary>Events that found no room.</summary>
    public long Overflows { get; private set; }

    /// <summary>An event of the prediction: shown at once, unless it was.</summary>
    public void AddPredicted(int eventIndex, Tick tick, byte ordinal, ref byte value)
    {
        if (MarkShown(tick, ordinal))
        {
            int index = Take(eventIndex, tick, own: true);
            Unsafe.CopyBlockUnaligned(ref _values[index * _stride], ref value, (uint)_schema.Events[eventIndex].SizeBytes);
        }
    }

    /// <summary>An event of the server; one that the prediction has shown is dropped.</summary>
    public void AddReceived(int eventIndex, Tick tick, byte ordinal, bool ownKey, ReadOnlySpan<int> row)
    {
        if (ownKey && !MarkShown(tick, ordinal))
        {
            return;
        }

        int index = Take(eventIndex, tick, ownKey);
        _values.AsSpan(index * _stride, _stride).Clear();
        _schema.Events[eventIndex].Fields.Restore(row, ref _values[index * _stride]);
    }

    /// <summary>Takes the earliest event of a kind whose time has come.</summary>
    public bool TryTake<T>(int eventIndex, Tick viewTick, out T value, out Tick tick)
        where T : unmanaged
    {
        value = default;
        tick = default;
        int best = -1;
        for (int i = 0; i < _count; i++)
        {
            ref Entry entry = ref _entries[i];
            bool due = entry.EventIndex == eventIndex && (entry.IsOwn || entry.Tick <= viewTick);
            if (due && (best < 0 || entry.Tick < _entries[best].Tick))
            {
                best = i;
            }
        }

        if (best < 0)
        {
            return false;
        }

        value = Unsafe.As<byte, T>(ref _values[best * _stride]);
        tick = _entries[best].Tick;
        Remove(best);
        return true;
    }

    private bool MarkShown(Tick tick, byte ordinal)
    {
        ref ulong mask = ref _shown.Find(tick, out bool found);
        if (!found)
        {
            mask = ref _shown.Add(tick);
            mask = 0;
        }

        ulong bit = 1UL << (ordinal & 63);
        bool first = (mask & bit) == 0;
        mask |= bit;
        return first;
    }

    // A user who never takes an event kind must not lose the others: the oldest one makes room.
    private int Take(int eventIndex, Tick tick, bool own)
    {
        if (_count == Capacity)
        {
            int oldest = 0;
            for (int i = 1; i < _count; i++)
            {
                oldest = _entries[i].Tick < _entries[oldest].Tick ? i : oldest;
            }

            Overflows++;
            Remove(oldest);
        }

        _entries[_count] = new Entry { IsOwn = own, EventIndex = eventIndex, Tick = tick };
        return _count++;
    }

    private void Remove(int index)
    {
        int last = --_count;
        _entries[index] = _entries[last];
        _values.AsSpan(last * _stride, _stride).CopyTo(_values.AsSpan(index * _stride));
    }
}
