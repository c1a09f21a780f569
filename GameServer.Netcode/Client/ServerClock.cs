using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Client;

/// <summary>The client's tick: runs ahead of the server so that inputs arrive in time.</summary>
/// <remarks>
/// Steered by the margin with which the server says that inputs arrived, not by the round trip: the lead is shifted so that the mean margin
/// is 1.5 ticks and all but 1 % of inputs have half a tick left. Shifts are spent by running at most 8 % faster or slower, and a margin is
/// corrected by what was shifted since its input was sent, so that no shift is made twice. Owner: the client's thread. Allocates: at start.
/// </remarks>
internal sealed class ServerClock
{
    private const double RateMax = 0.08;
    private const double MeanTarget = 1.5;
    private const double LowTarget = 0.5;
    private const double Deadband = 0.2;

    /// <summary>A shift beyond this, forward, is made at once: the ticks in between are run in one go.</summary>
    private const double JumpTicks = 4;

    /// <summary>While this young, a lead that is far too long is shed by standing still: a lost welcome makes it look long.</summary>
    private const long SettleMicros = 2_000_000;

    /// <summary>Inputs that run this much too far ahead are about to be refused: the clock stands still until they do not.</summary>
    private const double StopTicks = 16;

    /// <summary>A clock that was held back is as long as it stays this near to where it must stop: a snapshot lets it go on for a moment.</summary>
    private const int HeldSlackTicks = 8;

    /// <summary>After so long without a snapshot it is not the round trip that is too long; a client that acknowledges nothing gets two a second.</summary>
    private const long SilenceMicros = 750_000;

    private const int Window = 256;

    /// <summary>Reports that are older are past as well: a client of few frames gets few of them. A pause between two counts as a quarter of a second.</summary>
    private const long WindowMicros = 6_400_000;
    private const long ReportPauseMicrosMax = 250_000;

    /// <summary>An update that comes this late, and twice as late as usual, says that the process stood still; once in <see cref="StallPauseMicros"/>.</summary>
    private const long StallMicros = 100_000;
    private const long StallPauseMicros = 1_000_000;

    private readonly double _periodMicros;
    private readonly int _leadMax;
    private readonly TickRing<double> _shiftedAt;
    private readonly double[] _levels = new double[Window];
    private readonly double[] _sorted = new double[Window];
    private readonly long[] _levelAt = new long[Window];
    private Tick _base;
    private double _phase;
    private double _shifted;
    private double _pending;
    private double _middleLevel;
    private double _elapsed;
    private double _held;
    private bool _isHeld;
    private double _silent;
    private Tick _newestSnapshot;
    private long _lastMicros;
    private long _startMicros;
    private long _usualMicros;
    private long _stallMicros;
    private bool _isStall;
    private long _reportMicros;
    private long _reportClock;
    private int _levelCount;
    private int _levelNext;
    private Tick _lastMarginTick;
    private bool _hasMargin;

    public ServerClock(int tickRateHz)
    {
        _periodMicros = 1_000_000.0 / tickRateHz;
        _leadMax = Limits.LeadTicksMax(tickRateHz);
        _shiftedAt = new TickRing<double>(Limits.PredictionTicks(tickRateHz) * 4); // beyond what can be followed, that has to be found out
    }

    /// <summary>The newest tick that has begun on the client.</summary>
    public Tick Now => _base + (int)Math.Floor(_phase);

    /// <summary>Part of the tick that has passed, 0–1.</summary>
    public double Fraction => _phase - Math.Floor(_phase);

    /// <summary>Ticks that have passed while <see cref="KeepWithin"/> held the clock back.</summary>
    public long TicksHeld => (long)_held;

    /// <summary>Margin of the inputs by the newest report, in ticks.</summary>
    public double MarginTicks { get; private set; }

    /// <summary>Starts at the server's tick as the welcome told it, ahead by the round trip and some.</summary>
    public void Start(Tick serverTick, long roundTripMicros, long nowMicros)
    {
        _base = serverTick;
        _phase = (roundTripMicros / _periodMicros) + MeanTarget + 1;
        _shifted = _pending = 0;
        _levelCount = _levelNext = 0;
        _hasMargin = false;
        _usualMicros = 0;
        _isStall = false;
        _silent = 0;
        _lastMicros = _startMicros = _stallMicros = _reportMicros = nowMicros;
    }

    /// <summary>Lets time pass.</summary>
    public void Advance(long nowMicros)
    {
        NoteStall(nowMicros);
        double ticks = Math.Max(0, nowMicros - _lastMicros) / _periodMicros;
        _lastMicros = nowMicros;
        _elapsed = ticks;
        double shift = Math.Clamp(_pending, -RateMax * ticks, RateMax * ticks);
        if (_pending > JumpTicks)
        {
            shift = _pending;
        }
        else if (_pending < -StopTicks || (_pending < -JumpTicks && nowMicros - _startMicros < SettleMicros))
        {
            shift = -ticks;
        }

        _pending -= shift;
        _shifted += shift;
        _phase += ticks + shift;
        int whole = (int)Math.Floor(_phase);
        _base += whole;
        _phase -= whole;
    }

    /// <summary>Jumps ahead of a snapshot that is not in the past, as it must be: no input would ever arrive in time, and no margin be told.</summary>
    public void KeepAheadOf(Tick newestSnapshot)
    {
        int behind = newestSnapshot + 1 - Now;
        if (behind > 0)
        {
            _base += behind;
            _shifted += behind;
            _pending = 0;
        }
    }

    /// <summary>Goes no further ahead of the newest snapshot than what is predicted can be corrected, whatever margins say: the inputs of a longer round trip come late.</summary>
    public void KeepWithin(Tick newestSnapshot)
    {
        int over = Now - (newestSnapshot + _leadMax);
        _silent = newestSnapshot == _newestSnapshot ? _silent + _elapsed : 0;
        _newestSnapshot = newestSnapshot;
        if (_silent * _periodMicros > SilenceMicros)
        {
            return; // a server that stands still goes on where it would be now, and so does the client
        }

        if (over > 0)
        {
            _base -= over;
            _shifted -= over;
            _pending = 0;
        }

        _isHeld = over > 0 || (_isHeld && over > -HeldSlackTicks);
        _held += _isHeld ? _elapsed : 0;
    }

    /// <summary>Takes note of when the input of a tick leaves. Those that leave after a stall are late by the stall: their margins say nothing of the link.</summary>
    public void InputSent(Tick tick)
    {
        if (!_isStall)
        {
            _shiftedAt.Add(tick) = _shifted;
        }
    }

    /// <summary>Takes the server's word of how early an input arrived.</summary>
    public void OnMargin(Tick tick, double marginTicks)
    {
        if (_hasMargin && tick <= _lastMarginTick)
        {
            return;
        }

        ref double shiftedThen = ref _shiftedAt.Find(tick, out bool found);
        if (!found)
        {
            return;
        }

        _hasMargin = true;
        _lastMarginTick = tick;
        MarginTicks = marginTicks;
        // The level is the margin as it would be had nothing ever been shifted. Far above all before, the path has become shorter, or the margin
        // was more than can be told: what was known is past.
        double level = marginTicks - shiftedThen;
        if (_levelCount > 0 && level > _middleLevel + StopTicks)
        {
            _levelCount = _levelNext = 0;
        }

        _reportClock += Math.Clamp(_lastMicros - _reportMicros, 0, ReportPauseMicrosMax);
        _reportMicros = _lastMicros;
        _levelAt[_levelNext] = _reportClock;
        _levels[_levelNext] = level;
        _levelNext = (_levelNext + 1) % Window;
        _levelCount = Math.Min(_levelCount + 1, Window);
        Steer();
    }

    private void NoteStall(long nowMicros)
    {
        long elapsed = Math.Max(0, nowMicros - _lastMicros);
        _isStall = _usualMicros > 0 && elapsed > StallMicros && elapsed > 2 * _usualMicros && nowMicros - _stallMicros > StallPauseMicros;
        _stallMicros = _isStall ? nowMicros : _stallMicros;
        _usualMicros = _usualMicros == 0 ? elapsed : Math.Max(1000, _usualMicros + ((Math.Min(elapsed, 4 * _usualMicros) - _usualMicros) / 8));
    }

    private void Steer()
    {
        // The mean of the last second follows changes; the low end of the whole window knows the jitter.
        DropOldLevels();
        for (int i = 0; i < _levelCount; i++)
        {
            _sorted[i] = _levels[(_levelNext - 1 - i + Window) % Window];
        }

        Array.Sort(_sorted, 0, _levelCount);
        // One late report alone is a path that stood still for a moment, not one that has become longer.
        double low = _sorted[Math.Min(_levelCount - 1, Math.Max(1, _levelCount / 100))] + _shifted;
        _middleLevel = _sorted[_levelCount / 2];
        double middle = _middleLevel + _shifted;
        double shift = Math.Max(MeanTarget - middle, LowTarget - low);
        _pending = Math.Abs(shift) <= Deadband ? 0 : shift;
    }

    private void DropOldLevels()
    {
        while (_reportClock - _levelAt[(_levelNext - _levelCount + Window) % Window] > WindowMicros)
        {
            _levelCount--; // never to none: the newest is of now
        }
    }
}
