using System.Collections.Concurrent;
using BenchmarkDotNet.Attributes;
using GameServer.Netcode.Primitives;

namespace GameServer.Bench.Primitives;

/// <summary>One record to another thread and its answer back: what a hand-over costs when nobody is ahead of anybody.</summary>
/// <remarks>
/// Both threads spin, so a figure means something only while each has a core: iterations are short and many, and on a shared machine the
/// smallest is the one to read.
/// </remarks>
[MinColumn]
[MedianColumn]
[WarmupCount(5)]
[IterationCount(100)]
[IterationTime(10)]
public class RingRoundTripBenchmarks
{
    private const int RoundTrips = 500;

    private readonly SpscRingQueue _there = new(new SpscRing(65536));
    private readonly SpscRingQueue _back = new(new SpscRing(65536));
    private readonly ConcurrentQueueQueue _queueThere = new(new ConcurrentQueue<Record64>(), int.MaxValue);
    private readonly ConcurrentQueueQueue _queueBack = new(new ConcurrentQueue<Record64>(), int.MaxValue);
    private volatile bool _stopping;
    private Thread? _answerer;

    [GlobalSetup(Target = nameof(SpscRing))]
    public void StartRing() => Start(_there, _back);

    [GlobalSetup(Target = nameof(ConcurrentQueue))]
    public void StartQueue() => Start(_queueThere, _queueBack);

    [GlobalCleanup]
    public void Stop()
    {
        _stopping = true;
        _answerer!.Join();
    }

    [Benchmark(OperationsPerInvoke = RoundTrips)]
    public void SpscRing() => Ask(_there, _back);

    [Benchmark(Baseline = true, OperationsPerInvoke = RoundTrips)]
    public void ConcurrentQueue() => Ask(_queueThere, _queueBack);

    private void Start<TQueue>(TQueue there, TQueue back)
        where TQueue : struct, IRecordQueue
    {
        _stopping = false;
        _answerer = new Thread(() => Answer(there, back));
        _answerer.Start();
    }

    private void Answer<TQueue>(TQueue there, TQueue back)
        where TQueue : struct, IRecordQueue
    {
        while (!_stopping)
        {
            if (there.TryRead(out Record64 record))
            {
                back.TryWrite(in record);
            }
        }
    }

    private static void Ask<TQueue>(TQueue there, TQueue back)
        where TQueue : struct, IRecordQueue
    {
        var record = new Record64 { Number = 1 };
        for (int i = 0; i < RoundTrips; i++)
        {
            there.TryWrite(in record);
            while (!back.TryRead(out record))
            {
            }
        }
    }
}
