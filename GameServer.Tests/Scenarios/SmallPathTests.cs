using GameServer.Netcode.Client;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Transport;
using GameServer.Tests.Support;

namespace GameServer.Tests.Scenarios;

/// <summary>Matches over paths that carry little: they are joined and played, and one that carries too little ends with its reason.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class SmallPathTests
{
    [TestCase(508)]
    [TestCase(576)]
    [TestCase(900)]
    [TestCase(1100)]
    [TestCase(1232)]
    [TestCase(1472)]
    public void Match_PathOfThatSize_IsJoinedAndPlayed(int bytes)
    {
        var link = new LinkModel { DelayMicros = 25_000, LossPercent = 2, MtuBytes = bytes };
        var lab = new Lab(new LabOptions { Clients = 12, Up = link, Down = link, Seed = 9, FramePeriodsMicros = [8000, 16_667] });
        lab.Run(4);
        long[] before = [.. lab.Clients.Select(c => c.Client.Stats.SnapshotsReceived)];
        lab.Run(6);

        Assert.That(lab.Clients.Select(c => c.Client.State), Is.All.EqualTo(ClientState.Playing));
        Assert.That(lab.Clients.Select((c, i) => c.Client.Stats.SnapshotsReceived - before[i]), Is.All.GreaterThan(300), "of 360 ticks");
        Assert.That(lab.Invariants.Violations.Values, Is.Empty, lab.Invariants.Describe());
    }

    [Test]
    public void Match_PathShrinks_GoesOnWithinSeconds()
    {
        var link = new LinkModel { DelayMicros = 25_000 };
        var lab = new Lab(new LabOptions { Clients = 12, Up = link, Down = link, Seed = 10 });
        lab.Run(4);
        var small = new LinkModel { DelayMicros = 25_000, MtuBytes = 700 };
        lab.Network.SetAllLinks(small);

        lab.Run(8);
        long[] before = [.. lab.Clients.Select(c => c.Client.Stats.SnapshotsReceived)];
        lab.Run(2);
        Assert.That(lab.Clients.Select(c => c.Client.State), Is.All.EqualTo(ClientState.Playing));
        Assert.That(lab.Clients.Select((c, i) => c.Client.Stats.SnapshotsReceived - before[i]), Is.All.GreaterThan(100), "of 120 ticks");
    }

    [Test]
    public void Join_PathCarriesTooLittle_EndsWithThatReason()
    {
        var down = new LinkModel { DelayMicros = 5_000, MtuBytes = Limits.DatagramBytesMin - 1 };
        var lab = new Lab(new LabOptions { Clients = 1, Up = new LinkModel { DelayMicros = 5_000 }, Down = down, Checks = false });
        lab.Run(40);
        Assert.That(lab.Clients.Single().Client.EndReason, Is.EqualTo(Netcode.Messages.LeaveReason.PathTooSmall));
    }
}
