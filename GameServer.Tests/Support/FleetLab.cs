using GameServer.Netcode.Game;
using GameServer.Netcode.Primitives;

namespace GameServer.Tests.Support;

/// <summary>Players with fleets of large entities of their own that change in every tick, more than a snapshot holds.</summary>
internal sealed class FleetLab(int ships, int buoys = 12, bool isAdrift = false) : LabGame<FleetInput>
{
    public override string Name => $"fleet of {ships}";

    public override Game<FleetInput> CreateGame() => new FleetGame(ships, buoys, isAdrift);

    public override LabPlayer<FleetInput> CreatePlayer(int index, ulong seed) => new Captain(index, seed);

    private sealed class Captain(int index, ulong seed) : LabPlayer<FleetInput>
    {
        private DeterministicRandom _random = DeterministicRandom.From(seed, (ulong)index + 500);
        private float _course;
        private int _untilTurn;

        public override void Sample(LabClient<FleetInput> me, ref FleetInput input)
        {
            if (--_untilTurn <= 0)
            {
                _untilTurn = 20 + _random.NextInt(60);
                _course = _random.NextFloat(-1, 1);
            }

            input.MoveX = me.IsIdle ? 0 : _course;
            input.Buttons.Set(0, !me.IsIdle && !me.HoldsFire && _random.NextBool(0.3f));
        }
    }
}
