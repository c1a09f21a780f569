using GameServer.Configuration;
using GameServer.Hosting;

namespace GameServer.Tests.Hosting;

/// <summary>What only the real system can show; each thread puts back what it changed.</summary>
[Category("Socket")]
[NonParallelizable]
public sealed class ThreadPlacementTests
{
    [SetUp]
    public void RequireLinux()
    {
        if (!OperatingSystem.IsLinux())
        {
            Assert.Ignore("needs Linux");
        }
    }

    [Test]
    public void Placement_Auto_PinsTheSimulationAndKeepsTheOthersOff()
    {
        if (ThreadAffinity.Get().Count < 2)
        {
            Assert.Ignore("needs two processors");
        }

        using var placement = new CorePlacement(new CpuAffinity(true, []), networkThreads: 1);
        int core = placement.Plan.SimulationCore!.Value;
        ThreadPlacement simulation = OnThread(placement.EnterSimulation);
        ThreadPlacement network = OnThread(() => placement.EnterNetwork(0));
        Assert.That(simulation.Error, Is.Null);
        Assert.That(simulation.IsAsWanted, Is.True);
        Assert.That(simulation.Got, Is.EqualTo(new CpuMask(core)));
        Assert.That(simulation.TimerSlackNanos, Is.EqualTo(1));
        Assert.That(network.Got.Contains(core), Is.False);
        Assert.That(OnThread(() => ThreadAffinity.Get()).Contains(core), Is.False, "a later thread inherits its place");
        Assert.That(placement.Threads.Select(thread => thread.Role), Is.EqualTo(new[] { "network 0", "simulation" }));
    }

    [Test]
    public void Placement_OfAThreadStartedByTheSimulation_IsMovedOff()
    {
        if (ThreadAffinity.Get().Count < 2)
        {
            Assert.Ignore("needs two processors");
        }

        using var placement = new CorePlacement(new CpuAffinity(true, []), networkThreads: 1);
        CpuMask seen = OnThread(() =>
        {
            CpuMask simulation = placement.EnterSimulation().Got;
            CpuMask child = OnThread(() =>
            {
                placement.MoveOthers();
                return ThreadAffinity.Get();
            });
            Assert.That(ThreadAffinity.Get(), Is.EqualTo(simulation));
            placement.Leave();
            return child;
        });
        Assert.That(seen, Is.EqualTo(placement.Plan.Others));
    }

    [Test]
    public void Placement_Disposed_LetsThreadsRunAnywhereAgain()
    {
        CpuMask before = ThreadAffinity.Get();
        using (new CorePlacement(new CpuAffinity(true, []), networkThreads: 1))
        {
        }

        Assert.That(ThreadAffinity.Get(), Is.EqualTo(before));
    }

    [Test]
    public void MoveOthers_MovesEveryThreadButTheExcepted()
    {
        CpuMask all = ThreadAffinity.Get();
        var first = new CpuMask(all.Cores[0]);
        int excepted = 0;
        CpuMask? seen = null;
        using var entered = new ManualResetEventSlim();
        using var moved = new ManualResetEventSlim();
        var thread = new Thread(() =>
        {
            Volatile.Write(ref excepted, ThreadAffinity.CurrentThread);
            entered.Set();
            moved.Wait();
            seen = ThreadAffinity.Get();
        });
        thread.Start();
        entered.Wait();
        try
        {
            (int count, _) = ThreadAffinity.MoveOthers(first, [excepted]);
            Assert.That(count, Is.GreaterThan(3));
            Assert.That(ThreadAffinity.Get(), Is.EqualTo(first));
        }
        finally
        {
            moved.Set();
            thread.Join();
            ThreadAffinity.MoveOthers(all, []);
        }

        Assert.That(seen, Is.EqualTo(all));
    }

    [Test]
    public void Set_ToAProcessorThatIsNotThere_SaysWhy() =>
        Assert.That(OnThread(() => ThreadAffinity.Set(new CpuMask(1023))), Is.Not.Empty);

    [Test]
    public void Realtime_WhereAllowed_IsReadBack()
    {
        (string? error, string policy) = OnThread(() => (LinuxScheduling.TrySetRealtime(LinuxScheduling.RealtimePriority), LinuxScheduling.Policy));
        Assert.That(policy, Is.EqualTo(error is null ? "SCHED_FIFO" : "SCHED_OTHER"));
    }

    [Test]
    public void SchedStat_OfAThreadThatRuns_GrowsWithoutAllocating()
    {
        (long first, long second, long allocated) = OnThread(() =>
        {
            using var account = new SchedStat();
            long before = account.Read().RunNanos;
            long after = before;
            for (long start = MonotonicClock.Micros; after - before < 5_000_000 && MonotonicClock.Micros < start + 5_000_000;)
            {
                after = account.Read().RunNanos;
            }

            long bytes = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < 100; i++)
            {
                _ = account.Read();
            }

            return (before, after, GC.GetAllocatedBytesForCurrentThread() - bytes);
        });
        Assert.That(second - first, Is.GreaterThanOrEqualTo(5_000_000));
        Assert.That(allocated, Is.Zero);
    }

    [Test]
    public void Doctor_OfOneSecond_ReportsAndMeasures()
    {
        var output = new StringWriter();
        Doctor.Run(output, new CpuAffinity(true, []), rateHz: 100, seconds: 1);
        Assert.That(output.ToString(), Does.Contain("clock source").And.Contain("receive buffer").And.Contain("socket filter"));
        Assert.That(output.ToString(), Does.Match(@"server's pacer +[1-9]\d* +[\d.]+ +[\d.]+").And.Match(@"bare nanosleep and spin +[1-9]\d* +[\d.]+"));
    }

    [Test]
    public void WaitUntil_NeverReturnsEarlyNorAllocates()
    {
        OnThread(() =>
        {
            var pacer = new TickPacer();
            long deadline = MonotonicClock.Nanos;
            long early = 0;
            long bytes = 0;
            for (int i = 0; i < 60; i++)
            {
                bytes = i == 30 ? GC.GetAllocatedBytesForCurrentThread() : bytes;
                deadline += 2_000_000;
                long lateness = pacer.WaitUntil(deadline);
                early += lateness < 0 || MonotonicClock.Nanos < deadline ? 1 : 0;
            }

            Assert.That(GC.GetAllocatedBytesForCurrentThread() - bytes, Is.Zero);
            Assert.That(early, Is.Zero);
            return true;
        });
    }

    private static T OnThread<T>(Func<T> work)
    {
        T result = default!;
        Exception? error = null;
        var thread = new Thread(() =>
        {
            try
            {
                result = work();
            }
            catch (Exception e)
            {
                error = e;
            }
        });
        thread.Start();
        thread.Join();
        return error is null ? result : throw error;
    }
}
