namespace GameServer.Netcode.Primitives;

/// <summary>One bucket of a <see cref="HistogramSnapshot"/>: how many values lie between two bounds, both included.</summary>
public readonly struct HistogramBucket
{
    /// <summary>Smallest value that counts here.</summary>
    public readonly long LowerBound;

    /// <summary>Largest value that counts here.</summary>
    public readonly long UpperBound;

    /// <summary>Values counted.</summary>
    public readonly long Count;

    internal HistogramBucket(int index, long count)
    {
        LowerBound = HistogramBuckets.LowerBound(index);
        UpperBound = HistogramBuckets.UpperBound(index);
        Count = count;
    }
}

/// <summary>A copy of a <see cref="Histogram"/> at one moment, or of what it recorded between two; made once and filled again.</summary>
/// <remarks>
/// The count is that of the buckets copied, so percentiles always agree with it; sum and count may differ by a value that was being
/// recorded during the copy. Owner: one thread. Allocates: in the constructor only.
/// </remarks>
public sealed class HistogramSnapshot
{
    private readonly long[] _counts = new long[HistogramBuckets.Count];

    /// <summary>Values recorded.</summary>
    public long Count { get; private set; }

    /// <summary>Sum of the values recorded.</summary>
    public long Sum { get; private set; }

    /// <summary>Smallest value, 0 when there is none; of an interval, the lower bound of its bucket.</summary>
    public long Min { get; private set; }

    /// <summary>Largest value, 0 when there is none; of an interval, the upper bound of its bucket or the exact one where that is smaller.</summary>
    public long Max { get; private set; }

    /// <summary>Mean of the values, 0 when there is none.</summary>
    public double Mean => Count == 0 ? 0 : (double)Sum / Count;

    /// <summary>Copies everything that <paramref name="source"/> has recorded so far. Any thread's histogram will do.</summary>
    public void Capture(Histogram source)
    {
        _ = source ?? throw new ArgumentNullException(nameof(source));
        ReadOnlySpan<long> counts = source.Counts;
        long count = 0;
        for (int i = 0; i < _counts.Length; i++)
        {
            count += _counts[i] = counts[i];
        }

        Count = count;
        Sum = source.Sum;
        Min = source.Min;
        Max = source.Max;
    }

    /// <summary>
    /// Takes what <paramref name="source"/> recorded since <paramref name="last"/>, and makes <paramref name="last"/> the state up to here,
    /// so that the next call continues without a gap.
    /// </summary>
    /// <param name="source">The histogram, which must not have been reset since <paramref name="last"/>.</param>
    /// <param name="last">The state at the end of the interval before; a snapshot never filled means from the beginning.</param>
    public void CaptureSince(Histogram source, HistogramSnapshot last)
    {
        _ = source ?? throw new ArgumentNullException(nameof(source));
        _ = last ?? throw new ArgumentNullException(nameof(last));
        ReadOnlySpan<long> counts = source.Counts;
        long sum = source.Sum;
        Count = 0;
        for (int i = 0; i < _counts.Length; i++)
        {
            long count = counts[i];
            Count += _counts[i] = count - last._counts[i];
            last._counts[i] = count;
        }

        Sum = sum - last.Sum;
        last.Count += Count;
        last.Sum = sum;
        last.Min = source.Min;
        last.Max = source.Max;
        SetBounds(last.Min, last.Max);
    }

    /// <summary>Takes away the values of an earlier snapshot of the same histogram.</summary>
    public void Subtract(HistogramSnapshot earlier)
    {
        _ = earlier ?? throw new ArgumentNullException(nameof(earlier));
        for (int i = 0; i < _counts.Length; i++)
        {
            _counts[i] -= earlier._counts[i];
        }

        Count -= earlier.Count;
        Sum -= earlier.Sum;
        SetBounds(Min, Max);
    }

    /// <summary>Adds the values of another snapshot, as when several threads record into a histogram each.</summary>
    public void Add(HistogramSnapshot other)
    {
        _ = other ?? throw new ArgumentNullException(nameof(other));
        if (other.Count == 0)
        {
            return;
        }

        for (int i = 0; i < _counts.Length; i++)
        {
            _counts[i] += other._counts[i];
        }

        Min = Count == 0 ? other.Min : Math.Min(Min, other.Min);
        Max = Math.Max(Max, other.Max);
        Count += other.Count;
        Sum += other.Sum;
    }

    /// <summary>Forgets everything.</summary>
    public void Reset()
    {
        Array.Clear(_counts, 0, _counts.Length);
        Count = Sum = Min = Max = 0;
    }

    /// <summary>The value that <paramref name="percent"/> % of the values do not exceed, too large by 1.6 % at most; 0 when there is none.</summary>
    /// <param name="percent">0 (the smallest value) to 100 (the largest).</param>
    public long Percentile(double percent) => PercentileOf(_counts, Min, Max, percent);

    /// <summary>How many values are at most <paramref name="value"/>, those of its own bucket included.</summary>
    public long CountAtOrBelow(long value)
    {
        if (value < 0)
        {
            return 0;
        }

        int last = HistogramBuckets.IndexOf(Math.Min(value, HistogramBuckets.ValueMax));
        long count = 0;
        for (int i = 0; i <= last; i++)
        {
            count += _counts[i];
        }

        return count;
    }

    /// <summary>The buckets that hold anything, in order of their values.</summary>
    public Enumerator GetEnumerator() => new(_counts);

    internal static long PercentileOf(ReadOnlySpan<long> counts, long min, long max, double percent)
    {
        if (!(percent is >= 0 and <= 100))
        {
            throw new ArgumentOutOfRangeException(nameof(percent), percent, "0 to 100");
        }

        long total = 0;
        for (int i = 0; i < counts.Length; i++)
        {
            total += counts[i];
        }

        long rank = Math.Max(1, (long)Math.Ceiling((total * percent) / 100));
        if (total == 0 || rank == 1)
        {
            return min;
        }

        long seen = 0;
        for (int i = 0; i < counts.Length; i++)
        {
            seen += counts[i];
            if (seen >= rank)
            {
                return Math.Min(HistogramBuckets.UpperBound(i), max);
            }
        }

        return max;
    }

    // The exact bounds of all time are the best limit for those of the buckets that are left.
    private void SetBounds(long minOfAll, long maxOfAll)
    {
        int first = 0;
        while (first < _counts.Length && _counts[first] == 0)
        {
            first++;
        }

        if (first == _counts.Length)
        {
            Min = Max = 0;
            return;
        }

        int last = _counts.Length - 1;
        while (_counts[last] == 0)
        {
            last--;
        }

        Min = Math.Max(HistogramBuckets.LowerBound(first), minOfAll);
        Max = Math.Min(HistogramBuckets.UpperBound(last), maxOfAll);
    }

    /// <summary>Walks the buckets that hold anything.</summary>
    public struct Enumerator
    {
        private readonly long[] _counts;
        private int _index;

        internal Enumerator(long[] counts)
        {
            _counts = counts;
            _index = -1;
        }

        /// <summary>The bucket that the walk stands on.</summary>
        public readonly HistogramBucket Current => new(_index, _counts[_index]);

        /// <summary>Goes to the next bucket that holds anything; false at the end.</summary>
        public bool MoveNext()
        {
            while (++_index < _counts.Length)
            {
                if (_counts[_index] != 0)
                {
                    return true;
                }
            }

            return false;
        }
    }
}
