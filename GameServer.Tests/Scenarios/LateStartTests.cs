using GameServer.Netcode.Client;
using GameServer.Netcode.Server;
using GameServer.Netcode.Transport;
using GameServer.Tests.Support;

namespace GameServer.Tests.Scenarios;

public sealed class LateStartTests
{
    [Test]
    public void Inputs_WhenTheServerJumpsAheadBehindTheWelcome_StillArriveInTime()
    {
        var slow = new LinkModel { DelayMicros = 100_000 };
        var lab = new Lab(new LabOptions { Clients = 4, Down = slow });
        while (lab.Server.Room.Sessions.Joined.Count < 4)
        {
            lab.Run(0.001);
        }

        Assert.That(lab.Clients.All(client => client.Client.State == ClientState.Joining), "the welcomes are under way");
        lab.Server.Stall(40); // an announced jump: what the welcomes say is now long past
        lab.Run(3);
        foreach (Session session in lab.Server.Room.Sessions.Joined)
        {
            Assert.That(session.Inputs.Executed, Is.GreaterThan(100), $"seat {session.Seat}: {session.Inputs.Starved} starved");
        }
    }
}
