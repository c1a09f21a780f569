using GameServer.Netcode.Game;
using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Inputs;

/// <summary>The client's own inputs: as columns to send, and as bytes, read back from the columns, to predict with.</summary>
/// <remarks>Client and server thus step with the same bits. Owner: the client's thread. Allocates: no.</remarks>
public sealed class InputHistory
{
    private readonly FieldTable _table;
    private readonly int _inputBytes;
    private readonly int[] _rows = [];
    private readonly byte[] _inputs = [];
    private readonly ViewStamp[] _stamps = new ViewStamp[Limits.HistoryTicks];
    private readonly Tick[] _ticks = new Tick[Limits.HistoryTicks];
    private readonly bool[] _filled = new bool[Limits.HistoryTicks];
    private readonly PressCounts _presses;

    /// <summary>An empty history.</summary>
    public InputHistory(FieldTable table, int inputBytes)
    {
        _table = table;
        _inputBytes = inputBytes;
        _rows = new int[Limits.HistoryTicks * table.Count];
        _inputs = new byte[Limits.HistoryTicks * inputBytes];
        _presses = new PressCounts(table);
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
        int slot = tick.HistoryIndex;
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
    public bool Has(Tick tick) => _filled[tick.HistoryIndex] && _ticks[tick.HistoryIndex] == tick;

    /// <summary>Bytes of the input of a tick that is held.</summary>
    public Span<byte> InputOf(Tick tick) => _inputs.AsSpan(tick.HistoryIndex * _inputBytes, _inputBytes);

    /// <summary>Columns of the input of a tick that is held.</summary>
    public ReadOnlySpan<int> RowOf(Tick tick) => _rows.AsSpan(tick.HistoryIndex * _table.Count, _table.Count);

    /// <summary>View stamp of the input of a tick that is held.</summary>
    public ref readonly ViewStamp StampOf(Tick tick) => ref _stamps[tick.HistoryIndex];
}
