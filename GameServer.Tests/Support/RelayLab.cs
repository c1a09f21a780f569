using GameServer.Netcode.Client;
using GameServer.Netcode.Game;
using GameServer.Netcode.Primitives;

namespace GameServer.Tests.Support;

/// <summary>The relay in the lab: counts what each player has had in hand, and how often it was predicted.</summary>
internal sealed class RelayLab(int everyTicks) : LabGame<RelayInput>
{
    public override string Name => $"relay every {everyTicks}";

    /// <summary>Samples of players who had a baton, and among them those whose baton was as far as the client's own tick.</summary>
    public (int InHand, int Predicted) Seen { get; private set; }

    public override Game<RelayInput> CreateGame() => new RelayGame(everyTicks);

    public override LabPlayer<RelayInput> CreatePlayer(int index, ulong seed) => new Carrier(this, index, seed);

    private void Note(GameClient<RelayInput> client)
    {
        if (client.TryGetOwned(RelayGame.Batons, out Baton baton))
        {
            Seen = (Seen.InHand + 1, Seen.Predicted + (baton.SteppedAt == client.Tick ? 1 : 0));
        }
    }

    private sealed class Carrier(RelayLab lab, int index, ulong seed) : LabPlayer<RelayInput>
    {
        private DeterministicRandom _random = DeterministicRandom.From(seed, (ulong)index + 700);

        public override void Sample(LabClient<RelayInput> me, ref RelayInput input)
        {
            lab.Note(me.Client);
            input.MoveX = _random.NextFloat(-1, 1);
            input.Buttons.Set(0, _random.NextBool(0.2f));
        }
    }
}
