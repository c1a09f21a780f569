using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Game;

/// <summary>How one 32-bit column of a table is read from a component, written back and blended.</summary>
/// <remarks>The values are sent to clients in the schema message and are frozen by a test.</remarks>
public enum FieldType : byte
{
    /// <summary>Float, quantised between two bounds; blends linearly.</summary>
    Float = 1,

    /// <summary>Float in radians on a circle; blends the short way round.</summary>
    Angle = 2,

    /// <summary>First octahedral coordinate of a unit vector; the second column follows.</summary>
    DirectionU = 3,

    /// <summary>Second octahedral coordinate of a unit vector.</summary>
    DirectionV = 4,

    /// <summary>Whole number between two bounds; holds.</summary>
    Int = 5,

    /// <summary>One byte, 0 or 1; holds.</summary>
    Bool = 6,

    /// <summary>32 bits as they are; holds.</summary>
    Raw = 7,

    /// <summary>Float from −1 to 1 with an exact 0, of inputs; decays when an input is missing.</summary>
    Axis = 8,

    /// <summary>Buttons held, of inputs; kept when an input is missing.</summary>
    Held = 9,

    /// <summary>How often up to five buttons were pressed, of inputs: six bits each, modulo 64. A missing input presses nothing.</summary>
    Pressed = 10,

    /// <summary>Counts the ticks in which an entity teleported, modulo 256: no two states that are blended lie so far apart. Not part of the component.</summary>
    Teleport = 11,
}

/// <summary>One column of a table: where it lies in the component, how wide it is on the wire.</summary>
public readonly struct FieldSpec
{
    /// <summary>Bits of the count of one button in a column of type <see cref="FieldType.Pressed"/>: more presses than were ever lost in a row.</summary>
    internal const int PressBits = 6;

    /// <summary>Buttons that one such column counts.</summary>
    internal const int ButtonsPerPressColumn = 5;

    internal FieldSpec(string name, FieldType type, int offset, int bits, Quantizer quantizer = default, int minimum = 0, uint? range = null)
    {
        Name = name;
        Type = type;
        Offset = offset;
        Bits = bits;
        Quantizer = quantizer;
        Minimum = minimum;
        Range = range ?? (type == FieldType.Float ? (uint)quantizer.Steps : uint.MaxValue >> (32 - bits));
    }

    /// <summary>Name for tools, "position.x".</summary>
    public string Name { get; }

    /// <summary>How the column is converted and blended.</summary>
    public FieldType Type { get; }

    /// <summary>Byte offset in the component.</summary>
    public int Offset { get; }

    /// <summary>Bits of a full value on the wire, 1–32.</summary>
    public int Bits { get; }

    /// <summary>Conversion of <see cref="FieldType.Float"/>.</summary>
    public Quantizer Quantizer { get; }

    /// <summary>Largest value on the wire of a <see cref="FieldType.Float"/> or <see cref="FieldType.Int"/>; the smallest is 0.</summary>
    public uint Range { get; }

    /// <summary>Smallest value of <see cref="FieldType.Int"/>; first button of <see cref="FieldType.Pressed"/>.</summary>
    public int Minimum { get; }
}
