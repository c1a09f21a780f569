using GameServer.Netcode.Game;
using GameServer.Netcode.Primitives;

namespace GameServer.Tests.Support;

/// <summary>The game of bolts in the lab: everybody runs and shoots all the time.</summary>
internal sealed class BoltLab : LabGame<BoltInput>
{
    public override string Name => "bolts";

    public override Game<BoltInput> CreateGame() => new BoltGame();

    public override LabPlayer<BoltInput> CreatePlayer(int index, ulong seed) => new Player(index, seed);

    private sealed class Player(int index, ulong seed) : LabPlayer<BoltInput>
    {
        private DeterministicRandom _random = DeterministicRandom.From(seed, (ulong)index + 700);
        private int _untilTurn;

        public override void Sample(LabClient<BoltInput> me, ref BoltInput input)
        {
            if (me.IsIdle)
            {
                input = default;
                return;
            }

            if (--_untilTurn <= 0)
            {
                _untilTurn = 5 + _random.NextInt(30);
                DeterministicMath.SinCos(_random.NextFloat(0, 6.28f), out input.MoveX, out input.MoveZ);
            }

            input.Buttons.Set(0, !me.HoldsFire && _random.NextBool(0.5f));
        }
    }
}
