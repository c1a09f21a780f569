using GameServer.Netcode.Game;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Server;

namespace GameServer.Tests.Support;

/// <summary>The game of cards in the lab: no card is ever twice or missing, and everybody hears of each that is played.</summary>
internal sealed class CardLab : LabGame<CardInput>
{
    private readonly int[] _seen = new int[CardGame.Cards + 1];

    public override string Name => "cards";

    public override int Announced => CardGame.CardsPlayed.Index;

    public override Game<CardInput> CreateGame() => new CardGame();

    public override LabPlayer<CardInput> CreatePlayer(int index, ulong seed) => new Player(index, seed);

    public override void CheckWorld(LabInvariants<CardInput> invariants, Room room, Tick tick)
    {
        _seen.AsSpan().Clear();
        ref Table table = ref room.World.Get(CardGame.Tables);
        _seen[table.Top]++;
        for (int i = 0; i < table.StockCount; i++)
        {
            _seen[table.Stock[i]]++;
        }

        Entities<Hand> hands = room.World.Of(CardGame.Hands);
        foreach (EntityId id in hands)
        {
            _seen[hands[id].Left]++;
            _seen[hands[id].Right]++;
            invariants.Require(hands[id].Count == CardGame.CountOf(hands[id]), "G1", $"{id} says another count of cards than it holds");
        }

        for (int card = 1; card <= CardGame.Cards; card++)
        {
            invariants.Require(_seen[card] == 1, "G1", $"card {card} is there {_seen[card]} times");
        }
    }

    private sealed class Player(int index, ulong seed) : LabPlayer<CardInput>
    {
        private DeterministicRandom _random = DeterministicRandom.From(seed, (ulong)index + 700);
        private int _untilPlay;

        public override void Sample(LabClient<CardInput> me, ref CardInput input)
        {
            input.Buttons.Held = 0;
            if (me.IsIdle || me.HoldsFire || --_untilPlay > 0)
            {
                return;
            }

            // Most play when it is their turn; some try in between, and get their card back.
            bool isTurn = me.Client.View.Get(CardGame.Tables).Turn == me.Client.Player;
            if (isTurn || _random.NextBool(0.02f))
            {
                input.Buttons.Set(_random.NextInt(2), true);
                _untilPlay = 2 + _random.NextInt(30);
            }
        }

        public override int TakeEvents(LabClient<CardInput> me)
        {
            int played = 0;
            while (me.Client.TryTakeEvent(CardGame.CardsPlayed, out _))
            {
                played++;
            }

            return played;
        }
    }
}
