using GameServer.Netcode.Primitives;
using GameServer.Netcode.Transport;

namespace GameServer.Tests.Transport;

/// <summary>Early packets of several reliable channels under loss: each channel holds its own, and all of a peer are within a cap of bytes.</summary>
public class HoldBudgetTests
{
    private const int Messages = 600; // of each channel, a packet each

    [TestCase(4, 5)]
    [TestCase(4, 2)]
    [TestCase(8, 5)]
    public void Channels_UnderLoss_NeedFewMorePacketsThanAreLost(int channels, int lossPercent)
    {
        var lab = new TransportLab(3, new TransportOptions { Channels = 8 });
        lab.Network.SetAllLinks(TransportLab.Link($"delay=40,loss={lossPercent}"));
        TransportLab.Host client = lab.AddClient(new TransportOptions { MaxPeers = 1, Channels = 8 });
        lab.Run(4_000_000);
        client.Endpoint.TryGetStats(client.Peer, out PeerStats before);
        byte[] message = new byte[before.MtuBytes - 4];
        int[] sent = new int[channels];
        lab.Playing = () =>
        {
            for (int c = 0; c < channels; c++)
            {
                while (sent[c] < Messages && SendNumbered(client, (byte)c, message, sent[c]))
                {
                    sent[c]++;
                }
            }
        };
        lab.Run(60_000_000);
        client.Endpoint.TryGetStats(client.Peer, out PeerStats after);

        for (int c = 0; c < channels; c++)
        {
            int[] numbers = [.. lab.Server.Messages.Where(m => m.Event.Channel == c).Select(m => BitConverter.ToInt32(m.Payload))];
            Assert.That(numbers, Is.EqualTo(Enumerable.Range(0, Messages)), $"channel {c}");
        }

        double packets = after.ReliablePackets + after.Resends - before.ReliablePackets - before.Resends;
        double ideal = channels * Messages / (1 - (lossPercent / 100.0));
        TestContext.Out.WriteLine($"{channels} channels, {lossPercent} % loss: {packets} packets, {packets / ideal:F3} x the ideal, {lab.Server.Endpoint.Drops[DropReason.HeldFull]} not held");
        Assert.That(packets, Is.LessThanOrEqualTo(1.12 * ideal));
    }

    [Test]
    public void Hold_OfOnePeer_StaysWithinItsBytesAndLeavesEveryChannelItsShare()
    {
        const int Budget = 64 * 1024;
        var lab = new TransportLab(3, new TransportOptions { Channels = 4, HeldBytesPerPeer = Budget });
        TransportLab.Host client = lab.AddClient(new TransportOptions { MaxPeers = 1, Channels = 4, StartMtuBytes = 1400, MtuDiscovery = false });
        lab.Run(1_000_000);
        int free = lab.Server.Endpoint.Packets.FreeCount;
        var forged = new byte[1400];
        for (int channel = 0; channel < 4; channel++)
        {
            for (ushort sequence = 1; sequence < 64; sequence++) // never 0: nothing of it can be delivered
            {
                Wire.WriteChannelHeader(forged, WireLine.Two.First(PacketKind.Channeled, lab.Server.Endpoint.PeerOf(lab.ServerPeerOf(client)).Number), sequence, (channel * 4) + 2);
                lab.Server.Endpoint.Handle(forged.ToArray(), client.Address, lab.Now);
            }

            int held = free - lab.Server.Endpoint.Packets.FreeCount;
            Assert.That(held * PacketStore.LargeBytes, Is.InRange((channel + 1) * (Budget / 8) - PacketStore.LargeBytes, Budget), $"after channel {channel}");
        }

        Assert.That(lab.Server.Endpoint.Drops[DropReason.HeldFull], Is.Positive);
        lab.Server.Endpoint.Abort(lab.ServerPeerOf(client), DisconnectReason.ProtocolViolation);
        lab.Run(100_000);
        Assert.That(lab.Server.Endpoint.Packets.FreeCount, Is.EqualTo(free), "all is given back");
    }

    private static bool SendNumbered(TransportLab.Host client, byte channel, byte[] message, int number)
    {
        BitConverter.TryWriteBytes(message, number);
        return client.Endpoint.Send(client.Peer, DeliveryMethod.ReliableOrdered, channel, message) == SendResult.Queued;
    }
}
