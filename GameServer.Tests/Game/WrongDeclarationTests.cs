using System.Numerics;
using GameServer.Netcode.Game;
using GameServer.Netcode.Primitives;
using GameServer.Tests.Support;

namespace GameServer.Tests.Game;

/// <summary>A wrong declaration is refused and names itself, the value and what is allowed; the limits themselves are accepted.</summary>
public sealed class WrongDeclarationTests
{
    private static readonly float[] s_wrongNumbers = [float.NaN, float.PositiveInfinity, float.NegativeInfinity];

    [TestCase("a")]
    [TestCase("kämpfer 🎮 бой")]
    [TestCase(64)]
    public void GameName_OfVisibleCharacters_IsAccepted(object name) => Assert.That(() => Of(Input, Text(name)), Throws.Nothing);

    [TestCase(null, "1 to 64")]
    [TestCase("", "0 characters")]
    [TestCase("   ", "only spaces")]
    [TestCase(65, "65 characters")]
    [TestCase(1000, "1 to 64")]
    [TestCase("a\0b", "U+0000 at character 2, which is a control character")]
    [TestCase("x~", "U+D800 at character 2, which is half a character")]
    [TestCase("x\u202ey", "bidirectional")]
    [TestCase("x\u2028y", "line break")]
    public void GameName_ThatCannotBeSentOrShown_IsRefused(object? name, string told) =>
        Refuses(Input, ["PlainGame.Name", told], Text(name));

    [TestCase(null, "1 to 64")]
    [TestCase("", "1 to 64")]
    [TestCase(65, "65 characters")]
    [TestCase("k\n", "U+000A at character 2")]
    [TestCase("k~", "half a character")]
    public void Name_OfAKindSingletonOrEvent_IsRefusedByName(object? name, string told)
    {
        Refuses(s => s.DefineEntity(new EntityKind<Crate>(), Text(name), 4, Fields), ["entity kind", told]);
        Refuses(s => s.DefineSingleton(new SingletonKind<Crate>(), Text(name), Fields), ["singleton", told]);
        Refuses(s => s.DefineEvent(new EventKind<Crate>(), Text(name), EventFields), ["event", told]);
    }

    [TestCase(64)]
    [TestCase("kämpfer🎮")]
    public void Name_AtItsLimit_IsAccepted(object name) => Assert.That(() => Of(s => s.DefineEntity(new EntityKind<Crate>(), Text(name), 4, Fields)), Throws.Nothing);

    [TestCase(null, "null")]
    [TestCase("", "0 characters")]
    [TestCase("f\t", "U+0009 at character 2")]
    [TestCase("f~", "half a character")]
    public void Name_OfAField_IsRefusedByName(string? name, string told) => Refuses(
        s => s.DefineEntity(new EntityKind<Crate>(), "crate", 4, e => e.Owned(Text(name), (ref c) => ref c.Position)), ["crate: field", told]);

    [Test]
    public void Column_OfANameThatIsTaken_IsRefused()
    {
        Entity(e => e.Vector("p", (ref c) => ref c.Position, Vector3.Zero, Vector3.One, 0.1f).Float("p.y", (ref c) => ref c.Angle, 0, 1, 0.1f), "crate.p.y", "already");
        Entity(e => e.Int("teleports", (ref c) => ref c.Count, 0, 1), "crate.teleports", "already");
        Assert.That(
            () => GameSchema<TagInput>.Of(new PlainGame("g", s => s.DefineInput(e => e.Buttons("b", (ref i) => ref i.Buttons, 1).Axis("b.held", (ref i) => ref i.MoveX)))),
            Throws.ArgumentException.With.Message.Contains("input.b.held"));
    }

    [Test]
    public void Range_ThatIsNoRange_NamesTheFieldAndTheEnd([ValueSource(nameof(s_wrongNumbers))] float wrong) => Assert.Multiple(() =>
    {
        string value = wrong.ToString(System.Globalization.CultureInfo.CurrentCulture);
        Entity(e => e.Float("f", (ref c) => ref c.Angle, wrong, 1, 0.1f), "crate.f", "finite", "'min'", value);
        Entity(e => e.Float("f", (ref c) => ref c.Angle, 0, wrong, 0.1f), "crate.f", "finite", "'max'", value);
        Entity(e => e.Float("f", (ref c) => ref c.Angle, 0, 1, wrong), "crate.f", "'precision'", value, "to 1 for the range 0 to 1");
        Entity(e => e.Vector("p", (ref c) => ref c.Position, new Vector3(0, wrong, 0), Vector3.One, 0.1f), "crate.p.y", "'min'", value);
        Entity(e => e.Vector("p", (ref c) => ref c.Position, Vector3.Zero, new Vector3(1, 1, wrong), 0.1f), "crate.p.z", "'max'", value);
    });

    [Test]
    public void Range_AtItsLimits_IsAcceptedAndBeyondRefused() => Assert.Multiple(() =>
    {
        Entity(e => e.Float("f", (ref c) => ref c.Angle, 1, 1, 0.1f), "crate.f", "must be below the maximum 1", "'min'");
        Entity(e => e.Float("f", (ref c) => ref c.Angle, MathF.BitIncrement(1), 1, 0.1f), "crate.f", "must be below");
        Entity(e => e.Float("f", (ref c) => ref c.Angle, 0, 1, MathF.BitIncrement(1)), "crate.f", "precision");
        Entity(e => e.Float("f", (ref c) => ref c.Angle, 0, 1, 0), "crate.f", "precision", "was 0");
        Entity(e => e.Float("f", (ref c) => ref c.Angle, 0, 1, MathF.BitDecrement((float)Quantizer.LeastPrecision(0, 1))), "crate.f", "precision");
        Entity(e => e.Int("n", (ref c) => ref c.Count, 1, 1), "crate.n", "must be below the maximum 1");
        Entity(e => e.Int("n", (ref c) => ref c.Count, 2, 1), "crate.n", "was 2");
        foreach (float precision in new[] { 1, (float)Quantizer.LeastPrecision(0, 1) })
        {
            Assert.That(() => Of(s => s.DefineEntity(new EntityKind<Crate>(), "crate", 4, e => Rest(e.Float("angle", (ref c) => ref c.Angle, 0, 1, precision)))), Throws.Nothing);
        }
    });

    [TestCase(1, false)]
    [TestCase(2, true)]
    [TestCase(16, true)]
    [TestCase(17, false)]
    public void Angle_Bits_AreCheckedByField(int bits, bool isRight)
    {
        Action<EntityBuilder<Crate, TagInput>> build = e => Rest(e.Angle("angle", (ref c) => ref c.Angle, bits));
        if (isRight)
        {
            Assert.That(() => Of(s => s.DefineEntity(new EntityKind<Crate>(), "crate", 4, build)), Throws.Nothing);
        }
        else
        {
            Entity(build, "crate.angle", "2 to 16", $"was {bits}");
        }
    }

    [TestCase(3)]
    [TestCase(16)]
    public void Direction_Bits_AreCheckedByField(int bits) => Entity(e => e.Direction("d", (ref c) => ref c.Position, bits), "crate.d", "4 to 15", $"was {bits}");

    [TestCase(0)]
    [TestCase(17)]
    public void Buttons_OfAWrongNumber_AreRefused(int count) => Assert.That(
        () => GameSchema<TagInput>.Of(new PlainGame("g", s => s.DefineInput(e => e.Buttons("b", (ref i) => ref i.Buttons, count)))),
        Throws.InstanceOf<ArgumentOutOfRangeException>().With.Message.Contains("input.b: a number of buttons of 1 to 16").And.Message.Contains("'count'").And.Message.Contains($"was {count}"));

    [TestCase(float.NaN, 1, "enter")]
    [TestCase(0, 1, "enter")]
    [TestCase(-1, 1, "enter")]
    [TestCase(1, float.NaN, "leave")]
    [TestCase(10, 5, "leave")]
    [TestCase(10, float.PositiveInfinity, "leave")]
    public void Interest_ThatIsWrong_NamesTheDistance(float enter, float leave, string named) =>
        Refuses(s => s.DefineInterest(enter, leave), ["DefineInterest", $"'{named}'", "was " + (named == "enter" ? enter : leave).ToString(System.Globalization.CultureInfo.CurrentCulture)]);

    [Test]
    public void Interest_DeclaredTwice_IsRefused()
    {
        Refuses(s => { s.DefineInterest(1, 2); s.DefineInterest(1, 2); }, ["interest", "twice"]);
        Assert.That(() => Of(s => s.DefineInterest(5, 5)), Throws.Nothing);
        Assert.That(() => Of(s => s.DefineInterest(float.PositiveInfinity, float.PositiveInfinity)), Throws.Nothing);
    }

    [Test]
    public void TooMany_KindsEventsCommandsOrColumns_NameTheFirstThatIsTooMuch()
    {
        static void Kinds(GameSchema<TagInput> s, int count) => Many(count, i => s.DefineEntity(new EntityKind<Crate>(), $"k{i}", 7, Fields));
        static void Events(GameSchema<TagInput> s, int count) => Many(count, i => s.DefineEvent(new EventKind<Crate>(), $"e{i}", EventFields));
        static void Commands(GameSchema<TagInput> s, int count) => Many(count, _ => s.DefineCommand(new CommandKind<Crate>(), 1));
        Assert.That(() => Of(s => { Kinds(s, 32); Events(s, 32); Commands(s, 64); }), Throws.Nothing);
        Refuses(s => Kinds(s, 33), ["entity kind 'k33' is number 33; at most 32"]);
        Refuses(s => Events(s, 33), ["event 'e33' is number 33; at most 32"]);
        Refuses(s => Commands(s, 65), ["command Crate is number 65; at most 64"]);
        Assert.That(() => Of(s => s.DefineEntity(new EntityKind<Wide>(), "wide", 1, e => Columns(e, 63))), Throws.Nothing);
        Refuses(s => s.DefineEntity(new EntityKind<Wide>(), "wide", 1, e => Columns(e, 64)), ["wide.c63 is column 65; at most 64"]);
    }

    [TestCase(0)]
    [TestCase(-1)]
    [TestCase(4097)]
    [TestCase(int.MaxValue)]
    public void Capacity_OfAKind_IsBounded(int capacity) => Refuses(
        s => s.DefineEntity(new EntityKind<Crate>(), "crate", capacity, Fields), ["entity kind 'crate'", "1 to 4096", $"was {capacity}"]);

    [TestCase(0)]
    [TestCase(65_537)]
    [TestCase(int.MaxValue)]
    public void Capacity_OfACommand_IsBounded(int capacity)
    {
        Refuses(s => s.DefineCommand(new CommandKind<Crate>(), capacity), ["command Crate", "1 to 65536", $"was {capacity}"]);
        Assert.That(() => Of(s => { s.DefineCommand(new CommandKind<Crate>(), 1); s.DefineCommand(new CommandKind<Crate>(), 65_536); }), Throws.Nothing);
    }

    [Test]
    public void Null_HandleBuilderOrFunction_IsRefusedByName()
    {
        Refuses(s => s.DefineEntity<Crate>(null!, "crate", 4, Fields), ["'crate'", "EntityKind is null"]);
        Refuses(s => s.DefineSingleton<Crate>(null!, "crate", Fields), ["'crate'", "SingletonKind is null"]);
        Refuses(s => s.DefineEvent<Crate>(null!, "crate", EventFields), ["'crate'", "EventKind is null"]);
        Refuses(s => s.DefineCommand<Crate>(null!), ["Crate", "CommandKind is null"]);
        Refuses(s => s.DefineEntity(new EntityKind<Crate>(), "crate", 4, null!), ["'crate'", "builder"]);
        Refuses(s => s.DefineSingleton(new SingletonKind<Crate>(), "crate", null!), ["'crate'", "builder"]);
        Refuses(s => s.DefineEvent(new EventKind<Crate>(), "crate", null!), ["'crate'", "builder"]);
        Refuses(s => s.DefineSight(null!), ["DefineSight"]);
        Entity(e => e.Owned<Vector3>("p", null!), "crate.p", "lambda");
        Entity(e => e.Step(null!), "crate", "step");
        Entity(e => e.Hitbox(null!), "crate", "hitbox");
        Assert.That(() => GameSchema<TagInput>.Of(new PlainGame("g", s => s.DefineInput(null!))), Throws.ArgumentNullException.With.Message.Contains("input"));
        Assert.That(() => GameSchema<TagInput>.Of(null!), Throws.ArgumentNullException.With.Message.Contains("game"));
    }

    [Test]
    public void Twice_ExclusiveOrUseless_IsRefusedByName()
    {
        Step<Crate, TagInput> step = static (ref Crate me, in TagInput input, in StepContext context) => me.Count++;
        HitboxOf<Crate> hitbox = static (in Crate crate) => Capsule.Sphere(crate.Position, 1);
        Entity(e => e.Step(step).Step(step), "crate", "step", "twice");
        Entity(e => e.Hitbox(hitbox).Hitbox(hitbox), "crate", "hitbox", "twice");
        Entity(e => e.Hitbox(hitbox, 0), "crate", "reach", "was 0");
        Refuses(s => s.DefineSingleton(new SingletonKind<Crate>(), "crate", e => e.Step(step)), ["crate", "singleton"]);
        Refuses(s => s.DefineEvent(new EventKind<Crate>(), "bang", e => e.Reliable().KeepFor(1)), ["event 'bang'", "exclude"]);
        Refuses(s => s.DefineEvent(new EventKind<Crate>(), "bang", e => e.KeepFor(1).Reliable()), ["event 'bang'", "exclude"]);
        Refuses(s => s.DefineEvent(new EventKind<Crate>(), "bang", e => e.KeepFor(1).KeepFor(2)), ["event 'bang'", "twice"]);
        Refuses(s => s.DefineEvent(new EventKind<Crate>(), "bang", e => e.KeepFor(MathF.BitIncrement(60))), ["event 'bang'", "at most 60 s"]);
    }

    [Test]
    public void Hitbox_ThatReadsAnOwnedField_IsRefusedByField()
    {
        static void Define(GameSchema<TagInput> s, HitboxOf<Crate> hitbox, float reach = 9) =>
            s.DefineEntity(new EntityKind<Crate>(), "crate", 4, e => e.Vector("p", (ref c) => ref c.Position, Vector3.Zero, new Vector3(8), 0.1f)
                .Owned("angle", (ref c) => ref c.Angle).Owned("count", (ref c) => ref c.Count).Int("count2", (ref c) => ref c.Count2, 0, 5).Hitbox(hitbox, reach));
        Refuses(s => Define(s, static (in Crate c) => Capsule.At(c.Position, c.Angle, 2)), ["crate", "hitbox", "'angle'", "Owned"]);
        Refuses(s => Define(s, static (in Crate c) => c.Count == 3 ? Capsule.None : Capsule.Sphere(c.Position, 1)), ["'count'"]);
        Refuses(s => Define(s, static (in Crate c) => c.Count2 == 5 ? Capsule.Sphere(c.Position, c.Count) : Capsule.None), ["'count'"]);
        Refuses(s => Define(s, static (in Crate c) => c.Count > 0 ? throw new InvalidOperationException() : Capsule.None), ["'count'"]);
        Assert.That(() => Of(s => Define(s, static (in Crate c) => c.Count2 > 2 ? Capsule.None : Capsule.Sphere(c.Position, c.Count2))), Throws.Nothing);
        Assert.That(() => Of(s => Define(s, static (in Crate c) => throw new InvalidOperationException())), Throws.Nothing, "nothing is known of it");
        Refuses(s => s.DefineEntity(new EntityKind<Crate>(), "crate", 4, e => Rest(e.Float("angle", (ref c) => ref c.Angle, 0, 1, 0.1f)).Hitbox(static (in Crate c) => Capsule.None, 9)), ["crate", "reach 9", "no Vector"]);
    }

    [Test]
    public void Declaration_OutsideOfItsPlace_IsRefused()
    {
        GameSchema<TagInput>? kept = null;
        EntityBuilder<Crate, TagInput>? builder = null;
        Of(s =>
        {
            kept = s;
            s.DefineEntity(new EntityKind<Crate>(), "crate", 4, e => { Fields(e); builder = e; });
        });
        Assert.That(() => kept!.DefineEntity(new EntityKind<Crate>(), "late", 4, Fields), Throws.InvalidOperationException.With.Message.Contains("'late'").And.Message.Contains("Define"));
        Assert.That(() => builder!.Step(static (ref Crate me, in TagInput input, in StepContext step) => me.Count++), Throws.InvalidOperationException.With.Message.Contains("crate"));
        Refuses(s => s.DefineEntity(new EntityKind<Crate>(), "outer", 4, e => { Fields(e); s.DefineEntity(new EntityKind<Crate>(), "inner", 4, Fields); }), ["'outer'", "one after the other"]);
    }

    private static void Many(int count, Action<int> declare)
    {
        for (int i = 1; i <= count; i++)
        {
            declare(i);
        }
    }

    // An attribute cannot hold half a character: ~ stands for one.
    private static string Text(object? name) => name is int length ? new string('ü', length) : ((string?)name)?.Replace('~', '\ud800')!;

    private static GameSchema<TagInput> Of(Action<GameSchema<TagInput>> define, string name = "plain") => GameSchema<TagInput>.Of(new PlainGame(name, s =>
    {
        if (define != Input)
        {
            Input(s);
        }

        define(s);
    }));

    private static void Refuses(Action<GameSchema<TagInput>> define, string[] told, string name = "plain")
    {
        ArgumentException? refusal = Assert.Catch<ArgumentException>(() => Of(define, name));
        foreach (string text in told)
        {
            Assert.That(refusal!.Message, Does.Contain(text));
        }
    }

    private static void Entity(Action<EntityBuilder<Crate, TagInput>> build, params string[] told) =>
        Refuses(s => s.DefineEntity(new EntityKind<Crate>(), "crate", 4, build), told);

    private static void Input(GameSchema<TagInput> schema) => schema.DefineInput(e => e
        .Axis("x", (ref i) => ref i.MoveX).Axis("z", (ref i) => ref i.MoveZ).Buttons("b", (ref i) => ref i.Buttons, count: 1));

    private static void Fields(EntityBuilder<Crate, TagInput> e) => Rest(e.Angle("angle", (ref c) => ref c.Angle));

    private static EntityBuilder<Crate, TagInput> Rest(EntityBuilder<Crate, TagInput> e) =>
        e.Owned("position", (ref c) => ref c.Position).Owned("count", (ref c) => ref c.Count).Owned("count2", (ref c) => ref c.Count2);

    private static void EventFields(EventBuilder<Crate> e) => e.Vector("p", (ref c) => ref c.Position, Vector3.Zero, Vector3.One, 0.1f)
        .Angle("angle", (ref c) => ref c.Angle).Int("n", (ref c) => ref c.Count, 0, 1).Int("m", (ref c) => ref c.Count2, 0, 1);

    private static void Columns(EntityBuilder<Wide, TagInput> e, int count)
    {
        for (int i = 0; i < 64; i++)
        {
            int at = i;
            _ = i < count ? e.Int($"c{i}", (ref w) => ref w[at], 0, 1) : e.Owned($"c{i}", (ref w) => ref w[at]);
        }
    }

    private struct Crate
    {
        public Vector3 Position;
        public float Angle;
        public int Count;
        public int Count2;
    }

    [System.Runtime.CompilerServices.InlineArray(64)]
    private struct Wide
    {
        private int _first;
    }

    private sealed class PlainGame(string name, Action<GameSchema<TagInput>> define) : Game<TagInput>
    {
        private readonly string _name = name;
        private readonly Action<GameSchema<TagInput>> _define = define;

        public override string Name => _name;

        public override void Define(GameSchema<TagInput> schema) => _define(schema);

        public override void Tick(in TickContext tick)
        {
        }
    }
}
