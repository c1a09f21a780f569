namespace GameServer.Hosting;

/// <summary>Waits for absolute deadlines: sleeps until shortly before, then spins.</summary>
/// <remarks>Owner: the simulation thread. Allocates: no. Costs: the spin margin, 2–4 % of a processor at 128 Hz, and the work that is done instead.</remarks>
public sealed class TickPacer
{
    private const int SpinIterations = 4;

    /// <summary>Work that fills the spin ends this long before the deadline; a piece of it must be shorter.</summary>
    private const long WorkEndNanos = 5_000;

    /// <summary>Work begins this much before the spin at most.</summary>
    private const long WorkNanosMax = 400_000;

    private readonly bool _precise = OperatingSystem.IsLinux();
    private SpinMargin _margin;
    private long _workNanos;

    /// <summary>A pacer with the margins of this platform.</summary>
    public TickPacer() => _margin = _precise ? new SpinMargin(150_000, 300_000) : new SpinMargin(1_500_000, 16_500_000);

    /// <summary>How long before a deadline it stops sleeping.</summary>
    public long MarginNanos => _margin.Nanos;

    /// <summary>Returns at <paramref name="deadlineNanos"/> of <see cref="MonotonicClock"/>; the result is how late, in nanoseconds.</summary>
    /// <param name="deadlineNanos">When to return.</param>
    /// <param name="work">Small pieces of work to do instead of spinning; false when there is no more.</param>
    /// <remarks>A deadline that has passed returns at once.</remarks>
    public long WaitUntil(long deadlineNanos, Func<bool>? work = null)
    {
        long nowNanos = MonotonicClock.Nanos;
        long wakeNanos = deadlineNanos - _margin.Nanos - (work is null ? 0 : _workNanos);
        if (nowNanos < wakeNanos)
        {
            SleepUntil(wakeNanos, nowNanos);
            nowNanos = MonotonicClock.Nanos;
            _margin.Observe(nowNanos - wakeNanos);
        }

        if (work is not null)
        {
            nowNanos = Work(work, nowNanos, deadlineNanos - WorkEndNanos);
        }

        while (nowNanos < deadlineNanos)
        {
            Thread.SpinWait(SpinIterations);
            nowNanos = MonotonicClock.Nanos;
        }

        return nowNanos - deadlineNanos;
    }

    // How long the work takes is learned: as long as it took of late, and more at once when there was not enough time for it.
    private long Work(Func<bool> work, long startNanos, long endNanos)
    {
        long nowNanos = startNanos;
        bool hasMore = true;
        while (hasMore && nowNanos < endNanos)
        {
            hasMore = work();
            nowNanos = MonotonicClock.Nanos;
        }

        long wantedNanos = (nowNanos - startNanos) * (hasMore ? 2 : 1);
        _workNanos = Math.Min(Math.Max(wantedNanos, _workNanos - (_workNanos / 64)), WorkNanosMax);
        return nowNanos;
    }

    private unsafe void SleepUntil(long wakeNanos, long nowNanos)
    {
        if (!_precise)
        {
            // Whole milliseconds, rounded down: too early is what the spin is for.
            Thread.Sleep((int)Math.Min((wakeNanos - nowNanos) / 1_000_000, 1_000));
            return;
        }

        var until = new TimeSpec { Seconds = wakeNanos / 1_000_000_000, Nanos = wakeNanos % 1_000_000_000 };
        while (LinuxCalls.Sleep(LinuxCalls.ClockMonotonic, LinuxCalls.AbsoluteTime, &until, null) == LinuxCalls.ErrorInterrupted)
        {
        }
    }
}
