using GameServer.Netcode.Primitives;
using GameServer.Netcode.Transport;

namespace GameServer.Tests.Transport;

/// <summary>Sizes that a path takes, connects from both sides at once, sealed connections, refusals, full tables.</summary>
public class PathTests
{
    [TestCase(1024, 1024)]
    [TestCase(1231, 1024)]
    [TestCase(1232, 1232)]
    [TestCase(1300, 1232)]
    [TestCase(1400, 1392)]
    [TestCase(1432, 1432)]
    public void MtuDiscovery_PathWithALimit_FindsTheLargestStepBelow(int limit, int found)
    {
        var pair = new Pair { Loses = (bytes, _) => bytes.Length > limit };
        pair.Connect().Run(10_000_000);

        Assert.That(pair.Server.TryGetStats(pair.ServerPeer, out PeerStats server) && server.MtuBytes == found, Is.True);
        Assert.That(pair.Client.TryGetStats(pair.ClientPeer, out PeerStats client) && client.MtuBytes == found, Is.True);
    }

    [Test]
    public void MtuDiscovery_LargeDatagramsBeginToVanish_FallsBackAndMessagesPass()
    {
        Pair pair = new Pair().Connect();
        pair.Run(5_000_000);
        Assert.That(pair.Server.PayloadBytesMax(pair.ServerPeer, DeliveryMethod.Unreliable), Is.EqualTo(1431));
        pair.Loses = (bytes, _) => bytes.Length > 1300;
        int refused = 0;
        for (int i = 0; i < 100; i++)
        {
            refused += pair.Server.Send(pair.ServerPeer, DeliveryMethod.Unreliable, 0, new byte[1400]) == SendResult.TooLarge ? 1 : 0;
            pair.Run(100_000);
        }

        Assert.That(refused, Is.Positive, "the application is told");
        Assert.That(pair.Server.PayloadBytesMax(pair.ServerPeer, DeliveryMethod.Unreliable), Is.EqualTo(1231), "the step below the one that vanished");
        int before = pair.ClientMessages.Count();
        pair.Server.Send(pair.ServerPeer, DeliveryMethod.ReliableOrdered, 0, new byte[5000]);
        pair.Run(1_000_000);
        Assert.That(pair.ClientMessages.Count(), Is.EqualTo(before + 1));
    }

    [TestCase(true)]
    [TestCase(false)]
    public void Connect_BothSidesAtOnce_EndsInOneConnection(bool sameTime)
    {
        PeerAddress a = PeerAddress.FromIPv4(0x0100007F, 1), b = PeerAddress.FromIPv4(0x0100007F, 2);
        var first = new TransportEndpoint(new TransportOptions { UtcTicksAtZero = 1_000_000 }, 1, 0);
        var second = new TransportEndpoint(new TransportOptions { UtcTicksAtZero = sameTime ? 1_000_000 : 2_000_000 }, 1, 0);
        first.Connect(b, [1], 1000);
        second.Connect(a, [2], 1000);
        var events = new[] { new List<(TransportEvent, byte[])>(), [] };
        byte[] buffer = new byte[2048];
        for (long now = 1000; now < 3_000_000; now += 10_000)
        {
            foreach ((TransportEndpoint from, TransportEndpoint to, PeerAddress address) in new[] { (first, second, a), (second, first, b) })
            {
                from.Advance(now);
                while (from.TryPollDatagram(buffer, out int length, out _))
                {
                    to.Handle(buffer.AsSpan(0, length), address, now);
                }
            }

            Pair.Drain(first, events[0]);
            Pair.Drain(second, events[1]);
        }

        Assert.That((first.PeerCount, second.PeerCount), Is.EqualTo((1, 1)));
        Assert.That(events.SelectMany(e => e).Count(e => e.Item1.Reason == DisconnectReason.SimultaneousConnect), Is.EqualTo(1));
        Assert.That(events.SelectMany(e => e).Count(e => e.Item1.Kind == TransportEventKind.Connected), Is.EqualTo(2));
    }

    [Test]
    public void Connect_WrongKeyClosedOrFull_IsRefusedWithTheReason()
    {
        foreach ((TransportOptions options, byte[] data, ConnectRefusal why) in new[]
        {
            (new TransportOptions { ConnectionKey = "key" }, new byte[] { 4, 0, 1, 2, 3 }, ConnectRefusal.WrongKey),
            (new TransportOptions { AcceptConnections = false }, [], ConnectRefusal.Closed),
            (new TransportOptions { MaxPeers = 1 }, [], ConnectRefusal.Full),
        })
        {
            var pair = new Pair(options);
            if (why == ConnectRefusal.Full)
            {
                pair.Server.Connect(PeerAddress.FromIPv4(9, 9), [], pair.Now); // takes the only slot
            }

            pair.Client.Connect(Pair.ServerAddress, data, pair.Now);
            pair.Run(200_000);
            (TransportEvent e, byte[] payload) = pair.ClientEvents.Single();
            Assert.That((e.Reason, payload), Is.EqualTo((DisconnectReason.Rejected, new[] { (byte)why })));
        }
    }

    [TestCase(true)]
    [TestCase(false)]
    public void Disconnect_PeerThatIsGone_FreesTheSlotInTimeWithFewDatagrams(bool flushes)
    {
        Pair pair = new Pair().Connect();
        pair.Loses = (_, _) => true;
        pair.Run(3_500_000);
        int before = pair.Log.Count(d => !d.ToServer);
        pair.Server.Send(pair.ServerPeer, DeliveryMethod.ReliableOrdered, 0, [1]);
        if (flushes)
        {
            pair.Server.Disconnect(pair.ServerPeer, [2]);
        }
        else
        {
            pair.Server.DisconnectNow(pair.ServerPeer, [2]);
        }

        pair.Run(flushes ? 2_600_000 : 1_600_000);
        Assert.That(pair.ServerEvents[^1].Event.Reason, Is.EqualTo(DisconnectReason.LocalClosed));
        Assert.That(pair.Server.PeerCount, Is.Zero);
        Assert.That(pair.Log.Count(d => !d.ToServer) - before, Is.LessThan(20));
    }

    [Test]
    public void Connect_NobodyThere_FailsWithItsReason()
    {
        var pair = new Pair { Loses = (_, _) => true };
        pair.Client.Connect(Pair.ServerAddress, [], pair.Now);
        pair.Run(10_000_000);

        Assert.That(pair.ClientEvents.Single().Event.Reason, Is.EqualTo(DisconnectReason.ConnectionFailed));
        Assert.That(pair.Log.Count, Is.EqualTo(25));
    }

    [Test]
    public void Handle_DatagramSealedForAnotherConnection_IsDropped()
    {
        var layer = new LabelLayer();
        Pair pair = new Pair(new TransportOptions { SealedLayer = layer }, new TransportOptions { SealedLayer = new LabelLayer(), MaxPeers = 1 }).Connect();
        Peer peer = pair.Server.PeerOf(pair.ServerPeer);
        pair.Server.Handle([7, peer.First(PacketKind.Unreliable), 1, 0xEE], pair.ClientAddress, pair.Now);
        pair.Server.Handle([0, peer.First(PacketKind.Unreliable), 2, 0xEE], pair.ClientAddress, pair.Now);
        pair.Server.Handle([0, peer.First(PacketKind.Unreliable), 3, 0x11], pair.ClientAddress, pair.Now);
        pair.Step();

        Assert.That(pair.ServerMessages.Single(), Is.EqualTo(new byte[] { 2 }));
        Assert.That(pair.Server.Drops[DropReason.SealMismatch], Is.EqualTo(1));
        Assert.That(pair.Server.Drops[DropReason.SealRejected], Is.EqualTo(1));
        Assert.That(pair.Server.PayloadBytesMax(pair.ServerPeer, DeliveryMethod.Unreliable), Is.EqualTo(Limits.DatagramBytesStart - 3).Or.EqualTo(1232 - 3)
            .Or.EqualTo(1392 - 3).Or.EqualTo(1432 - 3), "the MTU shrinks by what the layer adds");
    }

    /// <summary>A layer of one byte before (the connection) and one behind (a mark).</summary>
    private sealed class LabelLayer : ISealedLayer
    {
        public int HeaderBytes => 1;

        public int TrailerBytes => 1;

        public bool TryOpen(Span<byte> datagram, in PeerAddress from, out ulong connection)
        {
            connection = datagram[0];
            return datagram[^1] == 0xEE;
        }

        public void Seal(Span<byte> datagram, in PeerAddress to, ulong connection)
        {
            datagram[0] = (byte)connection;
            datagram[^1] = 0xEE;
        }
    }
}
