using GameServer.Bench.Sockets;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Transport;

namespace GameServer.Bench.Attacks;

/// <summary>A server's transport on its own thread: sends every peer 200 bytes 60 times a second, and reliable messages back.</summary>
internal sealed class AttackServer : IDisposable
{
    private const long PeriodMicros = 16_667;

    private readonly IDatagramSocket _socket;
    private readonly TransportPort _port;
    private readonly Thread _thread;
    private readonly List<PeerId> _peers;
    private readonly byte[] _snapshot = new byte[200];
    private TransportEndpoint _endpoint;
    private long _connected;
    private long _allocated;
    private long _processorNanos;
    private long _emptiedMicros;
    private bool _stop;

    public AttackServer(int maxPeers = 64)
    {
        _socket = DatagramSocket.Open(EchoCost.Loopback(filter: true));
        _peers = new List<PeerId>(maxPeers);
        _peers.Remove(default); // makes the comparer, which is not the transport's
        Options = new TransportOptions
        {
            MaxPeers = maxPeers, Channels = 1, OpenChannels = ChannelSet.Match, MaxMessageBytes = 64 << 10,
            FragmentBytesPerPeer = 256 << 10,
            MaxReliableQueueBytes = 64 << 10, UtcTicksAtZero = SocketClock.UtcTicksAtZero, RequestsPerPrefix = 100_000,
        };
        _endpoint = new TransportEndpoint(Options, 1, SocketClock.Micros);
        _port = new TransportPort(_socket, _endpoint);
        Address = _socket.LocalAddress;
        _thread = new Thread(Run) { Name = "attacked server", IsBackground = true };
        _thread.Start();
    }

    public PeerAddress Address { get; }

    public TransportOptions Options { get; }

    public DropCounters Drops => _endpoint.Drops;

    /// <summary>Datagrams that reached the program.</summary>
    public long Received => _port.DatagramsIn;

    /// <summary>Datagrams that the kernel dropped.</summary>
    public long KernelDrops => _socket.KernelDrops;

    /// <summary>Connections so far.</summary>
    public long Connected => Volatile.Read(ref _connected);

    /// <summary>Datagrams that left.</summary>
    public long DatagramsOut => _port.DatagramsOut;

    /// <summary>Reliable packets sent again.</summary>
    public long Resends => _endpoint.ReliableResends;

    /// <summary>Bytes that the server's thread has allocated.</summary>
    public long Allocated => Volatile.Read(ref _allocated);

    /// <summary>Processor time of the server's thread, in the kernel and outside of it.</summary>
    public long ProcessorNanos => Volatile.Read(ref _processorNanos);

    /// <summary>When the program had last taken all that was in its socket.</summary>
    public long EmptiedMicros => Volatile.Read(ref _emptiedMicros);

    /// <summary>How long the server's thread had no processor.</summary>
    public ProcessorWait Wait { get; } = new();

    /// <summary>What ended the thread before its time, or null.</summary>
    public Exception? Failure { get; private set; }

    public void Dispose()
    {
        Volatile.Write(ref _stop, true);
        _socket.Wake();
        _thread.Join();
        _socket.Dispose();
    }

    private void Run()
    {
        try
        {
            ThreadNice.Raise();
            Wait.Follow();
            long next = SocketClock.Micros;
            while (!Volatile.Read(ref _stop))
            {
                _socket.Wait(Math.Clamp(Math.Min(next, _endpoint.NextTimeoutMicros) - SocketClock.Micros, 0, 20_000));
                int taken = DatagramBatch.CapacityMax;
                for (int batch = 0; batch < 16 && taken == DatagramBatch.CapacityMax; batch++)
                {
                    taken = _port.Receive();
                    TakeEvents();
                }

                if (taken < DatagramBatch.CapacityMax)
                {
                    Volatile.Write(ref _emptiedMicros, SocketClock.Micros);
                }

                _endpoint.Advance(SocketClock.Micros);
                TakeEvents();
                if (SocketClock.Micros >= next)
                {
                    next = Math.Max(next + PeriodMicros, SocketClock.Micros);
                    Volatile.Write(ref _allocated, GC.GetAllocatedBytesForCurrentThread());
                    Volatile.Write(ref _processorNanos, ThreadCpuClock.Nanos);
                    foreach (PeerId peer in _peers)
                    {
                        _endpoint.Send(peer, DeliveryMethod.Unreliable, 0, _snapshot);
                    }
                }

                _port.Send();
            }
        }
        catch (Exception e)
        {
            Failure = e;
        }
    }

    private void TakeEvents()
    {
        while (_endpoint.TryPeekEvent(out TransportEvent e, out ReadOnlySpan<byte> payload))
        {
            switch (e.Kind)
            {
                case TransportEventKind.Connected:
                    Volatile.Write(ref _connected, _connected + 1);
                    _peers.Add(e.Peer);
                    break;
                case TransportEventKind.Disconnected:
                    _peers.Remove(e.Peer);
                    break;
                case TransportEventKind.Message when e.Method == DeliveryMethod.ReliableOrdered:
                    _endpoint.Send(e.Peer, DeliveryMethod.ReliableOrdered, 0, payload);
                    break;
            }

            _endpoint.ConsumeEvent();
        }
    }
}
