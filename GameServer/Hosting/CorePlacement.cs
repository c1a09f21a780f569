using System.Collections.Concurrent;
using GameServer.Configuration;

namespace GameServer.Hosting;

/// <summary>What one thread asked for and what the system gave it.</summary>
/// <param name="Role">Name of the thread.</param>
/// <param name="WantedCore">Processor it was to have; null: none.</param>
/// <param name="Got">Where it may run, read back.</param>
/// <param name="TimerSlackNanos">How late the kernel may wake it to save power; −1: unknown.</param>
/// <param name="Policy">How the kernel schedules it.</param>
/// <param name="Error">What the system refused, or null.</param>
public sealed record ThreadPlacement(string Role, int? WantedCore, CpuMask Got, long TimerSlackNanos, string Policy, string? Error)
{
    /// <summary>True when the thread is where it was to be.</summary>
    public bool IsAsWanted => WantedCore is not int core || Got.Equals(new CpuMask(core));
}

/// <summary>Carries a <see cref="CorePlan"/> out: hot threads enter their processors, the others are kept off them.</summary>
/// <remarks>Any thread. Make it at start, before threads are started, so that they inherit their place; disposing of it lets all threads run anywhere again.</remarks>
public sealed class CorePlacement : IDisposable
{
    // Read once, because a thread that a placement has moved knows only what it was left.
    private static readonly CpuMask ProcessMask = ThreadAffinity.Get();

    private readonly ConcurrentDictionary<int, ThreadPlacement> _hot = new();
    private readonly bool _realtime;

    /// <summary>Plans, and moves the calling thread and all that exist to the processors of the others.</summary>
    /// <param name="wanted">The setting.</param>
    /// <param name="networkThreads">How many there will be.</param>
    /// <param name="realtime">Asks for SCHED_FIFO, which no ordinary thread preempts, for the simulation thread.</param>
    public CorePlacement(CpuAffinity wanted, int networkThreads, bool realtime = false)
    {
        Plan = CorePlan.Make(wanted, ProcessMask, networkThreads);
        _realtime = realtime;
        MoveOthers();
    }

    /// <summary>Who was to get what.</summary>
    public CorePlan Plan { get; }

    /// <summary>The hot threads that have entered.</summary>
    public IReadOnlyCollection<ThreadPlacement> Threads => [.. _hot.Values.OrderBy(thread => thread.Role, StringComparer.Ordinal)];

    /// <summary>Called by the simulation thread when it starts.</summary>
    public ThreadPlacement EnterSimulation() => Enter("simulation", Plan.SimulationCore, _realtime);

    /// <summary>Called by network thread <paramref name="index"/> when it starts.</summary>
    public ThreadPlacement EnterNetwork(int index) => Enter($"network {index}", Plan.NetworkCores[index], realtime: false);

    /// <summary>Waits until <paramref name="count"/> threads have entered, but not for long: what it waits for is only reported.</summary>
    public void WaitForEntered(int count) =>
        SpinWait.SpinUntil(() => _hot.Values.Count(static thread => thread.Policy.Length > 0) >= count, TimeSpan.FromMilliseconds(50));

    /// <summary>Called by a hot thread before it ends, so that its number may be another's.</summary>
    public void Leave() => _hot.TryRemove(ThreadAffinity.CurrentThread, out _);

    /// <summary>Moves all threads that have not entered off the simulation's processor; again some time after start, for those that the runtime added.</summary>
    public (int Moved, int Refused) MoveOthers() =>
        Plan.SimulationCore is null ? (0, 0) : ThreadAffinity.MoveOthers(Plan.Others, [.. _hot.Keys]);

    /// <summary>Lets every thread of the process run wherever the process may.</summary>
    public void Dispose()
    {
        if (Plan.SimulationCore is not null)
        {
            ThreadAffinity.MoveOthers(ProcessMask, []);
        }
    }

    private ThreadPlacement Enter(string role, int? core, bool realtime)
    {
        // Entered first, so that a MoveOthers at the same time leaves this thread alone.
        int thread = ThreadAffinity.CurrentThread;
        _hot[thread] = new ThreadPlacement(role, core, Plan.Others, -1, "", null);
        string? error = core is int wanted ? ThreadAffinity.Set(new CpuMask(wanted)) : null;
        error ??= Plan.SimulationCore is not null && core is null ? ThreadAffinity.Set(Plan.Others) : null;
        LinuxScheduling.TrySetTimerSlack(1);
        if (realtime && LinuxScheduling.TrySetRealtime(LinuxScheduling.RealtimePriority) is string refused)
        {
            error = error is null ? $"SCHED_FIFO: {refused}" : $"{error}; SCHED_FIFO: {refused}";
        }

        var placement = new ThreadPlacement(
            role, core, ThreadAffinity.Get(), LinuxScheduling.TimerSlackNanos, LinuxScheduling.Policy, error);
        _hot[thread] = placement;
        return placement;
    }
}
