using GameServer.Netcode.Primitives;
using GameServer.Netcode.Transport;
using GameServer.Operations;

namespace GameServer.Hosting;

/// <summary>One socket's thread: datagrams to records, records to datagrams.</summary>
/// <remarks>
/// Sleeps in the socket until datagrams arrive, the simulation wakes it after a tick, or a timer of the protocol is due.
/// Owner of the socket and its endpoint: this thread. Allocates per round: no; connections may at their first use of a channel.
/// </remarks>
public sealed class NetworkThread : IDisposable
{
    private const long IdleMicros = 250_000;
    private const long RetryMicros = 500;
    private const int BatchesPerRound = 16;

    /// <summary>A tick that takes longer than this is not waited for.</summary>
    private const long TickPatienceMicros = 1_000;

    private readonly int _index;
    private readonly IDatagramSocket _socket;
    private readonly TransportEndpoint _endpoint;
    private readonly TransportPump _pump;
    private readonly SpscRing _outbound;
    private readonly NetworkTelemetry _telemetry;
    private readonly CorePlacement _placement;
    private readonly TransportPort _port;
    private readonly Thread _thread;
    private readonly bool _hasOwnCore;
    private readonly int[] _deviations;
    private bool _inboundWaits;
    private int _tickRuns;
    private int _peersBefore;
    private long _sampledMicros;
    private long _stopMicros = long.MaxValue;
    private Counter _steadyAllocatedBytes;

    /// <summary>Prepares the thread; nothing runs before <see cref="Start"/>.</summary>
    public NetworkThread(
        int index, IDatagramSocket socket, TransportEndpoint endpoint, int peersMax, InboundLane inbound, SpscRing outbound,
        NetworkTelemetry telemetry, CorePlacement placement)
    {
        _index = index;
        _socket = socket;
        _endpoint = endpoint;
        _pump = new TransportPump(endpoint, inbound, outbound, (byte)index);
        _port = new TransportPort(socket, endpoint);
        _outbound = outbound;
        _telemetry = telemetry;
        _telemetry.Drops = endpoint.Drops;
        _deviations = new int[peersMax];
        _telemetry.FilterActive.Set(socket.Filter == SocketFilterState.Attached ? 1 : 0);
        _placement = placement;
        _hasOwnCore = placement.Plan.SimulationCore is int core && placement.Plan.NetworkCores[index] != core;
        _thread = new Thread(Run) { Name = $"network {index}", IsBackground = true };
    }

    /// <summary>What ended the thread before its time, or null.</summary>
    public Exception? Failure { get; private set; }

    /// <summary>Bytes that rounds without a new or an ended connection have allocated. Any thread may read.</summary>
    public long SteadyAllocatedBytes => _steadyAllocatedBytes.Value;

    /// <summary>Begins to move datagrams.</summary>
    public void Start() => _thread.Start();

    /// <summary>Says that a tick begins now, so that the thread is awake when it ends and need not be woken out of it. Simulation thread.</summary>
    public void BeginTick()
    {
        if (_hasOwnCore)
        {
            Volatile.Write(ref _tickRuns, 1);
            _socket.Wake();
        }
    }

    /// <summary>Says that the tick is over and all its records are in the outbound ring. Simulation thread.</summary>
    public void EndTick()
    {
        Volatile.Write(ref _tickRuns, 0);
        _socket.Wake();
    }

    /// <summary>Sends what waits, farewells included, for at most <paramref name="patienceMicros"/>, and ends the thread.</summary>
    public void Stop(long patienceMicros)
    {
        Volatile.Write(ref _stopMicros, MonotonicClock.Micros + patienceMicros);
        _socket.Wake();
        if (_thread.IsAlive)
        {
            _thread.Join();
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Stop(0);
        _socket.Dispose();
    }

    private void Run()
    {
        try
        {
            _placement.EnterNetwork(_index);
            while (!IsOver())
            {
                long before = GC.GetAllocatedBytesForCurrentThread();
                Round();
                bool steady = _endpoint.PeerCount == _peersBefore;
                _peersBefore = _endpoint.PeerCount;
                _steadyAllocatedBytes.Add(steady ? GC.GetAllocatedBytesForCurrentThread() - before : 0);
            }
        }
        catch (Exception e)
        {
            Failure = e;
        }
        finally
        {
            _placement.Leave();
        }
    }

    private bool IsOver()
    {
        long stopMicros = Volatile.Read(ref _stopMicros);
        return stopMicros != long.MaxValue && (_endpoint.PeerCount == 0 || MonotonicClock.Micros >= stopMicros);
    }

    private void Round()
    {
        _socket.Wait(SleepMicros());
        for (int i = 0; i < BatchesPerRound; i++)
        {
            int count = _port.Receive();
            _inboundWaits = !_pump.MoveInbound();
            if (count < DatagramBatch.CapacityMax)
            {
                break;
            }
        }

        _endpoint.Advance(MonotonicClock.Micros);
        _inboundWaits = !_pump.MoveInbound();
        AwaitTick();
        _telemetry.OutboundRingBytes.Set(_outbound.UsedBytes);
        _pump.MoveOutbound();
        _port.Send();
        Publish();
    }

    // While a tick runs, its records are taken as they come and leave together when it is done.
    private void AwaitTick()
    {
        if (Volatile.Read(ref _tickRuns) == 0 || _endpoint.PeerCount == 0)
        {
            return;
        }

        long untilMicros = MonotonicClock.Micros + TickPatienceMicros;
        while (Volatile.Read(ref _tickRuns) != 0)
        {
            if (MonotonicClock.Micros >= untilMicros)
            {
                Volatile.Write(ref _tickRuns, 0); // a long one: its end wakes this thread
                return;
            }

            _pump.MoveOutbound();
            Thread.SpinWait(8);
        }
    }

    private long SleepMicros()
    {
        if (_port.Stalled > 0 || _inboundWaits)
        {
            return RetryMicros;
        }

        long untilStop = Volatile.Read(ref _stopMicros) == long.MaxValue ? IdleMicros : 2_000;
        return Math.Clamp(_endpoint.NextTimeoutMicros - MonotonicClock.Micros, 0, untilStop);
    }

    private void Publish()
    {
        _telemetry.DatagramsIn.Set(_port.DatagramsIn);
        _telemetry.DatagramsOut.Set(_port.DatagramsOut);
        _telemetry.BytesIn.Set(_port.BytesIn);
        _telemetry.BytesOut.Set(_port.BytesOut);
        _telemetry.Resends.Set(_endpoint.ReliableResends);
        _telemetry.Peers.Set(_endpoint.PeerCount);
        _telemetry.SendBacklog.Set(_port.Stalled);
        long now = MonotonicClock.Micros;
        if (now - _sampledMicros >= 1_000_000)
        {
            _sampledMicros = now;
            _telemetry.KernelDrops.Set(_socket.KernelDrops);
            foreach (int micros in _deviations.AsSpan(0, _endpoint.CopyDeviations(_deviations)))
            {
                _telemetry.Jitter.Record(micros);
            }
        }
    }
}
