using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Client;

/// <summary>The view tick: how far in the past others are drawn, so that there is nearly always a state on either side of it.</summary>
/// <remarks>
/// The delay adapts to how late snapshots come after the fastest of the last ones, plus a tick while snapshots get lost. The view runs at
/// 0.9–1.1 of game time towards it, never backward; only after a long pause it jumps. Owner: the client's thread. Allocates: at start.
/// </remarks>
internal sealed class ViewClock
{
    private const int Window = 128;
    private const double RateMax = 0.1;
    private const double JumpTicks = 12;

    private readonly double _periodMicros;
    private readonly double[] _offsets = new double[Window];
    private readonly double[] _sorted = new double[Window];
    private int _count;
    private int _next;
    private double _viewTicks;
    private double _fastest;
    private double _delay = 2;
    private double _loss;
    private long _lastMicros;
    private long _originMicros;
    private Tick _origin;
    private Tick _newest;

    public ViewClock(int tickRateHz) => _periodMicros = 1_000_000.0 / tickRateHz;

    /// <summary>True once a snapshot has arrived.</summary>
    public bool IsRunning => _count > 0;

    /// <summary>How far the view is meant to lie behind the newest state, in ticks.</summary>
    public double DelayTicks => _delay;

    /// <summary>The whole part of the view tick.</summary>
    public Tick Tick => _origin + (int)Math.Floor(_viewTicks);

    /// <summary>The rest of it, in 1/256.</summary>
    public byte Fraction => (byte)((_viewTicks - Math.Floor(_viewTicks)) * 256);

    /// <summary>A snapshot has arrived.</summary>
    /// <param name="tick">Its tick.</param>
    /// <param name="lost">Snapshots missing before it.</param>
    /// <param name="nowMicros">The time.</param>
    public void OnSnapshot(Tick tick, int lost, long nowMicros)
    {
        if (_count == 0)
        {
            _origin = tick;
            _originMicros = nowMicros;
            _lastMicros = nowMicros;
            _viewTicks = -_delay;
        }
        else if (tick == _newest)
        {
            return;
        }

        _newest = tick;
        _loss += ((lost > 0 ? 1 : 0) - _loss) / 64;
        _offsets[_next] = (tick - _origin) - ((nowMicros - _originMicros) / _periodMicros);
        _next = (_next + 1) % Window;
        _count = Math.Min(_count + 1, Window);
        Array.Copy(_offsets, _sorted, _count);
        Array.Sort(_sorted, 0, _count);
        _fastest = _sorted[_count - 1];
        double late = _fastest - _sorted[_count / 25];
        double wanted = 1.25 + late + (_loss > 0.004 ? 1 : 0);
        _delay += (wanted - _delay) / (wanted > _delay ? 8 : 64);
    }

    /// <summary>Lets time pass.</summary>
    public void Advance(long nowMicros)
    {
        if (_count == 0)
        {
            return;
        }

        double ticks = Math.Max(0, nowMicros - _lastMicros) / _periodMicros;
        _lastMicros = nowMicros;
        double target = ((nowMicros - _originMicros) / _periodMicros) + _fastest - _delay;
        double behind = target - (_viewTicks + ticks);
        if (behind > JumpTicks)
        {
            _viewTicks = target;
            return;
        }

        _viewTicks += ticks + Math.Clamp(behind * 0.1, -RateMax * ticks, RateMax * ticks);
    }
}
