using GameServer.Netcode.Client;
using GameServer.Netcode.Game;
using GameServer.Netcode.Messages;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Server;
using GameServer.Netcode.Transport;
using GameServer.Tests.Support;

namespace GameServer.Tests.Scenarios;

/// <summary>E1 of games that emit more than a silent client can be told later.</summary>
public sealed class EventLifeTests
{
    private static readonly LinkModel Clean = new() { DelayMicros = 30_000 };

    [TestCase(9, 1.0)]
    [TestCase(9, 4.5)]
    [TestCase(40, 2.0)]
    [TestCase(200, 4.5)]
    public void Silence_ManyBriefEvents_EndsNoSessionAndLosesNoReliableOne(int sparksPerTick, double seconds)
    {
        var lab = new Lab<FireworksInput>(new FireworksLab(sparksPerTick), new LabOptions { Clients = 3, Up = Clean, Down = Clean, SyncTest = false, FirstEventSequence = 65_000 });
        lab.Run(2);
        LabClient<FireworksInput> silent = lab.Clients[1];
        long before = silent.Client.Reader.BriefEvents.Taken;
        lab.Network.Pause(lab.Server.Address, silent.Address, lab.NowMicros + (long)(seconds * 1e6));
        lab.Run(seconds + 3);
        lab.Clients.ForEach(c => c.HoldsFire = true);
        lab.Run(1);
        Assert.That(lab.Observer.Left, Is.Empty);
        Assert.That(lab.Clients.Select(c => c.Client.State), Is.All.EqualTo(ClientState.Playing));
        Assert.That(lab.Server.Room.Counters[GameCount.EventGivenUp, FireworksGame.Sparks.Index], Is.GreaterThan(0));
        Assert.That(lab.Server.Room.Counters[GameCount.EventGivenUp, FireworksGame.Bells.Index], Is.Zero);
        Assert.That(silent.Client.Reader.BriefEvents.Taken - before, Is.GreaterThan(sparksPerTick == 9 ? 9 * 150 : 150), "after the silence, events come again");
        Assert.That(silent.Client.Stats.EventGaps, Is.Zero);
        int bells = lab.Invariants.Announced.Count;
        foreach (LabClient<FireworksInput> client in lab.Clients)
        {
            Assert.That(client.AnnouncedTaken, Is.InRange(bells - 2, bells), $"client {client.Index}: each bell once");
        }

        Assert.That(lab.Invariants.Violations.Values, Is.Empty);
    }

    [Test]
    public void Silence_ManyReliableEvents_EndsTheSessionAndTheAuthorWasWarned()
    {
        var warned = new Warned();
        LabServer server = Serve(new FireworksGame(9, areReliable: true), warned);
        for (long now = 0; now < 2_500_000; now += 1000)
        {
            server.TryTick(now);
        }

        Assert.That(warned.Texts, Is.EqualTo(new[] { "spark reliable", "bell reliable" }).Or.EqualTo(new[] { "spark reliable" }));
        Assert.That(warned.SecondsOfSilence, Is.InRange(0.5, 1.0), "512 events at 540 a second");

        var lab = new Lab<FireworksInput>(new FireworksLab(9, areReliable: true), new LabOptions { Clients = 2, Up = Clean, Down = Clean, SyncTest = false });
        lab.Run(2);
        lab.Network.Pause(lab.Server.Address, lab.Clients[0].Address, lab.NowMicros + 1_500_000);
        lab.Run(3);
        Assert.That(lab.Observer.Left.Select(l => l.Reason), Is.EqualTo(new[] { LeaveReason.Overflow }));
    }

    [TestCase(8, false)]
    [TestCase(9, true)]
    public void Rate_OfEventsWithALife_IsWarnedOfOnlyWhenTheirRoomIsShorterThanTheirLife(int sparksPerTick, bool isWarned)
    {
        var warned = new Warned();
        LabServer server = Serve(new FireworksGame(sparksPerTick), warned); // 8 × 60 wait at most in their second, of 512
        for (long now = 0; now < 3_500_000; now += 1000)
        {
            server.TryTick(now);
        }

        Assert.That(warned.Texts, Is.EqualTo(isWarned ? new[] { "spark brief" } : []));
    }

    [TestCase(Limits.EventsPerTickMax - 1, 0)]
    [TestCase(Limits.EventsPerTickMax, 0)]
    [TestCase(Limits.EventsPerTickMax + 1, 1)]
    public void Emit_ManyInOneStep_EachIsShownOnceAndWhatCannotBeNumberedIsCounted(int perPress, int refused)
    {
        var lab = new Lab<BurstInput>(new BurstLab(perPress), new LabOptions { Clients = 2, Up = Clean, Down = Clean, BudgetBytes = 8000 });
        lab.Run(3);
        int presses = lab.Server.Room.World.Get(BurstGame.Bursters, lab.Server.Room.World.IdOf(lab.Server.Room.World.OwnedSlots(lab.Clients[0].Client.Player)[0])).Presses;
        Assert.That(presses, Is.EqualTo(1));
        Assert.That(lab.Server.Room.Counters[GameCount.EventRefused, BurstGame.Bursts.Index], Is.EqualTo(refused));
        foreach (LabClient<BurstInput> client in lab.Clients)
        {
            Assert.That(client.AnnouncedTaken, Is.EqualTo(perPress - refused), $"client {client.Index}");
        }
    }

    private static LabServer Serve(Game<FireworksInput> game, RoomObserver observer)
    {
        var options = new RoomOptions { PlayersMax = 2, PeersPerThread = 8 };
        return new LabServer(new SimulatedNetwork(1), options, (inbound, outbound, o) => Room.Create(game, options, inbound, outbound, o), observer, 2, 0);
    }

    private sealed class Warned : RoomObserver
    {
        public List<string> Texts { get; } = [];

        public double SecondsOfSilence { get; private set; }

        public override void EventsTooMany(string name, bool isReliable, long perSecond, double seconds)
        {
            Texts.Add($"{name} {(isReliable ? "reliable" : "brief")}");
            SecondsOfSilence = seconds;
        }
    }
}
