using System.Numerics;
using GameServer.Netcode.Game;

namespace GameServer.Tests.Vectors;

internal struct VectorInput
{
    public float Move;
    public Buttons Buttons;
}

internal struct Walker
{
    public Vector3 Position;
    public int Steps;
}

internal struct Bang
{
    public Vector3 Position;
    public int Loudness;
}

/// <summary>The smallest game that fills every list of a snapshot; the golden vectors are made with it.</summary>
internal sealed class VectorGame : Game<VectorInput>
{
    public static readonly EntityKind<Walker> Walkers = new();
    public static readonly EventKind<Bang> Bangs = new();

    public override string Name => "vectors";

    public override void Define(GameSchema<VectorInput> schema)
    {
        schema.DefineInput(e => e.Axis("move", (ref i) => ref i.Move).Buttons("buttons", (ref i) => ref i.Buttons, count: 2));
        schema.DefineEntity(Walkers, "walker", 8, e => e
            .Vector("position", (ref w) => ref w.Position, Vector3.Zero, new Vector3(16, 16, 16), precision: 1 / 16f)
            .Owned("steps", (ref w) => ref w.Steps)
            .Step(StepWalker));
        schema.DefineEvent(Bangs, "bang", e => e
            .Vector("position", (ref b) => ref b.Position, Vector3.Zero, new Vector3(16, 16, 16), precision: 1 / 4f)
            .Int("loudness", (ref b) => ref b.Loudness, 0, 9));
    }

    public override void PlayerJoined(in TickContext tick, PlayerId player) =>
        tick.Players.SetAvatar(player, tick.World.Spawn(Walkers, new Walker { Position = new Vector3(2 + player.Index, 0, 4) }, player));

    public override void Tick(in TickContext tick)
    {
    }

    private static void StepWalker(ref Walker me, in VectorInput input, in StepContext step)
    {
        me.Position.X += input.Move * 0.125f;
        me.Steps++;
        if (input.Buttons.IsPressed(1))
        {
            step.Emit(VectorGame.Bangs, new Bang { Position = me.Position, Loudness = 7 });
        }
    }
}
