using System.Numerics;
using GameServer.Netcode.Client;
using GameServer.Netcode.Game;
using GameServer.Netcode.Server;
using GameServer.Netcode.Transport;
using GameServer.Tests.Support;

namespace GameServer.Tests.Scenarios;

/// <summary>What is drawn moves evenly, whatever the rate of the screen and that of the ticks.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class PresentationTests
{
    private const long SettleMicros = 6_000_000;
    private const long EndMicros = 16_000_000;

    // A view is told in 1/256 ticks and runs at most so much faster or slower than time while it steers.
    private const double ViewGrainTicks = 1.5 / 256;

    [Test]
    public void Draw_ConstantSpeed_EveryRenderedStepIsWhatTimeAsks(
        [Values(30, 60, 144, 240)] int screenHz, [Values(20, 30, 60, 128)] int tickHz, [Values(0, 4000)] int jitterMicros)
    {
        (List<Step> own, List<Step> other) = Play(screenHz, tickHz, jitterMicros);

        // The own clock may steer by its 8 %, but hardly ever does; another's view within 1 % on a constant link, within its 10 % under jitter.
        const double ownPart = 0.081;
        double otherPart = jitterMicros == 0 ? 0.01 : 0.101;
        double grain = (RunGame.Speed * ViewGrainTicks / tickHz) + RunGame.Precision;
        TestContext.Out.WriteLine($"{screenHz} Hz of {tickHz}: own {Worst(own):P2}, other {Worst(other):P2} of a step off at most");
        Assert.That(own, Has.Count.GreaterThan(9 * screenHz));
        Assert.That(other, Has.Count.GreaterThan(9 * screenHz));
        Assert.That(own.Where(s => !s.IsWithin(ownPart, 1e-4)), Is.Empty, "own entity");
        Assert.That(own.Count(s => !s.IsWithin(0.01, 1e-4)), Is.LessThanOrEqualTo(jitterMicros == 0 ? own.Count / 25 : own.Count / 5), "own entity, most of the time");
        Assert.That(other.Where(s => !s.IsWithin(otherPart, grain)), Is.Empty, "another's entity");
    }

    private static double Worst(List<Step> steps) => steps.Max(s => Math.Abs(s.Drawn - s.Ideal) / s.Ideal);

    private static (List<Step> Own, List<Step> Other) Play(int screenHz, int tickHz, int jitterMicros)
    {
        var network = new SimulatedNetwork(5);
        var options = new RoomOptions { Seed = 1, TickRateHz = tickHz, PlayersMax = 2, SpectatorsMax = 0, PeersPerThread = 4 };
        var server = new LabServer(network, options, (inbound, outbound, observer) => Room.Create(new RunGame(), options, inbound, outbound, observer), new RoomObserver(), 5);
        var screens = new[] { new Screen(network, server.Address, 0, screenHz), new Screen(network, server.Address, 1, 60) };
        var link = new LinkModel { DelayMicros = 40_000, JitterMicros = jitterMicros };
        foreach (Screen screen in screens)
        {
            network.SetLink(screen.Address, server.Address, link);
            network.SetLink(server.Address, screen.Address, link);
        }

        for (long now = 0; now < EndMicros; now += 250)
        {
            server.Receive(now);
            while (server.TryTick(now))
            {
            }

            foreach (Screen screen in screens)
            {
                screen.Update(now);
            }
        }

        Assert.That(screens.Select(s => s.Client.State), Is.All.EqualTo(ClientState.Playing));
        return (screens[0].Own, screens[0].Other);
    }

    private readonly record struct Step(double AtSeconds, double Drawn, double Ideal)
    {
        public bool IsWithin(double part, double grain) => Math.Abs(Drawn - Ideal) <= (Ideal * part) + grain;
    }

    /// <summary>A player who runs on and on, and a screen that is drawn at its own rate.</summary>
    private sealed class Screen
    {
        private readonly SimulatedSocket _socket;
        private readonly double _frameMicros;
        private long _frames;
        private long _lastMicros;
        private double _lastOwn;
        private double _lastOther;

        public Screen(SimulatedNetwork network, PeerAddress server, int index, int screenHz)
        {
            Address = PeerAddress.FromIPv4(0x0200000A, (ushort)(20_000 + index));
            _socket = new SimulatedSocket(network, Address);
            _frameMicros = 1e6 / screenHz;
            Client = new GameClient<RunInput>(new RunGame(), _socket, new ClientOptions { Seed = (ulong)index + 1 });
            Client.Join(in server, $"runner{index}", 0);
        }

        public PeerAddress Address { get; }

        public GameClient<RunInput> Client { get; }

        public List<Step> Own { get; } = [];

        public List<Step> Other { get; } = [];

        public void Update(long now)
        {
            if (now < (long)(_frames * _frameMicros))
            {
                return;
            }

            _frames++;
            _socket.NetworkMicros = now;
            Client.Update(now, static (ref RunInput input) => input.Forward = 1);
            if (Client.State == ClientState.Playing)
            {
                Draw(now);
            }
        }

        private void Draw(long now)
        {
            ViewEntities<Racer> racers = Client.View.Of(RunGame.Racers);
            double ideal = RunGame.Speed * (now - _lastMicros) / 1e6;
            for (int i = 0; i < racers.Count; i++)
            {
                bool isOwn = racers.IsOwn(i);
                double x = racers[i].Position.X;
                if (now > SettleMicros)
                {
                    (isOwn ? Own : Other).Add(new Step(now / 1e6, x - (isOwn ? _lastOwn : _lastOther), ideal));
                }

                (isOwn ? ref _lastOwn : ref _lastOther) = x;
            }

            _lastMicros = now;
        }
    }

    internal struct RunInput
    {
        public float Forward;
    }

    internal struct Racer
    {
        public Vector3 Position;
    }

    /// <summary>Everybody runs along X as fast as his stick says.</summary>
    internal sealed class RunGame : Game<RunInput>
    {
        public const float Speed = 8;
        public const float Precision = 1 / 1024f;

        public static readonly EntityKind<Racer> Racers = new();

        public override string Name => "run";

        public override void Define(GameSchema<RunInput> schema)
        {
            schema.DefineInput(e => e.Axis("forward", (ref i) => ref i.Forward));
            schema.DefineEntity(Racers, "racer", 4, e => e
                .Vector("position", (ref r) => ref r.Position, new Vector3(0, -1, -1), new Vector3(1000, 1, 1), precision: Precision)
                .Step(StepRacer));
        }

        public override void PlayerJoined(in TickContext tick, PlayerId player) =>
            tick.Players.SetAvatar(player, tick.World.Spawn(Racers, default(Racer), player));

        public override void Tick(in TickContext tick)
        {
        }

        private static void StepRacer(ref Racer me, in RunInput input, in StepContext step) => me.Position.X += input.Forward * Speed * step.DeltaSeconds;
    }
}
