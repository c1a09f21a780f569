using GameServer.Netcode.Messages;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Server;
using GameServer.Netcode.Transport;

namespace GameServer.Tests.Support;

/// <summary>A whole server without threads: endpoint, pump, rings and room in virtual time.</summary>
internal sealed class LabServer
{
    private readonly SimulatedNetwork _network;
    private readonly byte[] _datagram = new byte[DatagramBatch.BufferBytes];
    private readonly double _startMicros;
    private readonly bool _preparesTicks;
    private readonly int[] _snapshotBytes = new int[1 << 16]; // by port, which no two clients share
    private long _ticksDue;
    private long _stalledUntilMicros;
    private long _networkStalledUntilMicros;
    private long _roomStalledUntilMicros;

    public LabServer(SimulatedNetwork network, RoomOptions options, Func<InboundLane[], SpscRing[], RoomObserver, Room> create, RoomObserver observer, ulong seed, long startMicros = 0)
    {
        _network = network;
        _preparesTicks = (seed & 1) != 0; // as a host that has the time for it does
        Options = options;
        Address = PeerAddress.FromIPv4(0x0100000A, 9050);
        Inbound = new InboundLane(1 << 20, options.PeersPerThread);
        Outbound = new SpscRing(1 << 20);
        Room = create([Inbound], [Outbound], observer);
        Endpoint = new TransportEndpoint(
            new TransportOptions { MaxPeers = options.PeersPerThread, Channels = 1, StartMtuBytes = Limits.DatagramBytesMin, OpenChannels = ChannelSet.Match, RequestsPerAddress = 100_000, RequestsPerPrefix = 100_000, IdleTimeoutMicros = options.IdleTimeoutMillis * 1000L },
            seed,
            startMicros);
        Pump = new TransportPump(Endpoint, Inbound, Outbound, 0);
        _startMicros = startMicros + Room.PeriodMicros;
        Room.NextDeadlineMicros = (long)_startMicros;
    }

    public PeerAddress Address { get; }

    public RoomOptions Options { get; }

    public Room Room { get; }

    public InboundLane Inbound { get; }

    public SpscRing Outbound { get; }

    public TransportEndpoint Endpoint { get; }

    public TransportPump Pump { get; }

    /// <summary>Records that were taken while the server waited for a tick.</summary>
    public long RecordsTakenEarly { get; private set; }

    /// <summary>Bytes that ticks have allocated, joins and leaves included.</summary>
    public long TickBytesAllocated { get; private set; }

    /// <summary>Most bytes of snapshot datagrams that left for one client in one tick; those in one datagram with something else apart.</summary>
    public int SnapshotDatagramBytesMax { get; private set; }

    /// <summary>Ticks that were skipped after the process had stood still.</summary>
    public long SkippedTicks { get; private set; }

    /// <summary>What a network thread does with what has arrived.</summary>
    public void Receive(long nowMicros)
    {
        if (nowMicros < Math.Max(_stalledUntilMicros, _networkStalledUntilMicros))
        {
            return;
        }

        while (_network.TryReceive(Address, nowMicros, _datagram, out int length, out PeerAddress from, out long arrivedMicros))
        {
            Endpoint.Handle(_datagram.AsSpan(0, length), in from, arrivedMicros);
        }

        Endpoint.Advance(nowMicros);
        Pump.MoveInbound();
        Flush(nowMicros);
    }

    /// <summary>Runs the tick that is due, if one is.</summary>
    public bool TryTick(long nowMicros)
    {
        if (nowMicros < Math.Max(_stalledUntilMicros, _roomStalledUntilMicros))
        {
            return false;
        }

        if (nowMicros < Room.NextDeadlineMicros)
        {
            if (_preparesTicks)
            {
                Room.WarmUp();
                RecordsTakenEarly += Room.DrainOne(nowMicros) ? 1 : 0;
            }

            return false;
        }

        SkipWhatIsPast(nowMicros);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Room.Drain(nowMicros);
        Room.Step();
        _ticksDue++;
        Room.NextDeadlineMicros = (long)(_startMicros + (_ticksDue * Room.PeriodMicros));
        if (nowMicros >= _networkStalledUntilMicros)
        {
            Pump.MoveOutbound();
        }

        TickBytesAllocated += GC.GetAllocatedBytesForCurrentThread() - before;
        _snapshotBytes.AsSpan().Clear();
        if (nowMicros >= _networkStalledUntilMicros)
        {
            Flush(nowMicros);
        }

        return true;
    }

    /// <summary>The whole process stands still: it neither receives nor ticks, and then goes on as a host does.</summary>
    public void Hang(long untilMicros) => _stalledUntilMicros = Math.Max(_stalledUntilMicros, untilMicros);

    /// <summary>The network thread stands still while ticks go on.</summary>
    public void HangNetwork(long untilMicros) => _networkStalledUntilMicros = Math.Max(_networkStalledUntilMicros, untilMicros);

    /// <summary>The room stands still while its network thread goes on.</summary>
    public void HangRoom(long untilMicros) => _roomStalledUntilMicros = Math.Max(_roomStalledUntilMicros, untilMicros);

    /// <summary>Skips ticks that are still to come, as if the overrun ladder of a host had done so; what arrives is received all the same.</summary>
    public void Stall(int ticks)
    {
        Room.SkipTicks(ticks);
        _ticksDue += ticks;
        Room.NextDeadlineMicros = (long)(_startMicros + (_ticksDue * Room.PeriodMicros));
    }

    // The overrun ladder: a few late ticks run back to back, more are skipped but for the newest that is due.
    private void SkipWhatIsPast(long nowMicros)
    {
        int behind = (int)((nowMicros - Room.NextDeadlineMicros) / Room.PeriodMicros);
        if (behind > Limits.CatchUpTicksMax)
        {
            SkippedTicks += behind;
            Stall(behind);
        }
    }

    private void Flush(long nowMicros)
    {
        while (Endpoint.TryPollDatagram(_datagram, out int length, out PeerAddress to))
        {
            if (length > 2 && (_datagram[0] & 31) == 0 && _datagram[1] == (byte)PayloadKind.Snapshot)
            {
                ref int bytes = ref _snapshotBytes[to.Port];
                bytes += length;
                SnapshotDatagramBytesMax = Math.Max(SnapshotDatagramBytesMax, bytes);
            }

            _network.Send(Address, in to, _datagram.AsSpan(0, length), nowMicros);
        }
    }
}
