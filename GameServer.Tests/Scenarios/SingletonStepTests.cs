using System.Numerics;
using GameServer.Netcode.Game;
using GameServer.Netcode.Transport;
using GameServer.Tests.Support;

namespace GameServer.Tests.Scenarios;

/// <summary>P3 of steps that read a singleton: where the rules have changed it and the client could not know yet, nobody is to blame.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class SingletonStepTests
{
    private static readonly LinkModel Clean = new() { DelayMicros = 30_000 };
    private static readonly LinkModel Lossy = new() { DelayMicros = 60_000, JitterMicros = 20_000, LossPercent = 10, BurstPackets = 3 };

    [Test]
    public void Step_ReadsAWindThatTheRulesTurn_CorrectionsAreExternal([Values(3, 13, 60)] int turnsEvery, [Values] bool isLossy)
    {
        Lab<KiteInput> lab = Play(turnsEvery, isLossy ? Lossy : Clean);
        foreach (LabClient<KiteInput> client in lab.Clients)
        {
            Assert.That((client.Client.Stats.CorrectionsOwn, client.Client.Stats.UnexplainedRollbacks), Is.EqualTo((0L, 0L)));
            Assert.That(client.Client.Stats.CorrectionsExternal, Is.GreaterThan(5), "the wind was felt");
        }

        Assert.That(lab.Invariants.Violations.Values, Is.Empty);
    }

    [Test]
    public void Step_ReadsAWindThatStays_NothingIsExternal()
    {
        Lab<KiteInput> lab = Play(turnsEvery: int.MaxValue, Clean, seconds: 3);
        long[] before = [.. lab.Clients.Select(static c => c.Client.Stats.CorrectionsExternal + c.Client.Stats.ReplayedTicks)];
        lab.Run(5);
        Assert.That(lab.Clients.Select(static c => c.Client.Stats.CorrectionsExternal + c.Client.Stats.ReplayedTicks), Is.EqualTo(before));
        Assert.That(lab.Clients.Sum(static c => c.Client.Stats.CorrectionsOwn), Is.Zero);
        Assert.That(lab.Invariants.Violations.Values, Is.Empty);
    }

    private static Lab<KiteInput> Play(int turnsEvery, LinkModel link, double seconds = 8)
    {
        var lab = new Lab<KiteInput>(new KiteLab(turnsEvery), new LabOptions { Clients = 3, Seed = 5, Up = link, Down = link, FramePeriodsMicros = [16_667, 6_944, 33_333] });
        lab.Run(seconds);
        return lab;
    }

    private struct KiteInput
    {
        public float Pull;
    }

    private struct Kite
    {
        public Vector3 Position;
    }

    private struct Wind
    {
        public float Speed;
    }

    private sealed class KiteGame(int turnsEvery) : Game<KiteInput>
    {
        private static readonly EntityKind<Kite> s_kites = new();
        private static readonly SingletonKind<Wind> s_wind = new();

        private readonly uint _turnsEvery = (uint)turnsEvery;

        public override string Name => "kites";

        public override void Define(GameSchema<KiteInput> schema)
        {
            schema.DefineInput(e => e.Axis("pull", (ref i) => ref i.Pull));
            schema.DefineSingleton(s_wind, "wind", e => e.Float("speed", (ref w) => ref w.Speed, -20, 20, precision: 1 / 16f));
            schema.DefineEntity(s_kites, "kite", 8, e => e
                .Vector("position", (ref k) => ref k.Position, new Vector3(-50, 0, -1), new Vector3(50, 50, 1), precision: 1 / 128f)
                .Step(StepKite));
        }

        public override void PlayerJoined(in TickContext tick, PlayerId player) =>
            tick.Players.SetAvatar(player, tick.World.Spawn(s_kites, default(Kite), player));

        public override void Tick(in TickContext tick)
        {
            if (tick.Tick.Value % _turnsEvery == 0)
            {
                tick.World.Get(s_wind).Speed = tick.SecretRandom.NextInt(320) / 16f;
            }
        }

        private static void StepKite(ref Kite me, in KiteInput input, in StepContext step)
        {
            me.Position.X = Turned(me.Position.X + (step.Get(s_wind).Speed * step.DeltaSeconds));
            me.Position.Y = Math.Clamp(me.Position.Y + (input.Pull * step.DeltaSeconds), 0, 50);
        }

        private static float Turned(float x) => x > 50 ? x - 100 : x;
    }

    private sealed class KiteLab(int turnsEvery) : LabGame<KiteInput>
    {
        public override string Name => "kites";

        public override Game<KiteInput> CreateGame() => new KiteGame(turnsEvery);

        public override LabPlayer<KiteInput> CreatePlayer(int index, ulong seed) => new Player();

        private sealed class Player : LabPlayer<KiteInput>
        {
            private int _frame;

            public override void Sample(LabClient<KiteInput> me, ref KiteInput input) => input.Pull = me.IsIdle ? 0 : (++_frame / 40 % 3) - 1;
        }
    }
}
