using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Snapshots;

/// <summary>Events and verdicts on their way to one client: numbered, sent until acknowledged.</summary>
/// <remarks>
/// An event that was sent is not sent again while its snapshot is unsettled, unless that takes longer than the resend time.
/// Owner: simulation thread. Allocates: only at start.
/// </remarks>
internal sealed class EventStream
{
    private const int Capacity = Limits.EventsInFlightMax;

    private readonly Pending[] _items = new Pending[Capacity];
    private ushort _oldest;

    public struct Pending
    {
        /// <summary>Number in the room's log; −1 for a verdict.</summary>
        public long Number;
        public ShotVerdict Verdict;
        public Tick LastSent;
        public bool IsInFlight;
        public bool IsAcked;
    }

    /// <summary>Sequence of the next event.</summary>
    public ushort Next { get; private set; }

    /// <summary>Sequence of the oldest event that is not acknowledged.</summary>
    public ushort Oldest => _oldest;

    /// <summary>Events that wait for their acknowledgement.</summary>
    public int Backlog => (ushort)(Next - _oldest);

    /// <summary>Events since the start.</summary>
    public long Total { get; private set; }

    /// <summary>True once an event found no room: the session cannot go on without losing one.</summary>
    public bool HasOverflowed { get; private set; }

    public ref Pending this[ushort sequence] => ref _items[sequence & (Capacity - 1)];

    public void Clear(ushort first)
    {
        Next = _oldest = first;
        Total = 0;
        HasOverflowed = false;
    }

    /// <summary>Reads what the next tick will, and changes nothing.</summary>
    public int Touch()
    {
        int sum = _items[Next & (Capacity - 1)].LastSent.HistoryIndex;
        for (ushort sequence = _oldest; sequence != Next; sequence++)
        {
            sum += _items[sequence & (Capacity - 1)].LastSent.HistoryIndex;
        }

        return sum;
    }

    public void Add(long number) => Add(new Pending { Number = number });

    public void Add(in ShotVerdict verdict) => Add(new Pending { Number = -1, Verdict = verdict });

    /// <summary>The snapshot that carried an event has arrived or is lost.</summary>
    public void Settle(ushort sequence, Tick sentAt, bool arrived)
    {
        if ((ushort)(sequence - _oldest) >= Backlog)
        {
            return;
        }

        ref Pending item = ref this[sequence];
        item.IsAcked |= arrived;
        if (item.LastSent == sentAt)
        {
            item.IsInFlight = false;
        }

        while (Backlog > 0 && this[_oldest].IsAcked)
        {
            _oldest++;
        }
    }

    private void Add(in Pending item)
    {
        if (Backlog == Capacity)
        {
            HasOverflowed = true;
            return;
        }

        this[Next] = item;
        Total++;
        Next++;
    }
}
