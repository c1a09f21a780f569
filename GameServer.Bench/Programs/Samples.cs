namespace GameServer.Bench.Programs;

/// <summary>Measured values, kept one by one: exact percentiles. Allocates: in the constructor only.</summary>
internal sealed class Samples(int capacity)
{
    private readonly double[] _values = new double[capacity];
    private bool _isSorted;

    public int Count { get; private set; }

    public void Add(double value)
    {
        _values[Count++] = value;
        _isSorted = false;
    }

    public void Clear() => Count = 0;

    /// <summary>The value that <paramref name="percent"/> % of all do not exceed; 0 without any.</summary>
    public double Percentile(double percent)
    {
        if (!_isSorted)
        {
            Array.Sort(_values, 0, Count);
            _isSorted = true;
        }

        return Count == 0 ? 0 : _values[Math.Clamp((int)Math.Ceiling(Count * percent / 100) - 1, 0, Count - 1)];
    }

    public double Mean()
    {
        double sum = 0;
        for (int i = 0; i < Count; i++)
        {
            sum += _values[i];
        }

        return Count == 0 ? 0 : sum / Count;
    }
}
