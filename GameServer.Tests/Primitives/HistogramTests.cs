using GameServer.Netcode.Primitives;

namespace GameServer.Tests.Primitives;

public class HistogramTests
{
    [Test]
    public void Buckets_CoverAllValuesWithoutGapAndAreNarrow()
    {
        long next = 0;
        for (int i = 0; i < HistogramBuckets.Count; i++)
        {
            long lower = HistogramBuckets.LowerBound(i);
            long upper = HistogramBuckets.UpperBound(i);
            Assert.That(lower, Is.EqualTo(next));
            Assert.That(HistogramBuckets.IndexOf(lower), Is.EqualTo(i));
            Assert.That(HistogramBuckets.IndexOf(upper), Is.EqualTo(i));
            Assert.That((upper - lower) * 64, Is.LessThanOrEqualTo(lower));
            next = upper + 1;
        }

        Assert.That(next - 1, Is.EqualTo(Histogram.ValueMax));
    }

    [Test]
    public void Percentile_RandomValues_IsWithinTheBucketAboveTheExactOne()
    {
        var random = new Random(5);
        var histogram = new Histogram();
        long[] values = new long[20_000];
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = (long)Math.Exp(random.NextDouble() * 25);
            histogram.Record(values[i]);
        }

        Array.Sort(values);
        foreach (double percent in new[] { 0, 1, 10, 50, 90, 99, 99.9, 99.99, 100 })
        {
            long exact = values[Math.Max(0, (int)Math.Ceiling(values.Length * percent / 100) - 1)];
            long measured = histogram.Percentile(percent);
            Assert.That(measured, Is.GreaterThanOrEqualTo(exact).And.LessThanOrEqualTo(exact + (exact / 64)), $"{percent} %");
        }

        Assert.That(histogram.Count, Is.EqualTo(values.Length));
        Assert.That(histogram.Sum, Is.EqualTo(values.Sum()));
        Assert.That(histogram.Min, Is.EqualTo(values[0]));
        Assert.That(histogram.Max, Is.EqualTo(values[^1]));
        Assert.That(histogram.Percentile(0), Is.EqualTo(values[0]));
        Assert.That(histogram.Percentile(100), Is.EqualTo(values[^1]));
    }

    [Test]
    public void Histogram_Empty_IsAllZero()
    {
        var histogram = new Histogram();
        Assert.That((histogram.Count, histogram.Sum, histogram.Min, histogram.Max, histogram.Percentile(50)), Is.EqualTo((0, 0, 0, 0, 0)));
        Assert.That(() => histogram.Percentile(101), Throws.TypeOf<ArgumentOutOfRangeException>());
        Assert.That(() => histogram.Percentile(double.NaN), Throws.TypeOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public void Record_OutsideTheRange_CountsAtTheEnds()
    {
        var histogram = new Histogram();
        histogram.Record(-7);
        histogram.Record(long.MaxValue);
        Assert.That(histogram.Min, Is.Zero);
        Assert.That(histogram.Max, Is.EqualTo(Histogram.ValueMax));
        Assert.That(histogram.Count, Is.EqualTo(2));
    }

    [Test]
    public void CaptureSince_TwoIntervals_EachHasOnlyItsOwnValues()
    {
        var histogram = new Histogram();
        var interval = new HistogramSnapshot();
        var last = new HistogramSnapshot();
        histogram.Record(1000);
        histogram.Record(5);
        interval.CaptureSince(histogram, last);
        Assert.That((interval.Count, interval.Sum, interval.Min, interval.Max), Is.EqualTo((2, 1005, 5, 1000)));

        histogram.Record(40);
        histogram.Record(60);
        interval.CaptureSince(histogram, last);
        Assert.That((interval.Count, interval.Sum, interval.Min, interval.Max), Is.EqualTo((2, 100, 40, 60)));
        Assert.That(interval.Percentile(50), Is.EqualTo(40));
        Assert.That(interval.Mean, Is.EqualTo(50));

        interval.CaptureSince(histogram, last);
        Assert.That((interval.Count, interval.Sum, interval.Min, interval.Max), Is.EqualTo((0, 0, 0, 0)));
        Assert.That((last.Count, last.Sum), Is.EqualTo((4, 1105)));
    }

    [Test]
    public void Subtract_EarlierSnapshot_LeavesWhatCameAfterIt()
    {
        var histogram = new Histogram();
        histogram.Record(1_000_000);
        var earlier = new HistogramSnapshot();
        histogram.CopyTo(earlier);
        histogram.Record(77);
        var later = new HistogramSnapshot();
        later.Capture(histogram);
        later.Subtract(earlier);
        Assert.That((later.Count, later.Sum, later.Min, later.Max), Is.EqualTo((1, 77, 77, 77)));
    }

    [Test]
    public void Add_TwoThreadsWorth_IsTheSumOfBoth()
    {
        var first = new Histogram();
        var second = new Histogram();
        first.Record(10);
        second.Record(3);
        second.Record(3000);
        var all = new HistogramSnapshot();
        var one = new HistogramSnapshot();
        foreach (Histogram histogram in new[] { first, second, new Histogram() })
        {
            one.Capture(histogram);
            all.Add(one);
        }

        Assert.That((all.Count, all.Sum, all.Min, all.Max), Is.EqualTo((3, 3013, 3, 3000)));
        all.Reset();
        Assert.That((all.Count, all.Percentile(99)), Is.EqualTo((0, 0)));
    }

    [Test]
    public void Buckets_Enumerated_ShowWhereTheValuesLie()
    {
        var histogram = new Histogram();
        histogram.Record(3);
        histogram.Record(3);
        histogram.Record(1000);
        var snapshot = new HistogramSnapshot();
        snapshot.Capture(histogram);
        var buckets = new List<(long, long, long)>();
        foreach (HistogramBucket bucket in snapshot)
        {
            buckets.Add((bucket.LowerBound, bucket.UpperBound, bucket.Count));
        }

        Assert.That(buckets, Is.EqualTo(new[] { (3L, 3L, 2L), (1000L, 1007L, 1L) }));
        Assert.That(snapshot.CountAtOrBelow(-1), Is.Zero);
        Assert.That(snapshot.CountAtOrBelow(2), Is.Zero);
        Assert.That(snapshot.CountAtOrBelow(3), Is.EqualTo(2));
        Assert.That(snapshot.CountAtOrBelow(long.MaxValue), Is.EqualTo(3));
    }

    [Test]
    public void Reset_AfterValues_IsEmpty()
    {
        var histogram = new Histogram();
        histogram.Record(9);
        histogram.Reset();
        histogram.Record(4);
        Assert.That((histogram.Count, histogram.Sum, histogram.Min, histogram.Max), Is.EqualTo((1, 4, 4, 4)));
    }

    [Test]
    public void RecordCaptureAndPercentile_SteadyState_AllocateNothing()
    {
        var histogram = new Histogram();
        var interval = new HistogramSnapshot();
        var last = new HistogramSnapshot();
        Cycle(3);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Cycle(50);
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);

        void Cycle(int count)
        {
            for (int i = 0; i < count; i++)
            {
                histogram.Record(i * 1000);
                interval.CaptureSince(histogram, last);
                long sum = interval.Percentile(99) + histogram.Percentile(50);
                foreach (HistogramBucket bucket in interval)
                {
                    sum += bucket.Count;
                }

                histogram.Record(sum);
            }
        }
    }

    [Test]
    public void Capture_WhileAnotherThreadRecords_CountsNeverRunBackward()
    {
        const int Values = 200_000;
        var histogram = new Histogram();
        var writer = new Thread(() =>
        {
            for (int i = 0; i < Values; i++)
            {
                histogram.Record(i & 1023);
            }
        });
        writer.Start();
        var snapshot = new HistogramSnapshot();
        long previous = 0;
        while (writer.IsAlive)
        {
            snapshot.Capture(histogram);
            Assert.That(snapshot.Count, Is.GreaterThanOrEqualTo(previous));
            Assert.That(snapshot.Percentile(100), Is.LessThanOrEqualTo(1023));
            previous = snapshot.Count;
        }

        writer.Join();
        snapshot.Capture(histogram);
        Assert.That(snapshot.Count, Is.EqualTo(Values));
    }
}
