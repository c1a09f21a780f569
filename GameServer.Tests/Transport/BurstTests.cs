using GameServer.Netcode.Primitives;
using GameServer.Netcode.Transport;

namespace GameServer.Tests.Transport;

/// <summary>Many small messages at once: all arrive, and a peer that brings them takes nobody's room.</summary>
public class BurstTests
{
    private const int Burst = 1000;
    private const int MessageBytes = 20;

    [TestCase(1)]
    [TestCase(64)]
    public void Burst_OfUnreliableMessages_AllArriveInBothDirections(int peers)
    {
        var pair = new Pair(new TransportOptions { MaxPeers = peers }, new TransportOptions { MaxPeers = 1 });
        pair.Connect();
        for (int i = 0; i < Burst; i++)
        {
            Assert.That(pair.Client.Send(pair.ClientPeer, DeliveryMethod.Unreliable, 0, Message(i)), Is.EqualTo(SendResult.Queued));
            Assert.That(pair.Server.Send(pair.ServerPeer, DeliveryMethod.Unreliable, 0, Message(i)), Is.EqualTo(SendResult.Queued));
        }

        pair.Run(100_000);
        Assert.That(pair.ServerMessages.Select(m => BitConverter.ToInt32(m)), Is.EqualTo(Enumerable.Range(0, Burst)));
        Assert.That(pair.ClientMessages.Select(m => BitConverter.ToInt32(m)), Is.EqualTo(Enumerable.Range(0, Burst)));
    }

    [Test]
    public void Burst_OfManyPeersThatNobodyConsumes_LeavesEachOtherPeerItsShare()
    {
        const int Peers = 5;
        var lab = new TransportLab(1, new TransportOptions { MaxPeers = Peers });
        for (int i = 0; i < Peers; i++)
        {
            lab.AddClient();
        }

        lab.Run(1_000_000);
        lab.Server.Drains = false;
        for (int i = 0; i < Peers - 1; i++)
        {
            SendAll(lab.Clients[i], Burst);
        }

        lab.Run(100_000);
        Assert.That(lab.Server.Endpoint.Drops[DropReason.EventQueueFull], Is.Positive);
        SendAll(lab.Clients[^1], 200);
        lab.Run(100_000);
        lab.Server.Drains = true;
        lab.Run(100_000);
        PeerId last = lab.ServerPeerOf(lab.Clients[^1]);
        Assert.That(lab.Server.Messages.Count(m => m.Event.Peer == last), Is.EqualTo(200));
    }

    private static void SendAll(TransportLab.Host client, int count)
    {
        for (int i = 0; i < count; i++)
        {
            client.Endpoint.Send(client.Peer, DeliveryMethod.Unreliable, 0, Message(i));
        }
    }

    private static byte[] Message(int number)
    {
        byte[] message = new byte[MessageBytes];
        BitConverter.TryWriteBytes(message, number);
        return message;
    }
}
