using GameServer.Netcode.Primitives;

using System.Runtime.CompilerServices;

namespace GameServer.Netcode.Transport;

/// <summary>Where a connection is in its life.</summary>
internal enum PeerState : byte
{
    /// <summary>The slot is free.</summary>
    Free,

    /// <summary>Connect requests are being sent.</summary>
    Outgoing,

    /// <summary>Messages flow.</summary>
    Connected,

    /// <summary>This side disconnects: reliable messages are flushed, then the other side is told.</summary>
    Closing,
}

/// <summary>One connection: its identity, state and channels. Receiving, accepting and writing stand in the other parts.</summary>
/// <remarks>Owner: the endpoint's thread. Made at start and used again for later connections of the slot.</remarks>
internal sealed partial class Peer
{
    /// <summary>Malformed packets of open channels that end the connection.</summary>
    public const int MalformedMax = 16;

    /// <summary>Within what time.</summary>
    public const long MalformedMicros = 10_000_000;

    private readonly long[] _malformedMicros = new long[MalformedMax - 1];
    private readonly TransportEndpoint _endpoint;
    private readonly TransportOptions _options;
    private readonly PacketStore _packets;
    private readonly FragmentAssembler _fragments;
    private readonly ReliableSender?[] _senders;
    private readonly ReliableReceiver?[] _receivers;
    private readonly SequencedChannel[] _sequenced;
    private readonly ReliableSender[] _busySenders;
    private readonly byte[] _acksDue;
    private OutQueue _out;
    private MtuProber _mtu;
    private Pinger _pinger;
    private int _busySenderCount;
    private int _ackDueCount;
    private long _ackDueMicros = long.MaxValue; // when the acknowledgements that wait leave at the latest
    private int _reliableBytes;
    private int _mtuAnswerBytes;
    private int _sequencedPending;
    private int _malformed;
    private long _allowanceMicros;

    public Peer(TransportEndpoint endpoint, int slot)
    {
        _endpoint = endpoint;
        _options = endpoint.Options;
        _packets = endpoint.Packets;
        Slot = slot;
        Generation = 1;
        _fragments = new FragmentAssembler(endpoint.FragmentBlocks, _options.FragmentBytesPerPeer, _options.MaxMessageBytes);
        Held = new HoldBudget(_options.Channels, _options.HeldBytesPerPeer);
        _senders = new ReliableSender?[_options.Channels * 2];
        _receivers = new ReliableReceiver?[_options.Channels * 2];
        _sequenced = new SequencedChannel[_options.Channels * 2];
        _busySenders = new ReliableSender[_options.Channels * 2];
        _acksDue = new byte[_options.Channels * 4];
        _out = new OutQueue(_packets);
        Line = WireLine.Two;
        Sender((int)DeliveryMethod.ReliableOrdered);
        Receiver((int)DeliveryMethod.ReliableOrdered);
    }

    public readonly int Slot;
    public readonly HoldBudget Held;
    public ushort Generation;
    public PeerState State;
    public WireLine Line;
    public PeerAddress Address;
    public ulong AddressHash;
    public ulong SealConnection;
    public long ConnectionTime;
    public int Number;
    public int LocalId; // given to the other side, for address claims
    public bool IsOutbound; // this side asked for the connection
    public int RemoteId;
    public long BeganMicros;
    public long LastReceivedMicros;
    public int QueuedEvents;
    public ushort FragmentId;
    public bool IsReady; // in the endpoint's list of peers that may have something to send
    public bool IsBlocked; // in the endpoint's list of peers whose held packets wait for room
    public PeerStats Stats;
    public RttEstimator PingRtt;
    public RttEstimator AckRtt;
    public RoamState Roam;

    /// <summary>The address that a peer claims to have moved to.</summary>
    public struct RoamState
    {
        public PeerAddress Address;
        public ulong AddressHash;
        public ulong Challenges; // the last four sequences, 16 bits each; 0 is none
        public int Failures;
        public bool IsPending;
        public long LastClaimMicros;

        public void AddChallenge(ushort sequence) => Challenges = (Challenges << 16) | sequence;

        public readonly bool IsChallenge(ushort sequence)
        {
            bool found = false;
            for (int shift = 0; shift < 64; shift += 16)
            {
                found |= (ushort)(Challenges >> shift) == sequence;
            }

            return found && sequence != 0;
        }
    }

    public PeerId Id => new((ushort)Slot, Generation);

    public int MtuBytes => _mtu.Bytes;

    public long RttMicros => PingRtt.HasSample ? PingRtt.SmoothedMicros : AckRtt.SmoothedMicros;

    public long RttMinMicros => (AckRtt.HasSample ? AckRtt.MinMicros : PingRtt.MinMicros) * 7 / 8;

    public int ReliableBytes => _reliableBytes;

    /// <summary>Byte 0 of a packet to this peer.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public byte First(PacketKind kind) => Line.First(kind, Number);

    public void Drop(DropReason reason) => _endpoint.Drops.Add(reason);

    /// <summary>
    /// A malformed packet of a channel that is open: not acknowledged, and one of them ends nothing, since anyone can forge it. The last of
    /// <see cref="MalformedMax"/> within <see cref="MalformedMicros"/> does.
    /// </summary>
    public void NoteMalformed(DropReason drop, DisconnectReason reason = DisconnectReason.ProtocolViolation)
    {
        Drop(drop);
        long nowMicros = _endpoint.NowMicros;
        ref long oldest = ref _malformedMicros[_malformed++ % _malformedMicros.Length];
        bool ends = _malformed > _malformedMicros.Length && nowMicros - oldest <= MalformedMicros;
        oldest = nowMicros;
        if (ends)
        {
            _endpoint.Abort(this, reason);
        }
    }

    /// <summary>Whether the first part of a message, or a later one, is of a message that cannot be taken.</summary>
    public bool IsTooLarge(ReadOnlySpan<byte> fragment) => _fragments.IsTooLarge(fragment);

    /// <summary>Takes a free slot into use.</summary>
    public void Begin(PeerState state, WireLine line, in PeerAddress address, ulong addressHash, long nowMicros)
    {
        State = state;
        IsOutbound = state == PeerState.Outgoing;
        Line = line;
        Address = address;
        AddressHash = addressHash;
        LastReceivedMicros = BeganMicros = nowMicros;
        Stats = default;
        PingRtt = AckRtt = default;
        Roam = default;
        FragmentId = 0;
        _malformed = 0;
        _allowanceMicros = 0;
        _mtu.Start(_options.MtuDiscovery, _options.StartMtuBytes, _endpoint.OverheadBytes, nowMicros);
        _pinger.Start(0, wasAnswered: false, nowMicros);
    }

    /// <summary>Gives everything back and frees the slot.</summary>
    public void Release()
    {
        foreach (ReliableSender? sender in _senders)
        {
            sender?.Clear();
        }

        foreach (ReliableReceiver? receiver in _receivers)
        {
            receiver?.Clear();
        }

        for (int i = 0; i < _sequenced.Length; i++)
        {
            ForgetLast(ref _sequenced[i]);
            _sequenced[i] = default;
        }

        Array.Clear(_busySenders, 0, _busySenders.Length);
        _fragments.Clear();
        _out.Clear();
        ReturnClose();
        _busySenderCount = _ackDueCount = _reliableBytes = _mtuAnswerBytes = _sequencedPending = 0;
        QueuedEvents = 0;
        _ackDueMicros = long.MaxValue;
        SealConnection = 0;
        State = PeerState.Free;
        Generation = (ushort)(Generation == ushort.MaxValue ? 1 : Generation + 1);
    }

    /// <summary>This side was away for so long: what waited for the other side waits that much longer.</summary>
    public void Forgive(long awayMicros, long nowMicros)
    {
        LastReceivedMicros = Math.Min(nowMicros, LastReceivedMicros + awayMicros);
        _flushUntilMicros += awayMicros;
        _giveUpMicros = DisconnectSent ? _giveUpMicros + awayMicros : _giveUpMicros;
        _fragments.Forgive(awayMicros, nowMicros);
        for (int i = 0; i < _busySenderCount; i++)
        {
            _busySenders[i].Forgive(awayMicros, nowMicros);
        }
    }

    /// <summary>A buffer for a reliable packet, within this peer's quota, or <see cref="BlockPool.None"/>.</summary>
    public int TakeReliable(int bytes)
    {
        if (_reliableBytes + PacketStore.LargeBytes > _options.MaxReliableQueueBytes)
        {
            return BlockPool.None;
        }

        int block = _packets.Take(bytes);
        _reliableBytes += block == BlockPool.None ? 0 : PacketStore.CostOf(block);
        return block;
    }

    /// <summary>True when that many large reliable packets fit.</summary>
    public bool HasReliableRoom(int packets) =>
        _reliableBytes + ((long)packets * PacketStore.LargeBytes) + PacketStore.LargeBytes <= _options.MaxReliableQueueBytes
        && _packets.LargeFreeCount > packets;

    public void ReturnReliable(int block)
    {
        _reliableBytes -= PacketStore.CostOf(block);
        _packets.Return(block);
    }

    /// <summary>Moves a short packet to a small block, when there is one.</summary>
    public int ShrinkReliable(int block)
    {
        Span<byte> packet = _packets.Used(block);
        if (packet.Length > PacketStore.SmallBytes)
        {
            return block;
        }

        int small = _packets.Take(packet.Length);
        if (small == BlockPool.None)
        {
            return block;
        }

        packet.CopyTo(_packets.Bytes(small));
        _packets.Length(small) = (ushort)packet.Length;
        _reliableBytes += PacketStore.CostOf(small);
        ReturnReliable(block);
        return small;
    }

    /// <summary>After what time a packet is sent again, with that many vain resends before: RFC 6298 with a floor for the other side's delay.</summary>
    public long ResendMicros(int timeouts)
    {
        const long MaxMicros = 2_000_000;
        ref RttEstimator rtt = ref AckRtt.HasSample ? ref AckRtt : ref PingRtt;
        long slack = AckRtt.HasSample ? 10_000 : 25_000; // a library peer acknowledges up to one step of 15 ms later than it answers pings
        slack = Math.Max(slack, rtt.SmoothedMicros / 4); // a lost acknowledgement is made up for by the next one
        long micros = rtt.HasSample ? rtt.SmoothedMicros + Math.Max(slack, 4 * rtt.VarianceMicros) : 250_000;
        return Math.Min(MaxMicros, Math.Max(15_000, micros) << Math.Min(timeouts, 6));
    }

    /// <summary>A reliable packet left for the n-th time.</summary>
    public void NoteTransmission(int bytes, int sends)
    {
        if (sends == 1)
        {
            Stats.ReliablePackets++;
            _endpoint.ReliablePackets++;
        }
        else
        {
            NoteResend();
        }

        if (sends >= 3)
        {
            _mtu.Suspect(bytes, _endpoint.NowMicros);
        }
    }

    /// <summary>A reliable packet of that size is acknowledged.</summary>
    public void NoteArrival(int bytes) => _mtu.Arrived(bytes, _endpoint.NowMicros);

    /// <summary>Something reliable left again.</summary>
    public void NoteResend()
    {
        Stats.Resends++;
        _endpoint.ReliableResends++;
    }

    /// <summary>That many transmissions of one packet did not arrive.</summary>
    public void NoteLosses(int transmissions) => _endpoint.ReliableLosses += transmissions;

    /// <summary>The path is another one: sizes and times are found anew.</summary>
    public void PathChanged(long nowMicros) => _mtu.Start(_options.MtuDiscovery, _options.StartMtuBytes, _endpoint.OverheadBytes, nowMicros);

    /// <summary>A ping sequence for an address that claims to be this peer's.</summary>
    public ushort NextChallenge(bool isFirst) => _pinger.NextChallenge(_endpoint.Chance, isFirst);

    /// <summary>The address has answered that ping.</summary>
    public void ChallengeAnswered(ushort sequence) => _pinger.ChallengeAnswered(sequence);

    internal ReliableSender Sender(int channelId) => _senders[channelId >> 1] ??= new ReliableSender(this, _packets, channelId);

    internal ReliableReceiver Receiver(int channelId) => _receivers[channelId >> 1] ??= new ReliableReceiver(this, _packets, channelId);

    internal ref SequencedChannel SequencedAt(int channelId) => ref _sequenced[channelId >> 1];

    private ReadOnlySpan<byte> Payload() => _payloadBlock == BlockPool.None ? default : _packets.Used(_payloadBlock);

    private void KeepPayload(ReadOnlySpan<byte> payload)
    {
        ReturnClose();
        if (payload.Length > 0 && (_payloadBlock = _packets.TakeLarge()) != BlockPool.None)
        {
            payload.CopyTo(_packets.Bytes(_payloadBlock));
            _packets.Length(_payloadBlock) = (ushort)payload.Length;
        }
    }

    private void ReturnClose()
    {
        if (_payloadBlock != BlockPool.None)
        {
            _packets.Return(_payloadBlock);
            _payloadBlock = BlockPool.None;
        }

        DisconnectSent = false;
    }

    private void ForgetLast(ref SequencedChannel channel)
    {
        if (channel.LastBlockPlusOne != 0)
        {
            ReturnReliable(channel.LastBlockPlusOne - 1);
            channel.LastBlockPlusOne = 0;
            _sequencedPending--;
        }
    }
}
