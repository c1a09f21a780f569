using GameServer.Netcode.Transport;

namespace GameServer.Tests.Transport;

/// <summary>One reliable channel against what its window of 64 packets allows, in virtual time.</summary>
public class ThroughputTests
{
    private const int WindowPackets = 64;

    [TestCase(ProtocolLine.LiteNetLib1, "delay=50", 0.95, 1.01)]
    [TestCase(ProtocolLine.LiteNetLib2, "delay=50", 0.95, 1.01)]
    [TestCase(ProtocolLine.LiteNetLib2, "delay=25,jitter=10", 0.90, 1.06)]
    [TestCase(ProtocolLine.LiteNetLib1, "delay=50,loss=5", 0.45, 1.15)]
    [TestCase(ProtocolLine.LiteNetLib2, "delay=50,loss=5", 0.45, 1.15)]
    public void Send_ReliableStream_ReachesItsShareOfTheWindow(ProtocolLine line, string link, double share, double packets)
    {
        var lab = new TransportLab(seed: 5);
        lab.Network.SetAllLinks(TransportLab.Link(link));
        TransportLab.Host client = lab.AddClient(new TransportOptions { MaxPeers = 1, Line = line });
        lab.Run(4_000_000);
        client.Endpoint.TryGetStats(client.Peer, out PeerStats before);
        byte[] message = new byte[before.MtuBytes - 4];
        lab.Playing = () =>
        {
            while (client.Endpoint.Send(client.Peer, DeliveryMethod.ReliableOrdered, 0, message) == SendResult.Queued)
            {
            }
        };
        lab.Run(1_000_000);
        client.Endpoint.TryGetStats(client.Peer, out PeerStats start);
        int startCount = lab.Server.Events.Count;
        lab.Run(20_000_000);
        client.Endpoint.TryGetStats(client.Peer, out PeerStats end);

        int delivered = lab.Server.Events.Count - startCount;
        double rtt = 2e-6 * TransportLab.Link(link).DelayMicros;
        double reached = delivered / (20 * WindowPackets / rtt);
        double cost = (double)(end.ReliablePackets + end.Resends - start.ReliablePackets - start.Resends) / delivered;
        TestContext.Out.WriteLine($"{link}: {reached:P1} of the window at {cost:F3} x the packets, mtu {before.MtuBytes}");
        Assert.That(before.MtuBytes, Is.EqualTo(1432));
        Assert.That(reached, Is.GreaterThanOrEqualTo(share));
        Assert.That(cost, Is.LessThanOrEqualTo(packets));
    }
}
