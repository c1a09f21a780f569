using GameServer.Netcode.Game;

namespace GameServer.Tests.Support;

internal struct PressInput
{
    public float Move;
    public Buttons Buttons;
}

internal unsafe struct Presser
{
    public fixed int Pressed[16];
}

/// <summary>Everybody has a counter for each of 16 buttons, and a press counts it up by one.</summary>
internal sealed class PressGame : Game<PressInput>
{
    public static readonly EntityKind<Presser> Pressers = new();

    public override string Name => "presses";

    public override void Define(GameSchema<PressInput> schema)
    {
        schema.DefineInput(e => e.Axis("move", (ref i) => ref i.Move).Buttons("buttons", (ref i) => ref i.Buttons));
        schema.DefineEntity(Pressers, "presser", 32, e =>
        {
            for (int i = 0; i < 16; i++)
            {
                int button = i;
                e.Owned($"pressed{i}", (ref p) => ref At(ref p, button));
            }

            e.Step(StepPresser);
        });
    }

    public override void PlayerJoined(in TickContext tick, PlayerId player) =>
        tick.Players.SetAvatar(player, tick.World.Spawn(Pressers, default(Presser), player));

    public override void Tick(in TickContext tick)
    {
    }

    public static unsafe ref int At(ref Presser presser, int button) => ref presser.Pressed[button];

    private static void StepPresser(ref Presser me, in PressInput input, in StepContext step)
    {
        for (int button = 0; button < 16; button++)
        {
            At(ref me, button) += input.Buttons.IsPressed(button) ? 1 : 0;
        }
    }
}
