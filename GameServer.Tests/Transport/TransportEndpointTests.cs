using GameServer.Netcode.Transport;

namespace GameServer.Tests.Transport;

[TestFixture(ProtocolLine.LiteNetLib1)]
[TestFixture(ProtocolLine.LiteNetLib2)]
internal sealed class TransportEndpointTests(ProtocolLine line)
{
    [Test]
    public void Connect_AcceptingServer_BothSidesKnowAndConnectDataArrives()
    {
        Pair pair = NewPair().Connect([1, 2, 3]);

        Assert.That(pair.ServerEvents[0].Payload, Is.EqualTo(new byte[] { 1, 2, 3 }));
        Assert.That(pair.ClientEvents[0].Event.Kind, Is.EqualTo(TransportEventKind.Connected));
        Assert.That(pair.ClientEvents[0].Event.Peer, Is.EqualTo(pair.ClientPeer));
        Assert.That(pair.Server.TryGetStats(pair.ServerPeer, out PeerStats stats), Is.True);
        Assert.That(stats.Line, Is.EqualTo(line));
        Assert.That(stats.RttMicros, Is.EqualTo(20_000));
    }

    [Test]
    public void Send_MessageThatNoQueueHolds_IsTooLargeAndTheLargestPasses()
    {
        Pair pair = new Pair(new TransportOptions { MaxReliableQueueBytes = 64 * 1024 }, new TransportOptions { Line = line, MaxPeers = 1 }).Connect();
        int most = pair.Server.PayloadBytesMax(pair.ServerPeer, DeliveryMethod.ReliableOrdered);

        Assert.That(most, Is.InRange(40_000, 64 * 1024));
        Assert.That(pair.Server.Send(pair.ServerPeer, DeliveryMethod.ReliableOrdered, 0, new byte[most + 1]), Is.EqualTo(SendResult.TooLarge));
        Assert.That(pair.Server.Send(pair.ServerPeer, DeliveryMethod.ReliableOrdered, 0, new byte[most]), Is.EqualTo(SendResult.Queued));
        pair.Run(1_000_000);
        Assert.That(pair.ClientMessages.Single(), Has.Length.EqualTo(most));
    }

    [Test]
    public void Options_WhoseCapsContradictEachOther_AreRefusedWithTheFigure() => Assert.That(
        () => new TransportEndpoint(new TransportOptions { MaxMessageBytes = 1 << 20 }, 1, 0),
        Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains(nameof(TransportOptions.FragmentBytesPerPeer)));

    [TestCase(DeliveryMethod.ReliableUnordered)]
    [TestCase(DeliveryMethod.Sequenced)]
    [TestCase(DeliveryMethod.ReliableOrdered)]
    [TestCase(DeliveryMethod.ReliableSequenced)]
    [TestCase(DeliveryMethod.Unreliable)]
    public void Send_EachMethod_ArrivesWithMethodAndChannel(DeliveryMethod method)
    {
        Pair pair = NewPair().Connect();
        byte channel = method == DeliveryMethod.Unreliable ? (byte)0 : (byte)3;

        Assert.That(pair.Client.Send(pair.ClientPeer, method, channel, [7, 8]), Is.EqualTo(SendResult.Queued));
        Assert.That(pair.Server.Send(pair.ServerPeer, method, channel, []), Is.EqualTo(SendResult.Queued));
        pair.Run(100_000);

        (TransportEvent e, byte[] payload) = pair.ServerEvents[^1];
        Assert.That((e.Kind, e.Method, e.Channel), Is.EqualTo((TransportEventKind.Message, method, channel)));
        Assert.That(payload, Is.EqualTo(new byte[] { 7, 8 }));
        Assert.That(pair.ClientEvents[^1].Event.Kind, Is.EqualTo(TransportEventKind.Message));
        Assert.That(pair.ClientEvents[^1].Payload, Is.Empty);
    }

    [Test]
    public void Send_LargeReliable_ArrivesWhole()
    {
        Pair pair = NewPair().Connect();
        byte[] message = [.. Enumerable.Range(0, 200_000).Select(i => (byte)(i * 31))];

        Assert.That(pair.Client.Send(pair.ClientPeer, DeliveryMethod.ReliableOrdered, 0, message), Is.EqualTo(SendResult.Queued));
        pair.Run(2_000_000);

        Assert.That(pair.ServerMessages.Single(), Is.EqualTo(message));
    }

    [TestCase(DeliveryMethod.ReliableOrdered, 0.1)]
    [TestCase(DeliveryMethod.ReliableOrdered, 0.4)]
    [TestCase(DeliveryMethod.ReliableUnordered, 0.3)]
    public void Send_ReliableUnderLoss_ArrivesExactlyOnce(DeliveryMethod method, double loss)
    {
        Pair pair = NewPair().Connect();
        var random = new Random(42);
        pair.Loses = (_, _) => random.NextDouble() < loss;
        int sent = 0;
        for (int round = 0; round < 200; round++)
        {
            for (int i = 0; i < 10; i++, sent++)
            {
                Assert.That(pair.Client.Send(pair.ClientPeer, method, 1, BitConverter.GetBytes(sent)), Is.EqualTo(SendResult.Queued));
            }

            pair.Run(20_000);
        }

        pair.Loses = (_, _) => false;
        pair.Run(5_000_000);
        IEnumerable<int> received = pair.ServerMessages.Select(m => BitConverter.ToInt32(m));
        Assert.That(method == DeliveryMethod.ReliableOrdered ? received : received.Order(), Is.EqualTo(Enumerable.Range(0, sent)));
    }

    [Test]
    public void Disconnect_WithQueuedMessages_DeliversThemFirst()
    {
        Pair pair = NewPair().Connect();
        for (int i = 0; i < 300; i++)
        {
            pair.Server.Send(pair.ServerPeer, DeliveryMethod.ReliableOrdered, 0, new byte[500]);
        }

        pair.Server.Disconnect(pair.ServerPeer, [9]);
        pair.Run(2_000_000);

        Assert.That(pair.ClientMessages.Count(), Is.EqualTo(300));
        Assert.That(pair.ClientEvents[^1].Event.Reason, Is.EqualTo(DisconnectReason.RemoteClosed));
        Assert.That(pair.ClientEvents[^1].Payload, Is.EqualTo(new byte[] { 9 }));
        Assert.That(pair.ServerEvents[^1].Event.Reason, Is.EqualTo(DisconnectReason.LocalClosed));
        Assert.That((pair.Server.PeerCount, pair.Client.PeerCount), Is.EqualTo((0, 0)));
    }

    [Test]
    public void Advance_SilentPeer_TimesOutAndFreesTheSlot()
    {
        Pair pair = NewPair().Connect();
        pair.Loses = (_, _) => true;
        pair.Run(7_000_000);

        Assert.That(pair.ServerEvents[^1].Event.Reason, Is.EqualTo(DisconnectReason.Timeout));
        Assert.That(pair.ClientEvents[^1].Event.Reason, Is.EqualTo(DisconnectReason.Timeout));
        Assert.That(pair.Server.PeerCount, Is.Zero);
    }

    [Test]
    public void Advance_IdleConnection_StaysUpWithUnder60BytesPerSecond()
    {
        Pair pair = NewPair().Connect();
        pair.Run(10_000_000);
        int before = pair.Log.Sum(d => d.ToServer ? 0 : d.Bytes.Length);
        pair.Run(60_000_000);

        Assert.That(pair.Server.PeerCount, Is.EqualTo(1));
        Assert.That((pair.Log.Sum(d => d.ToServer ? 0 : d.Bytes.Length) - before) / 60, Is.LessThan(60));
    }

    private Pair NewPair() => new(client: new TransportOptions { Line = line, MaxPeers = 4 });
}
