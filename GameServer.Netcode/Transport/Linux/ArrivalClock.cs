namespace GameServer.Netcode.Transport.Linux;

/// <summary>Maps the kernel's receive time stamps, which are real time, to the monotonic clock.</summary>
/// <remarks>
/// Real time is slewed and may jump, so the offset is taken again every <see cref="SampleMicros"/>; whatever it does meanwhile, an arrival never lies
/// after the call that received it, nor before the call that last found the socket empty.
/// </remarks>
internal struct ArrivalClock
{
    /// <summary>Time between two samples of the offset: at a slew of 500 ppm it is off by at most 50 µs.</summary>
    public const long SampleMicros = 100_000;

    private long _offsetNanos;
    private long _nextSampleMicros;
    private long _emptyMicros;

    /// <summary>True when <see cref="Sample"/> is due.</summary>
    public readonly bool IsDue(long nowMicros) => nowMicros >= _nextSampleMicros;

    /// <summary>Takes the offset from both clocks read at one time.</summary>
    public void Sample(long realNanos, long monotonicNanos)
    {
        _offsetNanos = monotonicNanos - realNanos;
        _nextSampleMicros = (monotonicNanos / 1000) + SampleMicros;
    }

    /// <summary>The arrival time of a datagram received at <paramref name="nowMicros"/>; without a stamp (0) that is the arrival time.</summary>
    public readonly long ToMicros(long realNanos, long nowMicros)
    {
        if (realNanos == 0)
        {
            return nowMicros;
        }

        long micros = (realNanos + _offsetNanos) / 1000;
        return Math.Max(Math.Min(micros, nowMicros), Math.Min(_emptyMicros, nowMicros));
    }

    /// <summary>Notes that a call that began at <paramref name="startMicros"/> left the socket empty: later arrivals are later.</summary>
    public void NoteEmpty(long startMicros) => _emptyMicros = startMicros;
}
