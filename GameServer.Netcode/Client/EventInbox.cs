using System.Runtime.CompilerServices;
using GameServer.Netcode.Game;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Snapshots;

namespace GameServer.Netcode.Client;

/// <summary>Events on the client: held back until the view reaches their tick, reliable ones also until all before them are there.</summary>
/// <remarks>
/// A brief event of an own step is shown at its prediction, and not again when the server tells it. A reliable one is the server's word alone: exactly once, in
/// the order in which they were emitted. Owner: the client's thread. Allocates: only at start.
/// </remarks>
internal sealed class EventInbox
{
    private const int Capacity = Limits.EventsInFlightMax * 2;

    private readonly Schema _schema;
    private readonly EventWindow _reliable;
    private readonly int _stride;
    private readonly byte[] _values;
    private readonly int[] _waiting;
    private readonly Entry[] _entries = new Entry[Capacity];
    private int _count;
    private TickRing<Ordinals> _shown = new(Limits.HistoryTicks * 4);

    public EventInbox(Schema schema, EventWindow reliable)
    {
        _schema = schema;
        _reliable = reliable;
        foreach (EventSchema e in schema.Events)
        {
            _stride = Math.Max(_stride, e.SizeBytes);
        }

        _waiting = new int[schema.Events.Length];
        _values = new byte[Capacity * Math.Max(4, _stride)];
    }

    /// <summary>Begins a match, in which the client predicts up to so many ticks ahead of the server's word.</summary>
    public void Start(int historyTicks) => _shown = new TickRing<Ordinals>(historyTicks * 4);

    /// <summary>One bit for each event that a player's steps may emit in a tick.</summary>
    private struct Ordinals
    {
        private ulong _a, _b, _c, _d;

        public bool TryMark(byte ordinal)
        {
            ref ulong word = ref _a;
            switch (ordinal >> 6)
            {
                case 1:
                    word = ref _b;
                    break;
                case 2:
                    word = ref _c;
                    break;
                case 3:
                    word = ref _d;
                    break;
            }

            ulong bit = 1UL << (ordinal & 63);
            bool isFirst = (word & bit) == 0;
            word |= bit;
            return isFirst;
        }
    }

    private struct Entry
    {
        public bool IsOwn;
        public bool IsReliable;
        public int EventIndex;

        /// <summary>Orders the events of a tick: the sequence in its stream, or the ordinal of a predicted one.</summary>
        public ushort Order;
        public Tick Tick;
    }

    /// <summary>Events that found no room.</summary>
    public long Overflows { get; private set; }

    /// <summary>An event of the prediction: a brief one is shown at once, unless it was.</summary>
    public void AddPredicted(int eventIndex, Tick tick, byte ordinal, ref byte value)
    {
        if (!_schema.Events[eventIndex].IsReliable && MarkShown(tick, ordinal))
        {
            int index = Take(eventIndex, tick, ordinal, own: true);
            Unsafe.CopyBlockUnaligned(ref _values[index * _stride], ref value, (uint)_schema.Events[eventIndex].SizeBytes);
        }
    }

    /// <summary>An event of the server; one that the prediction has shown is dropped.</summary>
    public void AddReceived(int eventIndex, ushort sequence, Tick tick, byte ordinal, bool ownKey, ReadOnlySpan<int> row)
    {
        if (ownKey && !_schema.Events[eventIndex].IsReliable && !MarkShown(tick, ordinal))
        {
            return;
        }

        int index = Take(eventIndex, tick, sequence, ownKey);
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
            bool isShown = entry.EventIndex == eventIndex && (entry.IsOwn || entry.Tick <= viewTick);
            bool isDue = isShown && (!entry.IsReliable || _reliable.IsInOrder(entry.Order));
            if (isDue && (best < 0 || IsBefore(in entry, in _entries[best])))
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
        ref Ordinals shown = ref _shown.Find(tick, out bool found);
        if (!found)
        {
            shown = ref _shown.Add(tick);
            shown = default;
        }

        return shown.TryMark(ordinal);
    }

    private static bool IsBefore(in Entry entry, in Entry other) =>
        entry.Tick < other.Tick || (entry.Tick == other.Tick && (short)(entry.Order - other.Order) < 0);

    private int Take(int eventIndex, Tick tick, ushort order, bool own)
    {
        if (_count == Capacity)
        {
            Overflows++;
            Remove(OldestOf(KindToLose()));
        }

        _entries[_count] = new Entry { IsOwn = own, IsReliable = _schema.Events[eventIndex].IsReliable, EventIndex = eventIndex, Tick = tick, Order = order };
        _waiting[eventIndex]++;
        return _count++;
    }

    // A user who never takes a kind must not lose the others: what fills more than half makes room. Else it is a kind that may be missed, the one
    // of which most wait; of reliable kinds no more than half come at once.
    private int KindToLose()
    {
        int most = 0;
        int mostBrief = -1;
        for (int i = 0; i < _waiting.Length; i++)
        {
            most = _waiting[i] > _waiting[most] ? i : most;
            bool isMore = _waiting[i] > 0 && !_schema.Events[i].IsReliable && (mostBrief < 0 || _waiting[i] > _waiting[mostBrief]);
            mostBrief = isMore ? i : mostBrief;
        }

        return _waiting[most] > Limits.EventsInFlightMax || mostBrief < 0 ? most : mostBrief;
    }

    private int OldestOf(int eventIndex)
    {
        int oldest = -1;
        for (int i = 0; i < _count; i++)
        {
            if (_entries[i].EventIndex == eventIndex && (oldest < 0 || IsBefore(in _entries[i], in _entries[oldest])))
            {
                oldest = i;
            }
        }

        return oldest;
    }

    private void Remove(int index)
    {
        int last = --_count;
        _waiting[_entries[index].EventIndex]--;
        _entries[index] = _entries[last];
        _values.AsSpan(last * _stride, _stride).CopyTo(_values.AsSpan(index * _stride));
    }
}
