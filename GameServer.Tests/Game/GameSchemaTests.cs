using GameServer.Arena;
using GameServer.Netcode.Game;
using GameServer.Tests.Support;

namespace GameServer.Tests.Game;

public class GameSchemaTests
{
    [Test]
    public void Of_SameGameTwice_HasTheSameHash()
    {
        Assert.That(GameSchema<ArenaInput>.Of(new ArenaGame()).Hash, Is.EqualTo(GameSchema<ArenaInput>.Of(new ArenaGame()).Hash));
        Assert.That(GameSchema<TagInput>.Of(new TagGame()).Hash, Is.Not.EqualTo(GameSchema<ArenaInput>.Of(new ArenaGame()).Hash));
    }

    [Test]
    public void Hash_AnyDeclarationChanged_Changes()
    {
        var hashes = new HashSet<ulong>();
        int variants = 0;
        void Add(VariantGame game)
        {
            variants++;
            hashes.Add(GameSchema<TagInput>.Of(game).Hash);
        }

        Add(new VariantGame());
        Add(new VariantGame { KindName = "other" });
        Add(new VariantGame { Capacity = 9 });
        Add(new VariantGame { Maximum = 21 });
        Add(new VariantGame { Precision = 1 / 32f });
        Add(new VariantGame { AngleBits = 9 });
        Add(new VariantGame { IntMinimum = 1 });
        Add(new VariantGame { IntMaximum = 200 });
        Add(new VariantGame { SwapInts = true });
        Add(new VariantGame { SwapOwnedNames = true });
        Add(new VariantGame { IsAlwaysRelevant = true });
        Add(new VariantGame { HasHitbox = true });
        Add(new VariantGame { HasStep = true });
        Add(new VariantGame { IsSingleton = true });
        Add(new VariantGame { AxisBits = 9 });
        Add(new VariantGame { ButtonCount = 3 });
        Add(new VariantGame { EventName = "else" });
        Add(new VariantGame { InterestEnter = 11 });
        Add(new VariantGame { InterestLeave = 21 });
        Assert.That(hashes, Has.Count.EqualTo(variants));
    }

    [Test]
    public void Of_WrongDeclarations_NameThemselves()
    {
        void Refuses(VariantGame game, string named) =>
            Assert.That(() => GameSchema<TagInput>.Of(game), Throws.InstanceOf<ArgumentException>().With.Message.Contains(named));
        Refuses(new VariantGame { IntMaximum = 0 }, "thing.a");
        Refuses(new VariantGame { AngleBits = 17 }, "thing.turn");
        Refuses(new VariantGame { Capacity = 5000 }, "5000");
        Refuses(new VariantGame { Capacity = 0 }, "thing");
        Refuses(new VariantGame { InterestLeave = 5 }, "5");
        Refuses(new VariantGame { HasInput = false }, "input");
    }

    [Test]
    public void Seen_LeavesOutOwnedFields_AndOwnedHasEveryWord()
    {
        KindSchema runner = GameSchema<TagInput>.Of(new TagGame()).Kinds.ToArray().Single();
        string[] seen = [.. runner.Seen.Columns.ToArray().Select(c => c.Name)];
        Assert.That(seen, Is.EqualTo(new[] { "teleports", "position.x", "position.y", "position.z", "isIt" }));
        Assert.That(runner.Owned.Count, Is.EqualTo(runner.SizeBytes / 4));
        Assert.That(runner.PositionColumn, Is.EqualTo(1));
    }

    [Test]
    public void CheckStateless_MutableState_IsRefusedByName()
    {
        Assert.DoesNotThrow(() => new TagGame().CheckStateless());
        Assert.DoesNotThrow(() => new ArenaGame().CheckStateless());
        Assert.That(() => new FieldGame().CheckStateless(), Throws.ArgumentException.With.Message.Contains("_score"));
        Assert.That(() => new StaticGame().CheckStateless(), Throws.ArgumentException.With.Message.Contains("s_score"));
        Assert.That(() => new PropertyGame().CheckStateless(), Throws.ArgumentException.With.Message.Contains("Score"));
        Assert.That(() => new HeirGame().CheckStateless(), Throws.ArgumentException.With.Message.Contains("_score"));
    }

    private abstract class EmptyGame : Game<TagInput>
    {
        public override string Name => "empty";

        public override void Define(GameSchema<TagInput> schema)
        {
        }

        public override void Tick(in TickContext tick)
        {
        }
    }

    private class FieldGame : EmptyGame
    {
        private int _score;

        public override void Tick(in TickContext tick) => _score++;
    }

    private sealed class HeirGame : FieldGame
    {
    }

    private sealed class StaticGame : EmptyGame
    {
        private static int s_score;

        public override void Tick(in TickContext tick) => s_score++;
    }

    private sealed class PropertyGame : EmptyGame
    {
        public int Score { get; set; }
    }
}
