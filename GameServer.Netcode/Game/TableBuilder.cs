using System.Numerics;
using System.Runtime.CompilerServices;
using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Game;

/// <summary>Declares the fields of a struct that is sent to others: an entity's seen table or an event.</summary>
/// <typeparam name="T">The struct.</typeparam>
/// <typeparam name="TSelf">The builder that calls are chained on.</typeparam>
public abstract class TableBuilder<T, TSelf>
    where T : unmanaged
    where TSelf : TableBuilder<T, TSelf>
{
    private protected TableBuilder(string owner)
    {
        Layout = new ComponentLayout<T>(owner);
        Owner = owner;
    }

    internal string Owner { get; }

    private protected ComponentLayout<T> Layout { get; }

    private protected List<FieldSpec> Columns { get; } = [];

    private protected int FirstVectorOffset { get; private set; } = -1;

    private protected int FirstVectorColumn { get; private set; } = -1;

    /// <summary>A vector between two corners in steps of <paramref name="precision"/>; the first one of an entity is its position.</summary>
    public TSelf Vector(string name, FieldOf<T, Vector3> field, Vector3 min, Vector3 max, float precision)
    {
        int offset = Layout.Declare(name, field);
        if (FirstVectorOffset < 0)
        {
            FirstVectorOffset = offset;
            FirstVectorColumn = Columns.Count;
        }

        AddFloat(name + ".x", offset, min.X, max.X, precision);
        AddFloat(name + ".y", offset + 4, min.Y, max.Y, precision);
        return AddFloat(name + ".z", offset + 8, min.Z, max.Z, precision);
    }

    /// <summary>A number between two bounds in steps of <paramref name="precision"/>.</summary>
    public TSelf Float(string name, FieldOf<T, float> field, float min, float max, float precision) =>
        AddFloat(name, Layout.Declare(name, field), min, max, precision);

    /// <summary>An angle in radians; blends the short way round. 2–16 bits.</summary>
    public TSelf Angle(string name, FieldOf<T, float> field, int bits = 10) =>
        Add(new FieldSpec(name, FieldType.Angle, Layout.Declare(name, field), CheckBits(name, bits, 2, 16)));

    /// <summary>A unit vector, as two octahedral coordinates of <paramref name="bits"/> (4–15) bits each.</summary>
    public TSelf Direction(string name, FieldOf<T, Vector3> field, int bits = 10)
    {
        int offset = Layout.Declare(name, field);
        Add(new FieldSpec(name + ".u", FieldType.DirectionU, offset, CheckBits(name, bits, 4, 15)));
        return Add(new FieldSpec(name + ".v", FieldType.DirectionV, offset, bits));
    }

    /// <summary>A whole number between two bounds, both included.</summary>
    public TSelf Int(string name, FieldOf<T, int> field, int min, int max)
    {
        if (min >= max)
        {
            throw new ArgumentOutOfRangeException(nameof(min), min, $"{Owner}.{name}: must be below the maximum {max}");
        }

        int bits = 1;
        while (((long)max - min) >> bits != 0)
        {
            bits++;
        }

        return Add(new FieldSpec(name, FieldType.Int, Layout.Declare(name, field), bits, default, min, (uint)((long)max - min)));
    }

    /// <summary>A tick, as 32 raw bits.</summary>
    public TSelf Tick(string name, FieldOf<T, Tick> field) => Add(new FieldSpec(name, FieldType.Raw, Layout.Declare(name, field), 32));

    /// <summary>A reference to an entity, as 32 raw bits.</summary>
    public TSelf Entity(string name, FieldOf<T, EntityId> field) => Add(new FieldSpec(name, FieldType.Raw, Layout.Declare(name, field), 32));

    /// <summary>A player, as 32 raw bits.</summary>
    public TSelf Player(string name, FieldOf<T, PlayerId> field) => Add(new FieldSpec(name, FieldType.Raw, Layout.Declare(name, field), 32));

    private protected TSelf Add(FieldSpec column)
    {
        if (Columns.Count >= Limits.FieldsMax)
        {
            throw new ArgumentException(
                $"{Owner}.{column.Name} is column {Columns.Count + 1}; at most {Limits.FieldsMax} are allowed (a Vector takes three, a Direction two)");
        }

        if (Columns.Exists(c => c.Name == column.Name))
        {
            throw new ArgumentException(
                $"{Owner}.{column.Name}: there is a column of this name already (a Vector has .x, .y and .z, a Direction .u and .v, an entity 'teleports'); give the field another name");
        }

        Columns.Add(column);
        return (TSelf)this;
    }

    private protected int CheckBits(string name, int bits, int min, int max) => bits >= min && bits <= max
        ? bits
        : throw new ArgumentOutOfRangeException(nameof(bits), bits, $"{Owner}.{name}: {min} to {max} bits");

    private TSelf AddFloat(string name, int offset, float min, float max, float precision)
    {
        CheckFinite(name, min, nameof(min));
        CheckFinite(name, max, nameof(max));
        if (!(min < max))
        {
            throw new ArgumentOutOfRangeException(nameof(min), min, FormattableString.Invariant($"{Owner}.{name}: must be below the maximum {max}"));
        }

        double least = Quantizer.LeastPrecision(min, max);
        double most = (double)max - min;
        if (!(precision >= least && precision <= most))
        {
            throw new ArgumentOutOfRangeException(
                nameof(precision), precision, FormattableString.Invariant($"{Owner}.{name}: a precision of {least} to {most} for the range {min} to {max}"));
        }

        var quantizer = new Quantizer(min, max, precision);
        return Add(new FieldSpec(name, FieldType.Float, offset, quantizer.Bits, quantizer));
    }

    private void CheckFinite(string name, float value, string parameter)
    {
        if (!(Math.Abs(value) <= float.MaxValue))
        {
            throw new ArgumentOutOfRangeException(parameter, value, $"{Owner}.{name}: a finite number");
        }
    }
}

/// <summary>Declares one entity kind: its fields, its hitbox, its step.</summary>
public sealed class EntityBuilder<T, TInput> : TableBuilder<T, EntityBuilder<T, TInput>>
    where T : unmanaged
    where TInput : unmanaged
{
    private readonly KindSchema<T, TInput> _kind;
    private readonly List<(string Name, int Offset, int Size)> _owned = [];

    internal EntityBuilder(KindSchema<T, TInput> kind)
        : base(kind.Name)
    {
        _kind = kind;
        Add(new FieldSpec("teleports", FieldType.Teleport, 0, 8));
    }

    /// <summary>A field that only the owner needs: exact bits, to the owner only.</summary>
    public EntityBuilder<T, TInput> Owned<TField>(string name, FieldOf<T, TField> field)
        where TField : unmanaged
    {
        _owned.Add((name, Layout.Declare(name, field), Unsafe.SizeOf<TField>()));
        return this;
    }

    /// <summary>What rays hit, made from seen fields only; <see cref="Capsule.None"/> while it cannot be hit.</summary>
    /// <param name="hitbox">Makes the hitbox. It is tried when the kind is declared: one that reads an owned field is refused, as far as a dozen states show it.</param>
    /// <param name="reach">No point of it lies farther from the entity's position; rays that pass farther away then cost little.</param>
    public EntityBuilder<T, TInput> Hitbox(HitboxOf<T> hitbox, float reach = float.PositiveInfinity)
    {
        Argument.Given(hitbox, nameof(hitbox), $"{Owner}: give a function that makes the hitbox");
        if (_kind.Hitbox is not null)
        {
            throw new ArgumentException($"{Owner}: the hitbox is declared twice; an entity kind has one");
        }

        if (!(reach > 0))
        {
            throw new ArgumentOutOfRangeException(nameof(reach), reach, $"{Owner}: the reach of a hitbox is above 0");
        }

        Layout.CheckOpen("the hitbox");

        _kind.Hitbox = hitbox;
        _kind.HitboxReach = reach;
        return this;
    }

    /// <summary>What such an entity does each tick with its owner's input.</summary>
    public EntityBuilder<T, TInput> Step(Step<T, TInput> step)
    {
        Argument.Given(step, nameof(step), $"{Owner}: give a function that steps the entity");
        if (_kind.Step is not null)
        {
            throw new ArgumentException($"{Owner}: the step is declared twice; an entity kind has one");
        }

        if (_kind.IsSingleton)
        {
            throw new ArgumentException($"{Owner}: a singleton has no owner whose input it could step with; change it in Tick");
        }

        Layout.CheckOpen("the step");
        _kind.Step = step;
        return this;
    }

    /// <summary>Sends every entity of the kind to everybody, wherever it is.</summary>
    public EntityBuilder<T, TInput> AlwaysRelevant()
    {
        IsAlwaysRelevant = true;
        return this;
    }

    private bool IsAlwaysRelevant { get; set; }

    internal void Complete()
    {
        Layout.Complete(Limits.ComponentBytesMax);
        _kind.Layout = Layout.ToString();
        _kind.Seen = new FieldTable([.. Columns]);
        var words = new FieldSpec[_kind.OwnedWords];
        for (int i = 0; i < words.Length; i++)
        {
            words[i] = new FieldSpec($"word{i}", FieldType.Raw, i * 4, 32);
        }

        _kind.Owned = new FieldTable(words);
        CheckHitbox();
        _kind.PositionColumn = FirstVectorColumn;
        _kind.PositionOffset = IsAlwaysRelevant ? -1 : FirstVectorOffset;
    }

    private void CheckHitbox()
    {
        if (_kind.Hitbox is null)
        {
            return;
        }

        if (FirstVectorColumn < 0 && !float.IsPositiveInfinity(_kind.HitboxReach))
        {
            throw new ArgumentException(FormattableString.Invariant(
                $"{Owner}: the reach {_kind.HitboxReach} of the hitbox is measured from the entity's position, and no Vector is declared"));
        }

        if (HitboxProbe.FindOwnedField(_kind.Hitbox, _kind.Seen, _owned) is string field)
        {
            throw new ArgumentException(
                $"{Owner}: the hitbox reads '{field}', which is Owned: others do not know it, so nobody would hit what they see; declare it as a seen field, or make the hitbox without it");
        }
    }
}
