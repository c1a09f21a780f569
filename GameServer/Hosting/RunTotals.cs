using GameServer.Netcode.Server;

namespace GameServer.Hosting;

/// <summary>Everything that only counts up, at one moment; the difference of two tells about the time between.</summary>
public struct RunTotals
{
    /// <summary>When, in nanoseconds of <see cref="MonotonicClock"/>.</summary>
    public long Nanos;

    /// <summary>Ticks executed.</summary>
    public long Ticks;

    /// <summary>Ticks that ended after the next deadline.</summary>
    public long Overruns;

    /// <summary>Those of them that would have been in time, had the thread had its processor whenever it was ready.</summary>
    public long OverrunsBySystem;

    /// <summary>Ticks left out.</summary>
    public long SkippedTicks;

    /// <summary>Sum over all ticks of the clients that were there.</summary>
    public long ClientTicks;

    /// <summary>Bytes that the simulation thread allocated in ticks without joins and leaves.</summary>
    public long SimulationBytes;

    /// <summary>Bytes that the network threads allocated, connects and disconnects apart.</summary>
    public long NetworkBytes;

    /// <summary>Bytes that the whole process allocated.</summary>
    public long ProcessBytes;

    /// <summary>Nanoseconds that the simulation thread was ready to run and had no processor.</summary>
    public long RunDelayNanos;

    /// <summary>Collections of each generation.</summary>
    public int Gen0, Gen1, Gen2;

    /// <summary>UDP payload.</summary>
    public long BytesIn, BytesOut;

    /// <summary>What became of inputs.</summary>
    public InputTotals Inputs;

    /// <summary>Hit tests in the past, by what became of the claimed view.</summary>
    public RewindTotals Rewinds;

    /// <summary>Rays and hits.</summary>
    public long ShotsFired, ShotsHit;
}
