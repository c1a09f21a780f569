using System.Numerics;
using GameServer.Netcode.Game;
using GameServer.Netcode.Primitives;

namespace GameServer.Bench.Rooms;

/// <summary>What one of the crowd does: walks and looks about.</summary>
internal struct CrowdInput
{
    public float MoveX, MoveZ, Yaw, Pitch;

    /// <summary>What player <paramref name="index"/> does at a tick: a circle of its own, so that everything of it changes all the time.</summary>
    public static CrowdInput At(int index, Tick tick, int tickRateHz)
    {
        float seconds = (tick.Value % (uint)(tickRateHz * 3600)) / (float)tickRateHz;
        float angle = (seconds * 1.3f) + (index * 0.7f);
        DeterministicMath.SinCos(angle, out float sin, out float cos);
        float turns = angle * (1 / MathF.Tau);
        return new CrowdInput { MoveX = sin, MoveZ = cos, Yaw = ((turns - MathF.Floor(turns)) * 2) - 1, Pitch = 0.6f * cos };
    }
}

/// <summary>One of the crowd.</summary>
internal struct Walker
{
    public Vector3 Position, Velocity;
    public float Yaw, Pitch;
    public int Health;
}

/// <summary>The game of the benchmarks: everybody walks in circles over hilly ground, in sight of everybody else, without rest.</summary>
internal sealed class CrowdGame : Game<CrowdInput>
{
    public const int WalkersMax = 1024;

    public static readonly EntityKind<Walker> Walkers = new();

    private const float Speed = 5;
    private const float HalfSide = 64;

    private readonly int _capacity;
    private readonly int _others;

    /// <summary>A crowd of at most <paramref name="capacity"/>, of which <paramref name="others"/> belong to nobody.</summary>
    public CrowdGame(int capacity, int others = 0)
    {
        _capacity = capacity;
        _others = others;
    }

    public override string Name => "crowd";

    public override void Define(GameSchema<CrowdInput> schema)
    {
        schema.DefineInput(static e => e
            .Axis("moveX", static (ref i) => ref i.MoveX).Axis("moveZ", static (ref i) => ref i.MoveZ)
            .Axis("yaw", static (ref i) => ref i.Yaw, bits: 12).Axis("pitch", static (ref i) => ref i.Pitch, bits: 10));
        schema.DefineEntity(Walkers, "walker", _capacity, static e => e
            .Vector("position", static (ref w) => ref w.Position, new Vector3(-HalfSide, -8, -HalfSide), new Vector3(HalfSide, 8, HalfSide), precision: 1 / 64f)
            .Vector("velocity", static (ref w) => ref w.Velocity, new Vector3(-16, -16, -16), new Vector3(16, 16, 16), precision: 1 / 32f)
            .Angle("yaw", static (ref w) => ref w.Yaw)
            .Angle("pitch", static (ref w) => ref w.Pitch)
            .Int("health", static (ref w) => ref w.Health, 0, 100)
            .Hitbox(static (in w) => Capsule.At(w.Position, radius: 0.4f, height: 1.8f), reach: 2)
            .Step(static (ref w, in input, in step) => Walk(ref w, in input, step.Tick, step.Owner.Index, step.DeltaSeconds)));
    }

    public override void Start(in TickContext tick)
    {
        for (int i = 0; i < _others; i++)
        {
            tick.World.Spawn(Walkers, NewWalker(_capacity - 1 - i));
        }
    }

    public override void PlayerJoined(in TickContext tick, PlayerId player) =>
        tick.Players.SetAvatar(player, tick.World.Spawn(Walkers, NewWalker(player.Index), player));

    public override void Tick(in TickContext tick)
    {
        if (_others == 0)
        {
            return;
        }

        Entities<Walker> walkers = tick.World.Of(Walkers);
        foreach (EntityId id in walkers)
        {
            if (tick.World.OwnerOf(id).IsNone)
            {
                CrowdInput input = CrowdInput.At(id.Slot, tick.Tick, (int)MathF.Round(1 / tick.DeltaSeconds));
                Walk(ref walkers[id], in input, tick.Tick, id.Slot, tick.DeltaSeconds);
            }
        }
    }

    private static Walker NewWalker(int index) => new()
    {
        Position = new Vector3((index % 23 * 5) - 55, 0, (index / 23 % 23 * 5) - 55),
        Health = 100,
    };

    private static void Walk(ref Walker walker, in CrowdInput input, Tick tick, int index, float deltaSeconds)
    {
        Vector3 before = walker.Position;
        Vector3 to = before + (new Vector3(input.MoveX, 0, input.MoveZ) * (Speed * deltaSeconds));
        to.X = Math.Clamp(to.X, -HalfSide, HalfSide);
        to.Z = Math.Clamp(to.Z, -HalfSide, HalfSide);
        to.Y = to.X * to.Z * (1 / 512f);
        walker.Position = to;
        walker.Velocity = (to - before) * (1 / deltaSeconds);
        walker.Yaw = input.Yaw * MathF.PI;
        walker.Pitch = input.Pitch;
        walker.Health = 50 + (int)(((tick.Value / 8) + (uint)index) % 50);
    }
}
