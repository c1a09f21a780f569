using System.Runtime.CompilerServices;
using GameServer.Netcode.Game;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Snapshots;
using GameServer.Tests.Support;

namespace GameServer.Tests.Game;

/// <summary>What a game declares holds: at each limit, one below, one above; what does not fit is counted by name, what is wrong is refused by name.</summary>
public sealed class DeclarationLimitTests
{
    [TestCase(-1, 0, 1)]
    [TestCase(0, 0, 0)]
    [TestCase(1, 1, 0)]
    [TestCase(9, 9, 0)]
    [TestCase(10, 10, 0)]
    [TestCase(11, 10, 1)]
    [TestCase(77, 10, 1)]
    [TestCase(int.MinValue, 0, 1)]
    [TestCase(int.MaxValue, 10, 1)]
    public void Int_OutsideItsRange_IsClampedAndCountedByField(int value, int shown, int counted)
    {
        var world = new World(GameSchema<TagInput>.Of(new VariantGame { IntMaximum = 10 }), 4, seed: 1);
        FieldTable seen = world.Schema.Kinds[0].Seen;
        var thing = new Thing { A = value };
        var row = new int[seen.Count];
        seen.Capture(ref Unsafe.As<Thing, byte>(ref thing), 0, row);
        Thing others = default;
        seen.Restore(row, ref Unsafe.As<Thing, byte>(ref others));
        Assert.That(others.A, Is.EqualTo(shown));
        Assert.That(seen.IsValid(row), Is.True);
        int field = world.Counters.NamesOf(GameCount.FieldClamped).ToList().IndexOf("thing.a");
        Assert.That((world.Counters[GameCount.FieldClamped, field], world.Counters.TotalOf(GameCount.FieldClamped)), Is.EqualTo(((long)counted, (long)counted)));
    }

    [TestCase(-1, false)]
    [TestCase(0, true)]
    [TestCase(10, true)]
    [TestCase(11, false)]
    [TestCase(15, false)]
    public void Int_OutsideItsRangeOnTheWire_IsRefusedByTheReader(int quantum, bool isValid)
    {
        FieldTable seen = GameSchema<TagInput>.Of(new VariantGame { IntMaximum = 10 }).Kinds[0].Seen;
        var row = new int[seen.Count];
        row[seen.Columns.ToArray().ToList().FindIndex(c => c.Name == "a")] = quantum;
        Assert.That(seen.IsValid(row), Is.EqualTo(isValid));
    }

    [TestCase(31, 0)]
    [TestCase(32, 0)]
    [TestCase(33, 1)]
    public void Spawn_OfAKindThatIsFull_IsCountedByKind(int spawns, int refused)
    {
        var world = new World(GameSchema<TagInput>.Of(new TagGame()), 4, seed: 1);
        int none = 0;
        for (int i = 0; i < spawns; i++)
        {
            none += world.Spawn(TagGame.Runners, default).IsNone ? 1 : 0;
        }

        Assert.That((none, world.Counters[GameCount.SpawnRefused, TagGame.Runners.Index]), Is.EqualTo((refused, (long)refused)));
    }

    [TestCase(1023, 0)]
    [TestCase(1024, 0)]
    [TestCase(1025, 1)]
    public void Command_OfAQueueThatIsFull_IsCountedByCommandAndTheNextTickHasRoom(int posts, int refused)
    {
        var world = new World(GameSchema<TagInput>.Of(new TagGame()), 4, seed: 1);
        var queue = (CommandQueue<Reach>)world.Commands[0];
        for (int round = 1; round <= 2; round++)
        {
            for (int i = 0; i < posts; i++)
            {
                queue.Add(default, default, default);
            }

            Assert.That(queue.Count, Is.EqualTo(posts - refused));
            world.ClearCommands();
            Assert.That(world.Counters[GameCount.CommandDropped, 0], Is.EqualTo(refused * round));
            Assert.That(queue.Count, Is.Zero);
        }

        Assert.That(world.Counters.NamesOf(GameCount.CommandDropped), Is.EqualTo(new[] { "Reach" }));
    }

    [TestCase(-1, true)]
    [TestCase(0, true)]
    [TestCase(1, false)]
    public void SchemaMessage_AtItsLongest_IsTakenAndOneByteMoreIsRefusedWithBothNumbers(int beyond, bool isTaken)
    {
        int rest = GameSchema<TagInput>.Of(new LongGame(1000)).Message.Length - 1000;
        var game = new LongGame(Limits.SchemaBytesMax - rest + beyond);
        if (isTaken)
        {
            Assert.That(GameSchema<TagInput>.Of(game).Message, Has.Length.EqualTo(Limits.SchemaBytesMax + beyond));
        }
        else
        {
            Assert.That(() => GameSchema<TagInput>.Of(game), Throws.ArgumentException.With.Message.Contains("12289").And.Message.Contains("12288"));
        }
    }

    [Test]
    public void Handles_UndeclaredOrDeclaredTwice_AreNamed()
    {
        void Refuses(Action<GameSchema<TagInput>> define, params string[] named)
        {
            foreach (string name in named)
            {
                Assert.That(() => GameSchema<TagInput>.Of(new AnyGame(define)), Throws.InstanceOf<ArgumentException>().With.Message.Contains(name));
            }
        }

        var kind = new EntityKind<Thing>();
        var one = new SingletonKind<Thing>();
        var command = new CommandKind<Reach>();
        var tags = new EventKind<Tagged>();
        Refuses(s => { AnyGame.Entity(s, kind, "a"); AnyGame.Entity(s, kind, "b"); }, "'b'", "'a'", "EntityKind");
        Refuses(s => { AnyGame.Entity(s, kind, "a"); AnyGame.Entity(s, new EntityKind<Thing>(), "a"); }, "'a'", "twice");
        Refuses(s => { AnyGame.Entity(s, kind, "a"); AnyGame.Single(s, one, "a"); }, "singleton 'a'", "twice");
        Refuses(s => { AnyGame.Single(s, one, "a"); AnyGame.Single(s, one, "b"); }, "'b'", "SingletonKind");
        Refuses(s => { s.DefineCommand(command); s.DefineCommand(command); }, "Reach", "CommandKind");
        Refuses(s => { AnyGame.Event(s, tags, "a"); AnyGame.Event(s, tags, "b"); }, "'b'", "'a'", "EventKind");
        Refuses(s => { AnyGame.Event(s, tags, "a"); AnyGame.Event(s, new EventKind<Tagged>(), "a"); }, "event 'a'", "twice");
        Refuses(AnyGame.Input, "input", "twice", "DefineInput");

        var world = new World(GameSchema<TagInput>.Of(new TagGame()), 4, seed: 1);
        Assert.That(() => world.Spawn(kind, default), Throws.InvalidOperationException.With.Message.Contains("EntityKind<Thing>").And.Message.Contains("DefineEntity"));
        Assert.That(() => world.Of(kind), Throws.InvalidOperationException.With.Message.Contains("EntityKind<Thing>"));
        Assert.That(() => world.Schema.IndexOf(one), Throws.InvalidOperationException.With.Message.Contains("SingletonKind<Thing>").And.Message.Contains("DefineSingleton"));
        Assert.That(() => world.Schema.IndexOf(command), Throws.InvalidOperationException.With.Message.Contains("CommandKind<Reach>").And.Message.Contains("DefineCommand"));
        Assert.That(() => world.Schema.IndexOf(tags), Throws.InvalidOperationException.With.Message.Contains("EventKind<Tagged>").And.Message.Contains("DefineEvent"));
    }

    [TestCase(-1, -1)]
    [TestCase(0, 0)]
    [TestCase(126, 126)]
    [TestCase(127, 127)]
    [TestCase(128, -1)]
    public void StarvedAge_UpToTheHistory_IsToldAndNoFurther(int age, int told)
    {
        var bytes = new byte[64];
        var writer = new BitWriter(bytes);
        new SnapshotHeader { Sequence = ushort.MaxValue, Tick = new Tick(uint.MaxValue), StarvedAge = age }.Write(ref writer);
        var reader = new BitReader(bytes.AsSpan(0, writer.Finish()));
        Assert.That(SnapshotHeader.TryRead(ref reader, out SnapshotHeader header), Is.True);
        Assert.That((header.StarvedAge, header.Sequence, header.Tick.Value), Is.EqualTo((told, ushort.MaxValue, uint.MaxValue)));
    }

    private class AnyGame(Action<GameSchema<TagInput>> define) : Game<TagInput>
    {
        public override string Name => "any";

        public static void Input(GameSchema<TagInput> schema) => schema.DefineInput(e => e
            .Axis("x", (ref i) => ref i.MoveX).Axis("z", (ref i) => ref i.MoveZ).Buttons("b", (ref i) => ref i.Buttons, count: 1));

        public static void Entity(GameSchema<TagInput> schema, EntityKind<Thing> kind, string name) => schema.DefineEntity(kind, name, 4, Fields);

        public static void Single(GameSchema<TagInput> schema, SingletonKind<Thing> kind, string name) => schema.DefineSingleton(kind, name, Fields);

        public static void Event(GameSchema<TagInput> schema, EventKind<Tagged> kind, string name) =>
            schema.DefineEvent(kind, name, e => e.Player("by", (ref t) => ref t.By).Player("whom", (ref t) => ref t.Whom));

        public override void Define(GameSchema<TagInput> schema)
        {
            Input(schema);
            define(schema);
        }

        public override void Tick(in TickContext tick)
        {
        }

        private static void Fields(EntityBuilder<Thing, TagInput> e) => e
            .Owned("position", (ref t) => ref t.Position).Owned("turn", (ref t) => ref t.Turn).Owned("a", (ref t) => ref t.A).Owned("b", (ref t) => ref t.B);
    }

    /// <summary>A field with a name of a given length.</summary>
    private sealed class LongGame(int nameChars) : AnyGame(schema => schema.DefineEntity(new EntityKind<Burster>(), "long", 4, e => e.Int(new string('n', nameChars), (ref b) => ref b.Presses, 0, 10)));
}
