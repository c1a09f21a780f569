using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Transport;

/// <summary>Finds the largest datagram that reaches the peer, and notices when large ones no longer do.</summary>
/// <remarks>
/// Sizes beyond the start are tried three times each; while large datagrams are in use the size is confirmed now and then, and falls
/// back to the start when no confirmation comes. Owner: one thread. Allocates: no.
/// </remarks>
internal struct MtuProber
{
    private const int TriesMax = 3;
    private const long TryMicros = 500_000;
    private const long ConfirmMicros = 5_000_000;
    private const long RaiseAgainMicros = 60_000_000;

    private static readonly int[] Ladder = [0, 1392, Limits.DatagramBytesMax]; // the first is the start, which the options name

    private int _step;
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
        : Math.Min(_step + 1 < Ladder.Length && SizeOf(_step + 1) > SizeOf(_step) && !_confirming ? _raiseMicros : long.MaxValue, _largeUsed ? _confirmMicros : long.MaxValue);

    /// <summary>Begins at the start size, as a new path does.</summary>
    public void Start(bool enabled, int startBytes, int overheadBytes, long nowMicros)
    {
        this = default;
        _enabled = enabled;
        _startBytes = startBytes;
        _overheadBytes = overheadBytes;
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

        if (_tries == TriesMax)
        {
            _tries = 0;
            _raiseMicros = nowMicros + RaiseAgainMicros;
            return 0;
        }

        _tries++;
        _raiseMicros = nowMicros + TryMicros;
        return SizeOf(_step + 1) - _overheadBytes;
    }

    /// <summary>Takes an answer; false when it answers no probe of this size.</summary>
    public bool Answered(int bytes, long nowMicros)
    {
        if (_step > 0 && bytes == Bytes)
        {
            _confirming = _largeUsed = false;
            _confirmMicros = nowMicros + ConfirmMicros;
            _tries = 0;
            return true;
        }

        if (_tries == 0 || _step + 1 >= Ladder.Length || bytes != SizeOf(_step + 1) - _overheadBytes)
        {
            return false;
        }

        _step++;
        _tries = 0;
        _raiseMicros = nowMicros;
        _confirmMicros = nowMicros + ConfirmMicros;
        return true;
    }

    private readonly int SizeOf(int step) => Math.Max(_startBytes, Ladder[step]);

    private int TakeConfirmation(long nowMicros)
    {
        if (!_confirming)
        {
            _confirming = true;
            _tries = 0;
        }

        if (_tries == TriesMax)
        {
            _step = 0;
            _tries = 0;
            _confirming = _largeUsed = false;
            _raiseMicros = nowMicros + RaiseAgainMicros;
            return 0;
        }

        _tries++;
        _confirmMicros = nowMicros + TryMicros;
        return Bytes;
    }
}
