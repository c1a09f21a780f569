using System.Runtime.CompilerServices;
using GameServer.Netcode.Game;
using GameServer.Netcode.Primitives;

namespace GameServer.Tests.Support;

internal struct CardInput
{
    public Buttons Buttons;
}

/// <summary>A seat at the table; what is held is the owner's alone.</summary>
internal struct Hand
{
    public int Left;
    public int Right;
    public int Count;
}

internal struct Play
{
    public int Place;
    public int Card;
}

internal struct CardPlayed
{
    public PlayerId By;
    public int Card;
    public int Number;
}

[InlineArray(CardGame.Cards)]
internal struct CardPile
{
    private byte _first;
}

/// <summary>What lies on the table, and the stock, of whose order nobody is told.</summary>
internal struct Table
{
    public PlayerId Turn;
    public int Top;
    public int StockCount;
    public int Played;
    public Tick TurnSince;
    public CardPile Stock;
}

/// <summary>A game of turns: one player after the other plays a card and draws one. Little moves; everything that happens must arrive.</summary>
internal sealed class CardGame : Game<CardInput>
{
    public const int Cards = 60;

    public static readonly EntityKind<Hand> Hands = new();
    public static readonly SingletonKind<Table> Tables = new();
    public static readonly CommandKind<Play> Plays = new();
    public static readonly EventKind<CardPlayed> CardsPlayed = new();

    public override string Name => "cards";

    public override void Define(GameSchema<CardInput> schema)
    {
        schema.DefineInput(e => e.Buttons("buttons", (ref i) => ref i.Buttons, count: 2));
        schema.DefineEntity(Hands, "hand", 64, e => e
            .Owned("left", (ref h) => ref h.Left)
            .Owned("right", (ref h) => ref h.Right)
            .Int("count", (ref h) => ref h.Count, 0, 2)
            .Step(StepHand));
        schema.DefineSingleton(Tables, "table", e => e
            .Player("turn", (ref t) => ref t.Turn)
            .Int("top", (ref t) => ref t.Top, 0, Cards)
            .Int("stockCount", (ref t) => ref t.StockCount, 0, Cards)
            .Int("played", (ref t) => ref t.Played, 0, 1 << 20)
            .Owned("turnSince", (ref t) => ref t.TurnSince)
            .Owned("stock", (ref t) => ref t.Stock));
        schema.DefineCommand(Plays);
        schema.DefineEvent(CardsPlayed, "cardPlayed", e => e
            .Player("by", (ref p) => ref p.By).Int("card", (ref p) => ref p.Card, 1, Cards).Int("number", (ref p) => ref p.Number, 0, 1 << 20).Reliable());
    }

    public override void Start(in TickContext tick)
    {
        ref Table table = ref tick.World.Get(Tables);
        for (int i = 0; i < Cards; i++)
        {
            table.Stock[i] = (byte)(i + 1);
        }

        table.StockCount = Cards;
        table.Turn = PlayerId.None;
    }

    public override void PlayerJoined(in TickContext tick, PlayerId player)
    {
        ref Table table = ref tick.World.Get(Tables);
        var hand = new Hand { Left = Draw(in tick, ref table), Right = Draw(in tick, ref table) };
        hand.Count = CountOf(in hand);
        tick.Players.SetAvatar(player, tick.World.Spawn(Hands, hand, player));
    }

    public override void PlayerLeft(in TickContext tick, PlayerId player)
    {
        ref Table table = ref tick.World.Get(Tables);
        Hand hand = tick.World.Get(Hands, tick.Players.Avatar(player));
        PutBack(ref table, hand.Left);
        PutBack(ref table, hand.Right);
    }

    public override void Tick(in TickContext tick)
    {
        ref Table table = ref tick.World.Get(Tables);
        if (!tick.Players.IsTaken(table.Turn) || tick.Tick - table.TurnSince > 40)
        {
            Pass(in tick, ref table);
        }

        foreach (ref readonly Posted<Play> play in tick.Commands(Plays))
        {
            ref Hand hand = ref tick.World.Get(Hands, play.Source);
            if (play.Player == table.Turn)
            {
                PutBack(ref table, table.Top);
                table.Top = play.Command.Card;
                tick.Emit(CardsPlayed, new CardPlayed { By = play.Player, Card = table.Top, Number = table.Played });
                table.Played = (table.Played + 1) & 0xFFFFF;
                At(ref hand, play.Command.Place) = Draw(in tick, ref table);
                Pass(in tick, ref table);
            }
            else
            {
                At(ref hand, play.Command.Place) = play.Command.Card;
            }

            hand.Count = CountOf(in hand);
        }
    }

    public static int CountOf(in Hand hand) => (hand.Left > 0 ? 1 : 0) + (hand.Right > 0 ? 1 : 0);

    private static void StepHand(ref Hand me, in CardInput input, in StepContext step)
    {
        for (int place = 0; place < 2; place++)
        {
            ref int card = ref At(ref me, place);
            if (input.Buttons.IsPressed(place) && card > 0)
            {
                step.Post(Plays, new Play { Place = place, Card = card });
                card = 0;
            }
        }

        me.Count = CountOf(in me);
    }

    private static ref int At(ref Hand hand, int place) => ref place == 0 ? ref hand.Left : ref hand.Right;

    private static int Draw(in TickContext tick, ref Table table)
    {
        if (table.StockCount == 0)
        {
            return 0;
        }

        int index = tick.SecretRandom.NextInt(table.StockCount);
        int card = table.Stock[index];
        table.Stock[index] = table.Stock[--table.StockCount];
        table.Stock[table.StockCount] = 0;
        return card;
    }

    private static void PutBack(ref Table table, int card)
    {
        if (card > 0)
        {
            table.Stock[table.StockCount++] = (byte)card;
        }
    }

    private static void Pass(in TickContext tick, ref Table table)
    {
        table.TurnSince = tick.Tick;
        int from = table.Turn.IsNone ? 0 : table.Turn.Index + 1;
        for (int i = 0; i < tick.Players.Capacity; i++)
        {
            var next = new PlayerId((from + i) % tick.Players.Capacity);
            if (tick.Players.IsTaken(next) && !tick.Players.IsSpectator(next))
            {
                table.Turn = next;
                return;
            }
        }
    }
}
