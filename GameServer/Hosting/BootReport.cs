using System.Globalization;
using GameServer.Netcode.Rewind;
using GameServer.Netcode.Transport;

namespace GameServer.Hosting;

/// <summary>One thing that ticks or datagrams depend on.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Value">How it is.</param>
/// <param name="IsOk">Whether that is good enough.</param>
/// <param name="Cost">What it costs when it is not.</param>
/// <param name="Fix">One line that changes it.</param>
public sealed record BootItem(string Name, string Value, bool IsOk, string Cost = "", string Fix = "");

/// <summary>What was asked for and granted for one socket.</summary>
/// <param name="WantedBytes">Buffer that was asked for, each way.</param>
/// <param name="ReceiveBytes">Receive buffer that was granted.</param>
/// <param name="SendBytes">Send buffer that was granted.</param>
/// <param name="Filter">What became of the filter.</param>
/// <param name="SocketCount">How many sockets share the port, one per network thread.</param>
public sealed record SocketGrant(int WantedBytes, int ReceiveBytes, int SendBytes, SocketFilterState Filter, int SocketCount = 1)
{
    /// <summary>What <paramref name="socket"/>, one of <paramref name="socketCount"/>, was granted.</summary>
    public static SocketGrant Of(IDatagramSocket socket, int wantedBytes, int socketCount = 1) =>
        new(wantedBytes, socket.ReceiveBufferBytes, socket.SendBufferBytes, socket.Filter, socketCount);
}

/// <summary>Whether this machine lets a server keep its ticks, item by item.</summary>
public sealed class BootReport
{
    private static readonly string[] FastClocks = ["tsc", "kvm-clock", "hyperv_clocksource_tsc_page", "arch_sys_counter"];

    /// <summary>Round trip that nearly all players of one continent stay below, in milliseconds.</summary>
    private const int RoundTripUsual = 100;

    private readonly List<BootItem> _items = [];

    /// <summary>Judges the facts.</summary>
    /// <param name="facts">The machine.</param>
    /// <param name="plan">What the threads were to get.</param>
    /// <param name="threads">What they got.</param>
    /// <param name="socket">What a socket got; null: there is none.</param>
    /// <param name="rewind">How far back hit tests look; null: there is no room.</param>
    public BootReport(MachineFacts facts, CorePlan plan, IReadOnlyCollection<ThreadPlacement> threads, SocketGrant? socket = null, RewindCap? rewind = null)
    {
        AddProcessors(facts, plan);
        AddPod(facts, plan);
        foreach (ThreadPlacement thread in threads)
        {
            AddThread(thread);
        }

        AddMachine(facts);
        AddOtherWork(facts, plan);
        if (socket is not null)
        {
            AddSocket(facts, socket);
        }

        if (rewind is { } cap)
        {
            AddRewind(cap);
            AddRoundTrip(cap);
        }
    }

    private BootReport(MachineFacts facts, CorePlan plan)
    {
        AddSteal(facts);
        AddOtherWork(facts, plan);
    }

    /// <summary>The items, in the order of the text.</summary>
    public IReadOnlyList<BootItem> Items => _items;

    /// <summary>The items that are not good enough.</summary>
    public IEnumerable<BootItem> Warnings => _items.Where(static item => !item.IsOk);

    /// <summary>What is good enough, in one line.</summary>
    public string GoodLine => string.Join("; ", _items.Where(static item => item.IsOk).Select(static item => $"{item.Name}: {item.Value}"));

    /// <summary>The report about a server whose threads run: without a look at other programs, which takes time.</summary>
    public static BootReport Of(CorePlacement placement, SocketGrant socket, RewindCap rewind) => new(
        MachineFacts.Read(new SystemFiles(), placement.Plan.SimulationCore), placement.Plan, placement.Threads, socket, rewind);

    /// <summary>Only what others did on the hot threads' processors since <paramref name="load"/> began to watch.</summary>
    internal static BootReport OfOthers(CorePlacement placement, SystemFiles files, CoreLoad load) =>
        new(MachineFacts.Read(files, placement.Plan.SimulationCore, load), placement.Plan);

    /// <summary>The report as text, one line per item and two more for each that is not good enough.</summary>
    public override string ToString()
    {
        var lines = new List<string>();
        int width = _items.Max(static item => item.Name.Length);
        foreach (BootItem item in _items)
        {
            lines.Add($"{(item.IsOk ? "ok  " : "WARN")}  {item.Name.PadRight(width)}  {item.Value}");
            if (!item.IsOk)
            {
                lines.Add($"        costs: {item.Cost}");
                lines.Add($"        fix:   {item.Fix}");
            }
        }

        return string.Join('\n', lines);
    }

    private void Add(string name, string value, bool isOk, string cost, string fix) =>
        _items.Add(isOk ? new BootItem(name, value, true) : new BootItem(name, value, false, cost, fix));

    private void AddProcessors(MachineFacts facts, CorePlan plan)
    {
        Add("processors", $"{plan.Allowed.Count} ({plan.Allowed})", plan.Allowed.Count >= 2,
            "simulation, network and everything else take turns: ticks are late by milliseconds",
            "give the process at least 2 processors (--cpus 2, or a larger cpuset)");
        foreach (string remark in plan.Remarks)
        {
            Add("affinity", remark, false, "the hot threads share processors", "correct --cpu-affinity, or widen the cpuset of the process");
        }

        if (plan.SimulationCore is not int core)
        {
            return;
        }

        Add("isolation", facts.Isolated?.Contains(core) == true ? $"processor {core} is isolated" : $"processor {core} is open to other programs and to the kernel's own work",
            facts.Isolated?.Contains(core) == true,
            "now and then a tick starts late, by up to some milliseconds",
            $"boot with isolcpus={core} nohz_full={core} rcu_nocbs={core}, or put other services on other processors");
        if (facts.Siblings is { Count: > 1 } siblings)
        {
            Add("shared core", $"processor {core} shares its core with {siblings.Without(core)}", false,
                "ticks take up to twice as long while the other half is busy",
                $"keep {siblings.Without(core)} idle (leave it out of every cpuset), or turn SMT off: echo off > /sys/devices/system/cpu/smt/control");
        }
    }

    /// <summary>In a pod, only a container of the class Guaranteed with whole processors has them for itself; what it may use then is what it is limited to.</summary>
    private void AddPod(MachineFacts facts, CorePlan plan)
    {
        if (!facts.IsInPod)
        {
            return;
        }

        bool isExclusive = facts.QuotaCores is double cores ? cores == plan.Allowed.Count : facts.Online is { } online && plan.Allowed.Count < online.Count;
        string limit = facts.QuotaCores is double quota ? string.Create(CultureInfo.InvariantCulture, $"limited to {quota:0.##} processors") : "without a limit";
        Add("pod", $"{limit}, may run on {plan.Allowed.Count} ({plan.Allowed})", isExclusive,
            "other pods run on the same processors: ticks are late by milliseconds, and throttled ones by tens of them",
            "the class Guaranteed: whole processors, requests equal to limits in every container of the pod, the Agones sidecar included (Helm: agones.image.sdk.cpuRequest, cpuLimit, memoryRequest, memoryLimit), and the kubelet's --cpu-manager-policy=static");
    }

    private void AddThread(ThreadPlacement thread)
    {
        string where = thread.WantedCore is int core
            ? thread.IsAsWanted ? $"on processor {core} alone" : $"wanted processor {core}, may run on {thread.Got}"
            : $"may run on {thread.Got}";
        bool isPlaced = thread.IsAsWanted && thread.Error is null;
        string value = thread.Error is null ? $"{where}, {thread.Policy}" : $"{where}, {thread.Policy}: {thread.Error}";
        Add($"{thread.Role} thread", value, isPlaced,
            "other threads run in its way", "allow sched_setaffinity and, for --realtime, CAP_SYS_NICE (systemd: AmbientCapabilities=CAP_SYS_NICE)");
        Add($"{thread.Role} timer slack", thread.TimerSlackNanos < 0 ? "unknown" : $"{thread.TimerSlackNanos:N0} ns", thread.TimerSlackNanos is >= 0 and <= 1_000,
            "sleeps end up to 50 µs late, and the spin before each tick is longer", "allow prctl(PR_SET_TIMERSLACK) in the sandbox of the process");
    }

    private void AddMachine(MachineFacts facts)
    {
        Add("clock source", facts.ClockSource ?? "unknown", facts.ClockSource is null || FastClocks.Contains(facts.ClockSource),
            "each look at the clock is a system call of about 1 µs", "boot with clocksource=tsc tsc=reliable");
        Add("governor", facts.Governor ?? "none visible", facts.Governor is null or "performance",
            "the processor slows down between ticks: each tick starts at a low clock rate",
            "cpupower frequency-set -g performance");
        Add("processor quota", facts.QuotaCores is double cores ? string.Create(CultureInfo.InvariantCulture, $"{cores:0.##} processors") : "none", facts.QuotaCores is null,
            "once the share is used up, the kernel stops the whole process for the rest of each 100 ms",
            "give whole processors (Kubernetes: static CPU manager and equal requests and limits; Docker: --cpuset-cpus without --cpus)");
        AddSteal(facts);
    }

    private void AddSteal(MachineFacts facts) =>
        Add("steal", string.Create(CultureInfo.InvariantCulture, $"{facts.StealPercent:0.0} %"), facts.StealPercent < 1,
            "the hypervisor runs others on these processors: ticks start late however the guest is set up", "use an instance type with dedicated processors");

    private void AddOtherWork(MachineFacts facts, CorePlan plan)
    {
        if (plan.SimulationCore is null || facts.OtherWork is null)
        {
            return;
        }

        (string Name, double Percent)[] busy = [.. facts.OtherWork.Where(static work => work.Percent >= 0.5).Take(4)];
        string names = string.Join(", ", busy.Select(static work => string.Create(CultureInfo.InvariantCulture, $"{work.Name} {work.Percent:0.0} %")));
        Add("other work", busy.Length == 0 ? "none seen on the hot threads' processors" : names, busy.Length == 0,
            "these programs ran on the hot threads' processors", $"keep them away: taskset -pc {plan.Others} PID, or CPUAffinity= in their units");
    }

    private void AddSocket(MachineFacts facts, SocketGrant socket)
    {
        AddBuffer("receive buffer", "rmem_max", socket.ReceiveBytes, socket.WantedBytes, facts.ReceiveBufferMax, "bursts of datagrams are dropped while a thread is delayed");
        AddBuffer("send buffer", "wmem_max", socket.SendBytes, socket.WantedBytes, facts.SendBufferMax, "the datagrams of a large tick wait for the next round");
        _items.Add(new BootItem("socket filter", socket.Filter.ToString(), true));
        Add("address changes", socket.SocketCount == 1 ? "followed" : $"not followed: {socket.SocketCount} network threads share the port", socket.SocketCount == 1,
            "a player whose address changes (a router that forgets, another network) leaves by timeout and must join anew", "--network-threads 1");
    }

    private void AddRoundTrip(RewindCap rewind) =>
        _items.Add(new BootItem("round trips", $"followed up to {rewind.FollowedMillis} ms at this tick rate; inputs of players with a longer one come too late", true));

    // Below the round trip of most players of one continent, a cap is a decision that somebody should know of.
    private void AddRewind(RewindCap rewind) =>
        Add("rewind", $"{rewind.MaxMillis} ms at most: shots are judged as seen up to a round trip of {rewind.ReachMillis} ms", rewind.ReachMillis >= RoundTripUsual,
            "shots of players with a longer round trip miss what they saw on their screens", $"--max-rewind-rtt-ms {RoundTripUsual} and --max-rewind-ms {RoundTripUsual + rewind.DelayMillis} or more");

    private void AddBuffer(string name, string limit, int grantedBytes, int wantedBytes, long? maxBytes, string cost) =>
        Add(name, $"{grantedBytes:N0} of {wantedBytes:N0} bytes{(maxBytes is long max ? $" (limit {max:N0})" : "")}", grantedBytes >= wantedBytes,
            cost, $"sysctl -w net.core.{limit}={wantedBytes}");
}
