namespace GameServer.Netcode.Transport;

/// <summary>Smoothed round trip and deviation (RFC 6298 §2), in microseconds.</summary>
internal struct RttEstimator
{
    /// <summary>Smoothed round trip; 0 before the first sample.</summary>
    public long SmoothedMicros;

    /// <summary>Smoothed absolute deviation.</summary>
    public long VarianceMicros;

    /// <summary>The newest sample.</summary>
    public long LastMicros;

    /// <summary>Smallest sample.</summary>
    public long MinMicros;

    /// <summary>True once a sample was taken.</summary>
    public readonly bool HasSample => SmoothedMicros > 0;

    /// <summary>Takes one sample.</summary>
    public void Add(long sampleMicros)
    {
        sampleMicros = Math.Max(1, sampleMicros);
        LastMicros = sampleMicros;
        if (SmoothedMicros == 0)
        {
            SmoothedMicros = sampleMicros;
            VarianceMicros = sampleMicros / 2;
            MinMicros = sampleMicros;
            return;
        }

        MinMicros = Math.Min(MinMicros, sampleMicros);
        long error = sampleMicros - SmoothedMicros;
        VarianceMicros += (Math.Abs(error) - VarianceMicros) / 4;
        SmoothedMicros = Math.Max(1, SmoothedMicros + (error / 8));
    }
}
