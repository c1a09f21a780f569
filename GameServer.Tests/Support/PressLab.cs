using GameServer.Netcode.Game;
using GameServer.Netcode.Primitives;

namespace GameServer.Tests.Support;

/// <summary>The game of presses in the lab: each button is tapped every few updates.</summary>
internal sealed class PressLab : LabGame<PressInput>
{
    public override string Name => "presses";

    public override Game<PressInput> CreateGame() => new PressGame();

    public override LabPlayer<PressInput> CreatePlayer(int index, ulong seed) => new Player(index, seed);

    private sealed class Player(int index, ulong seed) : LabPlayer<PressInput>
    {
        private DeterministicRandom _random = DeterministicRandom.From(seed, (ulong)index + 500);

        public override void Sample(LabClient<PressInput> me, ref PressInput input)
        {
            bool wasDown = input.Buttons.Held != 0;
            input.Buttons.Held = 0;
            if (!wasDown && !me.IsIdle && !me.HoldsFire && _random.NextBool(0.07f))
            {
                input.Buttons.Set(_random.NextInt(16), true);
            }
        }
    }
}
