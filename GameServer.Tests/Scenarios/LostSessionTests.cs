using GameServer.Arena;
using GameServer.Netcode.Client;
using GameServer.Netcode.Messages;
using GameServer.Netcode.Transport;
using GameServer.Tests.Support;

namespace GameServer.Tests.Scenarios;

/// <summary>A session of which one side hears nothing ends on both sides at once, and neither says of the other what it cannot know.</summary>
public sealed class LostSessionTests
{
    private static readonly LinkModel Dead = new() { LossPercent = 100 };
    private static readonly LinkModel Alive = new() { DelayMicros = 10_000 };

    [Test]
    public void ServerHearsNothing_ClientHearsIt_EndsWithTimeoutAtOnce()
    {
        Lab lab = Play();
        lab.Network.SetLink(lab.Clients[0].Address, lab.Server.Address, Dead);
        lab.Run(5.2);
        Assert.That(lab.Observer.Left, Is.EqualTo(new[] { ("lab0", LeaveReason.Timeout) }));
        Assert.That((lab.Clients[0].Client.State, lab.Clients[0].Client.EndReason), Is.EqualTo((ClientState.Ended, (LeaveReason?)LeaveReason.Timeout)));
        Assert.That(lab.Clients[0].Client.EndText, Is.EqualTo(LeaveReasonText.Of(LeaveReason.Timeout)));
        Assert.That(lab.Clients[1].Client.State, Is.EqualTo(ClientState.Playing));
    }

    [Test]
    public void ClientHearsNothing_ServerHearsIt_EndsWithTimeoutAtOnce()
    {
        Lab lab = Play();
        LabClient<ArenaInput> impatient = lab.AddClient(new ClientOptions { IdleTimeoutMillis = 2000 });
        lab.Run(1);
        lab.Network.SetLink(lab.Server.Address, impatient.Address, Dead);
        lab.Run(2.2);
        Assert.That(impatient.Client.EndReason, Is.EqualTo(LeaveReason.Timeout));
        Assert.That(lab.Observer.Left, Is.EqualTo(new[] { ("lab2", LeaveReason.Timeout) }));
    }

    [Test]
    public void ClientStoodStill_ServersWordWaitedForIt_SaysTimeout()
    {
        Lab lab = Play();
        lab.Clients[0].Hang(7_000_000);
        lab.Run(8);
        Assert.That(lab.Observer.Left, Is.EqualTo(new[] { ("lab0", LeaveReason.Timeout) }));
        Assert.That(lab.Clients[0].Client.EndReason, Is.EqualTo(LeaveReason.Timeout));
    }

    [Test]
    public void ClientStoodStill_ServersWordWasLost_SaysThatTheSessionIsLost()
    {
        Lab lab = Play();
        lab.Network.SetLink(lab.Server.Address, lab.Clients[0].Address, Dead);
        lab.Clients[0].Hang(7_000_000);
        lab.Run(6.5);
        lab.Network.SetLink(lab.Server.Address, lab.Clients[0].Address, Alive);
        lab.Run(3);
        Assert.That(lab.Observer.Left, Is.EqualTo(new[] { ("lab0", LeaveReason.Timeout) }));
        Assert.That(lab.Clients[0].Client.EndReason, Is.EqualTo(LeaveReason.SessionLost), "the server runs: it only does not know the session");
        Assert.That(lab.Clients[0].Client.EndText, Is.EqualTo(LeaveReasonText.Of(LeaveReason.SessionLost)));
    }

    private static Lab Play()
    {
        var lab = new Lab(new LabOptions { Clients = 2, Up = Alive, Down = Alive, Checks = false });
        lab.Run(2);
        Assert.That(lab.Clients.Select(c => c.Client.State), Is.All.EqualTo(ClientState.Playing));
        return lab;
    }
}
