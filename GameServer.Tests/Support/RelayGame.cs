using System.Numerics;
using GameServer.Netcode.Game;
using GameServer.Netcode.Primitives;

namespace GameServer.Tests.Support;

internal struct RelayInput
{
    public float MoveX;
    public Buttons Buttons;
}

internal struct Baton
{
    public Vector3 Position;
    public float Swing;
    public int Steps;
    public Tick SteppedAt;
}

/// <summary>Batons that the rules pass from player to player every so many ticks; whoever has one moves it.</summary>
internal sealed class RelayGame : Game<RelayInput>
{
    public static readonly EntityKind<Baton> Batons = new();

    private readonly int _everyTicks;

    public RelayGame(int everyTicks) => _everyTicks = everyTicks;

    public override string Name => "relay";

    public override void Define(GameSchema<RelayInput> schema)
    {
        schema.DefineInput(e => e.Axis("moveX", (ref i) => ref i.MoveX).Buttons("buttons", (ref i) => ref i.Buttons, count: 1));
        schema.DefineEntity(Batons, "baton", 64, e => e
            .Vector("position", (ref b) => ref b.Position, new Vector3(-100), new Vector3(100), precision: 1 / 32f)
            .Owned("swing", (ref b) => ref b.Swing)
            .Owned("steps", (ref b) => ref b.Steps)
            .Owned("steppedAt", (ref b) => ref b.SteppedAt)
            .Step(StepBaton));
    }

    public override void PlayerJoined(in TickContext tick, PlayerId player)
    {
        tick.Players.SetAvatar(player, tick.World.Spawn(Batons, default, player));
        tick.World.Spawn(Batons, new Baton { Position = new Vector3(0, 0, player.Index) }, player);
    }

    public override void Tick(in TickContext tick)
    {
        if (tick.Tick.Value % (uint)_everyTicks != 0 || tick.Players.Count < 3)
        {
            return;
        }

        foreach (EntityId id in tick.World.Of(Batons))
        {
            tick.World.SetOwner(id, new PlayerId((tick.World.OwnerOf(id).Index + 1) % 3));
        }
    }

    private static void StepBaton(ref Baton me, in RelayInput input, in StepContext step)
    {
        float x = me.Position.X + (input.MoveX * step.DeltaSeconds);
        me.Position.X = x is > 90 or < -90 ? 0 : x;
        me.Swing = (me.Swing * 0.9f) + input.MoveX;
        me.Steps += input.Buttons.IsPressed(0) ? 2 : 1;
        me.SteppedAt = step.Tick;
    }
}
