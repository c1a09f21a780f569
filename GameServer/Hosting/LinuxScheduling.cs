namespace GameServer.Hosting;

/// <summary>Timer slack and scheduling policy of the calling thread; nothing here throws where the system refuses.</summary>
public static unsafe class LinuxScheduling
{
    /// <summary>Priority for a simulation thread: above the kernel's own threads at 1, below its watchdogs and interrupt threads at 50.</summary>
    public const int RealtimePriority = 10;

    private const int PolicyFifo = 1;
    private const int ResetOnFork = 0x40000000;

    /// <summary>How late the kernel may wake this thread to save power, in nanoseconds; −1 where there is no such thing. Usual: 50,000.</summary>
    public static long TimerSlackNanos =>
        OperatingSystem.IsLinux() ? LinuxCalls.Control(LinuxCalls.GetTimerSlack, 0, 0, 0, 0) : -1;

    /// <summary>Name of this thread's scheduling policy.</summary>
    public static string Policy => !OperatingSystem.IsLinux()
        ? Thread.CurrentThread.Priority.ToString()
        : (LinuxCalls.GetScheduler(0) & ~ResetOnFork) switch
        {
            0 => "SCHED_OTHER",
            1 => "SCHED_FIFO",
            2 => "SCHED_RR",
            3 => "SCHED_BATCH",
            5 => "SCHED_IDLE",
            6 => "SCHED_DEADLINE",
            _ => "unknown",
        };

    /// <summary>Sets how late the kernel may wake this thread; false where it does not let us.</summary>
    public static bool TrySetTimerSlack(long nanos) =>
        OperatingSystem.IsLinux() && LinuxCalls.Control(LinuxCalls.SetTimerSlack, (nuint)nanos, 0, 0, 0) == 0;

    /// <summary>Puts this thread before all ordinary ones; returns why not, or null. Threads it starts are ordinary again.</summary>
    /// <param name="priority">1–99.</param>
    public static string? TrySetRealtime(int priority)
    {
        if (!OperatingSystem.IsLinux())
        {
            return "exists on Linux only";
        }

        return LinuxCalls.SetScheduler(0, PolicyFifo | ResetOnFork, &priority) == 0 ? null : LinuxCalls.LastError();
    }
}
