using GameServer.Netcode.Game;
using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Inputs;

/// <summary>The client's own inputs: as columns to send, and as bytes, read back from the columns, to predict with.</summary>
/// <remarks>Client and server thus step with the same bits. Owner: the client's thread. Allocates: at start.</remarks>
public sealed class InputHistory
{
    private readonly FieldTable _table;
    private readonly int _inputBytes;
    private readonly PressCounts _presses;
    private int[] _rows = [];
    private byte[] _inputs = [];
    private ViewStamp[] _stamps = [];
    private Tick[] _ticks = [];
    private bool[] _filled = [];

    /// <summary>An empty history of <see cref="Limits.HistoryTicks"/>.</summary>
    public InputHistory(FieldTable table, int inputBytes)
    {
        _table = table;
        _inputBytes = inputBytes;
        _presses = new PressCounts(table);
        Start(Limits.HistoryTicks);
    }

    /// <summary>Ticks that are held.</summary>
    internal int Ticks => _ticks.Length;

    /// <summary>Begins empty, with room for so many ticks, a power of two.</summary>
    internal void Start(int ticks)
    {
        _rows = new int[ticks * _table.Count];
        _inputs = new byte[ticks * _inputBytes];
        _stamps = new ViewStamp[ticks];
        _ticks = new Tick[ticks];
        _filled = new bool[ticks];
    }

    /// <summary>Presses that could not be counted: 63 of that button waited to be executed.</summary>
    internal long PressesMerged => _presses.Merged;

    /// <summary>The input of a tick, if it is held, has been executed as it was sent.</summary>
    internal void NoteExecuted(Tick tick)
    {
        if (Has(tick))
        {
            _presses.NoteExecuted(RowOf(tick));
        }
    }

    /// <summary>Presses of all inputs since the start.</summary>
    internal long Presses => _presses.Total;

    /// <summary>Stores the input of a tick as the wire will carry it.</summary>
    public void Add(Tick tick, ref byte input, in ViewStamp stamp)
    {
        int slot = SlotOf(tick);
        Span<int> row = _rows.AsSpan(slot * _table.Count, _table.Count);
        _table.Capture(ref input, 0, row);
        _presses.Limit(row);
        _table.Restore(row, ref _inputs[slot * _inputBytes]);
        _presses.Count(row);
        _stamps[slot] = stamp;
        _ticks[slot] = tick;
        _filled[slot] = true;
    }

    /// <summary>True when the input of a tick is held.</summary>
    public bool Has(Tick tick) => _filled[SlotOf(tick)] && _ticks[SlotOf(tick)] == tick;

    /// <summary>Bytes of the input of a tick that is held.</summary>
    public Span<byte> InputOf(Tick tick) => _inputs.AsSpan(SlotOf(tick) * _inputBytes, _inputBytes);

    /// <summary>Columns of the input of a tick that is held.</summary>
    public ReadOnlySpan<int> RowOf(Tick tick) => _rows.AsSpan(SlotOf(tick) * _table.Count, _table.Count);

    /// <summary>View stamp of the input of a tick that is held.</summary>
    public ref readonly ViewStamp StampOf(Tick tick) => ref _stamps[SlotOf(tick)];

    private int SlotOf(Tick tick) => (int)(tick.Value & (uint)(_ticks.Length - 1));
}
