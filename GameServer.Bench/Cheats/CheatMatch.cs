using GameServer.Arena;
using GameServer.Netcode.Client;
using GameServer.Netcode.Game;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Server;
using GameServer.Netcode.Transport;

namespace GameServer.Bench.Cheats;

/// <summary>A match of honest bots and cheats in virtual time on one thread; the same seed plays the same match.</summary>
internal sealed class CheatMatch
{
    private const int TickRateHz = 60;
    private const long QuantumMicros = 1000;
    private const long FramePeriodMicros = 8000;

    private readonly SimulatedNetwork _network;
    private readonly PeerAddress _address = PeerAddress.FromIPv4(0x0100000A, 9050);
    private readonly byte[] _datagram = new byte[DatagramBatch.BufferBytes];
    private readonly TransportEndpoint _endpoint;
    private readonly TransportPump _pump;
    private readonly CheatPlayer[] _players;
    private readonly Room _room;
    private long _nowMicros;
    private long _ticks;

    public CheatMatch(int honest, Cheat[] cheats, LinkModel link, ulong seed)
    {
        int clients = honest + cheats.Length;
        _network = new SimulatedNetwork(seed) { DefaultModel = link };
        var inbound = new InboundLane(1 << 20, clients);
        var outbound = new SpscRing(1 << 20);
        var options = new RoomOptions { TickRateHz = TickRateHz, PlayersMax = clients, SpectatorsMax = 0, PeersPerThread = clients, Seed = seed };
        Observer = new CheatObserver(clients);
        _room = Room.Create(new ArenaGame(), options, [inbound], [outbound], Observer);
        Observer.Room = _room;
        _endpoint = new TransportEndpoint(
            new TransportOptions { MaxPeers = clients, Channels = 1, RequestsPerAddress = 100_000, RequestsPerPrefix = 100_000 }, seed, 0);
        _pump = new TransportPump(_endpoint, inbound, outbound, 0);
        _room.NextDeadlineMicros = (long)_room.PeriodMicros;
        Schema schema = GameSchema<ArenaInput>.Of(new ArenaGame());
        _players = [.. Enumerable.Range(0, clients).Select(i => new CheatPlayer(_network, in _address, schema, i, seed, i < honest ? null : cheats[i - honest]))];
    }

    public CheatObserver Observer { get; }

    public IReadOnlyList<CheatPlayer> Players => _players;

    public bool AllPlay => _players.All(static p => p.Client.State == ClientState.Playing);

    /// <summary>One cheat of each kind.</summary>
    public static Cheat[] EachCheat(ulong seed) =>
    [
        new Cheat("aim bot", seed + 101),
        new BestViewCheat(seed + 102),
        new LateAckCheat(seed + 103, 9),
        new LateAckCheat(seed + 104, 14),
        new HeldAckCheat(seed + 105, "acks held 4 s", 240, 12),
        new HeldAckCheat(seed + 106, "acks held 0.4 s", 24, 12),
        new RandomAckCheat(seed + 107),
        new StarveCheat(seed + 108),
        new LagSwitchCheat(seed + 109),
        new DoubleRateCheat(seed + 110),
        new NotANumberCheat(seed + 111),
        new FarFutureCheat(seed + 112),
    ];

    public void Run(double seconds)
    {
        for (long end = _nowMicros + (long)(seconds * 1e6); _nowMicros < end;)
        {
            _nowMicros += QuantumMicros;
            Serve();
            foreach (CheatPlayer player in _players)
            {
                if (player.NextFrameMicros <= _nowMicros)
                {
                    player.NextFrameMicros += FramePeriodMicros;
                    player.Update(_nowMicros);
                }
            }
        }
    }

    private void Serve()
    {
        while (_network.TryReceive(in _address, _nowMicros, _datagram, out int length, out PeerAddress from))
        {
            _endpoint.Handle(_datagram.AsSpan(0, length), in from, _nowMicros);
        }

        _endpoint.Advance(_nowMicros);
        _pump.MoveInbound();
        while (_nowMicros >= _room.NextDeadlineMicros)
        {
            _room.Drain(_nowMicros);
            _room.Step();
            _ticks++;
            _room.NextDeadlineMicros = (long)((_ticks + 1) * _room.PeriodMicros);
            _pump.MoveOutbound();
        }

        while (_endpoint.TryPollDatagram(_datagram, out int length, out PeerAddress to))
        {
            _network.Send(in _address, in to, _datagram.AsSpan(0, length), _nowMicros);
        }
    }
}
