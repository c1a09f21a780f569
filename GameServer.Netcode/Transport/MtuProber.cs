using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Transport;

/// <summary>Finds the largest datagram that reaches the peer, and notices when large ones no longer do.</summary>
/// <remarks>
/// A connection begins with the size that the options name, which every path is expected to carry. The steps above it are tried, from small
/// to large; while large datagrams are in use the size is confirmed now and then. When no confirmation comes, the connection returns to the
/// start and tries the steps below the one that failed at once, that one and those above after a minute. Owner: one thread. Allocates: no.
/// </remarks>
internal struct MtuProber
{
    private const int RaiseTriesMax = 6;
    private const int ConfirmTriesMax = 4;
    private const long TryMicros = 500_000;
    private const long ConfirmMicros = 5_000_000;
    private const long RaiseAgainMicros = 60_000_000;

    private static readonly int[] Ladder = [0, 1024, 1232, 1392, Limits.DatagramBytesMax]; // the first is the start, which the options name

    private int _step;
    private int _ceiling; // the step that failed; not tried again before _raiseMicros
    private int _tries;
    private int _startBytes;
    private int _overheadBytes;
    private long _raiseMicros;
    private long _confirmMicros;
    private bool _largeUsed;
    private bool _enabled;
    private bool _confirming;

    /// <summary>Largest packet that is sent.</summary>
    public readonly int Bytes => SizeOf(_step) - _overheadBytes;

    /// <summary>When the next probe is due, or <see cref="long.MaxValue"/>.</summary>
    public readonly long NextDueMicros => !_enabled ? long.MaxValue
        : Math.Min(NextStep() < Ladder.Length && !_confirming ? _raiseMicros : long.MaxValue, _largeUsed ? _confirmMicros : long.MaxValue);

    /// <summary>Begins at the start size, as a new path does.</summary>
    public void Start(bool enabled, int startBytes, int overheadBytes, long nowMicros)
    {
        this = default;
        _enabled = enabled;
        _startBytes = startBytes;
        _overheadBytes = overheadBytes;
        _ceiling = Ladder.Length;
        _raiseMicros = nowMicros;
        _confirmMicros = nowMicros + ConfirmMicros;
    }

    /// <summary>A packet of that size left.</summary>
    public void Sent(int bytes) => _largeUsed |= _step > 0 && bytes > _startBytes - _overheadBytes;

    /// <summary>A large packet was sent again and again: confirm the size at once.</summary>
    public void Suspect(int bytes, long nowMicros)
    {
        if (_step > 0 && bytes > _startBytes - _overheadBytes && !_confirming)
        {
            _largeUsed = true;
            _confirmMicros = Math.Min(_confirmMicros, nowMicros);
        }
    }

    /// <summary>A packet of that size was acknowledged; a large one proves the size as an answered probe does.</summary>
    public void Arrived(int bytes, long nowMicros)
    {
        if (_step > 0 && bytes > SizeOf(_step - 1) - _overheadBytes)
        {
            Confirmed(nowMicros);
        }
    }

    /// <summary>The size of the probe that is due, or 0.</summary>
    public int TakeProbe(long nowMicros)
    {
        if (NextDueMicros > nowMicros)
        {
            return 0;
        }

        if (_largeUsed && _confirmMicros <= nowMicros)
        {
            return TakeConfirmation(nowMicros);
        }

        if (NextStep() >= _ceiling)
        {
            _ceiling = Ladder.Length; // a minute has passed: the path may be another one
        }

        if (_tries == RaiseTriesMax)
        {
            RestAbove(NextStep(), nowMicros);
            return 0;
        }

        _tries++;
        _raiseMicros = nowMicros + TryMicros;
        return SizeOf(NextStep()) - _overheadBytes;
    }

    /// <summary>Takes an answer; false when it answers no probe of this size.</summary>
    public bool Answered(int bytes, long nowMicros)
    {
        if (_step > 0 && bytes == Bytes)
        {
            Confirmed(nowMicros);
            return true;
        }

        int next = NextStep();
        if (_tries == 0 || _confirming || next >= Ladder.Length || bytes != SizeOf(next) - _overheadBytes)
        {
            return false;
        }

        _step = next;
        _tries = 0;
        _confirmMicros = nowMicros + ConfirmMicros;
        _raiseMicros = NextStep() < _ceiling ? nowMicros : nowMicros + RaiseAgainMicros;
        return true;
    }

    private void Confirmed(long nowMicros)
    {
        _tries = _confirming ? 0 : _tries;
        _confirming = _largeUsed = false;
        _confirmMicros = nowMicros + ConfirmMicros;
    }

    private readonly int SizeOf(int step) => Math.Max(_startBytes, Ladder[step]);

    /// <summary>The first step with a larger size; the number of steps when there is none.</summary>
    private readonly int NextStep()
    {
        int next = _step + 1;
        while (next < Ladder.Length && SizeOf(next) <= SizeOf(_step))
        {
            next++;
        }

        return next;
    }

    private int TakeConfirmation(long nowMicros)
    {
        if (!_confirming)
        {
            _confirming = true;
            _tries = 0;
        }

        if (_tries == ConfirmTriesMax)
        {
            int failed = _step;
            _step = 0;
            _confirming = _largeUsed = false;
            RestAbove(failed, nowMicros);
            return 0;
        }

        _tries++;
        _confirmMicros = nowMicros + TryMicros;
        return Bytes;
    }

    /// <summary>The step does not reach the peer: smaller ones are tried now, it and larger ones after a minute.</summary>
    private void RestAbove(int failed, long nowMicros)
    {
        _tries = 0;
        _ceiling = failed;
        _raiseMicros = NextStep() < failed ? nowMicros : nowMicros + RaiseAgainMicros;
    }
}
