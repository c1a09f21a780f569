namespace GameServer.Bench.Pairs;

/// <summary>The median of some figures and the interval in which the true one lies with at least 95 %, whatever their distribution.</summary>
/// <param name="Low">Lower end.</param>
/// <param name="Median">The median.</param>
/// <param name="High">Upper end.</param>
internal readonly record struct MedianInterval(double Low, double Median, double High)
{
    /// <summary>With fewer figures the interval of 95 % is open.</summary>
    public const int CountMin = 6;

    private const double Tail = 0.025;

    /// <summary>By order statistics: the k-th smallest and the k-th largest, k as large as the binomial distribution allows.</summary>
    public static MedianInterval Of(IEnumerable<double> figures)
    {
        double[] sorted = [.. figures.Order()];
        int count = sorted.Length;
        ArgumentOutOfRangeException.ThrowIfLessThan(count, CountMin);
        int outside = 0; // of each end
        double term = Math.Pow(0.5, count); // the chance that none of them lies below the true median
        for (double sum = term; sum <= Tail; sum += term)
        {
            outside++;
            term *= (count - outside + 1) / (double)outside;
        }

        double median = (sorted[(count - 1) / 2] + sorted[count / 2]) / 2;
        return new MedianInterval(sorted[outside - 1], median, sorted[count - outside]);
    }
}
