using System.Runtime.CompilerServices;

namespace GameServer.Netcode.Primitives;

/// <summary>The layout that <see cref="Histogram"/> and <see cref="HistogramSnapshot"/> share.</summary>
/// <remarks>
/// Values below 128 have a bucket each; above, every power of two is cut into 64 equal buckets, so that a bucket is at most 1/64 of its
/// values wide.
/// </remarks>
internal static class HistogramBuckets
{
    /// <summary>Largest value that is told apart.</summary>
    public const long ValueMax = (1L << 40) - 1;

    /// <summary>Number of buckets.</summary>
    public const int Count = Exact + ((40 - ExactBits) * PerOctave);

    private const int ExactBits = 7;
    private const int Exact = 1 << ExactBits;
    private const int PerOctaveBits = 6;
    private const int PerOctave = 1 << PerOctaveBits;

    /// <summary>The bucket of a value from 0 to <see cref="ValueMax"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int IndexOf(long value)
    {
        if (value < Exact)
        {
            return (int)value;
        }

        int octave = BitMath.Log2((ulong)value);
        int withinOctave = (int)(value >> (octave - PerOctaveBits)) - PerOctave;
        return Exact + ((octave - ExactBits) * PerOctave) + withinOctave;
    }

    /// <summary>Smallest value of a bucket.</summary>
    public static long LowerBound(int index)
    {
        if (index < Exact)
        {
            return index;
        }

        int octave = ((index - Exact) >> PerOctaveBits) + ExactBits;
        long withinOctave = PerOctave + ((index - Exact) & (PerOctave - 1));
        return withinOctave << (octave - PerOctaveBits);
    }

    /// <summary>Largest value of a bucket.</summary>
    public static long UpperBound(int index) => LowerBound(index + 1) - 1;
}
