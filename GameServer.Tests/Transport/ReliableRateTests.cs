using GameServer.Netcode.Primitives;
using GameServer.Netcode.Transport;

namespace GameServer.Tests.Transport;

/// <summary>The limit of reliable messages per second and peer, and the endpoint's totals of reliable packets.</summary>
public class ReliableRateTests
{
    private const int PerSecond = 200; // what the host allows

    [TestCase("delay=40")]
    [TestCase("delay=60,jitter=15,loss=5,burst=4")]
    [TestCase("delay=40,loss=20")]
    public void Limit_ClientThatTalksALot_NeverFeelsIt(string link)
    {
        (TransportLab lab, TransportLab.Host client) = Connected(link);
        for (int i = 0; i < 400; i++)
        {
            client.Endpoint.Send(client.Peer, DeliveryMethod.ReliableOrdered, 0, BitConverter.GetBytes(i)); // 40 a second
            lab.Run(25_000);
        }

        lab.Run(3_000_000);
        Assert.That(lab.Server.Messages.Select(m => BitConverter.ToInt32(m.Payload)), Is.EqualTo(Enumerable.Range(0, 400)));
        Assert.That(lab.Server.Endpoint.Drops[DropReason.ReliableTooFast], Is.Zero);
    }

    [Test]
    public void Limit_ClientThatFloods_IsSlowedDownAndLosesNothing()
    {
        (TransportLab lab, TransportLab.Host client) = Connected("delay=20");
        int sent = 0;
        for (int i = 0; i < 100; i++)
        {
            while (sent < 3_000 && client.Endpoint.Send(client.Peer, DeliveryMethod.ReliableOrdered, 0, BitConverter.GetBytes(sent)) == SendResult.Queued)
            {
                sent++;
            }

            lab.Run(50_000);
            double seconds = (i + 1) * 0.05;
            Assert.That(lab.Server.Messages.Count(), Is.LessThanOrEqualTo((PerSecond * (seconds + 0.25)) + 400), "one merged packet may overdraw");
        }

        lab.Run(20_000_000);
        Assert.That(lab.Server.Messages.Select(m => BitConverter.ToInt32(m.Payload)), Is.EqualTo(Enumerable.Range(0, sent)));
        Assert.That(lab.Server.Endpoint.Drops[DropReason.ReliableTooFast], Is.Positive);
    }

    [Test]
    public void Totals_OfALossyLink_TellResendsAndAboutTheLinksLoss()
    {
        (TransportLab lab, TransportLab.Host client) = Connected("delay=40,loss=10");
        for (int i = 0; i < 3_000; i++)
        {
            client.Endpoint.Send(client.Peer, DeliveryMethod.ReliableOrdered, 0, BitConverter.GetBytes(i));
            lab.Run(5_000);
        }

        lab.Run(3_000_000);
        TransportEndpoint endpoint = client.Endpoint;
        Assert.That(endpoint.TryGetStats(client.Peer, out PeerStats stats), Is.True);
        Assert.That((endpoint.ReliablePackets, endpoint.ReliableResends), Is.EqualTo((stats.ReliablePackets, stats.Resends)));
        double loss = (double)endpoint.ReliableLosses / (endpoint.ReliablePackets + endpoint.ReliableResends);
        Assert.That(loss, Is.EqualTo(0.10).Within(0.04), $"{endpoint.ReliablePackets} packets, {endpoint.ReliableResends} resends, {endpoint.ReliableLosses} lost");
        Assert.That(lab.Server.Endpoint.CopyDeviations(new int[4]), Is.EqualTo(1));
    }

    private static (TransportLab Lab, TransportLab.Host Client) Connected(string link)
    {
        var lab = new TransportLab(7, new TransportOptions { ReliableMessagesPerSecond = PerSecond });
        lab.Network.SetAllLinks(TransportLab.Link(link));
        TransportLab.Host client = lab.AddClient(new TransportOptions { MaxPeers = 1, Line = ProtocolLine.LiteNetLib1 });
        lab.Run(1_500_000);
        Assert.That(client.Endpoint.PeerCount, Is.EqualTo(1));
        return (lab, client);
    }
}
