using BenchmarkDotNet.Attributes;
using GameServer.Netcode.Primitives;

namespace GameServer.Bench.Primitives;

/// <summary>What a measurement costs the thread that is measured, and what a reader pays.</summary>
[MemoryDiagnoser]
public class HistogramBenchmarks
{
    private readonly Histogram _histogram = new();
    private readonly HistogramSnapshot _interval = new();
    private readonly HistogramSnapshot _last = new();
    private DeterministicRandom _random = DeterministicRandom.From(3, 1);

    [Benchmark]
    public void Record() => _histogram.Record(_random.NextUInt() >> 8);

    [Benchmark]
    public long CaptureIntervalAndPercentile()
    {
        _histogram.Record(1000);
        _interval.CaptureSince(_histogram, _last);
        return _interval.Percentile(99);
    }
}
