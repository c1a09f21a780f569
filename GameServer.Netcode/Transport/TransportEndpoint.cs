using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Transport;

/// <summary>LiteNetLib's protocol, both lines and both roles, as a state machine without sockets, clocks and threads.</summary>
/// <remarks>
/// Datagrams go in by <see cref="Handle"/> and come out by <see cref="TryPollDatagram"/>; what happened comes out by
/// <see cref="TryPeekEvent"/>. Per batch: Handle each datagram, Advance, drain the events, send, poll until false.
/// Owner: one thread. Units: microseconds of the caller's monotonic clock. Allocates: no, after construction, but for the windows of
/// channels other than reliable ordered 0 at their first use in a slot. Errors of the wire: counted in <see cref="Drops"/>, never thrown.
/// </remarks>
public sealed partial class TransportEndpoint
{
    private const long DefaultUtcTicks = 639_300_000_000_000_000; // 2026: connection times only have to differ and rise

    private const int StashBytesMax = 8 * 1024 * 1024;

    private const int AcceptsMax = 4096; // more than a round of the network thread takes in

    private const long ResumeMicros = 5_000; // pause between attempts to deliver what was held back for lack of room

    private const int EventsMin = 2304; // one peer's whole burst finds half of it, another's share the rest

    private const long LatenessMicros = 250_000; // of a pass, that counts as time in which the other sides were silent

    private readonly Peer[] _peers;
    private readonly int[] _freeSlots;
    private readonly AddressTable _byAddress;
    private readonly AddressTable _roaming;
    private readonly AddressTable _claims; // by what a claim proves
    private readonly TombstoneTable _tombstones;
    private readonly ConnectProof _proof;
    private readonly RequestStash _stash;
    private readonly AcceptQueue _accepts;
    private readonly ControlQueue _control;
    private readonly RequestLimiter _requests;
    private readonly TimerHeap _timers;
    private readonly int[] _ready;
    private readonly int[] _blocked;
    private readonly byte[] _message;
    private readonly byte[] _key;
    private readonly ISealedLayer? _layer;
    private readonly long _utcTicksAtZero;
    private int _freeCount;
    private int _readyFirst;
    private int _readyCount;
    private int _blockedCount;
    private bool _messageIsCopied;
    private ControlQueue? _unconnected;
    private WireLine _guess = WireLine.Two;
    private long _answerSlice;
    private int _answersInSlice;
    private long _passMicros; // of the last Advance
    private long _wantedMicros; // when the next was wanted at the latest

    /// <summary>An endpoint with all its buffers.</summary>
    /// <param name="options">Sizes and rules; read here only.</param>
    /// <param name="seed">Secret that makes answers unpredictable: from a good random source, or fixed in a test.</param>
    /// <param name="nowMicros">The time.</param>
    public TransportEndpoint(TransportOptions options, ulong seed, long nowMicros)
    {
        options.Validate();
        Options = options;
        NowMicros = _passMicros = _wantedMicros = nowMicros;
        AcceptConnections = options.AcceptConnections;
        Chance = new KeyedHash(seed);
        int peers = options.MaxPeers;
        _layer = options.SealedLayer ?? (options.Crc32c ? new Crc32cLayer() : null);
        OverheadBytes = _layer == null ? 0 : _layer.HeaderBytes + _layer.TrailerBytes;
        _utcTicksAtZero = options.UtcTicksAtZero != 0 ? options.UtcTicksAtZero : DefaultUtcTicks + (long)(Chance.NextWord() >> 26);
        Packets = NewStore(options);
        FragmentBlocks = new BlockPool(Limits.DatagramBytesMax, FragmentBlockCount(options));
        Events = new EventQueue(Math.Min(8192, Math.Max(EventsMin, peers * 64)), options.EventQueueBytes, reservedEntries: peers + 1);
        _message = new byte[options.MaxMessageBytes + Limits.DatagramBytesMax];
        _key = KeyOf(options.ConnectionKey);
        _byAddress = new AddressTable(peers);
        _roaming = new AddressTable(peers);
        _claims = new AddressTable(peers);
        _tombstones = new TombstoneTable(peers + 16);
        _proof = new ConnectProof(Chance);
        _stash = new RequestStash(StashBytes(options));
        _accepts = new AcceptQueue(options.AcceptConnections ? AcceptsMax : 16);
        _control = new ControlQueue(options.AcceptConnections ? 512 : 64, ControlQueue.AnswerBytesMax);
        _requests = new RequestLimiter(Chance, options.RequestsPerAddress, options.RequestsPerPrefix);
        _timers = new TimerHeap(peers);
        _ready = new int[peers];
        _blocked = new int[peers];
        _peers = new Peer[peers];
        _freeSlots = new int[peers];
        for (int slot = 0; slot < peers; slot++)
        {
            _peers[slot] = new Peer(this, slot);
            _freeSlots[slot] = peers - 1 - slot;
        }

        _freeCount = peers;
    }

    /// <summary>Whether connect requests are accepted; false refuses new ones and keeps what is connected.</summary>
    public bool AcceptConnections { get; set; }

    /// <summary>What was received and not used, by reason.</summary>
    public DropCounters Drops { get; } = new();

    /// <summary>Connections, those that are being made or ended by this side included.</summary>
    public int PeerCount => _peers.Length - _freeCount;

    /// <summary>Reliable packets sent for the first time, of all connections so far.</summary>
    public long ReliablePackets { get; internal set; }

    /// <summary>Reliable packets sent again, of all connections so far.</summary>
    public long ReliableResends { get; internal set; }

    /// <summary>Transmissions of reliable packets that were lost, as far as the acknowledgement's time tells, of all connections so far.</summary>
    public long ReliableLosses { get; internal set; }

    /// <summary>When <see cref="Advance"/> and a poll are due next; in the past when something waits to be polled.</summary>
    public long NextTimeoutMicros
    {
        get
        {
            if (_readyCount > 0 || _control.Count > 0 || _unconnected is { Count: > 0 })
            {
                return NowMicros;
            }

            long next = Math.Min(_timers.NextMicros, _accepts.NextMicros);
            return _blockedCount > 0 ? Math.Min(next, NowMicros + ResumeMicros) : next;
        }
    }

    internal TransportOptions Options { get; }

    /// <summary>Where messages go and who may bring how many, when they go to a room.</summary>
    internal InboundWriter? Inbound { get; set; }

    internal PacketStore Packets { get; }

    internal BlockPool FragmentBlocks { get; }

    internal EventQueue Events { get; }

    internal KeyedHash Chance { get; }

    internal long NowMicros { get; private set; }

    internal int OverheadBytes { get; }

    internal long UtcTicks => _utcTicksAtZero + (NowMicros * 10);

    /// <summary>Moves time on: connections time out, resends and pings become due.</summary>
    /// <remarks>
    /// A call that comes much later than <see cref="NextTimeoutMicros"/> asked for says that this side was away. What was sent to it meanwhile
    /// may be lost, and nothing was sent by it: that time counts for nobody's silence.
    /// </remarks>
    public void Advance(long nowMicros)
    {
        NowMicros = Math.Max(NowMicros, nowMicros);
        ForgiveAbsence();
        if (_blockedCount > 0)
        {
            ResumeBlocked();
        }

        while (_timers.NextMicros <= NowMicros)
        {
            Peer peer = _peers[_timers.First];
            DisconnectReason reason = peer.OnTimer(NowMicros);
            if (reason is DisconnectReason.Timeout or DisconnectReason.FragmentLimit or DisconnectReason.ReliableStalled or DisconnectReason.PathTooSmall)
            {
                Abort(peer, reason);
            }
            else if (reason != DisconnectReason.None)
            {
                End(peer, reason, default);
            }
            else
            {
                MarkReady(peer); // the next poll sends what is due and schedules the peer again
                _timers.Remove(peer.Slot);
            }
        }
    }

    /// <summary>The oldest event and its payload, both valid until <see cref="ConsumeEvent"/>; false when there is none.</summary>
    public bool TryPeekEvent(out TransportEvent e, out ReadOnlySpan<byte> payload)
    {
        while (Events.Count > 0)
        {
            ref EventQueue.Entry entry = ref Events.First;
            if (entry.Void)
            {
                ConsumeEvent();
                continue;
            }

            e = entry.Event;
            payload = entry.Chain == BlockPool.None ? Events.Payload(entry) : CopyChain(entry);
            return true;
        }

        e = default;
        payload = default;
        return false;
    }

    /// <summary>Removes the event that <see cref="TryPeekEvent"/> returned; a reliable message is acknowledged to its sender from now on.</summary>
    public void ConsumeEvent()
    {
        if (Events.Count == 0)
        {
            throw new InvalidOperationException("there is no event to consume");
        }

        ref EventQueue.Entry entry = ref Events.First;
        _messageIsCopied = false;
        Peer peer = _peers[entry.Event.Peer.Slot];
        bool lives = peer.Generation == entry.Event.Peer.Generation && entry.Event.Kind == TransportEventKind.Message;
        if (entry.Chain != BlockPool.None)
        {
            FragmentBlocks.ReturnList(entry.Chain);
            if (lives)
            {
                peer.ReleaseFragments(entry.Offset);
            }
        }

        if (lives)
        {
            peer.Consumed(entry);
        }

        Events.RemoveFirst();
        if (Events.Count == 0)
        {
            ResumeBlocked();
        }
    }

    /// <summary>The connection itself (tests of wraps).</summary>
    internal Peer PeerOf(PeerId id) => _peers[id.Slot];

    internal void MarkReady(Peer peer)
    {
        if (!peer.IsReady)
        {
            peer.IsReady = true;
            _ready[(_readyFirst + _readyCount++) % _ready.Length] = peer.Slot;
        }
    }

    internal void MarkBlocked(Peer peer)
    {
        if (!peer.IsBlocked)
        {
            peer.IsBlocked = true;
            _blocked[_blockedCount++] = peer.Slot;
        }
    }

    private static PacketStore NewStore(TransportOptions options)
    {
        // Every peer gets what others can make it hold; of the reliable queues, which only this side fills, a quarter, or four in full.
        int queue = options.MaxReliableQueueBytes / PacketStore.LargeBytes;
        int queues = Math.Min(options.MaxPeers * queue, Math.Max(4 * queue, options.MaxPeers * queue / 4));
        int held = Math.Min(options.HeldBytesPerPeer / PacketStore.LargeBytes, options.Channels * ReliableReceiver.HeldMax);
        return new PacketStore(
            queues + (options.MaxPeers * (OutQueue.BlocksMax + held + 1)),
            options.MaxPeers * 128);
    }

    private void ForgiveAbsence()
    {
        long dueMicros = Math.Max(_passMicros, _wantedMicros); // perhaps never
        _passMicros = _wantedMicros = NowMicros;
        if (dueMicros >= NowMicros - LatenessMicros)
        {
            return;
        }

        long awayMicros = NowMicros - LatenessMicros - dueMicros;

        foreach (Peer peer in _peers)
        {
            if (peer.State is PeerState.Connected or PeerState.Closing)
            {
                peer.Forgive(awayMicros, NowMicros);
            }
        }
    }

    /// <summary>Enough for the requests of 60 ms at 100,000 a second and more; a client needs none.</summary>
    private static int StashBytes(TransportOptions options)
    {
        int bytes = 16 * 1024;
        while (options.AcceptConnections && bytes < options.MaxPeers * 128 * 1024 && bytes < StashBytesMax)
        {
            bytes *= 2;
        }

        return bytes;
    }

    private static int FragmentBlockCount(TransportOptions options)
    {
        int total = options.FragmentBytesTotal != 0 ? options.FragmentBytesTotal : Math.Min(8, options.MaxPeers) * options.FragmentBytesPerPeer;
        return Math.Max(1, total / Limits.DatagramBytesMax);
    }

    private ReadOnlySpan<byte> CopyChain(in EventQueue.Entry entry)
    {
        if (!_messageIsCopied)
        {
            FragmentAssembler.CopyChain(FragmentBlocks, entry.Chain, _message);
            _messageIsCopied = true;
        }

        return _message.AsSpan(0, entry.Length);
    }

    private void ResumeBlocked()
    {
        int count = _blockedCount;
        _blockedCount = 0;
        for (int i = 0; i < count; i++)
        {
            Peer peer = _peers[_blocked[i]];
            peer.IsBlocked = false;
            if (!peer.ResumeBlocked())
            {
                MarkBlocked(peer);
            }
        }
    }
}
