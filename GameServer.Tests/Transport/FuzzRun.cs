using System.Buffers.Binary;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Transport;

namespace GameServer.Tests.Transport;

/// <summary>One seeded run of hostile datagrams at an endpoint with live peers, and the checks at its end.</summary>
internal sealed class FuzzRun
{
    private static readonly byte[][] Captured =
        [.. Capture.Names.SelectMany(n => Capture.Load(n).Entries).Where(e => e.Bytes.Length > 0).Select(e => e.Bytes)];

    private readonly ulong _seed;
    private readonly TransportEndpoint _endpoint;
    private readonly TransportOptions _options = new()
    {
        MaxPeers = 8, Channels = 2, FragmentBytesPerPeer = 64 * 1024, MaxMessageBytes = 16 * 1024, ReliableMessagesPerSecond = 400, HeldBytesPerPeer = 4 * 1024,
        EventQueueBytes = 32 * 1024, EventsPerPeerMax = 32, ConnectionKey = "KEY", RequestsPerAddress = 2,
        OpenChannels = NewChannels(),
    };

    private readonly byte[] _buffer = new byte[2048];
    private readonly byte[] _datagram = new byte[2048];
    private readonly List<TransportEndpoint> _clients = [];
    private readonly List<PeerAddress> _addresses = [];
    private readonly int _freePackets;
    private readonly int _freeFragments;
    private DeterministicRandom _random;
    private long _now = 1_000_000;

    public FuzzRun(ulong seed)
    {
        _seed = seed;
        _random = DeterministicRandom.From(seed, 5);
        _endpoint = new TransportEndpoint(_options, seed, _now);
        _freePackets = _endpoint.Packets.FreeCount;
        _freeFragments = _endpoint.FragmentBlocks.FreeCount;
        for (int i = 0; i < 4; i++)
        {
            AddClient(i);
        }
    }

    public long Datagrams { get; private set; }

    public long Drops(DropReason reason) => _endpoint.Drops[reason];

    public void Run(int datagrams)
    {
        for (int i = 0; i < datagrams; i++)
        {
            int length = _random.NextInt(3) == 0 ? MakeMutated() : MakeStructured();
            Handle(length, PickAddress());
            if (_random.NextInt(8) == 0)
            {
                _now += _random.NextInt(20_000);
                Exchange();
            }

            if (_random.NextInt(300) == 0)
            {
                ClaimFromElsewhere();
                SendAhead();
            }

            if (_random.NextInt(500) == 0)
            {
                _endpoint.Connect(PickAddress(), [1], _now);
            }

            if (_random.NextInt(2000) == 0)
            {
                Restart(_random.NextInt(_clients.Count));
            }

            if (_random.NextInt(6000) == 0)
            {
                RestartOften(_random.NextInt(_clients.Count));
            }
        }

        Finish();
    }

    public void HandleEverywhere(byte[] datagram)
    {
        foreach (PeerAddress address in _addresses)
        {
            datagram.CopyTo(_datagram, 0);
            Handle(datagram.Length, address);
        }

        Exchange();
    }

    /// <summary>Lets everything end, and expects that nothing remains.</summary>
    public void Finish()
    {
        for (int slot = 0; slot < _options.MaxPeers; slot++)
        {
            _endpoint.DisconnectNow(_endpoint.PeerOf(new PeerId((ushort)slot, 1)).Id, []);
        }

        _clients.Clear();
        for (int i = 0; i < 1000; i++)
        {
            _now += 20_000;
            Exchange();
        }

        Assert.That(_endpoint.PeerCount, Is.Zero, $"seed {_seed}");
        Assert.That(_endpoint.Packets.FreeCount, Is.EqualTo(_freePackets), $"seed {_seed}");
        Assert.That(_endpoint.FragmentBlocks.FreeCount, Is.EqualTo(_freeFragments), $"seed {_seed}");
    }

    private void Handle(int length, in PeerAddress from)
    {
        try
        {
            _endpoint.Handle(_datagram.AsSpan(0, length), from, _now);
        }
        catch (Exception e) when (e is not AssertionException)
        {
            Assert.Fail($"seed {_seed}, datagram {Datagrams}: {Convert.ToHexString(_datagram.AsSpan(0, length))}\n{e}");
        }

        Datagrams++;
    }

    private void AddClient(int index)
    {
        _addresses.Add(PeerAddress.FromIPv4(0x0500000A, (ushort)(1000 + index)));
        _clients.Add(null!);
        Restart(index);
    }

    /// <summary>All channels of the options but one, as a game that declares what it uses.</summary>
    private static ChannelSet NewChannels()
    {
        var set = new ChannelSet();
        for (int id = 0; id < 7; id++)
        {
            set.Add((DeliveryMethod)(id & 3), (byte)(id >> 2));
        }

        return set;
    }

    /// <summary>More connections of one address than there are numbers, then more of one host than its rate allows.</summary>
    private void RestartOften(int index)
    {
        for (int i = 0; i < 18; i++)
        {
            Restart(i < 6 ? index : i % _clients.Count);
            for (int step = 0; step < 4; step++)
            {
                _now += 3_000;
                Exchange();
            }
        }
    }

    private void Restart(int index)
    {
        var options = new TransportOptions { MaxPeers = 1, Line = (ProtocolLine)(1 + (index & 1)), Channels = 2 };
        _clients[index] = new TransportEndpoint(options, (ulong)_now, _now);
        _clients[index].Connect(Pair.ServerAddress, [4, 0, (byte)'K', (byte)'E', (byte)'Y', 1, 2, 3, 4, 5], _now);
        Exchange();
    }

    /// <summary>What a peer behind a changed address sends, from an address that will not answer, twice.</summary>
    private void ClaimFromElsewhere()
    {
        if (PickPeer() is { State: PeerState.Connected } peer)
        {
            var elsewhere = PeerAddress.FromIPv4(0x0700000A, (ushort)_random.NextInt(60_000));
            for (int i = 0; i < 2; i++)
            {
                byte first = peer.Line.First(PacketKind.PeerNotFound, 0);
                Handle(Wire.WriteAccept(_datagram, first, peer.ConnectionTime, peer.Number, 1, peer.LocalId), elsewhere);
            }

            Wire.WritePong(_datagram, peer.First(PacketKind.Pong), (ushort)_random.NextInt(Sequence.Modulus), 0);
            Handle(Wire.PongBytes, elsewhere);
        }
    }

    /// <summary>A whole window but its first packet, on both ordered channels: more than a peer may have held.</summary>
    private void SendAhead()
    {
        if (PickPeer() is { State: PeerState.Connected } peer)
        {
            for (int i = 0; i < 128; i++)
            {
                Wire.WriteChannelHeader(_datagram, peer.First(PacketKind.Channeled), (ushort)(40 + (i / 2)), 2 + (4 * (i & 1)));
                Handle(6, peer.Address);
            }
        }
    }

    private PeerAddress PickAddress()
    {
        int pick = _random.NextInt(10);
        return pick < 8 ? _addresses[_random.NextInt(_addresses.Count)] : PeerAddress.FromIPv4(0x0600000A + (uint)_random.NextInt(4), 7);
    }

    private void Exchange()
    {
        _endpoint.Advance(_now);
        if (_random.NextInt(4) != 0)
        {
            while (_endpoint.TryPeekEvent(out TransportEvent e, out _))
            {
                _endpoint.ConsumeEvent();
                _endpoint.Send(e.Peer, (DeliveryMethod)_random.NextInt(5), 0, _buffer.AsSpan(0, _random.NextInt(100)));
            }
        }

        while (_endpoint.TryPollDatagram(_buffer, out int length, out PeerAddress to))
        {
            int client = _addresses.IndexOf(to);
            if (client >= 0 && client < _clients.Count)
            {
                _clients[client].Handle(_buffer.AsSpan(0, length), Pair.ServerAddress, _now);
            }
        }

        for (int i = 0; i < _clients.Count; i++)
        {
            ExchangeClient(_clients[i], i);
        }
    }

    private void ExchangeClient(TransportEndpoint client, int index)
    {
        client.Advance(_now);
        while (client.TryPeekEvent(out TransportEvent e, out _))
        {
            client.ConsumeEvent();
            client.Send(e.Peer, DeliveryMethod.ReliableOrdered, 0, [1, 2, 3]);
        }

        while (client.TryPollDatagram(_buffer, out int length, out _))
        {
            _endpoint.Handle(_buffer.AsSpan(0, length), _addresses[index], _now);
        }
    }

    private int MakeMutated()
    {
        byte[] source = Captured[_random.NextInt(Captured.Length)];
        source.CopyTo(_datagram, 0);
        int length = source.Length;
        for (int i = _random.NextInt(4); i > 0; i--)
        {
            _datagram[_random.NextInt(length)] = (byte)_random.NextUInt();
        }

        _datagram[0] = (byte)((_datagram[0] & 0x9F) | (_random.NextInt(4) << 5));
        return _random.NextInt(5) switch
        {
            0 => _random.NextInt(length + 1),
            1 => Math.Min(length + _random.NextInt(30), 1500),
            _ => length,
        };
    }

    /// <summary>A packet of a random kind with mostly plausible fields: near the windows, short, sometimes merged.</summary>
    private int MakeStructured()
    {
        if (_random.NextInt(200) == 0)
        {
            int mtu = _random.NextBool(0.5f) ? 1164 : 1433 + _random.NextInt(20);
            Wire.WriteMtu(_datagram, (byte)(9 + _random.NextInt(3) + (_random.NextInt(4) << 5)), mtu);
            return mtu;
        }

        Peer? peer = PickPeer();
        int length = 0;
        if (_random.NextInt(6) == 0)
        {
            WireLine line = peer?.Line ?? WireLine.Two;
            _datagram[length++] = line.First(PacketKind.Merged, peer?.Number ?? _random.NextInt(4));
            for (int i = _random.NextInt(5); i >= 0; i--)
            {
                int bytes = MakePacket(_datagram.AsSpan(length + 2), peer);
                BinaryPrimitives.WriteUInt16LittleEndian(_datagram.AsSpan(length), (ushort)(_random.NextInt(12) == 0 ? _random.NextInt(80) : bytes));
                length += 2 + bytes;
            }

            return length;
        }

        return MakePacket(_datagram, peer);
    }

    private Peer? PickPeer()
    {
        Peer peer = _endpoint.PeerOf(new PeerId((ushort)_random.NextInt(_options.MaxPeers), 1));
        return peer.State == PeerState.Free ? null : peer;
    }

    private int MakePacket(Span<byte> packet, Peer? peer)
    {
        WireLine line = peer?.Line ?? (_random.NextBool(0.5f) ? WireLine.One : WireLine.Two);
        var kind = (PacketKind)_random.NextInt((int)PacketKind.Unknown);
        kind = kind == PacketKind.ReliableMerged && !line.MergesReliable ? PacketKind.Channeled : kind;
        for (int i = 0; i < 64; i++)
        {
            packet[i] = (byte)_random.NextUInt();
        }

        int number = peer != null && _random.NextInt(8) != 0 ? peer.Number : _random.NextInt(4);
        bool fragmented = kind == PacketKind.Channeled && _random.NextInt(3) == 0;
        packet[0] = (byte)(line.First(kind, number) | (fragmented ? WireLine.FragmentedBit : 0));
        if (_random.NextInt(40) == 0)
        {
            packet[0] = (byte)_random.NextUInt();
        }

        switch (kind)
        {
            case PacketKind.Ping or PacketKind.Pong:
                BinaryPrimitives.WriteUInt16LittleEndian(packet[1..], (ushort)_random.NextInt(70_000));
                return WireLine.MinLength(kind);
            case PacketKind.ConnectAccept or PacketKind.PeerNotFound or PacketKind.Disconnect:
                return MakeIdentity(packet, peer, kind);
            case PacketKind.ConnectRequest:
                return MakeRequest(packet, peer, line, number);
            case PacketKind.Channeled or PacketKind.ReliableMerged or PacketKind.Ack:
                return MakeChanneled(packet, kind, fragmented);
            default:
                return Math.Max(1, _random.NextInt(40));
        }
    }

    private int MakeIdentity(Span<byte> packet, Peer? peer, PacketKind kind)
    {
        if (peer != null && _random.NextInt(kind == PacketKind.Disconnect ? 50 : 3) == 0)
        {
            byte flag = (byte)(kind == PacketKind.PeerNotFound ? 1 : 0);
            Wire.WriteAccept(packet, packet[0], peer.ConnectionTime, peer.Number, flag, peer.LocalId);
        }
        else if (_random.NextBool(0.5f))
        {
            packet[9] = (byte)_random.NextInt(4);
            packet[10] = (byte)(kind == PacketKind.PeerNotFound ? 1 : 0);
            packet[14] &= 0x7F;
        }

        return kind == PacketKind.PeerNotFound && _random.NextInt(3) == 0 ? 1 : Wire.AcceptBytes;
    }

    private int MakeRequest(Span<byte> packet, Peer? peer, WireLine line, int number)
    {
        long time = peer != null && _random.NextInt(4) == 0 ? peer.ConnectionTime : _random.NextInt(1000);
        ReadOnlySpan<byte> key = _random.NextInt(3) == 0 ? [1, 2] : [4, 0, (byte)'K', (byte)'E', (byte)'Y'];
        int length = Wire.WriteRequest(packet, line.First(PacketKind.ConnectRequest, number), time, 0, _addresses[0], key);
        return _random.NextInt(4) == 0 ? _random.NextInt(length) + 1 : length;
    }

    private int MakeChanneled(Span<byte> packet, PacketKind kind, bool fragmented)
    {
        int sequence = _random.NextInt(10) switch
        {
            0 => _random.NextInt(65536),
            1 => Sequence.Modulus - 1 - _random.NextInt(70),
            _ => _random.NextInt(90),
        };
        BinaryPrimitives.WriteUInt16LittleEndian(packet[1..], (ushort)sequence);
        packet[3] = (byte)_random.NextInt(9);
        if (kind == PacketKind.Ack)
        {
            return _random.NextInt(4) == 0 ? 4 + _random.NextInt(12) : (packet[3] & 1) == 0 ? Wire.AckBytes : Wire.SequencedAckBytes;
        }

        if (fragmented)
        {
            int total = _random.NextInt(60) == 0 ? 60_000 : 2 + _random.NextInt(30);
            BinaryPrimitives.WriteUInt16LittleEndian(packet[4..], (ushort)_random.NextInt(10));
            BinaryPrimitives.WriteUInt16LittleEndian(packet[6..], (ushort)_random.NextInt(total + 1));
            BinaryPrimitives.WriteUInt16LittleEndian(packet[8..], (ushort)total);
            return 10 + _random.NextInt(50);
        }

        BinaryPrimitives.WriteUInt16LittleEndian(packet[4..], (ushort)_random.NextInt(12));
        return 4 + _random.NextInt(30);
    }
}
