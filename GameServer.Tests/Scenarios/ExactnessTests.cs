using System.Numerics;
using GameServer.Netcode.Client;
using GameServer.Netcode.Game;
using GameServer.Netcode.Server;
using GameServer.Netcode.Transport;
using GameServer.Tests.Support;

namespace GameServer.Tests.Scenarios;

/// <summary>P8: a rollback has a cause, or it is counted, however small.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class ExactnessTests
{
    private static readonly LinkModel Link = new() { DelayMicros = 30_000, JitterMicros = 4_000, LossPercent = 1 };

    [TestCase(false)]
    [TestCase(true)]
    public void P8_OneConstantOneUlpOff_IsCountedThoughNoCorrectionIsSeen(bool isOff)
    {
        var network = new SimulatedNetwork(5);
        var options = new RoomOptions { PlayersMax = 2, SpectatorsMax = 0, PeersPerThread = 4 };
        var server = new LabServer(network, options, (inbound, outbound, observer) => Room.Create(new ExactGame(), options, inbound, outbound, observer), new RoomObserver(), 5);
        network.DefaultModel = Link;
        var socket = new SimulatedSocket(network, PeerAddress.FromIPv4(0x0200000A, 20_000));
        var client = new GameClient<ExactInput>(isOff ? new OffGame() : new ExactGame(), socket);
        client.Join(server.Address, "one", 0);
        for (long now = 0; now < 10_000_000; now += 1000)
        {
            server.Receive(now);
            server.TryTick(now);
            socket.NetworkMicros = now;
            client.Update(now, static (ref ExactInput input) => input.Forward = 1);
        }

        Assert.That(client.State, Is.EqualTo(ClientState.Playing));
        Assert.That(client.Stats.CorrectionsOwn, Is.Zero, "it is far below a quantum");
        Assert.That(client.Stats.UnexplainedRollbacks, isOff ? Is.GreaterThan(100) : Is.Zero);
        Assert.That(server.Room.TryGetPlayer(client.Player.Index, out _), Is.True);
        Assert.That(server.Room.Sessions.All[client.Player.Index].Report.Unexplained, isOff ? Is.GreaterThan(10) : Is.Zero, "and the server is told");
    }

    [Test]
    public void P8_ServerAndClientsStandStillInWindowsThatOverlap_EveryCorrectionHasACause([Range(1, 8)] int seed, [Values] bool stamps)
    {
        var lab = new Lab(new LabOptions { Clients = 6, Seed = (ulong)seed, Up = Link, Down = Link, ArrivalStamps = [stamps], FramePeriodsMicros = [16_667, 8_000, 33_333] });
        var random = Netcode.Primitives.DeterministicRandom.From((ulong)seed, 600);
        lab.Run(3);
        for (int round = 0; round < 6; round++)
        {
            int stall = 100_000 + random.NextInt(1_400_000);
            lab.Server.Hang(lab.NowMicros + stall);
            foreach (LabClient client in lab.Clients)
            {
                if (random.NextBool(0.7f))
                {
                    client.Hang(random.NextInt(1_600_000));
                }
            }

            lab.Run(random.NextFloat(0.1f, 1.5f));
            lab.Clients[round].Hang(random.NextInt(1_000_000));
            lab.Run(2);
        }

        lab.Run(2);
        Assert.That(lab.Server.SkippedTicks, Is.GreaterThan(60), "the server never stood still");
        Assert.That(lab.Clients.Sum(c => c.Client.Stats.CorrectionsExternal + c.Client.Stats.CorrectionsStarved), Is.GreaterThan(20));
        Assert.That(lab.Invariants.Violations.Values, Is.Empty, lab.Invariants.Describe());
        Assert.That(lab.Playing.Count(), Is.EqualTo(6));
    }

    [Test]
    public void P8_ServerSkipsWhileOwnersSpawn_EveryCorrectionHasACause([Range(1, 4)] int seed, [Values] bool stamps)
    {
        var lab = new Lab<BoltInput>(new BoltLab(), new LabOptions { Clients = 4, Seed = (ulong)seed, Up = Link, Down = Link, ArrivalStamps = [stamps], FramePeriodsMicros = [16_667, 33_333, 100_000] });
        var random = Netcode.Primitives.DeterministicRandom.From((ulong)seed, 601);
        lab.Run(3);
        for (int round = 0; round < 12; round++)
        {
            lab.Server.Hang(lab.NowMicros + 60_000 + random.NextInt(300_000));
            foreach (LabClient<BoltInput> client in lab.Clients)
            {
                client.Hang(random.NextBool(0.5f) ? random.NextInt(500_000) : 0);
            }

            lab.Run(1.3);
        }

        Assert.That(lab.Server.SkippedTicks, Is.GreaterThan(60), "the server never stood still");
        Assert.That(lab.Clients.Sum(c => c.Client.Stats.CorrectionsExternal), Is.GreaterThan(5), "no skip was ever noticed");
        Assert.That(lab.Invariants.Violations.Values, Is.Empty, lab.Invariants.Describe());
    }

    internal struct ExactInput
    {
        public float Forward;
    }

    internal struct Walker
    {
        public Vector3 Position;
        public float Speed;
    }

    internal class ExactGame : Game<ExactInput>
    {
        public static readonly EntityKind<Walker> Walkers = new();

        public override string Name => "exact";

        protected virtual Step<Walker, ExactInput> Walks => StepExact;

        public override void Define(GameSchema<ExactInput> schema)
        {
            schema.DefineInput(e => e.Axis("forward", (ref i) => ref i.Forward));
            schema.DefineEntity(Walkers, "walker", 4, e => e
                .Vector("position", (ref w) => ref w.Position, new Vector3(0, -1, -1), new Vector3(1000, 1, 1), precision: 1 / 64f)
                .Owned("speed", (ref w) => ref w.Speed)
                .Step(Walks));
        }

        public override void PlayerJoined(in TickContext tick, PlayerId player) =>
            tick.Players.SetAvatar(player, tick.World.Spawn(Walkers, new Walker { Position = new Vector3(1, 0, 0) }, player));

        public override void Tick(in TickContext tick)
        {
        }

        protected static void Walk(ref Walker me, in ExactInput input, in StepContext step, float speed)
        {
            me.Speed = input.Forward * speed;
            me.Position.X += me.Speed * step.DeltaSeconds;
        }

        private static void StepExact(ref Walker me, in ExactInput input, in StepContext step) => Walk(ref me, in input, in step, 3);
    }

    internal sealed class OffGame : ExactGame
    {
        protected override Step<Walker, ExactInput> Walks => StepOff;

        private static void StepOff(ref Walker me, in ExactInput input, in StepContext step) => Walk(ref me, in input, in step, MathF.BitIncrement(3));
    }
}
