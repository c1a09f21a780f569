using System.Collections.Concurrent;
using System.Threading.Channels;
using BenchmarkDotNet.Attributes;
using GameServer.Netcode.Primitives;

namespace GameServer.Bench.Primitives;

/// <summary>Hand-over of 64-byte records from one thread to another: each is written whole, read whole and checked for its number.</summary>
[MemoryDiagnoser]
public class RingBenchmarks
{
    private const int Records = 2_000_000;
    private const int SlotCount = 8192;

    private readonly FixedRingQueue _fixed = new(new FixedRing(SlotCount));
    private readonly SpscRingQueue _ring = new(new SpscRing(SlotCount * 128));
    private readonly ConcurrentQueueQueue _queue = new(new ConcurrentQueue<Record64>(), SlotCount);
    private readonly ChannelQueue _channel = new(System.Threading.Channels.Channel.CreateBounded<Record64>(
        new BoundedChannelOptions(SlotCount) { SingleReader = true, SingleWriter = true }));

    [Benchmark(Baseline = true, OperationsPerInvoke = Records)]
    public void FixedSizeRing() => Run(_fixed);

    [Benchmark(OperationsPerInvoke = Records)]
    public void SpscRing() => Run(_ring);

    [Benchmark(OperationsPerInvoke = Records)]
    public void ConcurrentQueue() => Run(_queue);

    [Benchmark(OperationsPerInvoke = Records)]
    public void Channel() => Run(_channel);

    private static void Run<TQueue>(TQueue queue)
        where TQueue : struct, IRecordQueue
    {
        var producer = new Thread(() => Produce(queue));
        producer.Start();
        Consume(queue);
        producer.Join();
    }

    private static void Produce<TQueue>(TQueue queue)
        where TQueue : struct, IRecordQueue
    {
        var record = default(Record64);
        for (int i = 0; i < Records; i++)
        {
            record.Number = i;
            while (!queue.TryWrite(in record))
            {
                Thread.SpinWait(4);
            }
        }
    }

    private static void Consume<TQueue>(TQueue queue)
        where TQueue : struct, IRecordQueue
    {
        for (int i = 0; i < Records; i++)
        {
            Record64 record;
            while (!queue.TryRead(out record))
            {
                Thread.SpinWait(4);
            }

            if (record.Number != i)
            {
                throw new InvalidOperationException($"record {record.Number} instead of {i}");
            }
        }
    }
}
