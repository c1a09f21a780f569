using GameServer.Netcode.Primitives;

namespace GameServer.Hosting;

/// <summary>How late one way of waiting was, in nanoseconds.</summary>
public sealed class LatenessFigures
{
    /// <summary>All waits.</summary>
    public Histogram All { get; } = new();

    /// <summary>Those during which the thread always had a processor when it was ready to run.</summary>
    public Histogram Undisturbed { get; } = new();
}

/// <summary>Measures how punctually this machine lets a thread begin its ticks, beside the barest loop that could do it.</summary>
/// <remarks>The two take turns, tick by tick, so that whatever disturbs the machine disturbs both.</remarks>
public sealed class TickProbe(int rateHz)
{
    private const long BareMarginNanos = 175_000;

    // A thread that waited this long for a processor was delayed by the system; less is the switch itself.
    private const long DisturbedNanos = 20_000;

    // Enough for the loop to be compiled and the margin to settle.
    private const int WarmUpTicks = 64;

    private readonly TickPacer _pacer = new();

    /// <summary>Lateness of <see cref="TickPacer"/>.</summary>
    public LatenessFigures Pacer { get; } = new();

    /// <summary>Lateness of a bare nanosleep-and-spin loop.</summary>
    public LatenessFigures Bare { get; } = new();

    /// <summary>Time that the thread was ready to run and had no processor.</summary>
    public long RunDelayNanos { get; private set; }

    /// <summary>Measures for <paramref name="seconds"/> on the calling thread.</summary>
    public void Run(int seconds)
    {
        using var account = new SchedStat();
        var schedule = new TickSchedule(rateHz);
        schedule.Start(MonotonicClock.Nanos + 1_000_000);
        long ticks = (long)seconds * rateHz;
        long delay = account.Read().DelayNanos;
        long firstDelay = delay;
        while (schedule.NextIndex < WarmUpTicks + ticks)
        {
            if (schedule.NextIndex == WarmUpTicks)
            {
                Forget();
            }

            bool bare = schedule.NextIndex % 2 == 0;
            long latenessNanos = bare ? WaitBare(schedule.NextDeadlineNanos) : _pacer.WaitUntil(schedule.NextDeadlineNanos);
            long newDelay = account.Read().DelayNanos;
            LatenessFigures figures = bare ? Bare : Pacer;
            figures.All.Record(latenessNanos);
            if (newDelay - delay < DisturbedNanos)
            {
                figures.Undisturbed.Record(latenessNanos);
            }

            delay = newDelay;
            schedule.Begin(MonotonicClock.Nanos);
            schedule.End(MonotonicClock.Nanos);
        }

        RunDelayNanos = delay - firstDelay;
    }

    /// <summary>Sleeps until shortly before a deadline, then spins; the result is how late it returns, in nanoseconds.</summary>
    public static unsafe long WaitBare(long deadlineNanos)
    {
        if (OperatingSystem.IsLinux())
        {
            long wakeNanos = deadlineNanos - BareMarginNanos;
            var until = new TimeSpec { Seconds = wakeNanos / 1_000_000_000, Nanos = wakeNanos % 1_000_000_000 };
            _ = LinuxCalls.Sleep(LinuxCalls.ClockMonotonic, LinuxCalls.AbsoluteTime, &until, null);
        }

        long nowNanos;
        do
        {
            nowNanos = MonotonicClock.Nanos;
        }
        while (nowNanos < deadlineNanos);
        return nowNanos - deadlineNanos;
    }

    private void Forget()
    {
        foreach (LatenessFigures figures in new[] { Pacer, Bare })
        {
            figures.All.Reset();
            figures.Undisturbed.Reset();
        }
    }
}
