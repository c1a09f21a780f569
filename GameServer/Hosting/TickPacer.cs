namespace GameServer.Hosting;

/// <summary>Waits for absolute deadlines: sleeps until shortly before, then spins.</summary>
/// <remarks>Owner: the simulation thread. Allocates: no. Costs: the spin margin, 2–4 % of a processor at 128 Hz.</remarks>
public sealed class TickPacer
{
    private const int SpinIterations = 4;

    /// <summary>Work that fills the spin ends this long before the deadline; a piece of it must be shorter.</summary>
    private const long WorkEndNanos = 5_000;

    private readonly bool _precise = OperatingSystem.IsLinux();
    private SpinMargin _margin;

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
        long wakeNanos = deadlineNanos - _margin.Nanos;
        if (nowNanos < wakeNanos)
        {
            SleepUntil(wakeNanos, nowNanos);
            nowNanos = MonotonicClock.Nanos;
            _margin.Observe(nowNanos - wakeNanos);
        }

        while (work is not null && nowNanos < deadlineNanos - WorkEndNanos && work())
        {
            nowNanos = MonotonicClock.Nanos;
        }

        while (nowNanos < deadlineNanos)
        {
            Thread.SpinWait(SpinIterations);
            nowNanos = MonotonicClock.Nanos;
        }

        return nowNanos - deadlineNanos;
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
