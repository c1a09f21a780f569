using GameServer.Netcode.Transport;

namespace GameServer.Tests.Transport;

/// <summary>How many datagrams the acknowledgements of a stream take, and what waiting for company costs.</summary>
public class AckRateTests
{
    [TestCase(ProtocolLine.LiteNetLib1, 0, 0.40)]
    [TestCase(ProtocolLine.LiteNetLib2, 0, 0.40)]
    [TestCase(ProtocolLine.LiteNetLib2, 2, 0.45)]
    [TestCase(ProtocolLine.LiteNetLib2, 5, 0.50)]
    public void Stream_ThatFillsTheWindow_IsAcknowledgedByFewDatagrams(ProtocolLine line, int lossPercent, double most)
    {
        var lab = new TransportLab(seed: 5);
        TransportLab.Host client = Connect(lab, line, $"delay=25,loss={lossPercent}");
        client.Endpoint.TryGetStats(client.Peer, out PeerStats start);
        byte[] message = new byte[start.MtuBytes - 4];
        lab.Playing = () =>
        {
            while (client.Endpoint.Send(client.Peer, DeliveryMethod.ReliableOrdered, 0, message) == SendResult.Queued)
            {
            }
        };
        lab.Server.Endpoint.TryGetStats(lab.ServerPeerOf(client), out PeerStats before);
        lab.Run(10_000_000);
        lab.Server.Endpoint.TryGetStats(lab.ServerPeerOf(client), out PeerStats after);
        double perDatagram = (double)(after.DatagramsSent - before.DatagramsSent) / (after.DatagramsReceived - before.DatagramsReceived);
        TestContext.Out.WriteLine($"{lossPercent} % loss: {perDatagram:F3} datagrams of acknowledgements per datagram of data");
        Assert.That(perDatagram, Is.LessThanOrEqualTo(most));
    }

    [Test]
    public void Message_ByItself_IsAcknowledgedWithinFiveMilliseconds()
    {
        var lab = new TransportLab(seed: 5);
        TransportLab.Host client = Connect(lab, ProtocolLine.LiteNetLib2, "delay=25");
        client.Endpoint.Send(client.Peer, DeliveryMethod.ReliableOrdered, 0, [1]);
        lab.Run(54_900);
        client.Endpoint.TryGetStats(client.Peer, out PeerStats stats);
        Assert.That(stats.ReliableQueueBytes, Is.Positive, "it waits for company");
        lab.Run(200);
        client.Endpoint.TryGetStats(client.Peer, out stats);
        Assert.That((stats.ReliableQueueBytes, stats.Resends), Is.EqualTo((0, 0L)));
    }

    [Test]
    public void Acknowledgement_WithSomethingToGoAlong_LeavesWithIt()
    {
        var lab = new TransportLab(seed: 5);
        TransportLab.Host client = Connect(lab, ProtocolLine.LiteNetLib2, "delay=25");
        client.Endpoint.Send(client.Peer, DeliveryMethod.ReliableOrdered, 0, [1]);
        lab.Run(26_000);
        long before = lab.Network.SentCount;
        lab.Server.Endpoint.Send(lab.ServerPeerOf(client), DeliveryMethod.Unreliable, 0, [2]);
        lab.Run(26_000);
        client.Endpoint.TryGetStats(client.Peer, out PeerStats stats);
        Assert.That((stats.ReliableQueueBytes, lab.Network.SentCount - before), Is.EqualTo((0, 1L)));
    }

    private static TransportLab.Host Connect(TransportLab lab, ProtocolLine line, string link)
    {
        lab.Network.SetAllLinks(TransportLab.Link(link));
        TransportLab.Host client = lab.AddClient(new TransportOptions { MaxPeers = 1, Line = line });
        lab.Run(4_210_000); // between two pings
        return client;
    }
}
