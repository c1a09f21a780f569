using System.Numerics;
using GameServer.Netcode.Game;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Server;
using GameServer.Netcode.Transport;

namespace GameServer.Tests.Game;

/// <summary>The SyncTest refuses steps that compute other states on another runtime, and says where.</summary>
public sealed class StepCodeTests
{
    private static readonly float[] s_speeds = [1.5f, 2.5f];

    private static readonly Step<Body, Input>[] s_wrong =
    [
        static (ref Body me, in Input input, in StepContext step) => me.Cell = (int)me.Position.X,
        static (ref Body me, in Input input, in StepContext step) => me.Cell = (byte)(input.Turn * 255f),
        static (ref Body me, in Input input, in StepContext step) => me.Cell = (int)(uint)Math.Floor((double)input.Turn),
        static (ref Body me, in Input input, in StepContext step) => me.Cell += (short)(input.Turn > 0 ? input.Turn : step.DeltaSeconds),
        static (ref Body me, in Input input, in StepContext step) => me.Cell = (int)s_speeds[me.Cell & 1],
        static (ref Body me, in Input input, in StepContext step) => me.Cell = CellOf(me.Position),
        static (ref Body me, in Input input, in StepContext step) => me.Cell = Apply(static x => (int)x, me.Position.X),
        static (ref Body me, in Input input, in StepContext step) => me.Cell = (int)(long)-(me.Position.Length() % 3),
        Guarded,
    ];

    private static readonly Step<Body, Input>[] s_right =
    [
        static (ref Body me, in Input input, in StepContext step) => me.Cell = DeterministicMath.ToInt(me.Position.X * 3),
        static (ref Body me, in Input input, in StepContext step) => me.Cell = (byte)DeterministicMath.ToInt(input.Turn * 255f),
        static (ref Body me, in Input input, in StepContext step) => me.Position.X = (float)me.Cell + ((short)me.Cell / 2f),
        static (ref Body me, in Input input, in StepContext step) => me.Cell = input.Turn > 0.5f ? (byte)me.Cell : (short)step.Tick.Value,
        static (ref Body me, in Input input, in StepContext step) => me.Position.Y = MathF.Sqrt(MathF.Abs(me.Position.X)) + MathF.Floor(input.Turn),
        static (ref Body me, in Input input, in StepContext step) => me.Cell = (int)((long)me.Cell * s_speeds.Length),
    ];

    [Test]
    public void SyncTest_PlainCastOfAFloat_IsRefusedByPlace([Range(0, 8)] int index) => Assert.That(
        () => Create(s_wrong[index]),
        Throws.ArgumentException.With.Message.Contains("the step of \"body\"").And.Message.Contains("DeterministicMath.ToInt")
            .And.Message.Contains(nameof(StepCodeTests)));

    [Test]
    public void SyncTest_FunctionWithAnotherLastBitElsewhere_IsRefusedByName() => Assert.Multiple(static () =>
    {
        Assert.That(() => Create(Circle), Throws.ArgumentException.With.Message.Contains("MathF.Sin").And.Message.Contains(nameof(Circle)));
        Assert.That(
            () => Create(static (ref Body me, in Input input, in StepContext step) => me.Position.X = (float)Math.Pow(me.Position.X, 1.5)),
            Throws.ArgumentException.With.Message.Contains("Math.Pow"));
        Assert.That(
            () => Create(s_right[0], static (in Body me) => new Capsule(me.Position, me.Position, MathF.Exp(me.Position.X))),
            Throws.ArgumentException.With.Message.Contains("the hitbox of \"body\""));
    });

    [Test]
    public void SyncTest_WholeNumbersAndExactFunctions_AreAccepted([Range(0, 5)] int index) => Assert.That(() => Create(s_right[index]), Throws.Nothing);

    [Test]
    public void SyncTest_SeveralPlaces_AreAllNamedAtOnce() => Assert.That(
        () => Create(static (ref Body me, in Input input, in StepContext step) => me.Cell = (int)me.Position.X + CellOf(me.Position)),
        Throws.ArgumentException.With.Message.Contains(nameof(CellOf)).And.Message.Matches("ToInt.*ToInt"));

    [Test]
    public void Create_WithoutSyncTest_ReadsNoCode() => Assert.That(() => Create(s_wrong[0], syncTest: false), Throws.Nothing);

    private static int CellOf(Vector3 position) => (int)(position.X / 4);

    private static int Apply(Func<float, int> function, float value) => function(value);

    private static void Guarded(ref Body me, in Input input, in StepContext step)
    {
        try
        {
            me.Cell = checked(me.Cell + 1);
        }
        catch (OverflowException)
        {
            me.Cell = (int)input.Turn;
        }
    }

    private static void Circle(ref Body me, in Input input, in StepContext step)
    {
        for (int i = 0; i < 3; i++)
        {
            me.Position.X += Turned(me.Position.X);
        }

        static float Turned(float x) => MathF.Sin(x);
    }

    private static Room Create(Step<Body, Input> step, HitboxOf<Body>? hitbox = null, bool syncTest = true) =>
        Room.Create(new OneStepGame(step, hitbox), new RoomOptions { SyncTest = syncTest }, [new InboundLane(1 << 16, 512)], [new SpscRing(1 << 16)]);

    private struct Input
    {
        public float Turn;
    }

    private struct Body
    {
        public Vector3 Position;
        public int Cell;
    }

    private sealed class OneStepGame(Step<Body, Input> step, HitboxOf<Body>? hitbox) : Game<Input>
    {
        private readonly EntityKind<Body> _bodies = new();
        private readonly Step<Body, Input> _step = step;
        private readonly HitboxOf<Body>? _hitbox = hitbox;

        public override string Name => "one step";

        public override void Define(GameSchema<Input> schema)
        {
            schema.DefineInput(e => e.Axis("turn", (ref i) => ref i.Turn));
            schema.DefineEntity(_bodies, "body", 4, e =>
            {
                e.Vector("position", (ref b) => ref b.Position, new Vector3(-50), new Vector3(50), precision: 1 / 128f)
                    .Int("cell", (ref b) => ref b.Cell, 0, 255).Step(_step);
                if (_hitbox is not null)
                {
                    e.Hitbox(_hitbox);
                }
            });
        }

        public override void Tick(in TickContext tick)
        {
        }
    }
}
