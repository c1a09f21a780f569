using GameServer.Netcode.Primitives;
using GameServer.Netcode.Transport;

namespace GameServer.Tests.Transport;

/// <summary>Connecting without a memory of who asked: proofs, limits, numbers, refusals, servers that were started again.</summary>
[TestFixture(ProtocolLine.LiteNetLib1)]
[TestFixture(ProtocolLine.LiteNetLib2)]
internal sealed class HandshakeTests(ProtocolLine line)
{
    private readonly WireLine _wire = WireLine.Of(line);
    private readonly byte[] _buffer = new byte[Limits.DatagramBytesMax];

    [Test]
    public void Connect_DuringAFloodOfForgedRequestsAndProofs_JoinsEveryTimeWithItsData()
    {
        var lab = new TransportLab(5);
        lab.Network.SetAllLinks(TransportLab.Link("delay=50"));
        var random = DeterministicRandom.From(5, 1);
        byte[] request = Request(0, new byte[40]);
        long flooded = lab.Now;
        lab.Playing = () =>
        {
            for (; flooded < lab.Now; flooded += 10)
            {
                var from = PeerAddress.FromIPv4(random.NextUInt(), (ushort)random.NextUInt());
                BitConverter.TryWriteBytes(request.AsSpan(5), (long)random.NextUInt());
                lab.Server.Endpoint.Handle(request, from, lab.Now);
                if (flooded % 40 != 0)
                {
                    continue;
                }

                lab.Server.Endpoint.Handle(Claim(random.NextUInt(), random.NextInt(4), random.NextInt(int.MaxValue)), from, lab.Now);
                lab.Server.Endpoint.Handle(Pong(random.NextInt(4), random.NextInt(16_384)), from, lab.Now);
            }
        };
        for (int i = 0; i < 8; i++)
        {
            lab.AddClient(new TransportOptions { MaxPeers = 1, Line = line });
            lab.Run(20_000);
        }

        lab.Run(250_000);
        IEnumerable<int> joined = lab.Server.Events.Where(e => e.Event.Kind == TransportEventKind.Connected).Select(e => BitConverter.ToInt32(e.Payload));
        Assert.That(joined.Order(), Is.EqualTo(Enumerable.Range(0, 8)), "each once, with its connect data, and nobody else");
    }

    [Test]
    public void Connect_ItsAddressWasFloodedWithForgedRequests_IsNotLockedOut()
    {
        var pair = new Pair(new TransportOptions { RequestsPerAddress = 1, RequestsPerPrefix = 1 }, new TransportOptions { Line = line, MaxPeers = 1 });
        for (int i = 0; i < 10_000; i++)
        {
            pair.Server.Handle(Request(i, []), pair.ClientAddress, pair.Now);
            pair.Server.Handle([_wire.First(PacketKind.Ping, 0), 1, 0], pair.ClientAddress, pair.Now);
        }

        pair.Server.Advance(pair.Now + AcceptQueue.DelayMicros);
        Poll(pair.Server);
        pair.Connect([3]);

        Assert.That(pair.Server.Drops[DropReason.RequestRateLimited], Is.Zero);
        Assert.That(pair.ServerEvents[0].Payload, Is.EqualTo(new byte[] { 3 }));
    }

    [Test]
    public void Connect_MoreProvedThanTheLimit_OnlyTheLimitIsTaken()
    {
        var server = new TransportEndpoint(new TransportOptions { RequestsPerAddress = 1, RequestsPerPrefix = 1000 }, 1, 0);
        for (int i = 0; i < 6; i++)
        {
            Join(server, PeerAddress.FromIPv4(0x0100000A, (ushort)(1000 + i)), time: 100 + i, i * 10_000);
        }

        Assert.That((server.PeerCount, server.Drops[DropReason.RequestRateLimited]), Is.EqualTo((4, 2L)), "four seconds of burst");
        Join(server, PeerAddress.FromIPv4(0x0100000A, 2000), time: 200, 1_100_000);
        Assert.That(server.PeerCount, Is.EqualTo(5), "a second later one more");
    }

    [TestCase(0, true)]
    [TestCase(ConnectProof.PeriodMicros - 1, true)]
    [TestCase((2 * ConnectProof.PeriodMicros) - 1, true)]
    [TestCase(2 * ConnectProof.PeriodMicros, false)]
    public void Claim_OfAnAcceptFromTheBeginOfAPeriod_IsGoodForTwo(long delayMicros, bool proves)
    {
        long start = 10 * ConnectProof.PeriodMicros;
        var server = new TransportEndpoint(new TransportOptions(), 1, start);
        byte[] claim = Ask(server, Stranger(1), 77, start, acceptedAt: start);
        server.Handle(claim, Stranger(1), start + delayMicros);

        Assert.That(server.PeerCount, Is.EqualTo(proves ? 1 : 0));
    }

    [Test]
    public void Claim_ChangedInAnyField_ProvesNothing()
    {
        var server = new TransportEndpoint(new TransportOptions(), 1, 0);
        byte[] claim = Ask(server, Stranger(1), 77, 0);
        for (int bit = 8; bit < claim.Length * 8; bit++)
        {
            byte[] changed = [.. claim];
            changed[bit / 8] ^= (byte)(1 << (bit % 8));
            server.Handle(changed, Stranger(1), 0);
        }

        server.Handle([.. claim], Stranger(2), 0);
        Assert.That(server.PeerCount, Is.Zero, "of another address, time, number, flag or id");
        server.Handle([.. claim], Stranger(1), 0);
        server.Handle([.. claim], Stranger(1), 0);
        Assert.That(server.PeerCount, Is.EqualTo(1));
    }

    [Test]
    public void Claim_LateCopyOfAnEndedConnection_BeginsNothing()
    {
        var server = new TransportEndpoint(new TransportOptions(), 1, 0);
        byte[] claim = Ask(server, Stranger(1), 77, 0);
        server.Handle([.. claim], Stranger(1), 0);
        Assert.That(server.TryPeekEvent(out TransportEvent e, out _), Is.True);
        server.Abort(e.Peer, DisconnectReason.ProtocolViolation);
        server.Handle([.. claim], Stranger(1), 0);

        Assert.That(server.PeerCount, Is.Zero);
    }

    [Test]
    public void Accept_LeavesAfterTheLibraryHasEnteredThePeerIntoItsTable()
    {
        var server = new TransportEndpoint(new TransportOptions(), 1, 0);
        server.Handle(Request(1, new byte[10]), Stranger(1), 0);
        server.Advance(AcceptQueue.DelayMicros - 1);
        Assert.That(Poll(server), Is.Empty);
        Assert.That(server.NextTimeoutMicros, Is.EqualTo(AcceptQueue.DelayMicros));
        server.Advance(AcceptQueue.DelayMicros);
        Assert.That(Poll(server).Select(d => _wire.KindOf(d[0])), Is.EqualTo(new[] { PacketKind.ConnectAccept, PacketKind.PeerNotFound }));
    }

    [Test]
    public void Number_OfTheSameAddress_ComesAgainOnlyAfterFourConnectionsAndARest()
    {
        var server = new TransportEndpoint(new TransportOptions(), 1, 0);
        List<int> numbers = [.. Enumerable.Range(0, 4).Select(i => Join(server, Stranger(1), 100 + i, i * 10_000)[9])];
        const long FirstEnded = 10_000 + AcceptQueue.DelayMicros;
        Assert.That(numbers, Is.Unique);

        server.Handle(Request(200, []), Stranger(1), FirstEnded + TombstoneTable.NumberRestMicros - 1);
        Assert.That(server.Drops[DropReason.NumbersResting], Is.EqualTo(1));
        byte[] claim = Join(server, Stranger(1), 201, FirstEnded + TombstoneTable.NumberRestMicros);
        Assert.That(claim[9], Is.EqualTo(numbers[0]), "the one that has rested longest");
    }

    [Test]
    public void Reliable_ReplayedAfterUpToThreeReconnects_IsNotDelivered([Range(1, 3)] int reconnects)
    {
        var server = new TransportEndpoint(new TransportOptions(), 1, 0);
        byte[] first = Join(server, Stranger(1), 100, 0);
        byte[] recorded = [_wire.First(PacketKind.Channeled, first[9]), 0, 0, 2, 99];
        for (int i = 1; i <= reconnects; i++)
        {
            Join(server, Stranger(1), 100 + i, i * 3_000_000L);
        }

        server.Handle([.. first], Stranger(1), 12_000_000); // the proof of then, which is still of its time
        server.Handle(recorded, Stranger(1), 12_000_000);
        Assert.That(Messages(server), Is.Empty);
        Assert.That(server.PeerCount, Is.EqualTo(1));
    }

    [Test]
    public void Request_OfAnotherProtocolId_IsToldSo()
    {
        var server = new TransportEndpoint(new TransportOptions(), 1, 0);
        byte[] request = Request(1, []);
        foreach (int id in new[] { 0, 11, 12, 14, 255, 256 })
        {
            BitConverter.TryWriteBytes(request.AsSpan(1), id);
            server.Handle([.. request], Stranger(1), 0);
            byte[][] answers = [.. Poll(server)];
            Assert.That(answers, id is > 0 and < 256 ? Is.EqualTo(new[] { new[] { _wire.First(PacketKind.InvalidProtocol, 0) } }) : Is.Empty, $"id {id}");
        }
    }

    [TestCase(34, 0)]
    [TestCase(34, 25)]
    [TestCase(34, 26)]
    [TestCase(100, 55)]
    [TestCase(100, 56)]
    public void Judge_RefusesWithData_TheClientReadsItAndNoMoreThanItSent(int requestBytes, int dataBytes)
    {
        byte[] reason = [.. Enumerable.Range(1, dataBytes).Select(i => (byte)i)];
        int room = Math.Min(requestBytes, 64) - 9;
        RequestJudge judge = (ReadOnlySpan<byte> connect, in PeerAddress from, Span<byte> refusal) =>
        {
            Assert.That(refusal.Length, Is.EqualTo(room));
            reason.AsSpan(0, Math.Min(room, reason.Length)).CopyTo(refusal);
            return reason.Length;
        };
        var pair = new Pair(new TransportOptions { Judge = judge }, new TransportOptions { Line = line, MaxPeers = 1 });
        pair.Client.Connect(Pair.ServerAddress, new byte[requestBytes - 34], pair.Now);
        pair.Run(100_000);

        (TransportEvent e, byte[] data) = pair.ClientEvents.Single();
        Assert.That(e.Reason, Is.EqualTo(DisconnectReason.Rejected));
        Assert.That(data, Is.EqualTo(reason.Take(room)));
    }

    [Test]
    public void Judge_AcceptsSomeAndRefusesOthers_AfterTheKey()
    {
        RequestJudge judge = (ReadOnlySpan<byte> connect, in PeerAddress from, Span<byte> refusal) => connect.SequenceEqual("friend"u8) ? -1 : 0;
        var options = new TransportOptions { Judge = judge, ConnectionKey = "K" };
        var pair = new Pair(options, new TransportOptions { Line = line, MaxPeers = 1 });
        pair.Connect([2, 0, (byte)'K', .. "friend"u8]);
        Assert.That(pair.Server.PeerCount, Is.EqualTo(1));
    }

    [Test]
    public void Server_StartedAgain_IsNoticedWithinASecond()
    {
        Pair pair = new Pair(client: new TransportOptions { Line = line, MaxPeers = 1 }).Connect();
        var restarted = new TransportEndpoint(new TransportOptions(), 99, pair.Now);
        long start = pair.Now;
        long now = start;
        for (; pair.Client.PeerCount > 0 && now < start + 6_000_000; now += 1_000)
        {
            pair.Client.Advance(now);
            Poll(pair.Client).ForEach(d => restarted.Handle(d, pair.ClientAddress, now));
            restarted.Advance(now);
            Poll(restarted).ForEach(d => pair.Client.Handle(d, Pair.ServerAddress, now));
            Pair.Drain(pair.Client, pair.ClientEvents);
        }

        Assert.That(now - start, Is.LessThanOrEqualTo(1_020_000));
        Assert.That(pair.ClientEvents[^1].Event.Reason, Is.EqualTo(DisconnectReason.PeerNotFound));
    }

    [Test]
    public void PeerUnknown_ForgedWithoutTheTime_EndsNothing()
    {
        Pair pair = new Pair(client: new TransportOptions { Line = line, MaxPeers = 1 }).Connect();
        long time = pair.Server.PeerOf(pair.ServerPeer).ConnectionTime;
        byte[] answer = new byte[Wire.PeerUnknownBytes];
        for (int bit = 0; bit < 64; bit++)
        {
            Wire.WritePeerUnknown(answer, _wire.First(PacketKind.PeerNotFound, 0), time ^ (1L << bit));
            pair.Client.Handle([.. answer], Pair.ServerAddress, pair.Now);
        }

        pair.Client.Handle([_wire.First(PacketKind.PeerNotFound, 0), 1], Pair.ServerAddress, pair.Now);
        Assert.That(pair.Client.PeerCount, Is.EqualTo(1));
        Wire.WritePeerUnknown(answer, _wire.First(PacketKind.PeerNotFound, 0), time);
        pair.Client.Handle(answer, Pair.ServerAddress, pair.Now);
        Assert.That(pair.Client.PeerCount, Is.Zero);
    }

    [Test]
    public void Request_ForgedWhileAClientConnects_EndsNothing()
    {
        var pair = new Pair(client: new TransportOptions { Line = line, MaxPeers = 1, AcceptConnections = false });
        pair.Client.Connect(Pair.ServerAddress, [], pair.Now);
        pair.Client.Handle(Request(1, []), Pair.ServerAddress, pair.Now);
        pair.Run(200_000);

        Assert.That(pair.ClientEvents.Select(e => e.Event.Kind), Is.EqualTo(new[] { TransportEventKind.Connected }));
    }

    [TestCase(1431)]
    [TestCase(1000)]
    [TestCase(0)]
    public void SendUnconnected_UpToADatagramInEitherLine_Arrives(int bytes)
    {
        var receiver = new TransportEndpoint(new TransportOptions { UnconnectedMessages = true }, 1, 0);
        var sender = new TransportEndpoint(new TransportOptions(), 2, 0);
        byte[] message = [.. Enumerable.Range(0, bytes).Select(i => (byte)i)];
        sender.SendUnconnected(Stranger(2), message, line);
        receiver.Handle(Poll(sender).Single(), Stranger(1), 0);

        Assert.That(receiver.TryPeekEvent(out TransportEvent e, out ReadOnlySpan<byte> payload), Is.True);
        Assert.That((e.Kind, e.Line, payload.SequenceEqual(message)), Is.EqualTo((TransportEventKind.Unconnected, line, true)));
        Assert.That(() => sender.SendUnconnected(Stranger(2), new byte[1432]), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void ClosedChannel_MessagesOnIt_AreDroppedWhateverTheySay()
    {
        Pair pair = new Pair(new TransportOptions { OpenChannels = ChannelSet.Match }, new TransportOptions { Line = line, MaxPeers = 1 }).Connect();
        int number = pair.Server.PeerOf(pair.ServerPeer).Number;
        for (int id = 0; id < 16; id++)
        {
            byte first = (byte)(_wire.First(PacketKind.Channeled, number) | ((id & 1) == 0 ? WireLine.FragmentedBit : 0));
            pair.Server.Handle([first, (byte)(id & 1), 0, (byte)id, 1, 0, 0, 0, 255, 255, 9], pair.ClientAddress, pair.Now);
        }

        pair.Run(1_000_000);
        Assert.That(pair.Server.Drops[DropReason.ChannelClosed], Is.EqualTo(15));
        Assert.That((pair.ServerMessages.Count(), pair.Server.PeerCount), Is.EqualTo((0, 1)));
    }

    [Test]
    public void ChannelSet_DeclaredChannels_AreOpenAndTheirNeighboursAreNot()
    {
        ChannelSet set = new ChannelSet().Add(DeliveryMethod.Sequenced, 0).Add(DeliveryMethod.ReliableSequenced, 63);
        Assert.That(Enumerable.Range(0, 256).Where(set.Contains), Is.EqualTo(new[] { 1, 255 }));
        Assert.That(Enumerable.Range(0, 256).Count(ChannelSet.All.Contains), Is.EqualTo(256));
        Assert.That(Enumerable.Range(0, 256).Where(ChannelSet.Match.Contains), Is.EqualTo(new[] { 2 }));
        Assert.That(() => ChannelSet.Match.Add(DeliveryMethod.Sequenced, 0), Throws.InvalidOperationException);
        Assert.That(() => new ChannelSet().Add(DeliveryMethod.Unreliable, 0), Throws.InstanceOf<ArgumentOutOfRangeException>());
        Assert.That(() => new ChannelSet().Add(DeliveryMethod.Sequenced, 64), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [TestCase(15, 0, false)]
    [TestCase(16, Peer.MalformedMicros, true)]
    [TestCase(16, Peer.MalformedMicros + 1, false)]
    public void Malformed_OnAnOpenChannel_EndsWithTheSixteenthInTenSeconds(int count, long spanMicros, bool ends)
    {
        Pair pair = new Pair(client: new TransportOptions { Line = line, MaxPeers = 1, PingIntervalMicros = 500_000 }).Connect();
        Peer peer = pair.Server.PeerOf(pair.ServerPeer);
        long start = pair.Now;
        int acks = pair.Log.Count(d => _wire.KindOf(d.Bytes[0]) == PacketKind.Ack);
        byte[] malformed = [(byte)(peer.First(PacketKind.Channeled) | WireLine.FragmentedBit), 0, 0, 2, 1, 0, 3, 0, 2, 0, 7];
        for (int i = 0; i < count; i++)
        {
            pair.Run(start + (i == count - 1 ? spanMicros : 0) - pair.Now);
            pair.Server.Handle([.. malformed], pair.ClientAddress, pair.Now);
        }

        pair.Run(1_000);
        Assert.That(pair.Server.PeerCount, Is.EqualTo(ends ? 0 : 1));
        Assert.That(pair.Server.Drops[DropReason.FragmentMalformed], Is.EqualTo(count));
        Assert.That(pair.Log.Count(d => _wire.KindOf(d.Bytes[0]) == PacketKind.Ack), Is.EqualTo(acks), "none is acknowledged");
    }

    private static PeerAddress Stranger(int host) => PeerAddress.FromIPv4(0x0900000A + ((uint)host << 24), 999);

    private static List<byte[]> Messages(TransportEndpoint endpoint)
    {
        var events = new List<(TransportEvent Event, byte[] Payload)>();
        Pair.Drain(endpoint, events);
        return [.. events.Where(e => e.Event.Kind == TransportEventKind.Message).Select(e => e.Payload)];
    }

    private byte[] Request(long time, byte[] data)
    {
        byte[] request = new byte[Wire.RequestBytes(Pair.ServerAddress) + data.Length];
        Wire.WriteRequest(request, _wire.First(PacketKind.ConnectRequest, 0), time, 0, Pair.ServerAddress, data);
        return request;
    }

    private byte[] Claim(long time, int number, int id)
    {
        byte[] claim = new byte[Wire.AcceptBytes];
        Wire.WriteAccept(claim, _wire.First(PacketKind.PeerNotFound, 0), time, number, 1, id);
        return claim;
    }

    private byte[] Pong(int number, int sequence)
    {
        byte[] pong = new byte[Wire.PongBytes];
        Wire.WritePong(pong, _wire.First(PacketKind.Pong, number), (ushort)sequence, 0);
        return pong;
    }

    /// <summary>What the receiver of the accept answers to the question.</summary>
    private byte[] Ask(TransportEndpoint server, PeerAddress from, long time, long now, long? acceptedAt = null)
    {
        server.Handle(Request(time, []), from, now);
        server.Advance((acceptedAt ?? now) + AcceptQueue.DelayMicros);
        byte[] accept = Poll(server).First(d => _wire.KindOf(d[0]) == PacketKind.ConnectAccept);
        return Claim(time, accept[9], BitConverter.ToInt32(accept, 11));
    }

    private byte[] Join(TransportEndpoint server, PeerAddress from, long time, long now)
    {
        byte[] claim = Ask(server, from, time, now);
        server.Handle([.. claim], from, now);
        Messages(server);
        return claim;
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
}
