using GameServer.Netcode.Game;

namespace GameServer.Netcode.Inputs;

/// <summary>How often each button has been pressed: inputs carry the counts, so that a press whose input was not executed is not lost.</summary>
/// <remarks>
/// The client adds up what it presses; the server lets every executed input press what has been counted and not yet executed, each button once.
/// Counts run modulo 64. Owner: one thread. Allocates: at start.
/// </remarks>
internal sealed class PressCounts
{
    private const int Mask = (1 << FieldSpec.PressBits) - 1;

    private readonly int[] _columns;
    private readonly int[] _counts;
    private readonly int[] _executed;
    private readonly FieldTable _table;

    public PressCounts(FieldTable table)
    {
        _table = table;
        int columns = 0;
        foreach (ref readonly FieldSpec column in table.Columns)
        {
            columns += column.Type == FieldType.Pressed ? 1 : 0;
        }

        _columns = new int[columns];
        _counts = new int[columns];
        _executed = new int[columns];
        for (int i = table.Count - 1; i >= 0; i--)
        {
            if (table.Columns[i].Type == FieldType.Pressed)
            {
                _columns[--columns] = i;
            }
        }
    }

    /// <summary>Bytes from the begin of the input to the presses; −1: the input has no buttons.</summary>
    public int Offset => _columns.Length > 0 ? _table.Columns[_columns[0]].Offset : -1;

    /// <summary>True when the input executed last left presses for the next ones.</summary>
    public bool HasMore { get; private set; }

    /// <summary>Presses since the start.</summary>
    public long Total { get; private set; }

    /// <summary>Client: presses that were not counted, because as many of the button as a count can tell apart wait to be executed.</summary>
    public long Merged { get; private set; }

    public void Clear()
    {
        _executed.AsSpan().Clear();
        Merged = 0;
        _counts.AsSpan().Clear();
        HasMore = false;
        Total = 0;
    }

    /// <summary>Client: takes the presses out of an input that cannot be counted.</summary>
    public void Limit(Span<int> row)
    {
        for (int i = 0; i < _columns.Length; i++)
        {
            ref int pressed = ref row[_columns[i]];
            for (int shift = 0; pressed != 0 && shift < _table.Columns[_columns[i]].Bits; shift += FieldSpec.PressBits)
            {
                if (Get(pressed, shift) != 0 && ((Get(_counts[i], shift) - Get(_executed[i], shift)) & Mask) == Mask)
                {
                    Merged++;
                    Set(ref pressed, shift, 0);
                }
            }
        }
    }

    /// <summary>Client: turns the presses of one input into the counts up to it.</summary>
    public void Count(Span<int> row)
    {
        for (int i = 0; i < _columns.Length; i++)
        {
            ref int pressed = ref row[_columns[i]];
            for (int shift = 0; shift < _table.Columns[_columns[i]].Bits; shift += FieldSpec.PressBits)
            {
                int press = (pressed >> shift) & 1;
                Total += press;
                Set(ref _counts[i], shift, Get(_counts[i], shift) + press);
            }

            pressed = _counts[i];
        }
    }

    /// <summary>Client: the input with these counts has been executed as it was sent.</summary>
    public void NoteExecuted(ReadOnlySpan<int> row)
    {
        for (int i = 0; i < _columns.Length; i++)
        {
            _executed[i] = row[_columns[i]];
        }
    }

    /// <summary>Server: the buttons that an executed input presses, by the counts that it carries.</summary>
    public ushort Execute(ReadOnlySpan<int> row)
    {
        int mask = 0;
        HasMore = false;
        for (int i = 0; i < _columns.Length; i++)
        {
            ref readonly FieldSpec column = ref _table.Columns[_columns[i]];
            int counted = row[_columns[i]];
            if (counted == _counts[i])
            {
                continue;
            }

            for (int shift = 0; shift < column.Bits; shift += FieldSpec.PressBits)
            {
                int waiting = (Get(counted, shift) - Get(_counts[i], shift)) & Mask;
                if (waiting > 0)
                {
                    mask |= 1 << (column.Minimum + (shift / FieldSpec.PressBits));
                    Set(ref _counts[i], shift, Get(_counts[i], shift) + 1);
                    HasMore |= waiting > 1;
                    Total++;
                }
            }
        }

        return (ushort)mask;
    }

    private static int Get(int counts, int shift) => (counts >> shift) & Mask;

    private static void Set(ref int counts, int shift, int value) => counts = (counts & ~(Mask << shift)) | ((value & Mask) << shift);
}
