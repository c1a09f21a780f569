namespace GameServer.Hosting;

/// <summary>What a machine says about itself as far as ticks and datagrams care; null where it does not say.</summary>
public sealed record MachineFacts
{
    /// <summary>What the clock is read from.</summary>
    public string? ClockSource { get; init; }

    /// <summary>Governor of the simulation's processor; virtual machines have none.</summary>
    public string? Governor { get; init; }

    /// <summary>Processors that the kernel keeps for those who ask.</summary>
    public CpuMask? Isolated { get; init; }

    /// <summary>The simulation's processor and those that share its execution units.</summary>
    public CpuMask? Siblings { get; init; }

    /// <summary>Share of the processors that the group of this process may use, such as 1.5; null: no limit.</summary>
    public double? QuotaCores { get; init; }

    /// <summary>Largest receive buffer that an ordinary user gets, in bytes.</summary>
    public long? ReceiveBufferMax { get; init; }

    /// <summary>Largest send buffer that an ordinary user gets, in bytes.</summary>
    public long? SendBufferMax { get; init; }

    /// <summary>Time that the hypervisor gave to others, in %.</summary>
    public double StealPercent { get; init; }

    /// <summary>Other programs on the hot threads' processors, with their use in %; null: nobody looked.</summary>
    public IReadOnlyList<(string Name, double Percent)>? OtherWork { get; init; }

    /// <summary>All processors of the machine.</summary>
    public CpuMask? Online { get; init; }

    /// <summary>Whether the process runs in a pod of Kubernetes.</summary>
    public bool IsInPod { get; init; }

    /// <summary>Reads the facts about this machine.</summary>
    /// <param name="files">Where they are read.</param>
    /// <param name="simulationCore">The processor in question; null: the first.</param>
    /// <param name="load">A watch that was begun some time before; null: other work is not looked at.</param>
    public static MachineFacts Read(SystemFiles files, int? simulationCore, CoreLoad? load = null)
    {
        string cpu = $"sys/devices/system/cpu/cpu{simulationCore ?? 0}";
        return new MachineFacts
        {
            ClockSource = files.Text("sys/devices/system/clocksource/clocksource0/current_clocksource"),
            Governor = files.Text($"{cpu}/cpufreq/scaling_governor"),
            Isolated = files.Cores("sys/devices/system/cpu/isolated"),
            Siblings = files.Cores($"{cpu}/topology/thread_siblings_list"),
            QuotaCores = Quota(files),
            ReceiveBufferMax = files.Number("proc/sys/net/core/rmem_max"),
            SendBufferMax = files.Number("proc/sys/net/core/wmem_max"),
            StealPercent = load?.StealPercent() ?? CoreLoad.StealPercentSinceBoot(files),
            OtherWork = load?.Others(),
            Online = files.Cores("sys/devices/system/cpu/online"),
            IsInPod = !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_HOST")),
        };
    }

    private static double? Quota(SystemFiles files)
    {
        // Inside a container its own group is the root of what it sees; outside, the path is in /proc/self/cgroup.
        string group = (files.Text("proc/self/cgroup") ?? "").Split('\n')
            .FirstOrDefault(static line => line.StartsWith("0::", StringComparison.Ordinal))?[3..].Trim('/') ?? "";
        string? second = files.Text($"sys/fs/cgroup/{group}/cpu.max") ?? files.Text("sys/fs/cgroup/cpu.max");
        if (second?.Split(' ') is [string share, string period] && double.TryParse(share, out double shareMicros) && double.TryParse(period, out double periodMicros))
        {
            return shareMicros / periodMicros;
        }

        long? first = files.Number("sys/fs/cgroup/cpu/cpu.cfs_quota_us");
        long? firstPeriod = files.Number("sys/fs/cgroup/cpu/cpu.cfs_period_us");
        return first > 0 && firstPeriod > 0 ? (double)first / firstPeriod : null;
    }
}
