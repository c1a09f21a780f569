using System.Buffers.Binary;
using GameServer.Netcode.Primitives;

namespace GameServer.Tests.Primitives;

[NonParallelizable] // two threads that spin: beside others they would take a processor each for minutes
public class SpscRingTests
{
    [TestCase(0)]
    [TestCase(2048)]
    [TestCase(4097)]
    [TestCase(5000)]
    [TestCase(-4096)]
    public void Constructor_CapacityNotAPowerOfTwoFrom4096_Throws(int capacityBytes) =>
        Assert.That(() => new SpscRing(capacityBytes), Throws.TypeOf<ArgumentOutOfRangeException>());

    [Test]
    public void TryPeek_EmptyRing_False()
    {
        var ring = new SpscRing(4096);
        Assert.That(ring.TryPeek(out ReadOnlySpan<byte> record), Is.False);
        Assert.That(record.Length, Is.Zero);
        Assert.That(ring.FreeBytes, Is.EqualTo(4096));
        Assert.That(ring.UsedBytes, Is.Zero);
    }

    [Test]
    public void TryPeek_ClaimedButNotPublished_False()
    {
        var ring = new SpscRing(4096);
        Assert.That(ring.TryClaim(10, 0, out Span<byte> record), Is.True);
        record.Fill(7);
        Assert.That(ring.TryPeek(out _), Is.False);
    }

    [Test]
    public void TryPeek_SeveralRecords_InOrderAndTheSameUntilReleased()
    {
        var ring = new SpscRing(4096);
        for (byte i = 0; i < 20; i++)
        {
            Put(ring, i, i);
        }

        for (byte i = 0; i < 20; i++)
        {
            for (int again = 0; again < 2; again++)
            {
                Assert.That(ring.TryPeek(out ReadOnlySpan<byte> record), Is.True);
                Assert.That(record.Length, Is.EqualTo(i));
                Assert.That(record.TrimEnd(i).Length, Is.Zero);
            }

            ring.Release();
        }

        Assert.That(ring.TryPeek(out _), Is.False);
        Assert.That(ring.UsedBytes, Is.Zero);
    }

    [Test]
    public void Publish_LessThanClaimed_RecordIsShortAndTheRestIsFree()
    {
        var ring = new SpscRing(4096);
        Assert.That(ring.TryClaim(1000, 0, out Span<byte> record), Is.True);
        record.Fill(9);
        ring.Publish(3);
        Assert.That(ring.UsedBytes, Is.EqualTo(16));
        Put(ring, 5, 1);

        Assert.That(ring.TryPeek(out ReadOnlySpan<byte> first), Is.True);
        Assert.That(first.ToArray(), Is.EqualTo(new byte[] { 9, 9, 9 }));
        ring.Release();
        Assert.That(ring.TryPeek(out ReadOnlySpan<byte> second), Is.True);
        Assert.That(second.ToArray(), Is.EqualTo(new byte[] { 1, 1, 1, 1, 1 }));
    }

    [Test]
    public void Publish_MoreThanClaimedOrTwice_Throws()
    {
        var ring = new SpscRing(4096);
        Assert.That(() => ring.Publish(0), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(ring.TryClaim(8, 0, out _), Is.True);
        Assert.That(() => ring.Publish(9), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => ring.Publish(-1), Throws.TypeOf<ArgumentOutOfRangeException>());
        ring.Publish(8);
        Assert.That(() => ring.Publish(8), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void TryClaim_Abandoned_NextClaimTakesItsPlace()
    {
        var ring = new SpscRing(4096);
        Assert.That(ring.TryClaim(500, 0, out _), Is.True);
        Put(ring, 4, 2);
        Assert.That(ring.UsedBytes, Is.EqualTo(16));
        Assert.That(ring.TryPeek(out ReadOnlySpan<byte> record), Is.True);
        Assert.That(record.Length, Is.EqualTo(4));
    }

    [Test]
    public void TryClaim_LargerThanRecordBytesMax_FalseForEverAndHarmless()
    {
        var ring = new SpscRing(4096);
        Assert.That(ring.TryClaim(ring.RecordBytesMax + 1, 0, out Span<byte> record), Is.False);
        Assert.That(record.Length, Is.Zero);
        Assert.That(ring.TryClaim(int.MaxValue, int.MaxValue, out _), Is.False);
        Put(ring, 3, 3);
        Assert.That(Take(ring), Is.EqualTo(3));
    }

    [Test]
    public void TryClaim_RecordBytesMax_FitsAnEmptyRingAtEveryPosition()
    {
        var ring = new SpscRing(4096);
        for (int i = 0; i < 1000; i++)
        {
            Put(ring, ring.RecordBytesMax, (byte)i);
            Assert.That(Take(ring), Is.EqualTo(ring.RecordBytesMax));
            Put(ring, i % 100, (byte)i);
            Assert.That(Take(ring), Is.EqualTo(i % 100));
            Assert.That(ring.TryPeek(out _), Is.False);
        }
    }

    [Test]
    public void TryClaim_FullRing_FalseUntilReleased()
    {
        var ring = new SpscRing(4096);
        int records = 0;
        while (ring.TryClaim(56, 0, out _))
        {
            ring.Publish(56);
            records++;
        }

        Assert.That(records, Is.EqualTo(4096 / 64));
        Assert.That(ring.FreeBytes, Is.Zero);
        Assert.That(ring.UsedBytes, Is.EqualTo(4096));
        for (int i = 0; i < 8; i++)
        {
            Assert.That(Take(ring), Is.EqualTo(56));
        }

        Assert.That(ring.FreeBytes, Is.EqualTo(512), "an eighth of the ring comes back without an empty peek");
        Assert.That(ring.TryClaim(56, 0, out _), Is.True);
    }

    [Test]
    public void TryClaim_KeepFree_LeavesRoomThatAClaimWithoutItMayUse()
    {
        var ring = new SpscRing(4096);
        while (ring.TryClaim(56, 128, out _))
        {
            ring.Publish(56);
        }

        Assert.That(ring.FreeBytes, Is.EqualTo(128));
        Assert.That(ring.TryClaim(0, 128, out _), Is.False);
        Put(ring, 56, 1);
        Put(ring, 56, 1);
        Assert.That(ring.TryClaim(0, 0, out _), Is.False);
    }

    [Test]
    public void TryClaim_AtTheEndOfTheBuffer_RecordsStayContiguousThroughManyWraps()
    {
        var random = new Random(11);
        var ring = new SpscRing(4096);
        var expected = new Queue<(int Size, byte Fill)>();
        for (int i = 0; i < 20_000; i++)
        {
            int size = random.Next(0, 700);
            if (ring.TryClaim(size, 0, out Span<byte> record))
            {
                Assert.That(record.Length, Is.EqualTo(size));
                record.Fill((byte)i);
                ring.Publish(size);
                expected.Enqueue((size, (byte)i));
            }

            if (random.Next(3) != 0 && ring.TryPeek(out ReadOnlySpan<byte> got))
            {
                (int expectedSize, byte fill) = expected.Dequeue();
                Assert.That(got.Length, Is.EqualTo(expectedSize));
                Assert.That(got.TrimEnd(fill).Length, Is.Zero);
                ring.Release();
            }
        }

        Assert.That(expected, Has.Count.LessThan(200), "records were consumed");
    }

    [Test]
    public void Ring_SteadyState_AllocatesNothing()
    {
        var ring = new SpscRing(4096);
        Cycle(ring, 100);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Cycle(ring, 1000);
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);

        static void Cycle(SpscRing ring, int count)
        {
            for (int i = 0; i < count; i++)
            {
                if (ring.TryClaim(i % 300, 16, out Span<byte> record))
                {
                    record.Clear();
                    ring.Publish(record.Length);
                }

                if (ring.TryPeek(out _))
                {
                    ring.Release();
                }
            }
        }
    }

    /// <summary>Every record holds its number and a pattern made of it; sizes and claims are random, the ring is small, so it wraps and fills.</summary>
    [TestCase(4096, 300, 1)]
    [TestCase(65536, 1400, 2)]
    public void TwoThreads_RandomSizes_EveryRecordArrivesOnceInOrderAndIntact(int capacityBytes, int sizeMax, int seed)
    {
        const int Records = 300_000;
        var ring = new SpscRing(capacityBytes);
        var producer = new Thread(() => Produce(ring, Records, sizeMax, seed)) { IsBackground = true };
        producer.Start();
        string? failure = Consume(ring, Records, sizeMax, seed);
        Assert.That(failure, Is.Null, $"seed {seed}");
        producer.Join();
        Assert.That(ring.UsedBytes, Is.LessThanOrEqualTo(capacityBytes / 8));
        Assert.That(ring.TryPeek(out _), Is.False);
    }

    private static void Produce(SpscRing ring, int records, int sizeMax, int seed)
    {
        var random = new Random(seed);
        var spin = new SpinWait();
        for (int i = 0; i < records; i++)
        {
            int size = 8 + random.Next(sizeMax);
            Span<byte> record;
            while (!ring.TryClaim(size + (i % 3), i % 64, out record))
            {
                spin.SpinOnce(sleep1Threshold: -1);
            }

            BinaryPrimitives.WriteInt32LittleEndian(record, i);
            BinaryPrimitives.WriteInt32LittleEndian(record[4..], size);
            for (int b = 8; b < size; b++)
            {
                record[b] = (byte)(i + b);
            }

            ring.Publish(size);
        }
    }

    private static string? Consume(SpscRing ring, int records, int sizeMax, int seed)
    {
        var random = new Random(seed);
        var spin = new SpinWait();
        for (int i = 0; i < records; i++)
        {
            int size = 8 + random.Next(sizeMax);
            ReadOnlySpan<byte> record;
            while (!ring.TryPeek(out record))
            {
                spin.SpinOnce(sleep1Threshold: -1);
            }

            if (record.Length != size || BinaryPrimitives.ReadInt32LittleEndian(record) != i
                || BinaryPrimitives.ReadInt32LittleEndian(record[4..]) != size)
            {
                return $"record {i}: {record.Length} bytes instead of {size}";
            }

            for (int b = 8; b < size; b++)
            {
                if (record[b] != (byte)(i + b))
                {
                    return $"record {i}, byte {b}: {record[b]}";
                }
            }

            ring.Release();
        }

        return null;
    }

    private static void Put(SpscRing ring, int size, byte fill)
    {
        Assert.That(ring.TryClaim(size, 0, out Span<byte> record), Is.True);
        record.Fill(fill);
        ring.Publish(size);
    }

    private static int Take(SpscRing ring)
    {
        Assert.That(ring.TryPeek(out ReadOnlySpan<byte> record), Is.True);
        ring.Release();
        return record.Length;
    }
}
