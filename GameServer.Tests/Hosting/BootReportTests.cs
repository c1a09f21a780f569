using GameServer.Configuration;
using GameServer.Hosting;
using GameServer.Netcode.Rewind;
using GameServer.Netcode.Transport;

namespace GameServer.Tests.Hosting;

public sealed class BootReportTests
{
    private static readonly CorePlan Plan = CorePlan.Make(new CpuAffinity(true, []), new CpuMask(0, 1), 1);
    private static readonly ThreadPlacement Pinned = new("simulation", 1, new CpuMask(1), 1, "SCHED_OTHER", null);

    private static readonly MachineFacts Good = new()
    {
        ClockSource = "tsc",
        Governor = "performance",
        Isolated = new CpuMask(1),
        Siblings = new CpuMask(1),
        ReceiveBufferMax = 8 << 20,
        SendBufferMax = 8 << 20,
    };

    [TestCase(2.0, 2, 8, true, TestName = "Pod_WholeProcessorsOfItsOwn")]
    [TestCase(null, 2, 8, true, TestName = "Pod_ExclusiveWithoutQuota")]
    [TestCase(2.0, 8, 8, false, TestName = "Pod_BurstableOrWithoutStaticPolicy")]
    [TestCase(null, 8, 8, false, TestName = "Pod_WithoutAnyLimit")]
    [TestCase(1.5, 2, 8, false, TestName = "Pod_HalfProcessors")]
    public void Pod_ByQuotaAndProcessors_IsJudged(double? quota, int allowed, int online, bool isOk)
    {
        var plan = CorePlan.Make(new CpuAffinity(false, []), new CpuMask([.. Enumerable.Range(0, allowed)]), 1);
        var facts = Good with { IsInPod = true, QuotaCores = quota, Online = new CpuMask([.. Enumerable.Range(0, online)]) };
        BootItem item = new BootReport(facts, plan, []).Items.Single(static i => i.Name == "pod");
        Assert.That(item.IsOk, Is.EqualTo(isOk), item.Value);
        Assert.That(isOk || item.Fix.Contains("agones.image.sdk.cpuRequest", StringComparison.Ordinal), Is.True);
        Assert.That(new BootReport(Good, plan, []).Items.Any(static i => i.Name == "pod"), Is.False, "only in a pod");
    }

    [Test]
    public void Report_OfAGoodMachine_HasNoWarning()
    {
        var report = new BootReport(Good, Plan, [Pinned], new SocketGrant(1 << 20, 1 << 20, 1 << 20, SocketFilterState.Attached));
        Assert.That(report.Warnings, Is.Empty);
        Assert.That(report.ToString(), Does.Contain("on processor 1 alone").And.Not.Contain("WARN"));
        Assert.That(report.GoodLine, Does.Contain("clock source: tsc; ").And.Contain("simulation thread: on processor 1 alone, SCHED_OTHER"));
        Assert.That(report.Items.Select(item => item.Name), Has.None.EqualTo("other work"), "nobody looked");
    }

    private static IEnumerable<TestCaseData> Faults()
    {
        yield return Fault("isolation", Good with { Isolated = null }, Pinned);
        yield return Fault("shared core", Good with { Siblings = new CpuMask(0, 1) }, Pinned);
        yield return Fault("clock source", Good with { ClockSource = "hpet" }, Pinned);
        yield return Fault("governor", Good with { Governor = "powersave" }, Pinned);
        yield return Fault("processor quota", Good with { QuotaCores = 1.5 }, Pinned);
        yield return Fault("steal", Good with { StealPercent = 3 }, Pinned);
        yield return Fault("other work", Good with { OtherWork = [("miner", 40), ("idle", 0.01)] }, Pinned);
        yield return Fault("receive buffer", Good with { ReceiveBufferMax = 212_992 }, Pinned);
        yield return Fault("simulation thread", Good, Pinned with { Got = new CpuMask(0, 1) });
        yield return Fault("simulation thread", Good, Pinned with { Error = "SCHED_FIFO: Operation not permitted" });
        yield return Fault("simulation timer slack", Good, Pinned with { TimerSlackNanos = 50_000 });
    }

    [TestCaseSource(nameof(Faults))]
    public void Report_OfOneFault_WarnsOfItWithCostAndFix(string name, MachineFacts facts, ThreadPlacement thread)
    {
        int receiveBytes = (int)Math.Min(facts.ReceiveBufferMax!.Value, 1 << 20);
        var report = new BootReport(facts, Plan, [thread], new SocketGrant(1 << 20, receiveBytes, 1 << 20, SocketFilterState.Refused));
        BootItem item = report.Warnings.Single();
        Assert.That(item.Name, Is.EqualTo(name));
        Assert.That(item.Cost, Is.Not.Empty);
        Assert.That(item.Fix, Is.Not.Empty.And.Not.Contain("\n"));
        Assert.That(report.ToString(), Does.Contain($"fix:   {item.Fix}"));
    }

    [TestCase(60, 169, 250, false)]
    [TestCase(60, 170, 250, true)]
    [TestCase(60, 171, 250, true)]
    [TestCase(60, 450, 250, true)]
    [TestCase(60, 1000, 0, true)]
    [TestCase(128, 132, 250, false)]
    [TestCase(128, 133, 250, true)]
    public void Report_OfTheRewindsCap_SaysUpToWhichRoundTripShotsAreJudgedAsSeen(int rateHz, int maxMillis, int roundTripMillis, bool isOk)
    {
        var cap = new RewindCap(rateHz, maxMillis, roundTripMillis);
        BootItem item = new BootReport(Good, Plan, [Pinned], rewind: cap).Items.Single(static i => i.Name == "rewind");
        Assert.That(item.Value, Is.EqualTo($"{cap.MaxMillis} ms at most: shots are judged as seen up to a round trip of {cap.ReachMillis} ms"));
        Assert.That(item.IsOk, Is.EqualTo(isOk), item.Value);
        Assert.That(isOk || (item.Fix.Contains("--max-rewind-rtt-ms", StringComparison.Ordinal) && item.Fix.Contains("--max-rewind-ms", StringComparison.Ordinal)), Is.True);
    }

    [TestCase(1)]
    [TestCase(60)]
    [TestCase(128)]
    [TestCase(1000)]
    public void Report_OfTheTickRate_SaysWhichRoundTripsItFollows(int rateHz)
    {
        var cap = new RewindCap(rateHz, 450, 250);
        BootItem item = new BootReport(Good, Plan, [Pinned], rewind: cap).Items.Single(static i => i.Name == "round trips");
        Assert.That(item.Value, Does.Contain($"{cap.FollowedMillis} ms"));
        Assert.That(item.IsOk, Is.True, item.Value);
        Assert.That(cap.FollowedMillis, Is.GreaterThanOrEqualTo(1500), "further than any player is away from a server");
    }

    [Test]
    public void Report_OfSeveralNetworkThreads_SaysThatAddressChangesAreNotFollowed()
    {
        var report = new BootReport(Good, Plan, [Pinned], new SocketGrant(1 << 20, 1 << 20, 1 << 20, SocketFilterState.Attached, SocketCount: 2));
        Assert.That(report.Warnings.Single().ToString(), Does.Contain("address changes").And.Contain("2 network threads").And.Contain("--network-threads 1"));
    }

    [Test]
    public void Facts_OfADescribedMachine_AreReadFromItsFiles()
    {
        string root = Directory.CreateTempSubdirectory("machine").FullName;
        try
        {
            Write(root, "sys/devices/system/clocksource/clocksource0/current_clocksource", "hpet\n");
            Write(root, "sys/devices/system/cpu/cpu3/cpufreq/scaling_governor", "powersave\n");
            Write(root, "sys/devices/system/cpu/cpu3/topology/thread_siblings_list", "3,7\n");
            Write(root, "sys/devices/system/cpu/isolated", "2-3\n");
            Write(root, "proc/self/cgroup", "0::/pod/game\n");
            Write(root, "sys/fs/cgroup/pod/game/cpu.max", "150000 100000\n");
            Write(root, "proc/sys/net/core/rmem_max", "212992\n");
            Write(root, "proc/stat", "cpu  10 0 10 60 0 0 0 20 0 0\n");
            var files = new SystemFiles(root);
            MachineFacts facts = MachineFacts.Read(files, 3, new CoreLoad(files, new CpuMask(3), ownProcess: 1));
            Assert.That(facts.ClockSource, Is.EqualTo("hpet"));
            Assert.That(facts.Governor, Is.EqualTo("powersave"));
            Assert.That(facts.Siblings, Is.EqualTo(new CpuMask(3, 7)));
            Assert.That(facts.Isolated, Is.EqualTo(new CpuMask(2, 3)));
            Assert.That(facts.QuotaCores, Is.EqualTo(1.5));
            Assert.That(facts.ReceiveBufferMax, Is.EqualTo(212_992));
            Assert.That(facts.SendBufferMax, Is.Null);
            Assert.That(facts.StealPercent, Is.EqualTo(20));
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    [Test]
    public void OtherWork_OfAnotherProgram_IsNamedWithItsShare()
    {
        string root = Directory.CreateTempSubdirectory("machine").FullName;
        try
        {
            var files = new SystemFiles(root);
            Run(root, process: 7, core: 1, nanos: 0);
            Run(root, process: 8, core: 0, nanos: 0);
            Run(root, process: 9, core: 1, nanos: 0);
            var load = new CoreLoad(files, new CpuMask(1), ownProcess: 9);
            Run(root, process: 7, core: 1, nanos: 3_600_000_000_000);
            Run(root, process: 8, core: 0, nanos: 3_600_000_000_000);
            Run(root, process: 9, core: 1, nanos: 3_600_000_000_000);
            (string name, double percent) = load.Others().Single();
            Assert.That(name, Is.EqualTo("odd) name"));
            Assert.That(percent, Is.GreaterThan(100));
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    private static TestCaseData Fault(string name, MachineFacts facts, ThreadPlacement thread) => new(name, facts, thread);

    private static void Run(string root, int process, int core, long nanos)
    {
        Write(root, $"proc/{process}/task/{process}/schedstat", $"{nanos} 0 1\n");
        Write(root, $"proc/{process}/task/{process}/stat", $"{process} (odd) name) S{string.Concat(Enumerable.Repeat(" 0", 35))} {core} 0 0\n");
    }

    private static void Write(string root, string path, string text)
    {
        string file = Path.Combine(root, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, text);
    }
}
