using System.Net;
using GameServer.Netcode.Transport;

namespace GameServer.Bench.Attacks;

/// <summary>Connections of some hosts on a thread of their own, which connect again when they are ended, and do what an attack asks for.</summary>
internal sealed class Strangers : IDisposable
{
    private readonly IDatagramSocket[] _sockets;
    private readonly TransportEndpoint[] _endpoints;
    private readonly TransportPort[] _ports;
    private readonly PeerId[] _peers;
    private readonly PeerAddress _server;
    private readonly byte[] _connectData;
    private readonly Action<Strangers, int> _act;
    private readonly Thread _thread;
    private long _connects;
    private bool _stop;

    /// <summary>Begins to connect.</summary>
    /// <param name="server">Where to.</param>
    /// <param name="hosts">Addresses of 127.0.0.0/8.</param>
    /// <param name="perHost">Connections of each.</param>
    /// <param name="connectData">What comes with the connect request: a join, or nothing of use.</param>
    /// <param name="act">What each connection does in each round, by its number.</param>
    public Strangers(PeerAddress server, IEnumerable<IPAddress> hosts, int perHost, byte[] connectData, Action<Strangers, int> act)
    {
        _server = server;
        _connectData = connectData;
        _act = act;
        var options = new TransportOptions
        {
            MaxPeers = 1, Channels = 1, AcceptConnections = false, EventQueueBytes = 32 << 10, MaxMessageBytes = 16 << 10,
            FragmentBytesPerPeer = 64 << 10, HeldBytesPerPeer = 8 << 10, MaxReliableQueueBytes = 16 << 10,
            UtcTicksAtZero = SocketClock.UtcTicksAtZero,
        };
        _sockets = [.. hosts.SelectMany(host => Enumerable.Range(0, perHost).Select(_ => Open(host)))];
        _endpoints = [.. _sockets.Select((_, i) => new TransportEndpoint(options, (ulong)i + 50, SocketClock.Micros))];
        _ports = [.. _sockets.Select((socket, i) => new TransportPort(socket, _endpoints[i], 16))];
        _peers = new PeerId[_sockets.Length];
        _thread = new Thread(Run) { Name = "strangers", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Connections so far.</summary>
    public long Connects => Volatile.Read(ref _connects);

    public int Count => _sockets.Length;

    public void Send(int index, DeliveryMethod method, ReadOnlySpan<byte> message) => _endpoints[index].Send(_peers[index], method, 0, message);

    public void Dispose()
    {
        Volatile.Write(ref _stop, true);
        _thread.Join();
        Array.ForEach(_sockets, static s => s.Dispose());
    }

    private static IDatagramSocket Open(IPAddress host) => DatagramSocket.Open(
        new SocketOptions { Bind = new IPEndPoint(host, 0), ReceiveBufferBytes = 64 << 10, SendBufferBytes = 64 << 10 });

    private void Run()
    {
        ThreadNice.LowerWhereServersCannotRise();
        while (!Volatile.Read(ref _stop))
        {
            for (int i = 0; i < _sockets.Length; i++)
            {
                Update(i);
            }

            Thread.Sleep(1);
        }
    }

    private void Update(int index)
    {
        TransportEndpoint endpoint = _endpoints[index];
        _ports[index].Receive();
        endpoint.Advance(SocketClock.Micros);
        while (endpoint.TryPeekEvent(out TransportEvent e, out _))
        {
            Volatile.Write(ref _connects, _connects + (e.Kind == TransportEventKind.Connected ? 1 : 0));
            endpoint.ConsumeEvent();
        }

        if (endpoint.PeerCount == 0)
        {
            _peers[index] = endpoint.Connect(_server, _connectData, SocketClock.Micros);
        }

        _act(this, index);
        _ports[index].Send();
    }
}
