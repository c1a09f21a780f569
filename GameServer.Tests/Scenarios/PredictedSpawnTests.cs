using System.Numerics;
using GameServer.Netcode.Game;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Transport;
using GameServer.Tests.Support;

namespace GameServer.Tests.Scenarios;

/// <summary>P4: what a step spawns and the server has no room for is counted on both sides, disappears from the screen, and is nobody's misprediction.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class PredictedSpawnTests
{
    private static readonly LinkModel Clean = new() { DelayMicros = 40_000 };

    [TestCase(2000, 16, false)]
    [TestCase(40, 16, true)]
    [TestCase(1, 1, true)]
    public void Spawn_KindIsFull_IsCountedByKindAndTakenBack(int capacity, int perTick, bool isRefused)
    {
        Lab<SparkInput> lab = Play(capacity, perTick, life: 10, everyTicks: 30);
        GameCounters counters = lab.Server.Room.World.Counters;
        long refused = counters[GameCount.PredictedSpawnRefused, counters.NamesOf(GameCount.PredictedSpawnRefused).ToList().IndexOf("spark")];
        Assert.That(refused, isRefused ? Is.GreaterThan(10) : Is.Zero);
        Assert.That((counters.TotalOf(GameCount.SpawnRefused), counters.TotalOf(GameCount.OwnerFull)), Is.EqualTo((0L, 0L)), "these count other things");
        AssertNobodyIsToBlame(lab, unconfirmed: isRefused);
    }

    [TestCase(Limits.SpawnsPerTickMax - 1, 0)]
    [TestCase(Limits.SpawnsPerTickMax, 0)]
    [TestCase(Limits.SpawnsPerTickMax + 1, 1)]
    public void Spawn_MoreThanAStepMayInATick_BothSidesStopAtTheSame(int perTick, int refused)
    {
        Lab<SparkInput> lab = Play(4000, perTick, life: 2, everyTicks: 100, clients: 1);
        GameCounters counters = lab.Server.Room.World.Counters;
        int salvos = lab.Server.Room.World.Get(SparkGame.Sparklers, lab.Server.Room.World.Players.Avatar(lab.Clients[0].Client.Player)).Salvos;
        Assert.That(salvos, Is.GreaterThan(3));
        Assert.That(counters.TotalOf(GameCount.PredictedSpawnRefused), Is.EqualTo(refused * salvos));
        AssertNobodyIsToBlame(lab, unconfirmed: false);
    }

    [Test]
    public void Spawn_PlayerOwnsAllThatOneMay_IsCountedOnBothSides()
    {
        Lab<SparkInput> lab = Play(4000, 100, life: 100, everyTicks: 20, clients: 1);
        Assert.That(lab.Server.Room.World.Counters.TotalOf(GameCount.OwnerFull), Is.GreaterThan(50));
        Assert.That(lab.Clients[0].Client.Stats.SpawnsRefused, Is.GreaterThan(50));
        AssertNobodyIsToBlame(lab, unconfirmed: null);
    }

    private static void AssertNobodyIsToBlame(Lab<SparkInput> lab, bool? unconfirmed)
    {
        foreach (LabClient<SparkInput> client in lab.Clients)
        {
            Assert.That((client.Client.Stats.CorrectionsOwn, client.Client.Stats.UnexplainedRollbacks), Is.EqualTo((0L, 0L)), $"client {client.Index}");
        }

        long given = lab.Clients.Sum(static c => c.Client.Stats.SpawnsUnconfirmed);
        Assert.That(given, unconfirmed switch { true => Is.GreaterThan(5), false => Is.Zero, null => Is.GreaterThanOrEqualTo(0) });
        lab.Clients.ForEach(static c => c.IsIdle = true);
        lab.Run(5);
        Assert.That(lab.Clients.Select(static c => c.Client.Predictor.Entities.Count), Is.All.EqualTo(1), "all sparks are out, on every screen");
        Assert.That(lab.Invariants.Violations.Values, Is.Empty);
    }

    private static Lab<SparkInput> Play(int capacity, int perTick, int life, int everyTicks, int clients = 3)
    {
        var options = new LabOptions { Clients = clients, Seed = 9, Up = Clean, Down = Clean, BudgetBytes = 8192, FramePeriodsMicros = [16_667, 6_944, 33_333] };
        var lab = new Lab<SparkInput>(new SparkLab(capacity, perTick, life, everyTicks), options);
        lab.Run(10);
        return lab;
    }

    private struct SparkInput
    {
        public Buttons Buttons;
    }

    private struct Sparkler
    {
        public Vector3 Position;
        public int Salvos;
    }

    private struct Spark
    {
        public Vector3 Position;
        public Tick Until;
    }

    private sealed class SparkGame(int capacity, int perTick, int life) : Game<SparkInput>
    {
        public static readonly EntityKind<Sparkler> Sparklers = new();
        private static readonly EntityKind<Spark> s_sparks = new();
        private static readonly Vector3 s_min = new(-8), s_max = new(8);

        private readonly int _capacity = capacity;
        private readonly int _perTick = perTick;
        private readonly int _life = life;

        public override string Name => "sparks";

        public override void Define(GameSchema<SparkInput> schema)
        {
            schema.DefineInput(e => e.Buttons("buttons", (ref i) => ref i.Buttons, count: 1));
            schema.DefineEntity(Sparklers, "sparkler", 8, e => e
                .Vector("position", (ref s) => ref s.Position, s_min, s_max, precision: 1 / 16f)
                .Owned("salvos", (ref s) => ref s.Salvos)
                .Step(StepSparkler));
            schema.DefineEntity(s_sparks, "spark", _capacity, e => e
                .Vector("position", (ref s) => ref s.Position, s_min, s_max, precision: 1 / 16f)
                .Owned("until", (ref s) => ref s.Until)
                .Step(static (ref Spark me, in SparkInput input, in StepContext step) =>
                {
                    if (step.Tick >= me.Until)
                    {
                        step.Despawn();
                    }
                }));
        }

        public override void PlayerJoined(in TickContext tick, PlayerId player) =>
            tick.Players.SetAvatar(player, tick.World.Spawn(Sparklers, default(Sparkler), player));

        public override void Tick(in TickContext tick)
        {
        }

        private void StepSparkler(ref Sparkler me, in SparkInput input, in StepContext step)
        {
            if (!input.Buttons.IsPressed(0))
            {
                return;
            }

            me.Salvos++;
            for (int i = 0; i < _perTick; i++)
            {
                step.Spawn(s_sparks, new Spark { Position = me.Position, Until = step.Tick + _life });
            }
        }
    }

    private sealed class SparkLab(int capacity, int perTick, int life, int everyTicks) : LabGame<SparkInput>
    {
        public override string Name => "sparks";

        public override Game<SparkInput> CreateGame() => new SparkGame(capacity, perTick, life);

        public override LabPlayer<SparkInput> CreatePlayer(int index, ulong seed) => new Player(everyTicks);

        private sealed class Player(int everyTicks) : LabPlayer<SparkInput>
        {
            private uint _next;

            public override void Sample(LabClient<SparkInput> me, ref SparkInput input)
            {
                uint salvo = me.Client.Tick.Value / (uint)everyTicks;
                input.Buttons.Set(0, !me.IsIdle && salvo > _next);
                _next = salvo;
            }
        }
    }
}
