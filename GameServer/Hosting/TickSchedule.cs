using System.Diagnostics;
using GameServer.Netcode.Primitives;

namespace GameServer.Hosting;

/// <summary>When each tick is due, and what to do when the loop is late: catch up a little, then skip time and say so.</summary>
/// <remarks>
/// Owner: the simulation thread. It reads no clock: the caller waits for <see cref="NextDeadlineNanos"/>, calls <see cref="Begin"/>, runs one tick
/// and calls <see cref="End"/>. Deadline k is start + k / rate exactly, so nothing drifts; a tick is never longer than 1 / rate.
/// </remarks>
public sealed class TickSchedule
{
    private const long NanosPerSecond = 1_000_000_000;

    private readonly int _rateHz;
    private readonly int _catchUpTicksMax;
    private long _startNanos;

    /// <summary>A schedule of <paramref name="rateHz"/> ticks a second; more than <paramref name="catchUpTicksMax"/> missed ones are skipped.</summary>
    public TickSchedule(int rateHz, int catchUpTicksMax = Limits.CatchUpTicksMax)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(rateHz, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rateHz, 10_000);
        ArgumentOutOfRangeException.ThrowIfNegative(catchUpTicksMax);
        _rateHz = rateHz;
        _catchUpTicksMax = catchUpTicksMax;
    }

    /// <summary>Number of the next deadline; ticks run and skipped so far.</summary>
    public long NextIndex { get; private set; }

    /// <summary>When the next tick is due.</summary>
    public long NextDeadlineNanos => DeadlineNanos(NextIndex);

    /// <summary>How long after its own deadline the tick that was begun last began.</summary>
    public long LatenessNanos { get; private set; }

    /// <summary>Ticks that ended after the deadline of the next one.</summary>
    public long Overruns { get; private set; }

    /// <summary>Ticks that were skipped.</summary>
    public long SkippedTicks { get; private set; }

    /// <summary>Makes tick 0 due at <paramref name="nowNanos"/>.</summary>
    public void Start(long nowNanos)
    {
        _startNanos = nowNanos;
        NextIndex = 0;
    }

    /// <summary>Begins the next tick; returns how many ticks are skipped before it, which the game must be told as a jump of time.</summary>
    /// <remarks>0 while at most the allowed number of ticks is behind: those run back to back. Else all but the newest due tick are skipped.</remarks>
    public int Begin(long nowNanos)
    {
        Debug.Assert(nowNanos >= NextDeadlineNanos, "a tick begins at its deadline");
        long behind = IndexAt(nowNanos) - NextIndex;
        int skipped = 0;
        if (behind > _catchUpTicksMax)
        {
            skipped = (int)Math.Min(behind, int.MaxValue);
            SkippedTicks += skipped;
            NextIndex += skipped;
        }

        LatenessNanos = nowNanos - NextDeadlineNanos;
        NextIndex++;
        return skipped;
    }

    /// <summary>Ends the tick; true when it overran.</summary>
    public bool End(long nowNanos)
    {
        bool overran = nowNanos > NextDeadlineNanos;
        Overruns += overran ? 1 : 0;
        return overran;
    }

    // Both in two parts, because nanoseconds × rate leaves 64 bits after a few months.
    private long DeadlineNanos(long index) =>
        _startNanos + (index / _rateHz * NanosPerSecond) + (index % _rateHz * NanosPerSecond / _rateHz);

    /// <summary>The newest deadline that has passed.</summary>
    private long IndexAt(long nowNanos)
    {
        long sinceNanos = nowNanos - _startNanos;

        // A deadline is rounded down to a nanosecond, so it may have passed one nanosecond before the exact quotient says so.
        long index = (sinceNanos / NanosPerSecond * _rateHz) + (sinceNanos % NanosPerSecond * _rateHz / NanosPerSecond);
        return DeadlineNanos(index + 1) <= nowNanos ? index + 1 : index;
    }
}
