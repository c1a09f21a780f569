using GameServer.Netcode.Game;
using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Snapshots;

/// <summary>Events and verdicts on their way to one client: numbered, sent until acknowledged or until their life is over.</summary>
/// <remarks>
/// A client has two, numbered apart: a reliable one, in which everything waits for its acknowledgement and an overflow ends the session, and a
/// brief one, in which everything has a life and the oldest gives way. What was sent is not sent again while its snapshot is unsettled, unless that
/// takes longer than the resend time. Owner: simulation thread. Allocates: only at start.
/// </remarks>
internal sealed class EventStream
{
    /// <summary>Ticks that a verdict is worth telling: by then the client has forgotten its claim.</summary>
    public const int VerdictTicks = Limits.HistoryTicks;

    private const int Capacity = Limits.EventsInFlightMax;

    private readonly Pending[] _items = new Pending[Capacity];
    private readonly GameCounters _counters;
    private ushort _oldest;

    public EventStream(bool isReliable, GameCounters counters)
    {
        IsReliable = isReliable;
        _counters = counters;
    }

    public struct Pending
    {
        /// <summary>Number in the room's log; −1 for a verdict.</summary>
        public long Number;
        public ShotVerdict Verdict;
        public Tick LastSent;

        /// <summary>The last tick of its life, in a brief stream.</summary>
        public Tick Until;
        public byte EventIndex;
        public bool IsInFlight;

        /// <summary>Acknowledged or given up.</summary>
        public bool IsDone;
    }

    public bool IsReliable { get; }

    /// <summary>Sequence of the next event.</summary>
    public ushort Next { get; private set; }

    /// <summary>Sequence of the oldest event that is not done.</summary>
    public ushort Oldest => _oldest;

    /// <summary>Events from the oldest that is not done to the newest.</summary>
    public int Backlog => (ushort)(Next - _oldest);

    /// <summary>Events since the start.</summary>
    public long Total { get; private set; }

    /// <summary>Events and verdicts that were given up.</summary>
    public long GivenUp { get; private set; }

    /// <summary>True once a reliable event found no room: the session cannot go on without losing one.</summary>
    public bool HasOverflowed { get; private set; }

    public ref Pending this[ushort sequence] => ref _items[sequence & (Capacity - 1)];

    public void Clear(ushort first)
    {
        Next = _oldest = first;
        Total = GivenUp = 0;
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

    /// <summary>An event of the room's log; <paramref name="until"/> is the last tick of its life, in a brief stream.</summary>
    public void Add(long number, int eventIndex, Tick until) => Add(new Pending { Number = number, EventIndex = (byte)eventIndex, Until = until });

    public void Add(in ShotVerdict verdict) => Add(new Pending { Number = -1, Verdict = verdict, Until = verdict.Tick + VerdictTicks });

    /// <summary>Gives up what has outlived its life, and what the log does not hold any more.</summary>
    public void Expire(Tick now, EventLog log)
    {
        for (ushort sequence = _oldest; sequence != Next && !IsReliable; sequence++)
        {
            ref Pending item = ref this[sequence];
            if (!item.IsDone && (now > item.Until || (item.Number >= 0 && !log.Holds(item.Number))))
            {
                GiveUp(ref item);
            }
        }

        SkipDone();
    }

    /// <summary>The snapshot that carried an event has arrived or is lost.</summary>
    public void Settle(ushort sequence, Tick sentAt, bool arrived)
    {
        if ((ushort)(sequence - _oldest) >= Backlog)
        {
            return;
        }

        ref Pending item = ref this[sequence];
        item.IsDone |= arrived;
        if (item.LastSent == sentAt)
        {
            item.IsInFlight = false;
        }

        SkipDone();
    }

    private void Add(in Pending item)
    {
        if (Backlog == Capacity)
        {
            if (IsReliable)
            {
                HasOverflowed = true;
                return;
            }

            GiveUp(ref this[_oldest]);
            SkipDone();
        }

        this[Next] = item;
        Total++;
        Next++;
    }

    private void GiveUp(ref Pending item)
    {
        item.IsDone = true;
        GivenUp++;
        if (item.Number >= 0)
        {
            _counters.Add(GameCount.EventGivenUp, item.EventIndex);
        }
    }

    private void SkipDone()
    {
        while (Backlog > 0 && this[_oldest].IsDone)
        {
            _oldest++;
        }
    }
}
