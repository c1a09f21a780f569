using GameServer.Netcode.Client;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Server;
using GameServer.Netcode.Transport;
using GameServer.Tests.Support;

namespace GameServer.Tests.Scenarios;

/// <summary>C1, D1, A1, M1, S5 and S6, each provoked.</summary>
public sealed class RunTests
{
    private static readonly LinkModel Lossy = new() { DelayMicros = 60_000, JitterMicros = 15_000, LossPercent = 3 };

    [TestCase(uint.MaxValue - 700, (ushort)(ushort.MaxValue - 300))]
    [TestCase((uint)int.MaxValue - 700, (ushort)(short.MaxValue - 300))]
    [TestCase((uint)ushort.MaxValue - 700, (ushort)0)]
    public void C1_CountersWrapDuringTheRun_NothingBreaks(uint firstTick, ushort firstSequence)
    {
        var lab = new Lab(new LabOptions { FirstTick = firstTick, FirstSnapshotSequence = firstSequence, Clients = 6, Up = Lossy, Down = Lossy });
        lab.Run(16);
        Assert.That(lab.Server.Room.NextTick.Value - firstTick, Is.GreaterThan(900));
        Finish(lab);
        Assert.That(lab.Server.Room.ShotsHit, Is.GreaterThan(0));
    }

    [Test]
    public void D1_SameSeedTwice_SameHash()
    {
        Assert.That(Run(), Is.EqualTo(Run()));

        static string Run()
        {
            ISeedRun run = SeedGames.Create(SeedGames.Sample, 4711);
            string line = run.Run();
            return line + string.Join(' ', run.Traffic);
        }
    }

    [Test]
    public void S6_SmallBudget32Clients_IsKeptAndEverythingRefreshed()
    {
        var lab = new Lab(new LabOptions { Clients = 32, BudgetBytes = 280, SyncTest = false, Up = new LinkModel { DelayMicros = 20_000 }, Down = new LinkModel { DelayMicros = 20_000, LossPercent = 1 } });
        lab.Run(8);
        Assert.That(lab.Server.Room.EntitiesDeferred, Is.GreaterThan(100), "the budget was never short");
        Assert.That(lab.Invariants.Violations.Values, Is.Empty, lab.Invariants.Describe());
        Assert.That(lab.Observer.SnapshotBytesMax, Is.GreaterThan(250));
    }

    [Test]
    public void S2_LargeBudget_SeveralDatagramsPerTickLoseNothing()
    {
        var lab = new Lab(new LabOptions { Clients = 32, BudgetBytes = 4000, SyncTest = false, Up = Lossy, Down = Lossy with { LossPercent = 10 } });
        lab.Run(6);
        Finish(lab);
    }

    [Test]
    public void M1_LagSwitch_GainsNothingAndIsCounted()
    {
        var lab = new Lab(new LabOptions { Clients = 3, Up = new LinkModel { DelayMicros = 30_000 }, Down = new LinkModel { DelayMicros = 30_000 } });
        lab.Run(2);
        PeerAddress cheat = lab.Clients[0].Address;
        PeerAddress server = lab.Server.Address;
        for (int i = 0; i < 10; i++)
        {
            lab.Network.Pause(in cheat, in server, lab.NowMicros + 400_000);
            lab.Run(1);
        }

        Assert.That(lab.Invariants.Violations.Values, Is.Empty);
        Assert.That(lab.Server.Room.Inputs.Starved, Is.GreaterThan(15), "the switch was never felt");
        Session session = lab.Server.Room.Sessions.All[lab.Clients[0].Client.Player.Index];
        Assert.That(session.Inputs.StarveBursts, Is.InRange(1, 10), "counted as what it is; then his lead has grown by as much, and it gains him nothing but delay");
        Assert.That(lab.Server.Room.Inputs.StarveBursts, Is.EqualTo(session.Inputs.StarveBursts), "and nobody else's play");
    }

    [Test]
    public void T2_EveryOtherDatagramTwice_NothingIsTakenTwice()
    {
        var link = new LinkModel { DelayMicros = 30_000, JitterMicros = 20_000, DuplicatePercent = 50 };
        var lab = new Lab(new LabOptions { Clients = 4, Up = link, Down = link });
        var newest = new Dictionary<int, (ushort Sequence, long Received)>();
        for (int i = 0; i < 2000; i++)
        {
            lab.Run(0.004);
            foreach (LabClient client in lab.Clients.Where(c => c.Client.Reader.HasNewest))
            {
                (ushort sequence, long received) = (client.Client.Reader.AckSequence, client.Client.Reader.Received);
                if (newest.TryGetValue(client.Index, out (ushort Sequence, long Received) before))
                {
                    Assert.That(SequenceMath.Distance(sequence, before.Sequence), Is.GreaterThanOrEqualTo(received - before.Received), "each new one once, and never back");
                }

                newest[client.Index] = (sequence, received);
            }
        }

        Assert.That(lab.Clients.Select(c => c.Client.Drops[DropReason.SnapshotDuplicate]), Is.All.GreaterThan(50));
        Assert.That(lab.Server.Room.Inputs.Executed, Is.LessThanOrEqualTo(4 * 8 * 60), "no more than there were ticks");
        Assert.That(lab.Invariants.Violations.Values, Is.Empty);
    }

    [TestCase(60, 20)]
    [TestCase(60, 120)]
    [TestCase(30, 60)]
    public void P2_InputsStop_PredictionEqualsTheServerWithinRoundTripAndTwoTicks(int rateHz, int delayMillis)
    {
        var link = new LinkModel { DelayMicros = delayMillis * 1000L };
        var lab = new Lab(new LabOptions { Clients = 2, TickRateHz = rateHz, Up = link, Down = link, FramePeriodsMicros = [4000] });
        lab.Clients.ForEach(c => c.HoldsFire = true);
        lab.Run(4);
        lab.Clients.ForEach(c => c.IsIdle = true);
        const double friction = 6 / 30.0; // who walked at full speed stands still after this long, by the rules
        lab.Run(friction + (2 * delayMillis / 1000.0) + (2.0 / rateHz));
        foreach (LabClient client in lab.Clients)
        {
            PredictedEntity soldier = client.Client.Predictor.Entities.Single();
            Assert.That(lab.Server.Room.World.ComponentBytes(soldier.Replica!.Slot).SequenceEqual(soldier.Bytes), $"client {client.Index}");
        }

        Assert.That(lab.Invariants.Violations.Values, Is.Empty);
    }

    [Test]
    public void T1_ChatUnderLoss_ArrivesInOrderAndToTheLast()
    {
        var lab = new Lab(new LabOptions { Clients = 4, Up = Lossy with { LossPercent = 20 }, Down = Lossy with { LossPercent = 20 } });
        lab.Run(3);
        for (int i = 0; i < 40; i++)
        {
            lab.Clients[i % 4].Chat();
            lab.Run(0.1);
        }

        lab.Run(3);
        foreach (LabClient client in lab.Clients)
        {
            Assert.That(client.ChatWentBack, Is.False);
            Assert.That(client.ChatSeen.Values.Max(), Is.EqualTo(10), $"client {client.Index}");
        }

        Assert.That(lab.Observer.Reports, Is.GreaterThan(12));
        Assert.That(lab.Invariants.Violations.Values, Is.Empty);
    }

    [Test]
    [NonParallelizable]
    public void A1_SteadyState_NothingIsAllocatedAndNothingThrown()
    {
        var lab = new Lab(new LabOptions { Clients = 8, Checks = false, SyncTest = false, Up = Lossy, Down = Lossy });
        lab.Run(8);
        int thrown = 0;
        void OnThrown(object? sender, System.Runtime.ExceptionServices.FirstChanceExceptionEventArgs e) => thrown++;
        AppDomain.CurrentDomain.FirstChanceException += OnThrown;
        long before = GC.GetAllocatedBytesForCurrentThread();
        long tickBytes = lab.Server.TickBytesAllocated;
        long updateBytes = lab.Clients.Sum(c => c.UpdateBytesAllocated);
        lab.Run(4);
        long updates = lab.Clients.Sum(c => c.UpdateBytesAllocated) - updateBytes;
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        AppDomain.CurrentDomain.FirstChanceException -= OnThrown;
        TestContext.Out.WriteLine($"{lab.Server.TickBytesAllocated - tickBytes} bytes in ticks, {updates} in updates, {allocated} in all, lab and network included");
        Assert.That(lab.Server.TickBytesAllocated - tickBytes, Is.Zero, "bytes allocated by the room and its network thread");
        Assert.That(updates, Is.Zero, "bytes allocated by clients");
        Assert.That(thrown, Is.Zero);
    }

    [TestCase(6UL, false)]
    [TestCase(7UL, true)]
    public void Wait_WithTimeForIt_TakesInputsEarlyAndChangesNothing(ulong seed, bool early)
    {
        var lab = new Lab(new LabOptions { Clients = 4, Up = Lossy, Down = Lossy, Seed = seed });
        lab.Run(5);
        Assert.That(lab.Server.RecordsTakenEarly, early ? Is.GreaterThan(500) : Is.Zero);
        Finish(lab);
    }

    [Test]
    public void Death_RespawnElsewhere_IsNeitherDrawnAsAGlideNorHit()
    {
        var lab = new Lab(new LabOptions { Clients = 10, Up = Lossy, Down = Lossy, Seed = 8 });
        lab.Run(25);
        Assert.That(lab.Invariants.Announced, Is.Not.Empty, "nobody died");
        Finish(lab);
    }

    private static void Finish(Lab lab)
    {
        lab.StopFaults();
        foreach (LabClient client in lab.Clients)
        {
            client.IsIdle = client.HoldsFire = true;
        }

        lab.Run(4);
        lab.Invariants.AtRest();
        Assert.That(lab.Playing.Count(), Is.EqualTo(lab.Clients.Count), string.Join(' ', lab.Observer.Left));
        Assert.That(lab.Invariants.Violations.Values, Is.Empty, lab.Invariants.Describe());
    }
}
