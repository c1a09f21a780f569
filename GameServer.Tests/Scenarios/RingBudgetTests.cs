using GameServer.Arena;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Server;
using GameServer.Netcode.Transport;
using GameServer.Tests.Support;

namespace GameServer.Tests.Scenarios;

/// <summary>What one peer brings takes nobody's place in what the room reads, and the newest input is there after every stall.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class RingBudgetTests
{
    private const int Honest = 4;
    private const int Unjoined = 20;
    private const uint OneHost = 0x0300000A;

    private static readonly LinkModel Link = new() { DelayMicros = 20_000 };

    public enum Flood
    {
        Large,
        Small,
        Reliable,
    }

    [Test]
    public void Unjoined_OfOneAddressFlood_NoInputOfThePlayersIsLost([Values] Flood flood, [Values] bool withStalls)
    {
        Lab<ArenaInput> lab = Start();
        LabStranger[] strangers = [.. Enumerable.Range(0, Unjoined).Select(i => StrangerOf(lab, i))];
        lab.Stranger = now => Array.ForEach(strangers, s => Send(s, flood, now));
        lab.Run(0.2);
        InputTotals before = lab.Server.Room.Inputs;
        Tick first = lab.Server.Room.NextTick;
        for (int i = 0; i < 4; i++)
        {
            lab.Run(0.2);
            if (withStalls)
            {
                lab.Server.HangRoom(lab.NowMicros + 50_000); // as long as three ticks: all of them are caught up with
            }
        }

        lab.Run(0.2);
        InputTotals after = lab.Server.Room.Inputs;
        Assert.Multiple(() =>
        {
            Assert.That(strangers.Count(s => s.Connects > 0), Is.EqualTo(Unjoined));
            Assert.That(after.Starved - before.Starved, Is.Zero, "ticks without the player's input");
            Assert.That(after.Late - before.Late, Is.Zero, "inputs that came late");
            long ticks = lab.Server.Room.NextTick - first;
            Assert.That(after.Executed - before.Executed, Is.EqualTo(Honest * ticks), "each tick of each player");
            Assert.That(lab.Server.Endpoint.Drops[DropReason.EventQueueFull], Is.Zero);
            Assert.That(lab.Server.Endpoint.Drops[DropReason.InboundRingFull], Is.Zero);
        });
    }

    [TestCase(1.0)]
    [TestCase(3.0)]
    public void Room_StandsStill_TheNewestInputsOfAllAreThereAfterIt(double seconds)
    {
        Lab<ArenaInput> lab = Start();
        InputTotals before = lab.Server.Room.Inputs;
        lab.Server.HangRoom(lab.NowMicros + (long)(seconds * 1e6));
        lab.Run(seconds);
        lab.Run(0.3);
        InputTotals after = lab.Server.Room.Inputs;
        Assert.That(lab.Server.SkippedTicks, Is.Positive);
        Assert.That(after.Starved - before.Starved, Is.Zero, "ticks after the stall without the player's input");
        Assert.That(lab.Playing.Count(), Is.EqualTo(Honest));
    }

    private static Lab<ArenaInput> Start()
    {
        var options = new LabOptions { Clients = Honest, Up = Link, Down = Link, Seed = 7, Checks = false, SyncTest = false };
        var lab = new Lab<ArenaInput>(new ArenaLab(), options with { FramePeriodsMicros = [16_000] });
        lab.Run(4);
        Assert.That(lab.Playing.Count(), Is.EqualTo(Honest));
        return lab;
    }

    private static LabStranger StrangerOf(Lab<ArenaInput> lab, int index) =>
        new(lab.Network, lab.Server.Address, PeerAddress.FromIPv4(OneHost, (ushort)(30_000 + index)), lab.NowMicros);

    private static void Send(LabStranger stranger, Flood flood, long nowMicros)
    {
        (int every, int count, int bytes) = flood switch { Flood.Small => (4, 600, 1), Flood.Large => (1, 4, 1_000), _ => (1, 4, 400) };
        for (int i = 0; stranger.IsConnected && nowMicros / 1000 % every == 0 && i < count; i++)
        {
            stranger.Send(flood == Flood.Reliable ? DeliveryMethod.ReliableOrdered : DeliveryMethod.Unreliable, new byte[bytes]);
        }

        stranger.Update(nowMicros);
    }
}
