using GameServer.Arena;
using GameServer.Netcode.Client;
using GameServer.Netcode.Messages;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Transport;
using GameServer.Tests.Support;

namespace GameServer.Tests.Client;

/// <summary>What a client may be asked to do when: each call at the wrong time says so instead of going wrong later.</summary>
public sealed class ClientReuseTests
{
    private static readonly PeerAddress Server = PeerAddress.FromIPv4(0x0100000A, 9050);
    private static readonly byte[] Welcome = Bytes(b => new WelcomeMessage(0, 60, new Tick(100), 1200, 5000, 250, 1).Write(b));

    [Test]
    public void EndReason_WhileItLives_IsNone()
    {
        var lab = new Lab(new LabOptions { Clients = 1 });
        GameClient<ArenaInput> client = lab.Clients[0].Client;
        Assert.That((client.EndReason, client.EndText), Is.EqualTo(((LeaveReason?)null, "")), "connecting");
        lab.Run(1);
        Assert.That(client.State, Is.EqualTo(ClientState.Playing));
        Assert.That((client.EndReason, client.EndText), Is.EqualTo(((LeaveReason?)null, "")), "playing");
        client.Leave(lab.NowMicros);
        Assert.That((client.EndReason, client.EndText), Is.EqualTo(((LeaveReason?)LeaveReason.Left, "the client left")));
    }

    [Test]
    public void Join_AfterAMatchOnASocket_IsRefusedClearly()
    {
        var lab = new Lab(new LabOptions { Clients = 1 });
        lab.Run(1);
        GameClient<ArenaInput> client = lab.Clients[0].Client;
        Assert.That(() => client.Join(Server, "again", lab.NowMicros), Throws.InvalidOperationException.With.Message.Contains("been in a match"), "playing");
        client.Leave(lab.NowMicros);
        Assert.That(() => client.Join(Server, "again", lab.NowMicros), Throws.InvalidOperationException.With.Message.Contains("make another GameClient"), "after the match");
        Assert.That(client.State, Is.EqualTo(ClientState.Ended));
        Assert.That(client.EndReason, Is.EqualTo(LeaveReason.Left), "nothing has changed");
    }

    [Test]
    public void Connected_AfterAMatchOnATransportOfTheCallers_IsRefusedClearly()
    {
        var client = new GameClient<ArenaInput>(new ArenaGame(), (_, _) => { });
        client.Connected("first", 0);
        Assert.That(() => client.Connected("twice", 10), Throws.InvalidOperationException.With.Message.Contains("it is Joining"));
        client.Receive(Welcome, isReliable: true, 20_000);
        Assert.That(client.State, Is.EqualTo(ClientState.Playing));
        client.Disconnected(LeaveReason.Timeout);
        Assert.That(client.EndReason, Is.EqualTo(LeaveReason.Timeout));
        Assert.That(() => client.Connected("again", 30_000), Throws.InvalidOperationException.With.Message.Contains("make another GameClient"));
        Assert.That(client.State, Is.EqualTo(ClientState.Ended));
    }

    [Test]
    public void Connected_AfterAnAttemptWithoutWelcome_BeginsAnew()
    {
        var client = new GameClient<ArenaInput>(new ArenaGame(), (_, _) => { });
        client.Disconnected(LeaveReason.NoAnswer);
        Assert.That(client.EndReason, Is.EqualTo(LeaveReason.NoAnswer), "the transport never connected");
        client.Connected("second", 1000);
        Assert.That((client.State, client.EndReason), Is.EqualTo((ClientState.Joining, (LeaveReason?)null)));
        client.Receive(Welcome, isReliable: true, 20_000);
        Assert.That(client.State, Is.EqualTo(ClientState.Playing));
    }

    [Test]
    public void Join_AfterNoAnswerOnASocket_JoinsOnceTheServerIsThere()
    {
        var lab = new Lab(new LabOptions { Clients = 1, Up = new LinkModel { LossPercent = 100 }, Checks = false });
        lab.Run(12);
        LabClient client = lab.Clients[0];
        Assert.That(client.Client.EndReason, Is.EqualTo(LeaveReason.NoAnswer));
        lab.StopFaults();
        client.JoinAgain(lab.Server.Address, lab.NowMicros);
        lab.Run(2);
        Assert.That(client.Client.State, Is.EqualTo(ClientState.Playing));
        Assert.That(client.Client.Stats.SnapshotsReceived, Is.GreaterThan(50));
        Assert.That(client.Client.EndReason, Is.Null);
    }

    [Test]
    public void Calls_OfTheOtherKindOfTransport_AreRefusedClearly()
    {
        var external = new GameClient<ArenaInput>(new ArenaGame(), (_, _) => { });
        Assert.That(() => external.Join(Server, "a", 0), Throws.InvalidOperationException.With.Message.Contains("call Connected"));
        var network = new SimulatedNetwork(1);
        var onSocket = new GameClient<ArenaInput>(new ArenaGame(), new SimulatedSocket(network, Server));
        Assert.That(() => onSocket.Connected("a", 0), Throws.InvalidOperationException.With.Message.Contains("call Join"));
        Assert.That(() => onSocket.Receive(Welcome, true, 0), Throws.InvalidOperationException.With.Message.Contains("call Join"));
        Assert.That(() => onSocket.Disconnected(LeaveReason.Timeout), Throws.InvalidOperationException.With.Message.Contains("call Join"));
        Assert.That((external.State, onSocket.State), Is.EqualTo((ClientState.Idle, ClientState.Idle)));
    }

    [TestCase("a\u200Bb", "U+200B at character 2")]
    [TestCase("a\nb", "U+000A at character 2", TestName = "Name_LineBreak_IsRefused")]
    [TestCase("123456789012345678901234567890123", "33 characters, 32 are allowed")]
    public void Name_NotAllowed_IsRefusedBeforeAnythingIsSent(string name, string message)
    {
        int sent = 0;
        var client = new GameClient<ArenaInput>(new ArenaGame(), (_, _) => sent++);
        Assert.That(() => client.Connected(name, 0), Throws.ArgumentException.With.Message.Contains(message));
        Assert.That((sent, client.State), Is.EqualTo((0, ClientState.Idle)));
    }

    private static byte[] Bytes(Func<byte[], int> write)
    {
        var buffer = new byte[512];
        return buffer[..write(buffer)];
    }
}
