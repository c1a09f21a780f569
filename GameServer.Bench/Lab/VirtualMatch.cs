using GameServer.Arena;
using GameServer.Bots;
using GameServer.Hosting;
using GameServer.Netcode.Client;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Server;
using GameServer.Netcode.Transport;

namespace GameServer.Bench.Lab;

/// <summary>A whole match of the arena in virtual time on one thread: server, network, full clients with bots that play.</summary>
internal sealed class VirtualMatch
{
    private const long QuantumMicros = 1000;

    private readonly SimulatedNetwork _network;
    private readonly PeerAddress _address = PeerAddress.FromIPv4(0x0100000A, 9050);
    private readonly byte[] _datagram = new byte[DatagramBatch.BufferBytes];
    private readonly TransportEndpoint _endpoint;
    private readonly TransportPump _pump;
    private readonly Player[] _players;
    private readonly long _framePeriodMicros;
    private readonly VirtualClock _clock = new();
    private long _ticks;

    public VirtualMatch(int clients, int tickRateHz, int frameRateHz, LinkModel link, ulong seed)
    {
        _network = new SimulatedNetwork(seed) { DefaultModel = link };
        _framePeriodMicros = 1_000_000 / frameRateHz;
        var inbound = new InboundLane(1 << 20, clients);
        var outbound = new SpscRing(1 << 20);
        var options = new RoomOptions { TickRateHz = tickRateHz, PlayersMax = clients, SpectatorsMax = 0, PeersPerThread = clients, Seed = seed };
        Room = Room.Create(new ArenaGame(), options, [inbound], [outbound]);
        _endpoint = new TransportEndpoint(
            new TransportOptions { MaxPeers = clients, Channels = 1, StartMtuBytes = Limits.DatagramBytesMin, RequestsPerAddress = 100_000, RequestsPerPrefix = 100_000 }, seed, 0);
        _pump = new TransportPump(_endpoint, inbound, outbound, 0);
        Room.NextDeadlineMicros = (long)Room.PeriodMicros;
        _players = [.. Enumerable.Range(0, clients).Select(i => new Player(_network, _clock, i, seed))];
        foreach (Player player in _players)
        {
            player.Client.Join(in _address, player.Name, 0);
        }
    }

    public Room Room { get; }

    /// <summary>Time that the server has taken, in nanoseconds.</summary>
    public long ServerNanos { get; private set; }

    /// <summary>Time that the clients and their bots have taken, in nanoseconds.</summary>
    public long ClientNanos { get; private set; }

    /// <summary>Bytes that server and clients have allocated, each with its half of the network.</summary>
    public long ServerBytes { get; private set; }

    public long ClientBytes { get; private set; }

    public long Updates { get; private set; }

    public long Ticks => _ticks;

    public int Playing => _players.Count(static p => p.Client.State == ClientState.Playing);

    /// <summary>Own corrections and disagreements of all clients: a match that goes well has none, or nearly none.</summary>
    public (long Corrections, long Disagreements, long Shots) Quality =>
        (_players.Sum(static p => (long)p.Client.Stats.CorrectionsOwn), _players.Sum(static p => (long)p.Client.Stats.Disagreements), Room.ShotsFired);

    public void Run(long micros)
    {
        for (long end = _clock.Micros + micros; _clock.Micros < end;)
        {
            _clock.Micros += QuantumMicros;
            long bytes = GC.GetAllocatedBytesForCurrentThread();
            long start = MonotonicClock.Nanos;
            Serve();
            long served = MonotonicClock.Nanos;
            long servedBytes = GC.GetAllocatedBytesForCurrentThread();
            ServerNanos += served - start;
            ServerBytes += servedBytes - bytes;
            UpdateClients();
            ClientNanos += MonotonicClock.Nanos - served;
            ClientBytes += GC.GetAllocatedBytesForCurrentThread() - servedBytes;
        }
    }

    private void UpdateClients()
    {
        foreach (Player player in _players)
        {
            while (player.NextFrameMicros <= _clock.Micros)
            {
                player.NextFrameMicros += _framePeriodMicros;
                player.Update(_clock.Micros);
                Updates++;
            }
        }
    }

    private void Serve()
    {
        while (_network.TryReceive(_address, _clock.Micros, _datagram, out int length, out PeerAddress from))
        {
            _endpoint.Handle(_datagram.AsSpan(0, length), in from, _clock.Micros);
        }

        _endpoint.Advance(_clock.Micros);
        _pump.MoveInbound();
        while (_clock.Micros >= Room.NextDeadlineMicros)
        {
            Room.Drain(_clock.Micros);
            Room.Step();
            _ticks++;
            Room.NextDeadlineMicros = (long)((_ticks + 1) * Room.PeriodMicros);
            _pump.MoveOutbound();
        }

        while (_endpoint.TryPollDatagram(_datagram, out int length, out PeerAddress to))
        {
            _network.Send(in _address, in to, _datagram.AsSpan(0, length), _clock.Micros);
        }
    }

    /// <summary>A bot with a full client.</summary>
    private sealed class Player
    {
        private readonly ArenaBot _brain;
        private readonly InputSampler<ArenaInput> _sample;
        private Tick _decided;

        public Player(SimulatedNetwork network, VirtualClock clock, int index, ulong seed)
        {
            Name = $"bot {index}";
            _brain = new ArenaBot(seed + (ulong)index);
            _sample = Sample;
            var socket = new MemorySocket(network, clock, PeerAddress.FromIPv4(0x0200000A, (ushort)(20_000 + index)));
            Client = new GameClient<ArenaInput>(new ArenaGame(), socket, new ClientOptions { Seed = seed + (ulong)index + 1 });
            NextFrameMicros = index * 700;
        }

        public string Name { get; }

        public GameClient<ArenaInput> Client { get; }

        public long NextFrameMicros { get; set; }

        public void Update(long nowMicros)
        {
            Client.Update(nowMicros, _sample);
            while (Client.TryTakeEvent(ArenaGame.Shots, out _) || Client.TryTakeEvent(ArenaGame.Explosions, out _)
                || Client.TryTakeEvent(ArenaGame.Kills, out _) || Client.TryTakeEvent(ArenaGame.RoundStarts, out _))
            {
            }
        }

        private void Sample(ref ArenaInput input)
        {
            if (Client.Tick != _decided)
            {
                _decided = Client.Tick;
                _brain.Decide(Client, ref input);
            }
        }
    }
}
