using GameServer.Netcode.Game;
using GameServer.Netcode.Primitives;

namespace GameServer.Tests.Support;

/// <summary>The game of presses in the lab: each button is tapped every few updates, or one three times in six updates.</summary>
internal sealed class PressLab(bool isFrantic = false) : LabGame<PressInput>
{
    /// <summary>What the players have tapped while they played, all together.</summary>
    public int Taps { get; private set; }

    public override string Name => "presses";

    public override Game<PressInput> CreateGame() => new PressGame();

    public override LabPlayer<PressInput> CreatePlayer(int index, ulong seed) => isFrantic ? new FranticPlayer(this) : new Player(index, seed);

    private sealed class FranticPlayer(PressLab lab) : LabPlayer<PressInput>
    {
        private int _updates;

        public override void Sample(LabClient<PressInput> me, ref PressInput input)
        {
            int at = _updates++ % 100;
            bool isDown = at < 6 && at % 2 == 0 && !me.IsIdle;
            input.Buttons.Held = (ushort)(isDown ? 8 : 0);
            lab.Taps += isDown ? 1 : 0;
        }
    }

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
