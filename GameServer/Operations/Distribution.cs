namespace GameServer.Operations;

/// <summary>How often values fell between fixed bounds, and their sum: the cumulative histogram that is exported.</summary>
/// <remarks>
/// Owner: one writing thread; one other thread reads by <see cref="Read"/>. Allocates: no, once made.
/// Values are whole numbers in the unit that the writer has at hand; divided by <see cref="PerUnit"/> they are in the exported unit.
/// Percentiles over a window are not its task: that is what <c>Primitives.Histogram</c> is for.
/// </remarks>
public sealed class Distribution
{
    private readonly long[] _bounds;
    private readonly long[] _counts;
    private readonly long[] _sums;

    /// <summary>Makes an empty one.</summary>
    /// <param name="perUnit">How many make one exported unit: 1e6 for microseconds exported as seconds.</param>
    /// <param name="bounds">Inclusive upper bounds of the buckets, ascending; one bucket more takes what is above.</param>
    public Distribution(double perUnit, params ReadOnlySpan<long> bounds)
    {
        ArgumentOutOfRangeException.ThrowIfZero(bounds.Length);
        for (int i = 1; i < bounds.Length; i++)
        {
            ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(bounds[i], bounds[i - 1]);
        }

        PerUnit = perUnit;
        _bounds = bounds.ToArray();
        _counts = new long[bounds.Length + 1];
        _sums = new long[bounds.Length + 1];
    }

    /// <summary>How many make one exported unit.</summary>
    public double PerUnit { get; }

    /// <summary>Inclusive upper bounds of all buckets but the last.</summary>
    public ReadOnlySpan<long> Bounds => _bounds;

    /// <summary>Buckets, the one above the last bound included.</summary>
    public int BucketCount => _counts.Length;

    /// <summary>Counts one value.</summary>
    public void Record(long value) => Record(value, 1);

    /// <summary>Counts <paramref name="count"/> equal values.</summary>
    public void Record(long value, long count)
    {
        int bucket = 0;
        while (bucket < _bounds.Length && value > _bounds[bucket])
        {
            bucket++;
        }

        // The sum first: who sees the new count (Volatile.Read in Read) sees at least the sum that belongs to it.
        Volatile.Write(ref _sums[bucket], _sums[bucket] + (value * count));
        Volatile.Write(ref _counts[bucket], _counts[bucket] + count);
    }

    /// <summary>Count and sum of one bucket so far. Under a running writer the sum may hold values that the count does not yet.</summary>
    public (long Count, long Sum) Read(int bucket)
    {
        long count = Volatile.Read(ref _counts[bucket]);
        return (count, Volatile.Read(ref _sums[bucket]));
    }
}
