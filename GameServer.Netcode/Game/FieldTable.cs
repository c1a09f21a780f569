using System.Numerics;
using System.Runtime.CompilerServices;
using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Game;

/// <summary>The columns of one table: turns a component into a row of whole numbers and back.</summary>
/// <remarks>Immutable once the schema is complete, but for what it counts: one thread captures, any may read. Allocates: no.</remarks>
public sealed class FieldTable
{
    private readonly FieldSpec[] _columns;
    private readonly int[] _zeroRow;
    private readonly long[] _clamped;

    internal FieldTable(FieldSpec[] columns)
    {
        _columns = columns;
        _zeroRow = new int[columns.Length];
        _clamped = new long[columns.Length];
        foreach (FieldSpec column in columns)
        {
            BitsMax += column.Bits + 2;
        }

        BitsMax += columns.Length;
    }

    /// <summary>The columns in wire order.</summary>
    public ReadOnlySpan<FieldSpec> Columns => _columns;

    /// <summary>Number of columns.</summary>
    public int Count => _columns.Length;

    /// <summary>How often a column was captured outside its range and clamped.</summary>
    public long Clamped(int column) => Volatile.Read(ref _clamped[Argument.InRange(column, 0, _clamped.Length - 1, nameof(column))]);

    /// <summary>Most bits that one row takes on the wire.</summary>
    internal int BitsMax { get; }

    /// <summary>The row that a full state is written against.</summary>
    internal ReadOnlySpan<int> ZeroRow => _zeroRow;

    /// <summary>Quantises every column of a component; <see cref="FieldType.Teleport"/> gets <paramref name="teleports"/>.</summary>
    internal void Capture(ref byte component, int teleports, Span<int> row)
    {
        FieldSpec[] columns = _columns;
        for (int i = 0; i < columns.Length && i < row.Length; i++)
        {
            ref FieldSpec column = ref columns[i];
            ref byte field = ref Unsafe.Add(ref component, column.Offset);
            switch (column.Type)
            {
                case FieldType.Float:
                    row[i] = FloatQuantum(Unsafe.As<byte, float>(ref field), i, in column);
                    break;
                case FieldType.Angle:
                    row[i] = AngleQuantum(Unsafe.As<byte, float>(ref field), column.Bits);
                    break;
                case FieldType.DirectionU:
                    Octahedral.Encode(Unsafe.As<byte, Vector3>(ref field), column.Bits, out row[i], out row[i + 1]);
                    i++;
                    break;
                case FieldType.Int:
                    row[i] = IntQuantum(Unsafe.As<byte, int>(ref field), i, in column);
                    break;
                case FieldType.Bool:
                    row[i] = field != 0 ? 1 : 0;
                    break;
                case FieldType.Raw:
                    row[i] = Unsafe.As<byte, int>(ref field);
                    break;
                case FieldType.Axis:
                    row[i] = AxisQuantum(Unsafe.As<byte, float>(ref field), column.Bits);
                    break;
                case FieldType.Held:
                    row[i] = Unsafe.As<byte, ushort>(ref field) & ((1 << column.Bits) - 1);
                    break;
                case FieldType.Pressed:
                    row[i] = PressesOf(Unsafe.As<byte, ushort>(ref field), in column);
                    break;
                case FieldType.Teleport:
                    row[i] = teleports & 0xFF;
                    break;
            }
        }
    }

    /// <summary>Writes the columns back into a component; bytes that no column covers stay as they are.</summary>
    internal void Restore(ReadOnlySpan<int> row, ref byte component)
    {
        FieldSpec[] columns = _columns;
        for (int i = 0; i < columns.Length && i < row.Length; i++)
        {
            ref FieldSpec column = ref columns[i];
            ref byte field = ref Unsafe.Add(ref component, column.Offset);
            if (column.Type == FieldType.DirectionU)
            {
                Unsafe.As<byte, Vector3>(ref field) = Octahedral.Decode(row[i], row[i + 1], column.Bits);
                i++;
            }
            else
            {
                RestoreColumn(in column, row[i], ref field);
            }
        }
    }

    /// <summary>Writes the state that lies <paramref name="fraction256"/>/256 of the way from <paramref name="from"/> to <paramref name="to"/>.</summary>
    /// <remarks>Whole-number arithmetic on the quanta, so that server and client get the same bits. Range: 0–255.</remarks>
    internal void Blend(ReadOnlySpan<int> from, ReadOnlySpan<int> to, int fraction256, ref byte component)
    {
        FieldSpec[] columns = _columns;
        for (int i = 0; i < columns.Length && i < from.Length; i++)
        {
            ref FieldSpec column = ref columns[i];
            ref byte field = ref Unsafe.Add(ref component, column.Offset);
            switch (column.Type)
            {
                case FieldType.Float:
                    RestoreColumn(in column, BlendInt(from[i], to[i], fraction256), ref field);
                    break;
                case FieldType.Angle:
                    int turn = (to[i] - from[i]) << (32 - column.Bits) >> (32 - column.Bits);
                    RestoreColumn(in column, BlendInt(from[i], from[i] + turn, fraction256) & ((1 << column.Bits) - 1), ref field);
                    break;
                case FieldType.DirectionU:
                    Unsafe.As<byte, Vector3>(ref field) = Octahedral.Blend(
                        Octahedral.Decode(from[i], from[i + 1], column.Bits), Octahedral.Decode(to[i], to[i + 1], column.Bits), fraction256);
                    i++;
                    break;
                default:
                    RestoreColumn(in column, from[i], ref field);
                    break;
            }
        }
    }

    /// <summary>Writes the state between two exact ones, for drawing: floats as they are, not as quanta.</summary>
    internal void Mix(ref byte from, ref byte to, float fraction, ref byte component)
    {
        foreach (ref readonly FieldSpec column in Columns)
        {
            ref byte a = ref Unsafe.Add(ref from, column.Offset);
            ref byte b = ref Unsafe.Add(ref to, column.Offset);
            ref byte field = ref Unsafe.Add(ref component, column.Offset);
            switch (column.Type)
            {
                case FieldType.Float:
                    float start = Unsafe.As<byte, float>(ref a);
                    Unsafe.As<byte, float>(ref field) = start + ((Unsafe.As<byte, float>(ref b) - start) * fraction);
                    break;
                case FieldType.Angle:
                    float angle = Unsafe.As<byte, float>(ref a);
                    Unsafe.As<byte, float>(ref field) = angle + (DeterministicMath.WrapAngle(Unsafe.As<byte, float>(ref b) - angle) * fraction);
                    break;
                case FieldType.DirectionU:
                    Unsafe.As<byte, Vector3>(ref field) =
                        Octahedral.Blend(Unsafe.As<byte, Vector3>(ref a), Unsafe.As<byte, Vector3>(ref b), (int)(fraction * 256));
                    break;
            }
        }
    }

    /// <summary>Turns the row of an input into the one that stands in for it when the next input is missing.</summary>
    internal void Starve(Span<int> row)
    {
        for (int i = 0; i < _columns.Length; i++)
        {
            ref FieldSpec column = ref _columns[i];
            if (column.Type == FieldType.Pressed)
            {
                row[i] = 0;
            }
            else if (column.Type == FieldType.Axis)
            {
                int half = (1 << (column.Bits - 1)) - 1;
                row[i] = ((row[i] - half) * 3 / 4) + half;
            }
        }
    }

    /// <summary>False when a column holds a value that no sender writes.</summary>
    internal bool IsValid(ReadOnlySpan<int> row)
    {
        for (int i = 0; i < _columns.Length; i++)
        {
            ref FieldSpec column = ref _columns[i];
            bool inside = column.Type switch
            {
                FieldType.Float or FieldType.Int => (uint)row[i] <= column.Range,
                FieldType.Axis or FieldType.DirectionU or FieldType.DirectionV => (uint)row[i] < (1u << column.Bits) - 1,
                _ => true,
            };
            if (!inside)
            {
                return false;
            }
        }

        return true;
    }

    private static int BlendInt(int from, int to, int fraction256) => from + (int)((((long)(to - from) * fraction256) + 128) >> 8);

    private int FloatQuantum(float value, int index, in FieldSpec column)
    {
        // NaN has no quantum and is outside of every range.
        int quantum = float.IsNaN(value) ? 0 : column.Quantizer.Quantize(value);
        if ((uint)(quantum - 1) >= column.Range - 1 && !column.Quantizer.Contains(value))
        {
            CountClamped(index);
        }

        return quantum;
    }

    private int IntQuantum(int value, int index, in FieldSpec column)
    {
        long above = (long)value - column.Minimum;
        if (above >= 0 && above <= column.Range)
        {
            return (int)(uint)above;
        }

        CountClamped(index);
        return above < 0 ? 0 : (int)column.Range;
    }

    private void CountClamped(int index) => Volatile.Write(ref _clamped[index], _clamped[index] + 1);

    private static int AngleQuantum(float radians, int bits)
    {
        float turns = radians * (1 / (2 * MathF.PI));
        turns -= MathF.Floor(turns);
        int steps = 1 << bits;
        return turns >= 0 && turns <= 1 ? (int)((turns * steps) + 0.5f) & (steps - 1) : 0;
    }

    private static int AxisQuantum(float value, int bits)
    {
        int half = (1 << (bits - 1)) - 1;
        return value >= -1 && value <= 1
            ? (int)MathF.Floor((value * half) + 0.5f) + half
            : half + (value > 1 ? half : value < -1 ? -half : 0);
    }

    private static void RestoreColumn(in FieldSpec column, int quantum, ref byte field)
    {
        switch (column.Type)
        {
            case FieldType.Float:
                Unsafe.As<byte, float>(ref field) = column.Quantizer.Dequantize(quantum);
                break;
            case FieldType.Angle:
                Unsafe.As<byte, float>(ref field) = quantum * ((2 * MathF.PI) / (1 << column.Bits));
                break;
            case FieldType.Int:
                Unsafe.As<byte, int>(ref field) = column.Minimum + quantum;
                break;
            case FieldType.Bool:
                field = (byte)(quantum & 1);
                break;
            case FieldType.Raw:
                Unsafe.As<byte, int>(ref field) = quantum;
                break;
            case FieldType.Axis:
                int half = (1 << (column.Bits - 1)) - 1;
                Unsafe.As<byte, float>(ref field) = (quantum - half) / (float)half;
                break;
            case FieldType.Held:
                Unsafe.As<byte, ushort>(ref field) = (ushort)quantum;
                break;
            case FieldType.Pressed:
                ref ushort pressed = ref Unsafe.As<byte, ushort>(ref field);
                pressed = (ushort)((pressed & ~ButtonsOf(in column)) | PressedBy(quantum, in column));
                break;
        }
    }

    private static int ButtonsOf(in FieldSpec column) => ((1 << (column.Bits / FieldSpec.PressBits)) - 1) << column.Minimum;

    // A press counts one; what is counted counts as pressed.
    private static int PressesOf(int buttons, in FieldSpec column)
    {
        int counts = 0;
        for (int shift = 0; shift < column.Bits; shift += FieldSpec.PressBits)
        {
            counts |= ((buttons >> (column.Minimum + (shift / FieldSpec.PressBits))) & 1) << shift;
        }

        return counts;
    }

    private static int PressedBy(int counts, in FieldSpec column)
    {
        int buttons = 0;
        for (int shift = 0; shift < column.Bits; shift += FieldSpec.PressBits)
        {
            buttons |= ((counts >> shift) & ((1 << FieldSpec.PressBits) - 1)) != 0 ? 1 << (column.Minimum + (shift / FieldSpec.PressBits)) : 0;
        }

        return buttons;
    }
}
