using System.Runtime.CompilerServices;
using GameServer.Netcode.Game;
using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Inputs;

/// <summary>The server's inputs of one player that wait for their tick.</summary>
/// <remarks>
/// Each tick takes exactly one input; what is missing is made up from the last one (held buttons kept, axes fading, nothing pressed) and
/// counted. An input is never executed twice, never late, never merged; but a press whose input was not executed rides into the next one that
/// is, and of several presses of one button each following one takes one. Owner: simulation thread. Allocates: no.
/// </remarks>
public sealed class InputBuffer
{
    private const int Slots = 64;

    /// <summary>So many ticks starved, then as many inputs in one go, late or ahead of their time: a lag switch, or a line that acts like one.</summary>
    private const int BurstTicks = 6;

    private readonly FieldTable _table;
    private readonly int _inputBytes;
    private readonly int[] _rows;
    private readonly byte[] _inputs;
    private readonly ViewStamp[] _stamps = new ViewStamp[Slots];
    private readonly Tick[] _ticks = new Tick[Slots];
    private readonly bool[] _filled = new bool[Slots];
    private readonly int[] _lastRow;
    private readonly byte[] _lastInput;
    private readonly PressCounts _presses;
    private Tick _executedTick;
    private bool _hasStarted;
    private int _starvedRun;
    private int _lateRun;
    private int _missingRun;

    /// <summary>An empty buffer for inputs of this table, each <paramref name="inputBytes"/> bytes.</summary>
    public InputBuffer(FieldTable table, int inputBytes)
    {
        _table = table;
        _inputBytes = inputBytes;
        _rows = new int[Slots * table.Count];
        _inputs = new byte[Slots * inputBytes];
        _lastRow = new int[table.Count];
        _lastInput = new byte[inputBytes];
        _presses = new PressCounts(table);
        Clear();
    }

    /// <summary>Inputs that were executed as sent.</summary>
    public long Executed { get; private set; }

    /// <summary>Ticks whose input was made up.</summary>
    public long Starved { get; private set; }

    /// <summary>Inputs that came after their tick.</summary>
    public long Late { get; private set; }

    /// <summary>Inputs that had come before; most are the redundancy of the input packets.</summary>
    public long Duplicate { get; private set; }

    /// <summary>Inputs too far ahead.</summary>
    public long TooFarAhead { get; private set; }

    /// <summary>Times that a run of starved ticks was followed by a burst of saved-up inputs, as a lag switch does.</summary>
    public long StarveBursts { get; private set; }

    /// <summary>True once an input was not executed as it was sent; those made up before the first one was executed are not counted in <see cref="Starved"/>.</summary>
    public bool HasStarved { get; private set; }

    /// <summary>The last tick whose input was made up, or pressed what an earlier one had to leave.</summary>
    public Tick LastStarved { get; private set; }

    /// <summary>True when the input taken last was received, and pressed what an earlier one had to leave.</summary>
    public bool HasRidden { get; private set; }

    /// <summary>Presses of all executed inputs.</summary>
    internal long Presses => _presses.Total;

    /// <summary>The input taken last.</summary>
    internal ReadOnlySpan<byte> Last => _lastInput;

    /// <summary>Empties the buffer for another player.</summary>
    public void Clear()
    {
        _filled.AsSpan().Clear();
        _hasStarted = HasStarved = HasRidden = false;
        _presses.Clear();
        _starvedRun = _lateRun = _missingRun = 0;
        Executed = Starved = Late = Duplicate = TooFarAhead = StarveBursts = 0;
        ResetLast();
    }

    /// <summary>Stores the input of a tick.</summary>
    /// <param name="next">The next tick that will be executed.</param>
    /// <param name="tick">The tick of the input.</param>
    /// <param name="stamp">What the player was looking at.</param>
    /// <param name="row">Its columns, checked.</param>
    /// <param name="reason">Why it was not stored.</param>
    public bool TryAdd(Tick next, Tick tick, in ViewStamp stamp, ReadOnlySpan<int> row, out DropReason reason)
    {
        reason = DropReason.None;
        int ahead = tick - next;
        if (ahead < 0)
        {
            // The redundancy of later packets repeats executed inputs; late is what was never received in time.
            bool executed = WasReceived(tick);
            reason = executed ? DropReason.InputDuplicate : DropReason.InputLate;
            Duplicate += executed ? 1 : 0;
            Late += executed ? 0 : 1;
            _lateRun += executed ? 0 : 1;
            MarkReceived(tick);
            return false;
        }

        if (ahead > Limits.InputLeadMax)
        {
            TooFarAhead++;
            reason = DropReason.InputTooFarAhead;
            return false;
        }

        int slot = SlotOf(tick);
        if (_filled[slot] && _ticks[slot] == tick)
        {
            Duplicate++;
            reason = DropReason.InputDuplicate;
            return false;
        }

        _ticks[slot] = tick;
        _filled[slot] = true;
        _stamps[slot] = stamp;
        row.CopyTo(_rows.AsSpan(slot * _table.Count, _table.Count));
        _table.Restore(row, ref _inputs[slot * _inputBytes]);
        MarkReceived(tick);
        return true;
    }

    /// <summary>Takes the input of a tick; false when it is made up.</summary>
    /// <param name="tick">The tick to execute.</param>
    /// <param name="input">The input's bytes, valid until the next call.</param>
    /// <param name="stamp">Its view; the last one's for a made-up input.</param>
    public bool Take(Tick tick, out Span<byte> input, out ViewStamp stamp)
    {
        int slot = SlotOf(tick);
        if (_filled[slot] && _ticks[slot] == tick)
        {
            _filled[slot] = false;
            Executed++;
            StarveBursts += _starvedRun >= BurstTicks && (_lateRun >= BurstTicks || CountAhead(tick) >= BurstTicks) ? 1 : 0;
            _starvedRun = _lateRun = _missingRun = 0;
            _rows.AsSpan(slot * _table.Count, _table.Count).CopyTo(_lastRow);
            _inputs.AsSpan(slot * _inputBytes, _inputBytes).CopyTo(_lastInput);
            Press(tick);
            input = _lastInput;
            LastStamp = stamp = _stamps[slot];
            return true;
        }

        HasRidden = false;
        LastStarved = tick;
        HasStarved = true;
        _missingRun++;
        if (_hasStarted)
        {
            Starved++;
            _starvedRun++;
            _table.Starve(_lastRow);
            _table.Restore(_lastRow, ref _lastInput[0]);
        }

        input = _lastInput;
        stamp = LastStamp;
        return false;
    }

    /// <summary>True once a first input was executed: from then on a missing one counts as starved.</summary>
    public bool HasStarted => _hasStarted;

    /// <summary>True when for so many ticks no input came in time, though inputs came.</summary>
    internal bool IsAlwaysLate(int ticks) => _missingRun >= ticks && _lateRun >= ticks / 2;

    /// <summary>The newest tick up to which no input is missing, counted from <paramref name="executed"/>.</summary>
    public Tick ContiguousUpTo(Tick executed)
    {
        Tick tick = executed;
        while (_filled[SlotOf(tick + 1)] && _ticks[SlotOf(tick + 1)] == tick + 1)
        {
            tick += 1;
        }

        return tick;
    }

    /// <summary>Reads what the tick will, and changes nothing: whoever waits for the tick brings it into the processor's caches.</summary>
    internal int Touch(Tick tick)
    {
        int slot = SlotOf(tick);
        return _ticks[slot].HistoryIndex + _rows[slot * _table.Count] + _inputs[slot * _inputBytes] + _stamps[slot].Fraction
            + (_filled[slot] ? 1 : 0) + (int)_received[slot] + _lastRow[0] + _lastInput[0];
    }

    // Only behind an input that was executed, and left nothing, are all presses its own.
    private void Press(Tick tick)
    {
        bool follows = _hasStarted && tick - _executedTick == 1 && !_presses.HasMore;
        _hasStarted = true;
        _executedTick = tick;
        HasRidden = false;
        if (_presses.Offset < 0)
        {
            return;
        }

        ushort pressed = _presses.Execute(_lastRow);
        Unsafe.WriteUnaligned(ref _lastInput[_presses.Offset], pressed);
        HasRidden = pressed != 0 && !follows;
        if (HasRidden)
        {
            LastStarved = tick;
            HasStarved = true;
        }
    }

    private ViewStamp LastStamp { get; set; }

    private readonly ulong[] _received = new ulong[Slots];

    private static int SlotOf(Tick tick) => (int)(tick.Value & (Slots - 1));

    // One word per slot holds the tick + 1 last received in it, so that 0 means none.
    private bool WasReceived(Tick tick) => _received[SlotOf(tick)] == tick.Value + 1UL;

    private void MarkReceived(Tick tick) => _received[SlotOf(tick)] = tick.Value + 1UL;

    private int CountAhead(Tick tick)
    {
        int count = 0;
        for (int i = 1; i <= Limits.InputLeadMax; i++)
        {
            count += _filled[SlotOf(tick + i)] && _ticks[SlotOf(tick + i)] == tick + i ? 1 : 0;
        }

        return count;
    }

    private void ResetLast()
    {
        _lastInput.AsSpan().Clear();
        _received.AsSpan().Clear();
        LastStamp = default;
        _table.Capture(ref _lastInput[0], 0, _lastRow);
        _table.Restore(_lastRow, ref _lastInput[0]);
    }
}
