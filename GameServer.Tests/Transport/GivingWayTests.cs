using GameServer.Netcode.Primitives;
using GameServer.Netcode.Transport;

namespace GameServer.Tests.Transport;

/// <summary>No place is free: who has not joined gives way to a newcomer, those of its own host first, and nobody who has joined does.</summary>
public sealed class GivingWayTests
{
    private const int Places = 8;

    [TestCase(Places - 1, 0)]
    [TestCase(Places, 1)]
    [TestCase(Places + 3, 4)]
    public void Places_OfThoseWhoNeverJoin_GoToNewcomers(int squatters, int giveWay)
    {
        World world = new();
        List<Client> all = [.. Enumerable.Range(0, squatters).Select(i => world.Connect(Host(i)))];
        Client newcomer = world.Connect(Host(99));
        Assert.That(newcomer.IsConnected, Is.True);
        Assert.That(all.Select(c => c.IsConnected), Is.EqualTo(Enumerable.Range(0, squatters).Select(i => i >= giveWay)), "the oldest first");
        Assert.That(world.Server.Drops[DropReason.UnjoinedGaveWay], Is.EqualTo(giveWay));
        Assert.That(all.Where(c => !c.IsConnected).Select(c => c.Ended), Is.All.EqualTo((byte)(TransportEndpoint.AbortDataFirst + (byte)DisconnectReason.GaveWay)), "it is told why");
    }

    [Test]
    public void Places_OfThoseWhoHaveJoined_AreTheirs()
    {
        World world = new();
        List<Client> joined = [.. Enumerable.Range(0, Places).Select(i => world.Connect(Host(i)))];
        for (int slot = 0; slot < Places; slot++)
        {
            world.Lane.SetJoined(slot, 1, hasJoined: true);
        }

        Assert.That(world.Connect(Host(99)).IsConnected, Is.False);
        Assert.That(joined.Select(c => c.IsConnected), Is.All.True);
        Assert.That(world.Server.Drops[DropReason.RequestRefused], Is.Positive);
        world.Lane.SetJoined(5, 1, hasJoined: false);
        Assert.That(world.Connect(Host(98)).IsConnected, Is.True);
        Assert.That(joined.Select((c, i) => (c.IsConnected, i)).Single(c => !c.IsConnected).i, Is.EqualTo(5));
    }

    /// <summary>One host that connects on and on takes its own places, and those of nobody who is about to join.</summary>
    [TestCase("127.0.5.1", "127.0.5.1")]
    [TestCase("127.0.5.1", "127.0.5.200")]
    public void Places_OfOneHostOrNetwork_GoToItselfFirst(string first, string next)
    {
        World world = new();
        Client waits = world.Connect(Host(1));
        for (int i = 0; i < Places - 1; i++)
        {
            world.Connect(PeerAddress.From(new System.Net.IPEndPoint(System.Net.IPAddress.Parse(first), 5_000 + i)));
        }

        for (int i = 0; i < 20; i++)
        {
            Assert.That(world.Connect(PeerAddress.From(new System.Net.IPEndPoint(System.Net.IPAddress.Parse(next), 6_000 + i))).IsConnected, Is.True);
        }

        Assert.That(waits.IsConnected, Is.True, "the oldest of all, and of another host");
    }

    private static PeerAddress Host(int number) => PeerAddress.FromIPv4(0x0000000Au | ((uint)number << 16), 40_000);

    private sealed record Client(TransportEndpoint Endpoint, PeerAddress Address)
    {
        public bool IsConnected { get; set; }

        public byte Ended { get; set; }
    }

    private sealed class World
    {
        private readonly List<Client> _clients = [];
        private readonly byte[] _buffer = new byte[Limits.DatagramBytesMax];
        private readonly TransportPump _pump;
        private long _now = 1_000_000;

        public World()
        {
            Server = new TransportEndpoint(new TransportOptions { MaxPeers = Places, Channels = 1, MaxMessageBytes = 16 * 1024 }, 1, _now);
            Lane = new InboundLane(64 * 1024, Places);
            _pump = new TransportPump(Server, Lane, new SpscRing(4096), networkThread: 0);
        }

        public TransportEndpoint Server { get; }

        public InboundLane Lane { get; }

        public Client Connect(PeerAddress address)
        {
            var options = new TransportOptions { MaxPeers = 1, Channels = 1, AcceptConnections = false };
            var client = new Client(new TransportEndpoint(options, (ulong)_clients.Count + 5, _now), address);
            _clients.Add(client);
            client.Endpoint.Connect(Pair.ServerAddress, new byte[20], _now);
            for (int step = 0; step < 60; step++)
            {
                Step();
            }

            return client;
        }

        private void Step()
        {
            _now += 1_000;
            foreach (Client client in _clients)
            {
                client.Endpoint.Advance(_now);
                while (client.Endpoint.TryPollDatagram(_buffer, out int length, out _))
                {
                    Server.Handle(_buffer.AsSpan(0, length), client.Address, _now);
                }
            }

            Server.Advance(_now);
            _pump.MoveInbound();
            while (Lane.Ring.TryPeek(out _))
            {
                Lane.Ring.Release();
            }

            while (Server.TryPollDatagram(_buffer, out int length, out PeerAddress to))
            {
                _clients.Find(c => c.Address == to)?.Endpoint.Handle(_buffer.AsSpan(0, length), Pair.ServerAddress, _now);
            }

            _clients.ForEach(Take);
        }

        private static void Take(Client client)
        {
            while (client.Endpoint.TryPeekEvent(out TransportEvent e, out ReadOnlySpan<byte> payload))
            {
                client.IsConnected = e.Kind is TransportEventKind.Connected or TransportEventKind.Message;
                client.Ended = e.Kind == TransportEventKind.Disconnected && payload.Length == 1 ? payload[0] : (byte)0;
                client.Endpoint.ConsumeEvent();
            }
        }
    }
}
