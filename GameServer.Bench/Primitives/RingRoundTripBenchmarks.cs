using System.Collections.Concurrent;
using BenchmarkDotNet.Attributes;
using GameServer.Netcode.Primitives;

namespace GameServer.Bench.Primitives;

/// <summary>One record to another thread and its answer back: what a hand-over costs when nobody is ahead of anybody.</summary>
public class RingRoundTripBenchmarks
{
    private const int RoundTrips = 200_000;

    private readonly SpscRing _there = new(65536);
    private readonly SpscRing _back = new(65536);
    private readonly ConcurrentQueue<Record64> _queueThere = new();
    private readonly ConcurrentQueue<Record64> _queueBack = new();

    [Benchmark(OperationsPerInvoke = RoundTrips)]
    public void SpscRing() => Run(
        () =>
        {
            Send(_there);
            Receive(_back);
        },
        () =>
        {
            Receive(_there);
            Send(_back);
        });

    [Benchmark(Baseline = true, OperationsPerInvoke = RoundTrips)]
    public void ConcurrentQueue() => Run(
        () =>
        {
            _queueThere.Enqueue(default);
            Receive(_queueBack);
        },
        () =>
        {
            Receive(_queueThere);
            _queueBack.Enqueue(default);
        });

    private static void Run(Action ask, Action answer)
    {
        var answerer = new Thread(() => Repeat(answer));
        answerer.Start();
        Repeat(ask);
        answerer.Join();
    }

    private static void Repeat(Action action)
    {
        for (int i = 0; i < RoundTrips; i++)
        {
            action();
        }
    }

    private static void Send(SpscRing ring)
    {
        ring.TryClaim(64, 0, out Span<byte> record);
        record.Clear();
        ring.Publish(64);
    }

    private static void Receive(SpscRing ring)
    {
        while (!ring.TryPeek(out _))
        {
        }

        ring.Release();
    }

    private static void Receive(ConcurrentQueue<Record64> queue)
    {
        while (!queue.TryDequeue(out _))
        {
        }
    }
}
