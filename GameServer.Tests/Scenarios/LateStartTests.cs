using GameServer.Netcode.Client;
using GameServer.Netcode.Server;
using GameServer.Tests.Support;

namespace GameServer.Tests.Scenarios;

public sealed class LateStartTests
{
    [Test]
    public void Inputs_WhenTheServerJumpsAheadRightAfterTheWelcome_StillArriveInTime()
    {
        var lab = new Lab(new LabOptions { Clients = 4 });
        while (lab.Clients.Any(client => client.Client.State != ClientState.Playing))
        {
            lab.Run(0.001);
        }

        lab.Server.Stall(40); // announced jump: every client is now far behind
        lab.Run(3);
        foreach (Session session in lab.Server.Room.Sessions.Joined)
        {
            Assert.That(session.Inputs.Executed, Is.GreaterThan(100), $"seat {session.Seat}: {session.Inputs.Starved} starved");
        }
    }
}
