using System.Numerics;
using GameServer.Netcode.Game;

namespace GameServer.Tests.Support;

internal struct Thing
{
    public Vector3 Position;
    public float Turn;
    public int A;
    public int B;
}

internal sealed class VariantGame : Game<TagInput>
{
    private static readonly EntityKind<Thing> Things = new();
    private static readonly SingletonKind<Thing> One = new();
    private static readonly EventKind<Tagged> Tags = new();

    public override string Name => "variant";

    public string KindName { get; init; } = "thing";

    public string EventName { get; init; } = "tagged";

    public int Capacity { get; init; } = 8;

    public float Maximum { get; init; } = 20;

    public float Precision { get; init; } = 1 / 64f;

    public int AngleBits { get; init; } = 10;

    public int IntMinimum { get; init; }

    public int IntMaximum { get; init; } = 100;

    public int AxisBits { get; init; } = 8;

    public int ButtonCount { get; init; } = 2;

    public float InterestEnter { get; init; } = 10;

    public float InterestLeave { get; init; } = 20;

    public bool SwapInts { get; init; }

    public bool SwapOwnedNames { get; init; }

    public bool IsAlwaysRelevant { get; init; }

    public bool HasHitbox { get; init; }

    public bool HasStep { get; init; }

    public bool IsSingleton { get; init; }

    public bool IsTurnAFloat { get; init; }

    public bool HasEvent { get; init; } = true;

    public bool HasInput { get; init; } = true;

    public override void Define(GameSchema<TagInput> schema)
    {
        if (HasInput)
        {
            schema.DefineInput(e => e
                .Axis("moveX", (ref i) => ref i.MoveX, AxisBits).Axis("moveZ", (ref i) => ref i.MoveZ)
                .Buttons("buttons", (ref i) => ref i.Buttons, ButtonCount));
        }

        if (IsSingleton)
        {
            schema.DefineSingleton(One, KindName, DefineThing);
        }
        else
        {
            schema.DefineEntity(Things, KindName, Capacity, DefineThing);
        }

        if (HasEvent)
        {
            schema.DefineEvent(Tags, EventName, e => e.Player("by", (ref t) => ref t.By).Player("whom", (ref t) => ref t.Whom));
        }

        schema.DefineInterest(InterestEnter, InterestLeave);
    }

    public override void Tick(in TickContext tick)
    {
    }

    private void DefineThing(EntityBuilder<Thing, TagInput> e)
    {
        e.Vector("position", (ref t) => ref t.Position, Vector3.Zero, new Vector3(Maximum), Precision);
        e = IsTurnAFloat ? e.Float("turn", (ref t) => ref t.Turn, 0, 8, 1 / 64f) : e.Angle("turn", (ref t) => ref t.Turn, AngleBits);
        if (SwapInts)
        {
            e.Owned("a", (ref t) => ref t.A).Int("b", (ref t) => ref t.B, IntMinimum, IntMaximum);
        }
        else
        {
            e.Int("a", (ref t) => ref t.A, IntMinimum, IntMaximum).Owned(SwapOwnedNames ? "c" : "b", (ref t) => ref t.B);
        }

        if (IsAlwaysRelevant)
        {
            e.AlwaysRelevant();
        }

        if (HasHitbox)
        {
            e.Hitbox((in t) => Capsule.Sphere(t.Position, 1));
        }

        if (HasStep)
        {
            e.Step((ref t, in _, in _) => t.A++);
        }
    }
}
