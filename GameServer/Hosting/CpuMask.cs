using System.Globalization;
using System.Numerics;

namespace GameServer.Hosting;

/// <summary>A set of processors.</summary>
public sealed class CpuMask : IEquatable<CpuMask>
{
    /// <summary>Processors that a mask can hold.</summary>
    public const int CoresMax = 1024;

    private readonly ulong[] _words = new ulong[CoresMax / 64];

    /// <summary>The set of <paramref name="cores"/>.</summary>
    public CpuMask(params IEnumerable<int> cores)
    {
        foreach (int core in cores)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(core);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(core, CoresMax);
            _words[core / 64] |= 1UL << (core % 64);
        }
    }

    /// <summary>The processors, ascending.</summary>
    public IReadOnlyList<int> Cores => [.. Enumerable.Range(0, CoresMax).Where(Contains)];

    /// <summary>How many there are.</summary>
    public int Count => _words.Sum(BitOperations.PopCount);

    internal ulong[] Words => _words;

    /// <summary>True when <paramref name="core"/> is one of them.</summary>
    public bool Contains(int core) => core is >= 0 and < CoresMax && (_words[core / 64] & (1UL << (core % 64))) != 0;

    /// <summary>These but for <paramref name="cores"/>.</summary>
    public CpuMask Without(params IEnumerable<int> cores) => new(Cores.Except(cores));

    /// <summary>Reads the kernel's form, such as <c>0-3,8</c>; null when it is none.</summary>
    public static CpuMask? Parse(string text)
    {
        var cores = new List<int>();
        foreach (string part in text.Trim().Split(',', StringSplitOptions.RemoveEmptyEntries))
        {
            string[] ends = part.Split('-');
            if (ends.Length > 2
                || !int.TryParse(ends[0], NumberStyles.None, CultureInfo.InvariantCulture, out int first)
                || !int.TryParse(ends[^1], NumberStyles.None, CultureInfo.InvariantCulture, out int last)
                || last < first || last >= CoresMax)
            {
                return null;
            }

            cores.AddRange(Enumerable.Range(first, last - first + 1));
        }

        return new CpuMask(cores);
    }

    /// <inheritdoc/>
    public bool Equals(CpuMask? other) => other is not null && _words.AsSpan().SequenceEqual(other._words);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as CpuMask);

    /// <inheritdoc/>
    public override int GetHashCode() => _words.Aggregate(0, HashCode.Combine);

    /// <summary>The kernel's form, such as <c>0-3,8</c>.</summary>
    public override string ToString()
    {
        var parts = new List<string>();
        IReadOnlyList<int> cores = Cores;
        for (int i = 0; i < cores.Count; i++)
        {
            int first = cores[i];
            while (i + 1 < cores.Count && cores[i + 1] == cores[i] + 1)
            {
                i++;
            }

            parts.Add(first == cores[i] ? $"{first}" : $"{first}-{cores[i]}");
        }

        return string.Join(',', parts);
    }
}
