using GameServer.Netcode.Transport;

namespace GameServer.Tests.Transport;

/// <summary>A server and clients over a simulated network, one virtual clock that jumps to whatever is next.</summary>
internal sealed class TransportLab
{
    private readonly byte[] _buffer = new byte[2048];

    public TransportLab(ulong seed, TransportOptions? server = null, long startMicros = 1_000_000)
    {
        Now = startMicros;
        Network = new SimulatedNetwork(seed);
        Server = new Host(ServerAddress, new TransportEndpoint(server ?? new TransportOptions(), seed, Now));
        Network.TryReceive(ServerAddress, Now, _buffer, out _, out _);
    }

    public static PeerAddress ServerAddress { get; } = PeerAddress.FromIPv4(0x0100007F, 9050);

    public SimulatedNetwork Network { get; }

    public Host Server { get; }

    public List<Host> Clients { get; } = [];

    public long Now { get; private set; }

    /// <summary>Called at every stop of the clock, before what is due is sent.</summary>
    public Action? Playing { get; set; }

    public static LinkModel Link(string text)
    {
        Assert.That(LinkModel.TryParse(text, out LinkModel model, out string error), Is.True, error);
        return model;
    }

    public Host AddClient(TransportOptions? options = null)
    {
        var address = PeerAddress.FromIPv4(0x0200000Au + ((uint)Clients.Count << 24), 40_000);
        ulong seed = 77UL + (ulong)Clients.Count;
        var client = new Host(address, new TransportEndpoint(options ?? new TransportOptions { MaxPeers = 2 }, seed, Now));
        Clients.Add(client);
        client.Peer = client.Endpoint.Connect(ServerAddress, BitConverter.GetBytes(Clients.Count - 1), Now);
        return client;
    }

    /// <summary>The server's name for a client.</summary>
    public PeerId ServerPeerOf(Host client) => Server.Events.Last(
        e => e.Event.Kind == TransportEventKind.Connected && BitConverter.ToInt32(e.Payload) == Clients.IndexOf(client)).Event.Peer;

    public void Run(long micros)
    {
        long end = Now + micros;
        while (true)
        {
            Step();
            long next = Math.Min(Network.NextArrivalMicros, Server.Endpoint.NextTimeoutMicros);
            foreach (Host client in Clients)
            {
                next = Math.Min(next, client.Endpoint.NextTimeoutMicros);
            }

            if (next > end)
            {
                Now = end;
                Step();
                return;
            }

            Now = Math.Max(Now, next);
        }
    }

    private void Step()
    {
        Receive(Server);
        foreach (Host client in Clients)
        {
            Receive(client);
        }

        Playing?.Invoke();
        Poll(Server);
        foreach (Host client in Clients)
        {
            Poll(client);
        }
    }

    private void Receive(Host host)
    {
        while (Network.TryReceive(host.Address, Now, _buffer, out int length, out PeerAddress from))
        {
            host.Endpoint.Handle(_buffer.AsSpan(0, length), from, Now);
        }

        host.Endpoint.Advance(Now);
        while (host.Drains && host.Endpoint.TryPeekEvent(out TransportEvent e, out ReadOnlySpan<byte> payload))
        {
            host.Events.Add((e, payload.ToArray()));
            host.Endpoint.ConsumeEvent();
        }
    }

    private void Poll(Host host)
    {
        while (host.Endpoint.TryPollDatagram(_buffer, out int length, out PeerAddress to))
        {
            Network.Send(host.Address, to, _buffer.AsSpan(0, length), Now);
        }
    }

    /// <summary>An endpoint with its address and what happened at it.</summary>
    public sealed class Host(PeerAddress address, TransportEndpoint endpoint)
    {
        public PeerAddress Address { get; } = address;

        public TransportEndpoint Endpoint { get; } = endpoint;

        public List<(TransportEvent Event, byte[] Payload)> Events { get; } = [];

        public PeerId Peer { get; set; }

        public bool Drains { get; set; } = true;

        public IEnumerable<(TransportEvent Event, byte[] Payload)> Messages => Events.Where(e => e.Event.Kind == TransportEventKind.Message);
    }
}
