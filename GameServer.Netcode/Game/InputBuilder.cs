using System.Numerics;
using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Game;

/// <summary>Declares the input of one tick.</summary>
public sealed class InputBuilder<TInput>
    where TInput : unmanaged
{
    private readonly ComponentLayout<TInput> _layout = new("input");
    private readonly List<FieldSpec> _columns = [];

    internal int ButtonsOffset { get; private set; } = -1;

    internal int ButtonCount { get; private set; }

    /// <summary>A number from −1 to 1 with an exact 0; fades out while inputs are missing. 3–16 bits.</summary>
    public InputBuilder<TInput> Axis(string name, FieldOf<TInput, float> field, int bits = 8) =>
        Add(new FieldSpec(name, FieldType.Axis, _layout.Declare(name, field), Check(name, bits, 3, 16)));

    /// <summary>A unit vector, as two octahedral coordinates of <paramref name="bits"/> (4–15) bits each; kept while inputs are missing.</summary>
    public InputBuilder<TInput> Direction(string name, FieldOf<TInput, Vector3> field, int bits = 12)
    {
        int offset = _layout.Declare(name, field);
        Add(new FieldSpec(name + ".u", FieldType.DirectionU, offset, Check(name, bits, 4, 15)));
        return Add(new FieldSpec(name + ".v", FieldType.DirectionV, offset, bits));
    }

    /// <summary>A whole number of 1–31 bits from 0, for example a weapon; kept while inputs are missing.</summary>
    public InputBuilder<TInput> Int(string name, FieldOf<TInput, int> field, int bits) =>
        Add(new FieldSpec(name, FieldType.Int, _layout.Declare(name, field), Check(name, bits, 1, 31)));

    /// <summary>The buttons; at most one such field. Held ones are kept while inputs are missing; presses are not made up: they follow with the next input.</summary>
    public InputBuilder<TInput> Buttons(string name, FieldOf<TInput, Buttons> field, int count = 16)
    {
        if (ButtonsOffset >= 0)
        {
            throw new ArgumentException($"input.{name}: an input has one Buttons field");
        }

        ButtonsOffset = _layout.Declare(name, field);
        ButtonCount = Argument.InRange(count, 1, 16, nameof(count), $"input.{name}: a number of buttons of ");
        Add(new FieldSpec(name + ".held", FieldType.Held, ButtonsOffset, count));
        for (int first = 0; first < count; first += FieldSpec.ButtonsPerPressColumn)
        {
            int buttons = Math.Min(FieldSpec.ButtonsPerPressColumn, count - first);
            Add(new FieldSpec($"{name}.pressed{first}", FieldType.Pressed, ButtonsOffset + 2, buttons * FieldSpec.PressBits, default, first));
        }

        return this;
    }

    internal FieldTable Complete()
    {
        _layout.Complete(Limits.InputBytesMax);
        return new FieldTable([.. _columns]);
    }

    private static int Check(string name, int bits, int min, int max) => bits >= min && bits <= max
        ? bits
        : throw new ArgumentOutOfRangeException(nameof(bits), bits, $"input.{name}: {min} to {max} bits");

    private InputBuilder<TInput> Add(FieldSpec column)
    {
        if (_columns.Exists(c => c.Name == column.Name))
        {
            throw new ArgumentException(
                $"input.{column.Name}: there is a column of this name already (Buttons have .held and .pressed0, a Direction .u and .v); give the field another name");
        }

        _columns.Add(column);
        return this;
    }
}
