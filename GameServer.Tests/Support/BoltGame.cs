using System.Numerics;
using GameServer.Netcode.Game;
using GameServer.Netcode.Primitives;

namespace GameServer.Tests.Support;

internal struct BoltInput
{
    public float MoveX, MoveZ;
    public Buttons Buttons;
}

internal struct Archer
{
    public Vector3 Position;
}

internal struct Bolt
{
    public Vector3 Position;
    public Tick Until;
}

/// <summary>Archers run about and shoot bolts from where they stand: what is spawned inherits what became of its owner.</summary>
internal sealed class BoltGame : Game<BoltInput>
{
    public static readonly EntityKind<Archer> Archers = new();
    public static readonly EntityKind<Bolt> Bolts = new();

    public override string Name => "bolts";

    public override void Define(GameSchema<BoltInput> schema)
    {
        schema.DefineInput(e => e
            .Axis("moveX", (ref i) => ref i.MoveX).Axis("moveZ", (ref i) => ref i.MoveZ)
            .Buttons("buttons", (ref i) => ref i.Buttons, count: 1));
        schema.DefineEntity(Archers, "archer", 32, e => e
            .Vector("position", (ref a) => ref a.Position, new Vector3(-50, -1, -50), new Vector3(50, 1, 50), precision: 1 / 128f)
            .Step(StepArcher));
        schema.DefineEntity(Bolts, "bolt", 1024, e => e
            .Vector("position", (ref b) => ref b.Position, new Vector3(-60, -1, -60), new Vector3(60, 1, 60), precision: 1 / 128f)
            .Owned("until", (ref b) => ref b.Until)
            .Step(StepBolt));
    }

    public override void PlayerJoined(in TickContext tick, PlayerId player) =>
        tick.Players.SetAvatar(player, tick.World.Spawn(Archers, default(Archer), player));

    public override void Tick(in TickContext tick)
    {
    }

    private static void StepArcher(ref Archer me, in BoltInput input, in StepContext step)
    {
        Vector3 next = me.Position + (new Vector3(input.MoveX, 0, input.MoveZ) * (12 * step.DeltaSeconds));
        me.Position = new Vector3(Math.Clamp(next.X, -50, 50), 0, Math.Clamp(next.Z, -50, 50));
        if (input.Buttons.IsPressed(0))
        {
            step.Spawn(Bolts, new Bolt { Position = me.Position, Until = step.Tick + 20 });
        }
    }

    private static void StepBolt(ref Bolt me, in BoltInput input, in StepContext step)
    {
        me.Position.X = Math.Min(me.Position.X + (20 * step.DeltaSeconds), 60);
        if (step.Tick >= me.Until)
        {
            step.Despawn();
        }
    }
}
