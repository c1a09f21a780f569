using GameServer.Netcode.Primitives;
using GameServer.Netcode.Transport;

namespace GameServer.Tests.Transport;

[TestFixture(ProtocolLine.LiteNetLib1)]
[TestFixture(ProtocolLine.LiteNetLib2)]
internal sealed class RoamingTests(ProtocolLine line)
{
    private static readonly PeerAddress Elsewhere = PeerAddress.FromIPv4(0x0700000A, 4000);

    [Test]
    public void Messages_AddressChangesInMidSession_GoOnWithoutLossAndReconnect()
    {
        var lab = new TransportLab(4);
        lab.Network.SetAllLinks(TransportLab.Link("delay=30,jitter=5,loss=5"));
        TransportLab.Host client = lab.AddClient(new TransportOptions { MaxPeers = 1, Line = line });
        lab.Run(2_000_000);
        PeerId peer = lab.ServerPeerOf(client);
        for (int i = 0; i < 300; i++)
        {
            if (i == 100)
            {
                lab.Network.ChangeAddress(client.Address, Elsewhere);
            }

            client.Endpoint.Send(client.Peer, DeliveryMethod.ReliableOrdered, 0, BitConverter.GetBytes(i));
            lab.Server.Endpoint.Send(peer, DeliveryMethod.ReliableOrdered, 0, BitConverter.GetBytes(i));
            lab.Run(30_000);
        }

        lab.Run(3_000_000);
        Assert.That(lab.Server.Messages.Select(m => BitConverter.ToInt32(m.Payload)), Is.EqualTo(Enumerable.Range(0, 300)));
        Assert.That(client.Messages.Select(m => BitConverter.ToInt32(m.Payload)), Is.EqualTo(Enumerable.Range(0, 300)));
        Assert.That(lab.Server.Endpoint.TryGetStats(peer, out PeerStats stats), Is.True);
        Assert.That(stats.Address, Is.EqualTo(Elsewhere));
    }

    [Test]
    public void Messages_AddressChangesOftenAtAnyFrameRate_SessionGoesOn([Values(30, 60, 250)] int framesPerSecond, [Values(0, 10)] int loss)
    {
        var lab = new TransportLab((ulong)(framesPerSecond + loss));
        lab.Network.SetAllLinks(TransportLab.Link("delay=30,jitter=5"));
        TransportLab.Host client = lab.AddClient(new TransportOptions { MaxPeers = 1, Line = line });
        lab.Run(1_000_000);
        PeerId peer = lab.ServerPeerOf(client);
        lab.Network.SetAllLinks(TransportLab.Link($"delay=30,jitter=5,loss={loss}"));
        for (int change = 0; change < 6; change++)
        {
            var address = PeerAddress.FromIPv4(0x0700000A, (ushort)(4000 + change));
            lab.Network.ChangeAddress(client.Address, address);
            long end = lab.Now + 2_500_000;
            for (int frame = 0; lab.Now < end; frame++)
            {
                client.Endpoint.Send(client.Peer, DeliveryMethod.Unreliable, 0, [1, 2, 3]);
                client.Endpoint.Send(client.Peer, DeliveryMethod.Unreliable, 0, [4]);
                lab.Server.Endpoint.Send(peer, DeliveryMethod.Unreliable, 0, [5]);
                lab.Run(1_000_000 / framesPerSecond);
            }

            Assert.That(lab.Server.Endpoint.TryGetStats(peer, out PeerStats stats), Is.True, $"change {change}");
            Assert.That(stats.Address, Is.EqualTo(address), $"change {change}");
        }

        Assert.That(client.Endpoint.PeerCount, Is.EqualTo(1));
    }

    [Test]
    public void Handle_PingMergedWithOtherPackets_IsUnderstoodOfAStranger()
    {
        Pair pair = new Pair(client: new TransportOptions { Line = line }).Connect();
        Peer peer = pair.Server.PeerOf(pair.ServerPeer);
        byte[] merged =
        [
            peer.First(PacketKind.Merged), 2, 0, peer.First(PacketKind.Unreliable), 7, 3, 0, peer.First(PacketKind.Ping), 9, 0,
        ];
        int sent = pair.Log.Count;
        pair.Server.Handle(merged, Elsewhere, pair.Now);
        pair.Step();
        Assert.That(pair.Log.Skip(sent).Select(d => d.Bytes), Is.EqualTo(new[] { new[] { peer.Line.First(PacketKind.PeerNotFound, 0) } }));
    }

    [Test]
    public void Handle_ClaimWithoutTheAnswerToThePing_MovesNothing()
    {
        Pair pair = new Pair(client: new TransportOptions { Line = line }).Connect();
        Peer peer = pair.Server.PeerOf(pair.ServerPeer);
        byte[] claim = new byte[Wire.AcceptBytes];
        Wire.WriteAccept(claim, peer.Line.First(PacketKind.PeerNotFound, 0), peer.ConnectionTime, peer.Number, 1, peer.LocalId);
        byte[] pong = new byte[Wire.PongBytes];
        for (ushort guess = 0; guess < 2000; guess++)
        {
            pair.Server.Handle(claim, Elsewhere, pair.Now);
            Wire.WritePong(pong, peer.First(PacketKind.Pong), guess, 0);
            pair.Server.Handle(pong, Elsewhere, pair.Now);
            pair.Run(1_000);
        }

        Assert.That(peer.Address, Is.EqualTo(pair.ClientAddress));
        Assert.That(pair.Server.Drops[DropReason.ProofWrong], Is.Positive);
        Assert.That(pair.Server.Drops[DropReason.ClaimRateLimited], Is.GreaterThan(1000));
        pair.Client.Send(pair.ClientPeer, DeliveryMethod.Unreliable, 0, [1]);
        pair.Run(100_000);
        Assert.That(pair.ServerMessages.Count(), Is.EqualTo(1), "the old address is served all along");
    }

    [Test]
    public void Handle_ClaimOfAnotherConnection_MovesNothingAndIsAnsweredByTwoBytes()
    {
        Pair pair = new Pair(client: new TransportOptions { Line = line }).Connect();
        Peer peer = pair.Server.PeerOf(pair.ServerPeer);
        int sent = pair.Log.Count;
        byte[] claim = new byte[Wire.AcceptBytes];
        Wire.WriteAccept(claim, peer.Line.First(PacketKind.PeerNotFound, 0), peer.ConnectionTime + 1, peer.Number, 1, peer.LocalId);
        pair.Server.Handle(claim, Elsewhere, pair.Now);
        pair.Step();

        Assert.That(pair.Log.Skip(sent).Single().Bytes, Is.EqualTo(new byte[] { peer.Line.First(PacketKind.PeerNotFound, 0), 1 }));
        Assert.That(peer.Address, Is.EqualTo(pair.ClientAddress));
        Assert.That(pair.Server.Drops[DropReason.ClaimUnknown], Is.EqualTo(1));
    }

    [Test]
    public void Claim_OfASessionThatTheServerTimedOut_IsAnsweredAndEndsItAtOnce()
    {
        Pair pair = new Pair(client: new TransportOptions { Line = line, IdleTimeoutMicros = 30_000_000 }).Connect();
        pair.Run(1_000_000);
        pair.Loses = static (_, _) => true;
        pair.Run(7_000_000);
        Assert.That(pair.ServerEvents[^1].Event.Kind, Is.EqualTo(TransportEventKind.Disconnected));
        pair.Loses = static (_, _) => false;
        pair.Run(1_500_000); // pings are a second apart
        Assert.That(pair.ClientEvents[^1].Event.Kind, Is.EqualTo(TransportEventKind.Disconnected));
        Assert.That(pair.ClientEvents[^1].Event.Reason, Is.EqualTo(DisconnectReason.PeerNotFound));
    }
}
