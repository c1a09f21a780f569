using System.Net;
using GameServer.Bench.Sockets;
using GameServer.Netcode.Transport;

namespace GameServer.Tests.Transport.RealLibrary;

/// <summary>This transport and the package LiteNetLib on loopback in real time, a relay between them, one of them the server.</summary>
internal sealed class PackageWorld : IDisposable
{
    private const long LongestTurnMicros = 10_000;

    private readonly IDatagramSocket _socket;
    private readonly TransportPort _port;
    private readonly bool _packageIsServer;

    public PackageWorld(bool packageIsServer, string link = "", TransportOptions? own = null, PackageHost? package = null, ulong seed = 1)
    {
        _packageIsServer = packageIsServer;
        _socket = DatagramSocket.Open(new SocketOptions { Bind = new IPEndPoint(IPAddress.Loopback, 0) });
        own ??= new TransportOptions { MaxPeers = 8 };
        own.UtcTicksAtZero = SocketClock.UtcTicksAtZero;
        Own = new TransportEndpoint(own, seed, SocketClock.Micros);
        _port = new TransportPort(_socket, Own);
        Package = package ?? new PackageHost();
        PeerAddress server = packageIsServer ? PeerAddress.From(Package.Address) : _socket.LocalAddress;
        Relay = new LoopbackRelay(server, TransportLab.Link(link), seed);
    }

    public TransportEndpoint Own { get; }

    public PackageHost Package { get; }

    public LoopbackRelay Relay { get; }

    public PeerAddress OwnAddress => _socket.LocalAddress;

    public List<(TransportEvent Event, byte[] Payload)> Events { get; } = [];

    public PeerId OwnPeer => Events.Last(e => e.Event.Kind == TransportEventKind.Connected).Event.Peer;

    public IEnumerable<(TransportEvent Event, byte[] Payload)> Messages => Events.Where(e => e.Event.Kind == TransportEventKind.Message);

    public bool IsConnected =>
        Package.IsConnected && Own.PeerCount > 0
        && Events.FindLast(e => e.Event.Kind != TransportEventKind.Message) is { Payload: not null, Event.Kind: TransportEventKind.Connected };

    /// <summary>Time in which this test ran, as <see cref="RunUntil"/> counts it.</summary>
    public long CountedMicros { get; private set; }

    public PeerStats Stats => Own.TryGetStats(OwnPeer, out PeerStats stats) ? stats : default;

    /// <summary>The client asks; whether it succeeds shows later.</summary>
    public void Begin(byte[] data)
    {
        if (_packageIsServer)
        {
            Own.Connect(Relay.Address, data, SocketClock.Micros);
        }
        else
        {
            Package.Net.Connect(Relay.Address.ToEndPoint(), (ReadOnlySpan<byte>)data);
        }
    }

    public PackageWorld Connect(params byte[] data)
    {
        Begin(data);
        WaitFor(() => IsConnected, 6, "connected on both sides");
        return this;
    }

    public void WaitFor(Func<bool> condition, double seconds, string what) =>
        Assert.That(RunUntil(condition, seconds), Is.True, () => $"within {seconds} s: {what}; ends here: {string.Join(", ", Ends)}, there: {string.Join(", ", Package.Ends.Select(e => e.Reason))}");

    /// <summary>Lets both sides work until the condition holds or the time is over.</summary>
    /// <remarks>A turn counts as at most <see cref="LongestTurnMicros"/>: time in which a crowded machine ran nothing of this test is not its time.</remarks>
    public bool RunUntil(Func<bool> condition, double seconds)
    {
        long left = (long)(seconds * 1e6), turnBegan = SocketClock.Micros;
        while (left > 0)
        {
            Step();
            if (condition())
            {
                return true;
            }

            _socket.Wait(1_000);
            long now = SocketClock.Micros;
            long turn = Math.Min(now - turnBegan, LongestTurnMicros);
            left -= turn;
            CountedMicros += turn;
            turnBegan = now;
        }

        return condition();
    }

    public void Run(double seconds) => RunUntil(static () => false, seconds);

    public IEnumerable<DisconnectReason> Ends =>
        Events.Where(e => e.Event.Kind == TransportEventKind.Disconnected).Select(e => e.Event.Reason);

    public void Dispose()
    {
        Package.Dispose();
        Relay.Dispose();
        _socket.Dispose();
    }

    private void Step()
    {
        Relay.Move();
        _port.Receive(16);
        Own.Advance(SocketClock.Micros);
        Pair.Drain(Own, Events);
        _port.Send();
        Relay.Move();
        Package.Poll();
    }
}
