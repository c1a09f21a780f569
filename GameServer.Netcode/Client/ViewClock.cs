using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Client;

/// <summary>The view tick: how far in the past others are drawn, so that there is nearly always a state on either side of it.</summary>
/// <remarks>
/// The delay adapts to how late snapshots come after the fastest of the last seconds, plus a tick while snapshots get lost. One stall is no
/// jitter: what is later than the delay may be at most is left out, and so are the worst two quarters of a second. The view runs at 0.9–1.1 of game
/// time towards the delay, at up to 1.2 when it is more than two ticks behind; when it is farther off than a tenth of a second it jumps or, because
/// it never runs backward, stands. Owner: the client's thread. Allocates: at start.
/// </remarks>
internal sealed class ViewClock
{
    private const double RateMax = 0.1;
    private const double CatchUpRateMax = 0.2;
    private const double CatchUpTicks = 2;
    private const double StartDelayTicks = 2;

    private readonly int _rateHz;
    private readonly double _periodMicros;
    private readonly double _jumpTicks;
    private readonly ArrivalWindow _arrivals;
    private double _viewTicks;
    private double _delay = StartDelayTicks;
    private double _loss;
    private long _lastMicros;
    private long _originMicros;
    private Tick _origin;
    private Tick _newest;

    public ViewClock(int tickRateHz)
    {
        _rateHz = tickRateHz;
        _periodMicros = 1_000_000.0 / tickRateHz;
        _jumpTicks = Math.Max(3, tickRateHz * 0.1);
        DelayTicksMax = Math.Max(6, tickRateHz * 0.15);
        _arrivals = new ArrivalWindow(_jumpTicks, DelayTicksMax);
    }

    /// <summary>True once a snapshot has arrived.</summary>
    public bool IsRunning { get; private set; }

    /// <summary>How far the view is meant to lie behind the newest state, in ticks.</summary>
    public double DelayTicks => _delay;

    /// <summary>What that is at most: what the server accepts without clamping.</summary>
    public double DelayTicksMax { get; }

    /// <summary>The whole part of the view tick.</summary>
    public Tick Tick => _origin + (int)Math.Floor(_viewTicks);

    /// <summary>The rest of it, in 1/256.</summary>
    public byte Fraction => (byte)((_viewTicks - Math.Floor(_viewTicks)) * 256);

    /// <summary>A snapshot has arrived: of those that one update took, the newest.</summary>
    /// <param name="tick">Its tick.</param>
    /// <param name="lost">Snapshots missing before it.</param>
    /// <param name="arrivedMicros">When it arrived, or was found to have arrived.</param>
    public void OnSnapshot(Tick tick, int lost, long arrivedMicros)
    {
        if (!IsRunning)
        {
            IsRunning = true;
            _origin = tick;
            _originMicros = arrivedMicros;
            _lastMicros = arrivedMicros;
            _viewTicks = -_delay;
        }
        else if (tick == _newest)
        {
            return;
        }

        _newest = tick;
        _loss += ((lost > 0 ? 1 : 0) - _loss) / 64;
        if (_arrivals.Add((tick - _origin) - ((arrivedMicros - _originMicros) / _periodMicros), arrivedMicros))
        {
            _delay = Math.Min(_delay, StartDelayTicks);
        }

        double wanted = Math.Min(1.25 + _arrivals.Late + (_loss > 0.004 ? 1 : 0), DelayTicksMax);
        _delay += (wanted - _delay) / (wanted > _delay ? 8 : 24);
    }

    /// <summary>Lets time pass.</summary>
    public void Advance(long nowMicros)
    {
        if (!IsRunning)
        {
            return;
        }

        double ticks = Math.Max(0, nowMicros - _lastMicros) / _periodMicros;
        _lastMicros = Math.Max(_lastMicros, nowMicros);
        double target = ((nowMicros - _originMicros) / _periodMicros) + _arrivals.Fastest - _delay;
        double behind = target - (_viewTicks + ticks);
        if (behind > _jumpTicks)
        {
            _viewTicks = target;
        }
        else if (behind >= -_jumpTicks)
        {
            double rate = behind > CatchUpTicks ? CatchUpRateMax : RateMax;
            _viewTicks += ticks + Math.Clamp(behind * 0.1, -RateMax * ticks, rate * ticks);
        }

        MoveOrigin();
    }

    // By whole seconds, of which a period is an exact part: a distance of ticks stays small, however long the match lasts.
    private void MoveOrigin()
    {
        const int seconds = 3600;
        if (_viewTicks > 2.0 * seconds * _rateHz)
        {
            _origin += seconds * _rateHz;
            _originMicros += seconds * 1_000_000L;
            _viewTicks -= seconds * _rateHz;
        }
    }
}
