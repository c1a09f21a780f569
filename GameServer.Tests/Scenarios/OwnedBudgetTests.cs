using GameServer.Netcode.Client;
using GameServer.Netcode.Game;
using GameServer.Netcode.Server;
using GameServer.Netcode.Snapshots;
using GameServer.Netcode.Transport;
using GameServer.Tests.Support;

namespace GameServer.Tests.Scenarios;

/// <summary>S5, P1 and P3 of players who own more than a snapshot holds.</summary>
public sealed class OwnedBudgetTests
{
    private static readonly LinkModel Clean = new() { DelayMicros = 30_000 };
    private static readonly LinkModel Lossy = new() { DelayMicros = 40_000, JitterMicros = 10_000, LossPercent = 8, BurstPackets = 2 };

    [TestCase(1)]
    [TestCase(4)]
    [TestCase(5)]
    [TestCase(6)]
    [TestCase(12)]
    public void Own216Bytes_ChangeEachTick_NobodyStarvesAndNothingIsMispredicted(int ships)
    {
        Lab<FleetInput> lab = Fleet(ships, Clean);
        lab.Run(6);
        foreach (LabClient<FleetInput> client in lab.Clients)
        {
            ClientStats stats = client.Client.Stats;
            Assert.That(client.Client.State, Is.EqualTo(ClientState.Playing));
            Assert.That(stats.CorrectionsOwn, Is.Zero);
            Assert.That(stats.ReplayedTicks, Is.LessThan(600), "what was predicted exactly is not replayed");
        }

        Assert.That(lab.Server.Room.OwnedDeferred, ships > 4 ? Is.GreaterThan(0) : Is.GreaterThanOrEqualTo(0));
        Assert.That(lab.Invariants.EntityChecks, Is.GreaterThan(1000));
        Assert.That(lab.Invariants.Violations.Values, Is.Empty);
    }

    [TestCase(5, 1)]
    [TestCase(8, 2)]
    [TestCase(12, 3)]
    public void OwnChangedFromOutside_NeverWhole_IsReconciledAllTheSame(int ships, int seed)
    {
        Lab<FleetInput> lab = Fleet(ships, Lossy, isAdrift: true, (ulong)seed);
        lab.Run(8);
        foreach (LabClient<FleetInput> client in lab.Clients)
        {
            foreach (PredictedEntity ship in client.Client.Predictor.Entities.Where(e => e.Kind.Name == "ship"))
            {
                Assert.That(ship.HasCompared, Is.True);
                Assert.That(lab.Server.Room.NextTick - ship.ComparedAt, Is.LessThan(60), "compared not long ago");
            }
        }

        Assert.That(lab.Clients.Sum(c => c.Client.Stats.CorrectionsExternal), Is.GreaterThan(20), "the current was felt");
        Assert.That(lab.Clients.Sum(c => c.Client.Stats.CorrectionsOwn), Is.Zero);
        Assert.That(lab.Invariants.Violations.Values, Is.Empty);
    }

    [TestCase(64)]
    [TestCase(65)]
    [TestCase(Netcode.Primitives.Limits.OwnedEntitiesMax)]
    public void ManyOwn_AreAllPredictedAndNotReplayedForEver(int ships)
    {
        var lab = new Lab<FleetInput>(new FleetLab(ships, buoys: 4), new LabOptions { Clients = 1, BudgetBytes = 16_384, Up = Clean, Down = Clean, FramePeriodsMicros = [16_000] });
        lab.Clients[0].HoldsFire = true;
        lab.Run(2);
        long replayed = lab.Clients[0].Client.Stats.ReplayedTicks;
        lab.Run(2);
        Assert.That(lab.Clients[0].Client.Predictor.Entities, Has.Count.EqualTo(ships));
        Assert.That(lab.Clients[0].Client.Stats.ReplayedTicks - replayed, Is.LessThan(120));
        Assert.That(lab.Clients[0].Client.Stats.CorrectionsOwn, Is.Zero);
    }

    [Test]
    public void PredictedSpawns_WhileNeverWhole_AreConfirmedOrDropped()
    {
        Lab<FleetInput> lab = Fleet(8, Clean);
        lab.Run(8);
        Assert.That(lab.Clients.Sum(c => c.Client.Stats.SpawnsUnconfirmed), Is.GreaterThan(0), "16 missiles fit, and more were launched");
        Assert.That(lab.Clients.Sum(c => c.Client.Stats.CorrectionsOwn), Is.Zero);
        foreach (LabClient<FleetInput> client in lab.Clients)
        {
            Assert.That(client.Client.Predictor.Entities.Count(e => e.Replica is null), Is.LessThan(40), "what was refused is gone in time");
        }

        Assert.That(lab.Invariants.Violations.Values, Is.Empty);
    }

    [Test]
    public void Create_EntityThatCanNeverBeSent_NamesItAndTheBudget()
    {
        int needed = SnapshotSizes.BudgetFor(GameSchema<FleetInput>.Of(new FleetGame(1)).Kinds[0].Owned.BitsMax, SnapshotSizes.OwnedRecordBits);
        Assert.That(needed, Is.InRange(230, 300));
        Assert.That(() => Create(needed), Throws.Nothing);
        Assert.That(() => Create(needed + 1), Throws.Nothing);
        Assert.That(() => Create(Math.Max(256, needed - 1)), needed - 1 >= 256
            ? Throws.ArgumentException.With.Message.Contains("'ship'").And.Message.Contains($"{needed}").And.Message.Contains($"{needed - 1}")
            : Throws.Nothing);

        static Room Create(int budget) => Room.Create(
            new FleetGame(1), new RoomOptions { BudgetBytes = budget }, [new Netcode.Transport.InboundLane(1 << 16, 512)], [new Netcode.Primitives.SpscRing(1 << 16)]);
    }

    private static Lab<FleetInput> Fleet(int ships, LinkModel link, bool isAdrift = false, ulong seed = 1)
    {
        var options = new LabOptions { Clients = 2, Seed = seed, Up = link, Down = link, FirstTick = uint.MaxValue - 200, FirstSnapshotSequence = 65_400 };
        return new Lab<FleetInput>(new FleetLab(ships, isAdrift: isAdrift), options);
    }
}
