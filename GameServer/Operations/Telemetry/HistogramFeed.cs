using System.Diagnostics.Metrics;

namespace GameServer.Operations.Telemetry;

/// <summary>Carries what a hot thread recorded in a <see cref="Distribution"/> over into an instrument.</summary>
/// <remarks>Instruments lock inside, so the hot threads must not record in them; and there is no observable histogram.</remarks>
internal sealed class HistogramFeed(Distribution source, Histogram<double> target, KeyValuePair<string, object?>? tag)
{
    private readonly long[] _counts = new long[source.BucketCount];
    private readonly long[] _sums = new long[source.BucketCount];

    /// <summary>Records as many values as came since the last call, each the mean of the new ones of its bucket: counts stay exact, sums too.</summary>
    public void Publish()
    {
        for (int bucket = 0; bucket < _counts.Length; bucket++)
        {
            (long count, long sum) = source.Read(bucket);
            long added = count - _counts[bucket];
            if (added <= 0) // below 0: one was carried over before its writer had counted it
            {
                continue;
            }

            // The sum may hold a value whose count is still to come; the mean must not leave the bucket for that. What is cut off comes next time.
            double mean = Math.Clamp((sum - _sums[bucket]) / (double)added, Lowest(bucket), Highest(bucket));
            _sums[bucket] += (long)Math.Round(mean * added);
            _counts[bucket] = count;
            for (long i = 0; i < added; i++)
            {
                Record(mean);
            }
        }
    }

    /// <summary>Records one value that the source has counted, or is about to.</summary>
    public void PublishOne(long value)
    {
        int bucket = 0;
        while (bucket < source.Bounds.Length && value > source.Bounds[bucket])
        {
            bucket++;
        }

        _counts[bucket]++;
        _sums[bucket] += value;
        Record(value);
    }

    private void Record(double value)
    {
        if (tag is { } present)
        {
            target.Record(value / source.PerUnit, present);
        }
        else
        {
            target.Record(value / source.PerUnit);
        }
    }

    private double Lowest(int bucket) => bucket == 0 ? double.MinValue : source.Bounds[bucket - 1] + 1;

    private double Highest(int bucket) => bucket == source.Bounds.Length ? double.MaxValue : source.Bounds[bucket];
}
