namespace GameServer.Hosting;

/// <summary>How long before a deadline to stop sleeping and spin: as much as the system oversleeps of late, within bounds.</summary>
/// <remarks>It grows at once and shrinks by 1/256 per sleep, so that one bad wake-up covers the next few hundred.</remarks>
public struct SpinMargin
{
    private readonly long _minNanos;
    private readonly long _maxNanos;
    private long _nanos;

    /// <summary>Starts at the middle of its range.</summary>
    public SpinMargin(long minNanos, long maxNanos)
    {
        _minNanos = minNanos;
        _maxNanos = maxNanos;
        _nanos = (minNanos + maxNanos) / 2;
    }

    /// <summary>The margin.</summary>
    public readonly long Nanos => _nanos;

    /// <summary>Takes one sleep's oversleep into account. More than the maximum was not the timer but another thread: no margin covers that.</summary>
    public void Observe(long oversleptNanos)
    {
        long wanted = oversleptNanos + (oversleptNanos / 4);
        _nanos = wanted > _nanos && oversleptNanos <= _maxNanos
            ? Math.Min(wanted, _maxNanos)
            : Math.Max(_nanos - (_nanos / 256), _minNanos);
    }
}
