using System.Runtime.CompilerServices;

namespace GameServer.Netcode.Primitives;

/// <summary>Counts values into buckets that are at most 1/64 (1.6 %) wide, from 0 to 2^40 − 1: 18 kB, whatever is recorded.</summary>
/// <remarks>
/// Owner: one thread records and resets; any thread may read, and sees every number whole and at most a moment old. To read several
/// numbers that belong together, or an interval, take a <see cref="HistogramSnapshot"/>. Allocates: in the constructor only.
/// </remarks>
public sealed class Histogram
{
    private readonly long[] _counts = new long[HistogramBuckets.Count];
    private long _count;
    private long _sum;
    private long _min = long.MaxValue;
    private long _max;

    /// <summary>Largest value that is told apart; larger ones count as this one, negative ones as 0.</summary>
    public static long ValueMax => HistogramBuckets.ValueMax;

    /// <summary>Values recorded.</summary>
    public long Count => Volatile.Read(ref _count);

    /// <summary>Sum of the values recorded.</summary>
    public long Sum => Volatile.Read(ref _sum);

    /// <summary>Smallest value recorded, exact; 0 when there is none.</summary>
    public long Min => Count == 0 ? 0 : Volatile.Read(ref _min);

    /// <summary>Largest value recorded, exact; 0 when there is none.</summary>
    public long Max => Volatile.Read(ref _max);

    internal ReadOnlySpan<long> Counts => _counts;

    /// <summary>Counts one value. Owner: the recording thread.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Record(long value)
    {
        value = Math.Min(Math.Max(value, 0), HistogramBuckets.ValueMax);
        ref long bucket = ref _counts[HistogramBuckets.IndexOf(value)];

        // One writer: plain reads are exact, and the volatile writes keep readers on other threads from seeing half of a number. The count
        // is written last, so that a reader who sees it also sees the value in its bucket, the sum, the minimum and the maximum.
        Volatile.Write(ref bucket, bucket + 1);
        Volatile.Write(ref _sum, _sum + value);
        if (value < _min)
        {
            Volatile.Write(ref _min, value);
        }

        if (value > _max)
        {
            Volatile.Write(ref _max, value);
        }

        Volatile.Write(ref _count, _count + 1);
    }

    /// <summary>The value that <paramref name="percent"/> % of the recorded values do not exceed, too large by 1.6 % at most.</summary>
    /// <param name="percent">0 (the smallest value) to 100 (the largest).</param>
    /// <returns>0 when nothing was recorded.</returns>
    public long Percentile(double percent) => HistogramSnapshot.PercentileOf(_counts, Min, Max, percent);

    /// <summary>Copies the whole state into <paramref name="snapshot"/>.</summary>
    public void CopyTo(HistogramSnapshot snapshot)
    {
        _ = snapshot ?? throw new ArgumentNullException(nameof(snapshot));
        snapshot.Capture(this);
    }

    /// <summary>Forgets everything. Owner: the recording thread; a reader at the same moment may see part of both states.</summary>
    public void Reset()
    {
        Volatile.Write(ref _count, 0);
        Volatile.Write(ref _sum, 0);
        Volatile.Write(ref _max, 0);
        Volatile.Write(ref _min, long.MaxValue);
        for (int i = 0; i < _counts.Length; i++)
        {
            Volatile.Write(ref _counts[i], 0);
        }
    }
}
