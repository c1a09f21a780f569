using GameServer.Netcode.Primitives;

namespace GameServer.Hosting;

/// <summary>The figures of a run: from 3 s after the last join to the first leave after it, or of the whole run when there was no such time.</summary>
/// <remarks>Owner: simulation thread while it runs, then whoever has waited for its end. Allocates: in the constructor only.</remarks>
public sealed class RunFigures
{
    /// <summary>A tick that waited this long for its processor was delayed by the system; less is the switch itself.</summary>
    internal const long DisturbedNanos = 20_000;

    private const long SettleNanos = 3_000_000_000;

    private readonly long[] _dropsAtStart = new long[DropCounters.Count];
    private readonly long[] _drops = new long[DropCounters.Count];
    private RunTotals _start;
    private RunTotals _end;
    private long _opensAtNanos = long.MaxValue;
    private State _state = State.Whole;

    private enum State
    {
        /// <summary>Everything counts: nobody has settled yet.</summary>
        Whole,

        /// <summary>All have settled.</summary>
        Steady,

        /// <summary>Somebody has left; the figures stand.</summary>
        Closed,
    }

    /// <summary>Duration of each tick in nanoseconds.</summary>
    public Histogram DurationNanos { get; } = new();

    /// <summary>How long after its deadline each tick began, in nanoseconds.</summary>
    public Histogram LatenessNanos { get; } = new();

    /// <summary>The same of those ticks that had their processor whenever they were ready, in the wait before them and while they ran.</summary>
    public Histogram UndisturbedLatenessNanos { get; } = new();

    /// <summary>Bytes of the snapshots of one client and tick.</summary>
    public Histogram SnapshotBytes { get; } = new();

    /// <summary>Players in the last tick of the figures.</summary>
    public int Players { get; private set; }

    /// <summary>True when the figures are those of settled clients only.</summary>
    public bool IsSteady { get; private set; }

    /// <summary>What was counted.</summary>
    public RunTotals Start => _start;

    /// <summary>Until when.</summary>
    public RunTotals End => _end;

    /// <summary>How often a reason was counted.</summary>
    public long Drops(DropReason reason) => _drops[(int)reason] - _dropsAtStart[(int)reason];

    /// <summary>Records one tick, which was kept from its processor for <paramref name="delayNanos"/>.</summary>
    public void Tick(long durationNanos, long latenessNanos, long delayNanos, int players)
    {
        if (_state == State.Closed)
        {
            return;
        }

        Players = players;
        DurationNanos.Record(durationNanos);
        LatenessNanos.Record(latenessNanos);
        if (delayNanos < DisturbedNanos)
        {
            UndisturbedLatenessNanos.Record(latenessNanos);
        }
    }

    /// <summary>Records the snapshots of one client and tick.</summary>
    public void Snapshot(int bytes)
    {
        if (_state != State.Closed)
        {
            SnapshotBytes.Record(bytes);
        }
    }

    /// <summary>A player has joined: the time of the figures begins anew.</summary>
    public void Joined(long nowNanos) => _opensAtNanos = nowNanos + SettleNanos;

    /// <summary>True when the time of the figures begins with this tick; <see cref="Open"/> then follows.</summary>
    public bool IsOpening(long nowNanos) => nowNanos >= _opensAtNanos;

    /// <summary>True when a leave at this moment ends the figures; <see cref="Close"/> then follows.</summary>
    public bool IsClosing => _state == State.Steady;

    /// <summary>Forgets what was before.</summary>
    public void Open(in RunTotals now, IReadOnlyList<DropCounters> drops)
    {
        _opensAtNanos = long.MaxValue;
        _state = State.Steady;
        _start = now;
        Sum(drops, _dropsAtStart);
        DurationNanos.Reset();
        LatenessNanos.Reset();
        UndisturbedLatenessNanos.Reset();
        SnapshotBytes.Reset();
    }

    /// <summary>Lets the figures stand as they are; does nothing when they do.</summary>
    public void Close(in RunTotals now, IReadOnlyList<DropCounters> drops)
    {
        if (_state != State.Closed)
        {
            IsSteady = _state == State.Steady;
            _state = State.Closed;
            _end = now;
            Sum(drops, _drops);
        }
    }

    /// <summary>The first moment of the run.</summary>
    public void Begin(in RunTotals now) => _start = now;

    private static void Sum(IReadOnlyList<DropCounters> drops, long[] sums)
    {
        Array.Clear(sums);
        for (int source = 0; source < drops.Count; source++)
        {
            for (int reason = 1; reason < sums.Length; reason++)
            {
                sums[reason] += drops[source][(DropReason)reason];
            }
        }
    }
}
