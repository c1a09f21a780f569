using GameServer.Netcode.Primitives;
using GameServer.Netcode.Transport;

namespace GameServer.Tests.Transport;

/// <summary>A server and a client endpoint joined by a link of constant delay, one virtual clock; time jumps to whatever is next.</summary>
internal sealed class Pair
{
    private readonly PriorityQueue<(byte[] Bytes, bool ToServer), (long, int)> _inFlight = new();
    private readonly byte[] _buffer = new byte[Limits.DatagramBytesMax];
    private int _order;

    public Pair(TransportOptions? server = null, TransportOptions? client = null, ulong seed = 1)
    {
        Server = new TransportEndpoint(server ?? new TransportOptions(), seed, Now);
        Client = new TransportEndpoint(client ?? new TransportOptions { MaxPeers = 4 }, seed + 1000, Now);
    }

    public static PeerAddress ServerAddress { get; } = PeerAddress.FromIPv4(0x0100007F, 9050);

    public PeerAddress ClientAddress { get; set; } = PeerAddress.FromIPv4(0x0100007F, 50001);

    public TransportEndpoint Server { get; }

    public TransportEndpoint Client { get; }

    public long Now { get; private set; } = 1_000_000;

    public long DelayMicros { get; set; } = 10_000;

    /// <summary>Says whether a datagram is lost: its bytes, and whether it goes to the server.</summary>
    public Func<byte[], bool, bool> Loses { get; set; } = (_, _) => false;

    public List<(byte[] Bytes, bool ToServer)> Log { get; } = [];

    public List<(TransportEvent Event, byte[] Payload)> ServerEvents { get; } = [];

    public List<(TransportEvent Event, byte[] Payload)> ClientEvents { get; } = [];

    public PeerId ServerPeer => ServerEvents.Last(e => e.Event.Kind == TransportEventKind.Connected).Event.Peer;

    public PeerId ClientPeer { get; private set; }

    public IEnumerable<byte[]> ServerMessages =>
        ServerEvents.Where(e => e.Event.Kind == TransportEventKind.Message).Select(e => e.Payload);

    public IEnumerable<byte[]> ClientMessages =>
        ClientEvents.Where(e => e.Event.Kind == TransportEventKind.Message).Select(e => e.Payload);

    public bool DrainsServer { get; set; } = true;

    /// <summary>Until then the server's thread does not run; what arrives meanwhile is lost.</summary>
    public long ServerAwayUntil { get; set; }

    /// <summary>The same of the client's.</summary>
    public long ClientAwayUntil { get; set; }

    private bool ServerRuns => Now >= ServerAwayUntil;

    private bool ClientRuns => Now >= ClientAwayUntil;

    public Pair Connect(byte[]? data = null)
    {
        ClientPeer = Client.Connect(ServerAddress, data ?? [], Now);
        Run(1_000_000);
        Assert.That(ServerEvents.Select(e => e.Event.Kind), Does.Contain(TransportEventKind.Connected));
        return this;
    }

    /// <summary>Runs for that long, from event to event.</summary>
    public void Run(long micros)
    {
        long end = Now + micros;
        while (true)
        {
            Step();
            long next = Math.Min(ServerRuns ? Server.NextTimeoutMicros : ServerAwayUntil, ClientRuns ? Client.NextTimeoutMicros : ClientAwayUntil);
            if (_inFlight.TryPeek(out _, out (long At, int) key))
            {
                next = Math.Min(next, key.At);
            }

            if (next > end)
            {
                Now = end;
                Step();
                Step();
                return;
            }

            Now = Math.Max(Now, next);
        }
    }

    public void Step()
    {
        while (_inFlight.TryPeek(out (byte[] Bytes, bool ToServer) datagram, out (long At, int) key) && key.At <= Now)
        {
            _inFlight.Dequeue();
            if (!(datagram.ToServer ? ServerRuns : ClientRuns))
            {
                continue;
            }

            TransportEndpoint to = datagram.ToServer ? Server : Client;
            to.Handle(datagram.Bytes, datagram.ToServer ? ClientAddress : ServerAddress, Now);
        }

        if (ServerRuns)
        {
            Server.Advance(Now);
            if (DrainsServer)
            {
                Drain(Server, ServerEvents);
            }

            Poll(Server, toServer: false);
        }

        if (ClientRuns)
        {
            Client.Advance(Now);
            Drain(Client, ClientEvents);
            Poll(Client, toServer: true);
        }
    }

    public static void Drain(TransportEndpoint endpoint, List<(TransportEvent, byte[])> events)
    {
        while (endpoint.TryPeekEvent(out TransportEvent e, out ReadOnlySpan<byte> payload))
        {
            events.Add((e, payload.ToArray()));
            endpoint.ConsumeEvent();
        }
    }

    private void Poll(TransportEndpoint endpoint, bool toServer)
    {
        while (endpoint.TryPollDatagram(_buffer, out int length, out PeerAddress to))
        {
            byte[] bytes = _buffer[..length];
            Log.Add((bytes, toServer));
            if (!Loses(bytes, toServer) && (toServer || to == ClientAddress))
            {
                _inFlight.Enqueue((bytes, toServer), (Now + DelayMicros, _order++));
            }
        }
    }
}
