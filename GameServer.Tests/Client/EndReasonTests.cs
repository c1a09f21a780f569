using GameServer.Arena;
using GameServer.Netcode.Client;
using GameServer.Netcode.Messages;
using GameServer.Netcode.Server;
using GameServer.Netcode.Transport;
using GameServer.Tests.Support;

namespace GameServer.Tests.Client;

/// <summary>Every end of a session has its true reason, on both sides.</summary>
public sealed class EndReasonTests
{
    [TestCase(DisconnectReason.QueueOverflow, LeaveReason.Overflow)]
    [TestCase(DisconnectReason.FragmentLimit, LeaveReason.Protocol)]
    [TestCase(DisconnectReason.ProtocolViolation, LeaveReason.Protocol)]
    [TestCase(DisconnectReason.ReliableStalled, LeaveReason.Stalled)]
    public void Abort_ByTheServersTransport_BothSidesSayWhy(DisconnectReason fault, LeaveReason expected)
    {
        var lab = new Lab(new LabOptions { Clients = 2, Checks = false });
        lab.Run(1);
        PeerId peer = PeerOf(lab, lab.Clients[0]);
        lab.Server.Endpoint.Abort(peer, fault);
        lab.Run(0.5);
        Assert.That(lab.Clients[0].Client.EndReason, Is.EqualTo(expected));
        Assert.That(lab.Clients[0].Client.EndText, Is.EqualTo(LeaveReasonText.Of(expected)));
        Assert.That(lab.Observer.Left, Is.EqualTo(new[] { (lab.Clients[0].Name, expected) }));
    }

    [TestCase(DisconnectReason.QueueOverflow, LeaveReason.Overflow)]
    [TestCase(DisconnectReason.FragmentLimit, LeaveReason.Protocol)]
    [TestCase(DisconnectReason.ReliableStalled, LeaveReason.Stalled)]
    public void Abort_ByTheClientsTransport_BothSidesSayWhy(DisconnectReason fault, LeaveReason expected)
    {
        var lab = new Lab(new LabOptions { Clients = 2, Checks = false });
        lab.Run(1);
        TransportEndpoint endpoint = lab.Clients[0].Client.Endpoint!;
        endpoint.Abort(endpoint.PeerOf(default).Id, fault);
        lab.Run(0.5);
        Assert.That(lab.Clients[0].Client.EndReason, Is.EqualTo(expected));
        Assert.That(lab.Observer.Left, Is.EqualTo(new[] { (lab.Clients[0].Name, expected) }));
    }

    [Test]
    public void Client_ClaimsAReasonOfTheServers_HasLeft()
    {
        var room = new RoomRecords(new RoomOptions { PlayersMax = 2 });
        room.Join(0, "a");
        room.Run();
        room.Put(RecordKind.Disconnect, 0, [(byte)LeaveReason.Kicked], DisconnectReason.RemoteClosed);
        room.Run();
        Assert.That(room.Left, Is.EqualTo(new[] { (0, LeaveReason.Left) }));
    }

    [TestCase(DisconnectReason.Timeout, LeaveReason.Timeout)]
    [TestCase(DisconnectReason.RemoteClosed, LeaveReason.Left)]
    [TestCase(DisconnectReason.Reconnected, LeaveReason.Replaced)]
    [TestCase(DisconnectReason.ReliableStalled, LeaveReason.Stalled)]
    [TestCase(DisconnectReason.QueueOverflow, LeaveReason.Overflow)]
    [TestCase(DisconnectReason.FragmentLimit, LeaveReason.Protocol)]
    [TestCase(DisconnectReason.ProtocolViolation, LeaveReason.Protocol)]
    public void Room_EndOfAPeer_IsReportedAs(DisconnectReason reason, LeaveReason expected)
    {
        var room = new RoomRecords(new RoomOptions { PlayersMax = 2 });
        room.Join(0, "a");
        room.Run();
        room.Put(RecordKind.Disconnect, 0, [], reason);
        room.Run();
        Assert.That(room.Left, Is.EqualTo(new[] { (0, expected) }));
    }

    [TestCase(new byte[0], LeaveReason.Unexplained)]
    [TestCase(new byte[] { 1, 2 }, LeaveReason.Unexplained)]
    [TestCase(new byte[] { 7 }, LeaveReason.ServerStopped)]
    [TestCase(new byte[] { 8 }, LeaveReason.Kicked)]
    [TestCase(new byte[] { 128 + 11 }, LeaveReason.Overflow)]
    [TestCase(new byte[] { 128 + 1 }, LeaveReason.NoAnswer)]
    [TestCase(new byte[] { 127 }, (LeaveReason)127)]
    public void External_DisconnectData_SaysWhy(byte[] data, LeaveReason expected)
    {
        var client = new GameClient<ArenaInput>(new ArenaGame(), (_, _) => { });
        client.Connected("a", 0);
        client.Disconnected(data);
        Assert.That(client.EndReason, Is.EqualTo(expected));
        Assert.That(client.EndText, Is.EqualTo(LeaveReasonText.Of(expected)));
    }

    [TestCase(ConnectRefusal.Closed, LeaveReason.Draining)]
    [TestCase(ConnectRefusal.Full, LeaveReason.Full)]
    [TestCase(ConnectRefusal.WrongKey, LeaveReason.WrongKey)]
    public void Refusal_ByTheServersTransport_IsNotTakenForAReasonOfTheRoom(ConnectRefusal refusal, LeaveReason expected)
    {
        var options = new TransportOptions { MaxPeers = 1, ConnectionKey = refusal == ConnectRefusal.WrongKey ? "secret" : null };
        var server = new TransportEndpoint(options, 1, 0) { AcceptConnections = refusal != ConnectRefusal.Closed };
        var network = new SimulatedNetwork(3);
        PeerAddress address = PeerAddress.FromIPv4(0x0100000A, 9050);
        if (refusal == ConnectRefusal.Full)
        {
            server.Connect(PeerAddress.FromIPv4(0x0900000A, 1), default, 0); // its only peer is in use
        }

        var socket = new SimulatedSocket(network, PeerAddress.FromIPv4(0x0200000A, 20_000));
        var client = new GameClient<ArenaInput>(new ArenaGame(), socket);
        client.Join(in address, "a", 0);
        var datagram = new byte[DatagramBatch.BufferBytes];
        for (long now = 0; now < 500_000; now += 5000)
        {
            socket.NetworkMicros = now;
            client.Update(now);
            while (network.TryReceive(in address, now, datagram, out int length, out PeerAddress from))
            {
                server.Handle(datagram.AsSpan(0, length), in from, now);
            }

            server.Advance(now);
            while (server.TryPollDatagram(datagram, out int length, out PeerAddress to))
            {
                network.Send(in address, in to, datagram.AsSpan(0, length), now);
            }
        }

        Assert.That(client.EndReason, Is.EqualTo(expected));
    }

    private static PeerId PeerOf(Lab lab, LabClient client)
    {
        for (int slot = 0; slot < lab.Server.Options.PeersPerThread; slot++)
        {
            PeerId id = lab.Server.Endpoint.PeerOf(new PeerId((ushort)slot, 0)).Id;
            if (lab.Server.Endpoint.TryGetStats(id, out PeerStats stats) && stats.Address == client.Address)
            {
                return id;
            }
        }

        throw new AssertionException("the client has no peer");
    }
}
