using GameServer.Arena;
using GameServer.Netcode.Client;
using GameServer.Netcode.Transport;
using GameServer.Tests.Support;

namespace GameServer.Tests.Scenarios;

/// <summary>A network thread that stood still, or a path that did: whose sessions go on.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class NetworkPauseTests
{
    private static readonly LinkModel Link = new() { DelayMicros = 30_000, JitterMicros = 3_000 };

    [TestCase(5)]
    [TestCase(7)]
    [TestCase(20)]
    public void Pause_OfTheNetworkThreadAlone_EndsNobody(int seconds)
    {
        Lab<ArenaInput> lab = Start(new LabOptions { Clients = 0, Up = Link, Down = Link });
        lab.Server.HangNetwork(lab.NowMicros + (seconds * 1_000_000L));
        lab.Run(seconds + 3);
        AssertAllPlay(lab);
    }

    [Test]
    public void Silence_OfThePathWithinTheSessionTimeout_EndsNobody()
    {
        Lab<ArenaInput> lab = Start(new LabOptions { Clients = 0, Up = Link, Down = Link, IdleTimeoutMillis = 20_000 });
        foreach (LabClient<ArenaInput> client in lab.Clients)
        {
            lab.Network.Pause(client.Address, lab.Server.Address, lab.NowMicros + 12_000_000);
        }

        lab.Run(15);
        AssertAllPlay(lab);
    }

    [Test]
    public void Silence_LongerThanTheSessionTimeout_EndsThem()
    {
        Lab<ArenaInput> lab = Start(new LabOptions { Clients = 0, Up = Link, Down = Link, IdleTimeoutMillis = 2_000, Checks = false });
        foreach (LabClient<ArenaInput> client in lab.Clients)
        {
            lab.Network.Pause(client.Address, lab.Server.Address, lab.NowMicros + 12_000_000);
        }

        lab.Run(3);
        Assert.That(lab.Server.Endpoint.PeerCount, Is.Zero);
    }

    private static Lab<ArenaInput> Start(LabOptions options)
    {
        var lab = new Lab<ArenaInput>(new ArenaLab(), options);
        for (int i = 0; i < 3; i++)
        {
            lab.AddClient(new ClientOptions { IdleTimeoutMillis = 60_000 });
        }

        lab.Run(4);
        AssertAllPlay(lab);
        return lab;
    }

    private static void AssertAllPlay(Lab<ArenaInput> lab) =>
        Assert.That(lab.Playing.Count(), Is.EqualTo(3), string.Join(" ", lab.Clients.Select(c => $"{c.Client.State} {c.Client.EndReason}")));
}
