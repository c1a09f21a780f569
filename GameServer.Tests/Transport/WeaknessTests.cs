using GameServer.Netcode.Primitives;
using GameServer.Netcode.Transport;

namespace GameServer.Tests.Transport;

/// <summary>The attacks A to N that LiteNetLib is open to, each tried against this transport, for both lines.</summary>
[TestFixture(ProtocolLine.LiteNetLib1)]
[TestFixture(ProtocolLine.LiteNetLib2)]
internal sealed partial class WeaknessTests(ProtocolLine line)
{
    private static readonly PeerAddress Stranger = PeerAddress.FromIPv4(0x0900000A, 999);

    private readonly WireLine _wire = WireLine.Of(line);
    private readonly byte[] _buffer = new byte[Limits.DatagramBytesMax];

    [Test]
    public void A_DataOfARejectedClient_IsNotDelivered()
    {
        var server = new TransportEndpoint(new TransportOptions { ConnectionKey = "KEY" }, 1, 0);
        server.Handle(Request(1000, [4, 0, (byte)'B', (byte)'A', (byte)'D']), Stranger, 0);
        Assert.That(Poll(server).Single().Length, Is.EqualTo(10), "one refusal");
        for (int number = 0; number < 4; number++)
        {
            server.Handle([_wire.First(PacketKind.Unreliable, number), 1, 2], Stranger, 1000);
            server.Handle([_wire.First(PacketKind.Channeled, number), 0, 0, 2, 7], Stranger, 1000);
            server.Handle([_wire.First(PacketKind.Ping, number), 2, 0], Stranger, 1000);
        }

        Assert.That(server.TryPeekEvent(out _, out _), Is.False);
        List<byte[]> questions = Poll(server);
        Assert.That((server.PeerCount, questions.Count <= 12, questions.All(q => q.Length == 1)), Is.EqualTo((0, true, true)), "no state, no answer but a question each");
    }

    [Test]
    public void A_DataOfAPeerThatThisSideDisconnected_IsNotDelivered()
    {
        Pair pair = NewPair().Connect();
        pair.DrainsServer = false;
        pair.Client.Send(pair.ClientPeer, DeliveryMethod.ReliableOrdered, 0, [1]);
        pair.Run(30_000);
        pair.Server.Disconnect(pair.ServerPeer, []);
        pair.Client.Send(pair.ClientPeer, DeliveryMethod.Unreliable, 0, [2]);
        pair.DrainsServer = true;
        pair.Run(3_000_000);

        Assert.That(pair.ServerMessages, Is.Empty);
    }

    [Test]
    public void B_PeerNotFoundOfTwoBytes_EndsNothing()
    {
        Pair pair = NewPair().Connect();
        byte[] kill = [_wire.First(PacketKind.PeerNotFound, 0), 1];
        pair.Server.Handle([.. kill], pair.ClientAddress, pair.Now);
        pair.Client.Handle([.. kill], Pair.ServerAddress, pair.Now);
        pair.Run(1_000_000);

        AssertAlive(pair);
    }

    [TestCase(long.MaxValue)]
    [TestCase(1)]
    public void C_LaterConnectRequestOfASpoofer_LeavesTheSessionAlone(long time)
    {
        Pair pair = NewPair(new TransportOptions { ConnectionKey = "K" }).Connect([2, 0, (byte)'K']);
        pair.Server.Handle(Request(time, [2, 0, (byte)'X']), pair.ClientAddress, pair.Now);
        pair.Run(200_000);
        pair.Server.Handle(Request(time, [2, 0, (byte)'K']), pair.ClientAddress, pair.Now);
        pair.Run(6_000_000);

        AssertAlive(pair);
    }

    [Test]
    public void C_RealReconnectFromTheSamePort_ReplacesTheSessionOnceProved()
    {
        Pair pair = NewPair().Connect();
        PeerId before = pair.ServerPeer;
        var restarted = new TransportEndpoint(new TransportOptions { Line = line, MaxPeers = 1 }, 99, pair.Now);
        restarted.Connect(Pair.ServerAddress, [7], pair.Now);
        Pump(restarted, pair.Server, pair.ClientAddress, pair.Now);
        Pair.Drain(pair.Server, pair.ServerEvents);

        Assert.That(pair.ServerEvents[^2].Event, Is.Not.Null.And.Matches<TransportEvent>(
            e => e.Kind == TransportEventKind.Disconnected && e.Reason == DisconnectReason.Reconnected && e.Peer == before));
        Assert.That(pair.ServerEvents[^1].Payload, Is.EqualTo(new byte[] { 7 }));
    }

    [TestCase(0, 1)]
    [TestCase(9, 1)]
    [TestCase(10, 2)]
    [TestCase(38, 2)]
    [TestCase(39, 3)]
    [TestCase(67, 3)]
    [TestCase(68, 4)]
    [TestCase(500, 4)]
    public void D_AcceptedRequestOfASilentAddress_GetsNoMoreThanItSentWithHeaders(int dataBytes, int datagrams)
    {
        var server = new TransportEndpoint(new TransportOptions(), 1, 0);
        byte[] request = Request(1000, new byte[dataBytes]);
        server.Handle([.. request], Stranger, 0);
        List<byte[]> sent = [];
        for (long now = 0; now < 10_000_000; now += 1_000)
        {
            server.Advance(now);
            sent.AddRange(Poll(server));
        }

        Assert.That(sent.Sum(WithHeaders), Is.LessThanOrEqualTo(WithHeaders(request)));
        Assert.That((sent.Count, server.PeerCount), Is.EqualTo((datagrams, 0)));
        Assert.That(server.TryPeekEvent(out _, out _), Is.False, "the application never hears of it");
    }

    [Test]
    public void D_SpooferWhoTriesAllNumbers_BringsNoMoreBytesThanItSends()
    {
        var server = new TransportEndpoint(new TransportOptions(), 1, 0);
        int received = 0, sent = 0;
        for (int step = 0; step < 240; step++)
        {
            List<byte[]> datagrams = [.. Enumerable.Range(0, 4).Select(n => new byte[] { _wire.First(PacketKind.Ping, n), 2, 0 })];
            datagrams.AddRange(step % 20 == 0 ? [Request(1000 + step, [])] : []);
            foreach (byte[] datagram in datagrams)
            {
                received += WithHeaders(datagram);
                server.Handle([.. datagram], Stranger, step * 50_000);
                server.Advance(step * 50_000);
                sent += Poll(server).Sum(WithHeaders);
                Assert.That(sent, Is.LessThanOrEqualTo(received), $"step {step}");
            }
        }

        Assert.That(sent, Is.InRange(1, received));
        Assert.That(server.TryPeekEvent(out _, out _), Is.False, "the application never hears of it");
    }

    // T4.
    [Test]
    public void E_AnyDatagramOfAStranger_IsAnsweredByFewerBytesOrNone()
    {
        int answered = 0;
        long now = 0;
        foreach (bool accepting in new[] { true, false })
        {
            // A peer of its own, so that it has a reason to answer pings of strangers at all.
            var server = new TransportEndpoint(
                new TransportOptions { AcceptConnections = accepting, MaxPeers = 2, ConnectRetryMicros = 3_600_000_000, ConnectAttempts = 1000 }, 1, 0);
            server.Connect(Pair.ServerAddress, [], 0);
            Poll(server);
            for (int first = 0; first < 256; first++)
            {
                foreach (int length in new[] { 1, 2, 3, 4, 9, 11, 13, 15, 18, 34, 64, 1100 })
                {
                    answered += AnswersToStranger(server, (byte)first, length, now += 10_000_000);
                }
            }
        }

        Assert.That(answered, Is.GreaterThan((2 * 4 * 3 * 2) + (2 * 4 * 2)), "connect requests, pings and more: both lines, four numbers, both servers");
    }

    [Test]
    public void F_ErrorPackets_AreNeverAnswered()
    {
        var server = new TransportEndpoint(new TransportOptions(), 1, 0);
        Pair pair = NewPair().Connect();
        foreach (PacketKind kind in new[] { PacketKind.PeerNotFound, PacketKind.InvalidProtocol, PacketKind.ShutdownOk })
        {
            foreach (int length in Enumerable.Range(1, 39).Where(l => l != Wire.AcceptBytes)) // of that length it is a claim
            {
                byte[] packet = new byte[length];
                packet[0] = _wire.First(kind, 0);
                packet.AsSpan(1).Fill(1);
                server.Handle(packet, Stranger, 0);
                pair.Server.Handle(packet, Stranger, pair.Now);
            }
        }

        Assert.That((Poll(server).Count, Poll(pair.Server).Count), Is.EqualTo((0, 0)));
    }

    private static void AssertAlive(Pair pair)
    {
        pair.Client.Send(pair.ClientPeer, DeliveryMethod.ReliableOrdered, 0, [42]);
        pair.Server.Send(pair.ServerPeer, DeliveryMethod.ReliableOrdered, 0, [43]);
        pair.Run(500_000);
        Assert.That(pair.ServerMessages.Last(), Is.EqualTo(new byte[] { 42 }));
        Assert.That(pair.ClientMessages.Last(), Is.EqualTo(new byte[] { 43 }));
        Assert.That(pair.ServerEvents.Concat(pair.ClientEvents).Select(e => e.Event.Kind), Has.None.EqualTo(TransportEventKind.Disconnected));
    }

    private Pair NewPair(TransportOptions? server = null) => new(server, new TransportOptions { Line = line, MaxPeers = 4 });

    private static int WithHeaders(byte[] datagram) => datagram.Length + Wire.DatagramOverheadBytes;

    private byte[] Request(long time, byte[] data)
    {
        byte[] request = new byte[Wire.RequestBytes(Stranger) + data.Length];
        Wire.WriteRequest(request, _wire.First(PacketKind.ConnectRequest, 0), time, 0, Stranger, data);
        return request;
    }

    private int AnswersToStranger(TransportEndpoint server, byte first, int length, long now)
    {
        byte[] datagram = new byte[length];
        datagram[0] = first;
        if (length >= 34)
        {
            Request(5, []).AsSpan(1, 33).CopyTo(datagram.AsSpan(1));
        }

        server.Advance(now);
        Poll(server); // its own requests
        server.Handle(datagram, Stranger, now);
        server.Advance(now + AcceptQueue.DelayMicros);
        List<byte[]> answers = Poll(server);
        bool isRequest = answers.Any(a => a.Length == Wire.AcceptBytes);
        int bound = length + Wire.DatagramOverheadBytes;
        Assert.That(answers.Sum(WithHeaders), Is.LessThanOrEqualTo(bound), $"byte 0 {first:X2}, {length} bytes");
        Assert.That(answers, isRequest ? Has.Count.LessThanOrEqualTo(4) : Has.Count.LessThanOrEqualTo(1), $"byte 0 {first:X2}, {length} bytes");
        return answers.Count > 0 ? 1 : 0;
    }

    private List<byte[]> Poll(TransportEndpoint endpoint)
    {
        var datagrams = new List<byte[]>();
        while (endpoint.TryPollDatagram(_buffer, out int length, out _))
        {
            datagrams.Add(_buffer[..length]);
        }

        return datagrams;
    }

    private void Pump(TransportEndpoint client, TransportEndpoint server, PeerAddress clientAddress, long now)
    {
        for (int i = 0; i < 5; i++, now += AcceptQueue.DelayMicros)
        {
            client.Advance(now);
            server.Advance(now);
            Poll(client).ForEach(d => server.Handle(d, clientAddress, now));
            Poll(server).ForEach(d => client.Handle(d, Pair.ServerAddress, now));
            while (client.TryPeekEvent(out _, out _))
            {
                client.ConsumeEvent();
            }
        }
    }
}
