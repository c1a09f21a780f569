using System.Net;
using System.Numerics;
using System.Security.Cryptography;
using GameServer.Configuration;
using GameServer.Netcode.Game;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Server;
using GameServer.Netcode.Transport;
using GameServer.Operations;

namespace GameServer.Hosting;

/// <summary>A match with its threads: sockets, network threads, the room, the simulation thread.</summary>
/// <remarks>Make it, <see cref="Start"/> it, wait for its end, dispose of it. Owner: one thread.</remarks>
public sealed class MatchServer : IDisposable
{
    /// <summary>Seats for clients that only watch.</summary>
    public const int SpectatorsMax = 8;

    private const int MessageBytesMax = 16 * 1024;
    private const int RingTicks = 8;
    private const int ReliableMessagesPerSecond = 200; // joins, reports and chat are a few; a game's own requests have room
    private const int WaitingPeers = 96; // connected, and not joined yet
    private const int RefusedPeers = 32; // connected only for as long as it takes to tell them why not
    private const long FarewellMicros = 1_000_000;

    private readonly NetworkThread[] _network;

    private MatchServer(IReadOnlyList<IDatagramSocket> sockets, NetworkThread[] network, SimulationThread simulation, CorePlacement placement)
    {
        Sockets = sockets;
        _network = network;
        Simulation = simulation;
        Placement = placement;
    }

    /// <summary>The thread that the room lives on.</summary>
    public SimulationThread Simulation { get; }

    /// <summary>Which thread got which processor.</summary>
    public CorePlacement Placement { get; }

    /// <summary>The bound sockets, one per network thread, all on one port.</summary>
    public IReadOnlyList<IDatagramSocket> Sockets { get; }

    /// <summary>The bound address with the real port.</summary>
    public IPEndPoint Address => Sockets[0].LocalAddress.ToEndPoint();

    /// <summary>Why a thread ended before its time, or null.</summary>
    public Exception? Failure => Simulation.Failure ?? _network.Select(static n => n.Failure).FirstOrDefault(static f => f is not null);

    /// <summary>Binds the sockets and makes everything that runs; nothing runs yet.</summary>
    /// <exception cref="StartFailedException">The port cannot be had.</exception>
    public static MatchServer Create<TInput>(Game<TInput> game, ServeOptions options, int port, ServerTelemetry telemetry, ServerControl control)
        where TInput : unmanaged
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(telemetry);
        IDatagramSocket[] sockets = Open(options, port);
        RoomOptions room = RoomOptionsOf(options);
        InboundLane[] inbound = [.. sockets.Select(_ => new InboundLane(InboundBytes(room), room.PeersPerThread))];
        SpscRing[] outbound = [.. sockets.Select(_ => new SpscRing(OutboundBytes(room)))];
        var observer = new RoomTelemetry(telemetry, room.PlayersMax + room.SpectatorsMax, room.TickRateHz);
        var made = Room.Create(game, room, inbound, outbound, observer);
        var placement = new CorePlacement(options.CpuAffinity, sockets.Length, options.Realtime);
        var network = new NetworkThread[sockets.Length];
        for (int i = 0; i < network.Length; i++)
        {
            var endpoint = new TransportEndpoint(TransportOptionsOf(room), RandomSeed(), MonotonicClock.Micros);
            network[i] = new NetworkThread(i, sockets[i], endpoint, room.PeersPerThread, inbound[i], outbound[i], telemetry.Network[i], placement);
        }

        return new MatchServer(sockets, network, new SimulationThread(made, observer, room, inbound, network, telemetry, control, placement), placement);
    }

    /// <summary>Starts all threads.</summary>
    public void Start()
    {
        foreach (NetworkThread network in _network)
        {
            network.Start();
        }

        Simulation.Start();
    }

    /// <summary>After the simulation has ended: lets the farewells leave, and ends the network threads.</summary>
    public void StopNetwork()
    {
        foreach (NetworkThread network in _network)
        {
            network.Stop(FarewellMicros);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (NetworkThread network in _network)
        {
            network.Dispose();
        }

        Placement.Dispose();
    }

    /// <summary>The settings of the room that these options ask for.</summary>
    internal static RoomOptions RoomOptionsOf(ServeOptions options) => new()
    {
        TickRateHz = options.TickRate,
        PlayersMax = options.PlayerSeats,
        SpectatorsMax = options.Spectators == SpectatorAccess.On ? SpectatorsMax : 0,
        SpectatorDelayMillis = options.SpectatorDelaySeconds * 1000,
        IsLiveOnLoopback = IPAddress.IsLoopback(options.Bind),
        SeatsPerAddress = options.SeatsPerAddress,
        LoopbackSeatsMore = options.Bots,
        WaitingMax = WaitingPeers,
        BudgetBytes = options.BudgetBytes,
        MaxRewindMillis = options.MaxRewindMillis,
        MaxRewindRoundTripMillis = options.MaxRewindRoundTripMillis,
        IdleTimeoutMillis = options.SessionTimeoutSeconds * 1000,
        Seed = options.Seed == 0 ? null : options.Seed,
        NetworkThreads = options.NetworkThreads,
        PeersPerThread = options.PlayerSeats + SpectatorsMax + WaitingPeers + RefusedPeers,
        NanosClock = static () => MonotonicClock.Nanos,
    };

    private static TransportOptions TransportOptionsOf(RoomOptions room) => new()
    {
        StartMtuBytes = Limits.DatagramBytesMin,
        MaxPeers = room.PeersPerThread,
        Channels = 1,
        OpenChannels = ChannelSet.Match,
        IdleTimeoutMicros = room.IdleTimeoutMillis * 1000L,
        MaxMessageBytes = MessageBytesMax,
        MaxReliableQueueBytes = 64 * 1024,
        FragmentBytesPerPeer = 4 * MessageBytesMax,
        ReliableMessagesPerSecond = ReliableMessagesPerSecond,
        UtcTicksAtZero = SocketClock.UtcTicksAtZero,
        Roaming = room.NetworkThreads == 1, // a new address may belong to another thread's socket, which does not have the peer
    };

    private static IDatagramSocket[] Open(ServeOptions options, int port)
    {
        var sockets = new List<IDatagramSocket>();
        try
        {
            if (options.NetworkThreads > 1)
            {
                // Sockets that share a port would silently share it with another server, too: an ordinary one finds out.
                using IDatagramSocket probe = Open(options, port, shared: false);
                port = probe.LocalAddress.Port;
            }

            for (int i = 0; i < options.NetworkThreads; i++)
            {
                sockets.Add(Open(options, port, shared: options.NetworkThreads > 1));
                port = sockets[0].LocalAddress.Port;
            }

            return [.. sockets];
        }
        catch (SocketOpenException e)
        {
            sockets.ForEach(static s => s.Dispose());
            string advice = e.Error == SocketOpenError.AddressInUse ? "; give another --port, or 0 for a free one" : "";
            throw new StartFailedException(e.Message + advice, e.Error is SocketOpenError.PermissionDenied or SocketOpenError.NotSupported ? ExitCode.BadArguments : ExitCode.TemporaryFailure, e);
        }
    }

    private static IDatagramSocket Open(ServeOptions options, int port, bool shared) => DatagramSocket.Open(new SocketOptions
    {
        Bind = new IPEndPoint(options.Bind, port),
        ReceiveBufferBytes = options.SocketBufferBytes,
        SendBufferBytes = options.SocketBufferBytes,
        ReusePort = shared,
        Filter = true,
        Portable = options.PortableSocket,
    });

    private static int InboundBytes(RoomOptions room) => RingBytes(InboundLane.BytesFor(room.PlayersMax + room.SpectatorsMax, room.PeersPerThread));

    // Eight ticks of everything that the clients may be sent: longer than the other side of a ring ever sleeps.
    private static int OutboundBytes(RoomOptions room) => RingBytes((room.PlayersMax + room.SpectatorsMax) * (room.BudgetBytes + 64L) * RingTicks);

    private static int RingBytes(long bytes) => (int)BitOperations.RoundUpToPowerOf2((uint)Math.Clamp(bytes, 256 * 1024, 64 << 20));

    private static ulong RandomSeed() => BitConverter.ToUInt64(RandomNumberGenerator.GetBytes(8)) | 1;
}
