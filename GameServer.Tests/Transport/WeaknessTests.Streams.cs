using System.Buffers.Binary;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Transport;

namespace GameServer.Tests.Transport;

/// <summary>Attacks by connected clients, and by strangers who forge a connected client's address.</summary>
internal sealed partial class WeaknessTests
{
    [Test]
    public void G_FragmentBomb_TakesNoMoreThanItsCapAndEndsItsSender()
    {
        Pair pair = NewPair(new TransportOptions { FragmentBytesPerPeer = 128 * 1024, MaxMessageBytes = 32 * 1024 }).Connect();
        int free = pair.Server.FragmentBlocks.FreeCount;
        Peer peer = pair.Server.PeerOf(pair.ServerPeer);
        for (ushort i = 0; i < 60; i++)
        {
            pair.Server.Handle(Fragment(peer, i, id: i, part: 0, total: 20, bytes: 400), pair.ClientAddress, pair.Now);
        }

        Assert.That(free - pair.Server.FragmentBlocks.FreeCount, Is.LessThanOrEqualTo(128 * 1024 / 400));
        Assert.That(pair.Server.Drops[DropReason.FragmentNotTaken], Is.Positive, "and what is not kept is not acknowledged");
        for (int i = 0; i < Peer.MalformedMax; i++)
        {
            pair.Server.Handle(Fragment(peer, 65, id: 900, part: 0, total: 65535, bytes: 1), pair.ClientAddress, pair.Now);
        }

        pair.Step();
        Assert.That(pair.ServerEvents[^1].Event.Reason, Is.EqualTo(DisconnectReason.FragmentLimit));
        Assert.That(pair.Server.FragmentBlocks.FreeCount, Is.EqualTo(free));
    }

    [Test]
    public void G_FragmentedMessageThatNeverCompletes_EndsItsSenderInTime()
    {
        Pair pair = NewPair().Connect();
        Peer peer = pair.Server.PeerOf(pair.ServerPeer);
        pair.Server.Handle(Fragment(peer, 0, id: 1, part: 0, total: 3, bytes: 1000), pair.ClientAddress, pair.Now);
        pair.Run(11_000_000);

        Assert.That(pair.ServerEvents[^1].Event.Reason, Is.EqualTo(DisconnectReason.FragmentLimit));
        Assert.That(pair.ClientEvents[^1].Event.Reason, Is.EqualTo(DisconnectReason.RemoteClosed), "and it is told");
    }

    [Test]
    public void H_MtuProbesAndAnswers_CarryZeros()
    {
        Pair pair = NewPair().Connect();
        for (int i = 0; i < 50; i++)
        {
            pair.Client.Send(pair.ClientPeer, DeliveryMethod.ReliableOrdered, 0, "password=hunter2"u8.ToArray());
            pair.Server.Send(pair.ServerPeer, DeliveryMethod.ReliableOrdered, 0, "password=hunter2"u8.ToArray());
            pair.Run(100_000);
        }

        byte[][] probes = [.. pair.Log.Select(d => d.Bytes).Where(
            b => _wire.KindOf(b[0]) is PacketKind.MtuCheck or PacketKind.MtuOk && b.Length > 1000)];
        Assert.That(probes, Is.Not.Empty);
        Assert.That(probes.SelectMany(p => p[5..^4]), Is.All.Zero);
        Assert.That(probes.Select(p => WireLine.NumberOf(p[0])), Is.All.EqualTo(pair.Server.PeerOf(pair.ServerPeer).Number), "works on every number");
    }

    [Test]
    public void I_TextWithBraces_IsNeverAFormat()
    {
        Pair pair = NewPair(new TransportOptions { ConnectionKey = "{0}{1:X}{" }).Connect([10, 0, .. "{0}{1:X}{"u8.ToArray()]);
        pair.Client.Send(pair.ClientPeer, DeliveryMethod.ReliableOrdered, 0, "{0}{99}{"u8.ToArray());
        pair.Client.Disconnect(pair.ClientPeer, "{"u8);

        Assert.That(() => pair.Run(1_000_000), Throws.Nothing);
        Assert.That(pair.ServerMessages.Single(), Is.EqualTo("{0}{99}{"u8.ToArray()));
    }

    [Test]
    public void J_ChanneledPacketsInEveryState_ThrowNothing()
    {
        var endpoint = new TransportEndpoint(new TransportOptions { Line = line, MaxPeers = 2, Channels = 1 }, 1, 0);
        endpoint.Connect(Stranger, [], 0);
        for (int channelId = 0; channelId < 256; channelId++)
        {
            endpoint.Handle([_wire.First(PacketKind.Channeled, 0), 0, 0, (byte)channelId, 1], Stranger, 1);
            endpoint.Handle([_wire.First(PacketKind.Ack, 0), 0, 0, (byte)channelId, 1, 0, 0, 0, 0, 0, 0, 0, 0], Stranger, 1);
        }

        Assert.That(endpoint.Drops[DropReason.StateIgnored], Is.EqualTo(512));
    }

    [Test]
    public void K_EmptyReliableMessages_ArriveAndCostNothingElse()
    {
        Pair pair = NewPair().Connect();
        byte[][] messages = [[1], [], [2], [], [], [3]];
        foreach (byte[] message in messages)
        {
            pair.Client.Send(pair.ClientPeer, DeliveryMethod.ReliableOrdered, 0, message);
        }

        pair.Run(1_000_000);
        Assert.That(pair.ServerMessages, Is.EqualTo(messages));

        // A library client does write zero entries.
        Peer peer = pair.Server.PeerOf(pair.ServerPeer);
        if (peer.Line.MergesReliable)
        {
            byte[] packet = [peer.First(PacketKind.ReliableMerged), 0, 0, 0, 1, 0, 0xA1, 0, 0, 1, 0, 0xA2];
            pair.Server.Handle(packet, pair.ClientAddress, pair.Now);
            pair.Run(100_000);
            Assert.That(pair.ServerMessages.Skip(6), Is.EqualTo(new byte[][] { [0xA1], [], [0xA2] }));
        }
    }

    [TestCase(65530)]
    [TestCase(32760)]
    public void L_PingsAcrossTheWrap_AreAnswered(int start)
    {
        Pair pair = NewPair().Connect();
        Peer peer = pair.Server.PeerOf(pair.ServerPeer);
        foreach (int i in Enumerable.Range(0, 20).Prepend(-20_000))
        {
            byte[] ping = new byte[Wire.PingBytes];
            ushort sequence = (ushort)(start + i);
            Wire.WritePing(ping, peer.First(PacketKind.Ping), sequence);
            pair.Server.Handle(ping, pair.ClientAddress, pair.Now);
            Assert.That(Poll(pair.Server).Any(d => d.Length >= 11 && Wire.SequenceOf(d) == sequence), Is.True, $"ping {sequence}");
        }
    }

    [Test]
    public void M_BothLines_ConnectToOnePortAtOnce()
    {
        var lab = new TransportLab(1);
        TransportLab.Host one = lab.AddClient(new TransportOptions { Line = ProtocolLine.LiteNetLib1 });
        TransportLab.Host two = lab.AddClient(new TransportOptions { Line = ProtocolLine.LiteNetLib2 });
        lab.Run(500_000);
        foreach (TransportLab.Host client in new[] { one, two })
        {
            client.Endpoint.Send(client.Peer, DeliveryMethod.ReliableOrdered, 0, [(byte)lab.Clients.IndexOf(client)]);
        }

        lab.Run(500_000);
        Assert.That(lab.Server.Messages.Select(m => m.Payload[0]), Is.EquivalentTo(new[] { 0, 1 }));
    }

    [Test]
    public void N_ForgedAcksBeyondWhatWasSent_AreIgnored()
    {
        Pair pair = NewPair().Connect();
        Peer peer = pair.Server.PeerOf(pair.ServerPeer);
        pair.Loses = (_, toServer) => !toServer;
        pair.Server.Send(pair.ServerPeer, DeliveryMethod.ReliableOrdered, 0, [1]);
        pair.Step();
        for (int start = 1; start < 65536; start++)
        {
            byte[] forged = new byte[Wire.AckBytes];
            Wire.WriteAck(forged, peer.First(PacketKind.Ack), (ushort)start, 2, ulong.MaxValue);
            if (start is not (> 32768 - 64 and < 32768))
            {
                pair.Server.Handle(forged, pair.ClientAddress, pair.Now);
            }
        }

        Assert.That(pair.Server.Drops[DropReason.AckOutOfWindow] + pair.Server.Drops[DropReason.AckMalformed], Is.EqualTo(65535 - 63));
        pair.Loses = (_, _) => false;
        pair.Run(1_000_000);
        Assert.That(pair.ClientMessages.Count(), Is.EqualTo(1), "still resent, and arrives");
    }

    [Test]
    public void N_PacketsWithAnotherConnectionNumber_AreIgnored()
    {
        Pair pair = NewPair().Connect();
        Peer peer = pair.Server.PeerOf(pair.ServerPeer);
        for (int off = 1; off < 4; off++)
        {
            byte[] forged = [peer.Line.First(PacketKind.Channeled, (peer.Number + off) & 3), 0, 0, 2, 66];
            pair.Server.Handle(forged, pair.ClientAddress, pair.Now);
        }

        pair.Step();
        Assert.That(pair.ServerMessages, Is.Empty);
        Assert.That(pair.Server.Drops[DropReason.ConnectionNumberWrong], Is.EqualTo(3));
    }

    private static byte[] Fragment(Peer peer, ushort sequence, int id, int part, int total, int bytes)
    {
        byte[] packet = new byte[10 + bytes];
        Wire.WriteChannelHeader(packet, (byte)(peer.First(PacketKind.Channeled) | WireLine.FragmentedBit), sequence, 0);
        BinaryPrimitives.WriteUInt16LittleEndian(packet.AsSpan(4), (ushort)id);
        BinaryPrimitives.WriteUInt16LittleEndian(packet.AsSpan(6), (ushort)part);
        BinaryPrimitives.WriteUInt16LittleEndian(packet.AsSpan(8), (ushort)total);
        return packet;
    }
}
