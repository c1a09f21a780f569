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

    private static readonly (string Name, Step<Body, Input> Step)[] s_platform =
    [
        ("Quaternion.CreateFromYawPitchRoll", static (ref Body me, in Input input, in StepContext step) => me.Position.X = Quaternion.CreateFromYawPitchRoll(input.Turn, 0, 0).X),
        ("Quaternion.CreateFromAxisAngle", static (ref Body me, in Input input, in StepContext step) => me.Position.X = Quaternion.CreateFromAxisAngle(Vector3.UnitY, 1).X),
        ("Quaternion.Slerp", static (ref Body me, in Input input, in StepContext step) => me.Position.X = Quaternion.Slerp(default, default, 1).X),
        ("Matrix4x4.CreateRotationY", static (ref Body me, in Input input, in StepContext step) => me.Position.X = Matrix4x4.CreateRotationY(input.Turn).M11),
        ("Matrix3x2.CreateRotation", static (ref Body me, in Input input, in StepContext step) => me.Position.X = Matrix3x2.CreateRotation(input.Turn).M11),
        ("Matrix4x4.op_Multiply", static (ref Body me, in Input input, in StepContext step) => me.Position.X = (Matrix4x4.Identity * Matrix4x4.Identity).M11),
        ("Vector3.Transform", static (ref Body me, in Input input, in StepContext step) => me.Position = Vector3.Transform(me.Position, Quaternion.Identity)),
        ("Vector3.Lerp", static (ref Body me, in Input input, in StepContext step) => me.Position = Vector3.Lerp(me.Position, default, input.Turn)),
        ("Vector3.Reflect", static (ref Body me, in Input input, in StepContext step) => me.Position = Vector3.Reflect(me.Position, Vector3.UnitY)),
        ("Vector4.Dot", static (ref Body me, in Input input, in StepContext step) => me.Position.X = Vector4.Dot(Vector4.One, Vector4.UnitX)),
        ("Single.Sin", static (ref Body me, in Input input, in StepContext step) => me.Position.X = float.Sin(input.Turn)),
        ("Single.Lerp", static (ref Body me, in Input input, in StepContext step) => me.Position.X = float.Lerp(input.Turn, 2, input.Turn)),
        ("String.GetHashCode", static (ref Body me, in Input input, in StepContext step) => me.Cell = string.Concat("a", "b").GetHashCode(StringComparison.Ordinal) & 1),
        ("Vector3.GetHashCode", static (ref Body me, in Input input, in StepContext step) => me.Cell = me.Position.GetHashCode()),
        ("ValueType.GetHashCode", static (ref Body me, in Input input, in StepContext step) => me.Cell = input.GetHashCode()),
        ("HashCode.Combine", static (ref Body me, in Input input, in StepContext step) => me.Cell = HashCode.Combine(me.Cell, 1)),
        ("Random.Next", static (ref Body me, in Input input, in StepContext step) => me.Cell = Random.Shared.Next(4)),
        ("DateTime.get_UtcNow", static (ref Body me, in Input input, in StepContext step) => me.Cell = DateTime.UtcNow.Second),
        ("Environment.get_TickCount", static (ref Body me, in Input input, in StepContext step) => me.Cell = Environment.TickCount),
        ("Guid.NewGuid", static (ref Body me, in Input input, in StepContext step) => me.Cell = Guid.NewGuid().Version),
        ("Stopwatch.GetTimestamp", static (ref Body me, in Input input, in StepContext step) => me.Cell = (int)System.Diagnostics.Stopwatch.GetTimestamp()),
    ];

    private static readonly Gait s_gait = new Limp();
    private static readonly IPace s_pace = new Stroll();

    [Test]
    public void SyncTest_FunctionOfThePlatformThatDiffers_IsRefusedByName([Range(0, 20)] int index) => Assert.That(
        () => Create(s_platform[index].Step), Throws.ArgumentException.With.Message.Contains(s_platform[index].Name));

    [Test]
    public void SyncTest_ExactFunctionsOfThePlatform_AreAccepted() => Assert.Multiple(static () =>
    {
        Assert.That(() => Create(static (ref Body me, in Input input, in StepContext step) => me.Position = Vector3.Normalize(Vector3.Cross(me.Position, Vector3.UnitY)) * Vector3.Dot(me.Position, Vector3.UnitX)), Throws.Nothing);
        Assert.That(() => Create(static (ref Body me, in Input input, in StepContext step) => me.Position = Vector3.Clamp(-me.Position / 2, Vector3.Zero, Vector3.One)), Throws.Nothing);
        Assert.That(() => Create(static (ref Body me, in Input input, in StepContext step) => me.Cell = me.Cell.GetHashCode() + step.Self.GetHashCode() + step.Owner.GetHashCode()), Throws.Nothing);
        Assert.That(() => Create(static (ref Body me, in Input input, in StepContext step) => me.Position.X = Quaternion.Identity.W + Matrix4x4.Identity.M11), Throws.Nothing);
    });

    [Test]
    public void SyncTest_VirtualAndInterfaceCalls_AreFollowedIntoWhatTheGameHas() => Assert.Multiple(static () =>
    {
        Assert.That(
            () => Create(static (ref Body me, in Input input, in StepContext step) => me.Position.X = s_gait.Length(input.Turn)),
            Throws.ArgumentException.With.Message.Contains("MathF.Sin").And.Message.Contains("Limp.Length"));
        Assert.That(
            () => Create(static (ref Body me, in Input input, in StepContext step) => me.Position.X = s_pace.Of(input.Turn)),
            Throws.ArgumentException.With.Message.Contains("MathF.Exp").And.Message.Contains("Stroll"));
        Assert.That(
            () => Create(static (ref Body me, in Input input, in StepContext step) => me.Position.X = PaceOf<Dash>(input.Turn)),
            Throws.ArgumentException.With.Message.Contains("MathF.Cos").And.Message.Contains("Dash").And.Message.Not.Contains("Stroll"));
    });

    private static float PaceOf<T>(float turn)
        where T : struct, IPace => default(T).Of(turn);

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

    private interface IPace
    {
        float Of(float turn);
    }

    private abstract class Gait
    {
        public abstract float Length(float turn);
    }

    private sealed class Limp : Gait
    {
        public override float Length(float turn) => MathF.Sin(turn);
    }

    private sealed class Stroll : IPace
    {
        float IPace.Of(float turn) => MathF.Exp(turn);
    }

    private struct Dash : IPace
    {
        public readonly float Of(float turn) => MathF.Cos(turn);
    }

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
