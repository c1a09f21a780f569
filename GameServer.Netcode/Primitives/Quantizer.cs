using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace GameServer.Netcode.Primitives;

/// <summary>Maps a range of floats onto the integers 0 to <see cref="Steps"/> and back.</summary>
/// <remarks>
/// Quantum q stands for min + q × (max − min) ÷ <see cref="Steps"/>, rounded to a float. Every quantum survives the way to a float and
/// back; the constructor refuses a precision that the floats of the range are too coarse for. The arithmetic is + − × ÷ on doubles,
/// so that all platforms agree to the bit. Allocates: no.
/// </remarks>
public readonly struct Quantizer
{
    private const int StepsMax = 1 << 30;

    private readonly float _min;
    private readonly float _max;
    private readonly double _step;
    private readonly double _stepsPerUnit;

    /// <summary>A quantizer of <paramref name="min"/> to <paramref name="max"/>, both included.</summary>
    /// <param name="min">Smallest value, finite.</param>
    /// <param name="max">Largest value, finite and above <paramref name="min"/>.</param>
    /// <param name="precision">Largest distance of two neighbouring quanta; smaller where the range is not a multiple of it, larger by a millionth at most.</param>
    /// <exception cref="ArgumentOutOfRangeException">An empty or infinite range, more than 2^30 steps, or steps finer than two floats.</exception>
    public Quantizer(float min, float max, float precision)
    {
        if (!(Math.Abs(min) <= float.MaxValue))
        {
            throw new ArgumentOutOfRangeException(nameof(min), min, "a finite number");
        }

        if (!(Math.Abs(max) <= float.MaxValue && min < max))
        {
            throw new ArgumentOutOfRangeException(nameof(max), max, FormattableString.Invariant($"finite and above min ({min})"));
        }

        double range = (double)max - min;
        double spacing = SpacingIn(min, max);
        double least = LeastPrecision(min, max);
        if (!(precision >= least && precision <= range))
        {
            throw new ArgumentOutOfRangeException(nameof(precision), precision, FormattableString.Invariant($"at least {least} and at most {range} for this range"));
        }

        // A range that is a whole number of steps but for the rounding of its decimals (0 to 1 by 0.1f) does not get one step more.
        double exact = range / precision;
        double whole = Math.Floor(exact + 0.5);
        Steps = (int)(Math.Abs(exact - whole) <= whole * 1e-6 ? whole : Math.Ceiling(exact));
        Bits = BitMath.BitsFor((uint)Steps);
        _min = min;
        _max = max;
        _step = range / Steps;
        _stepsPerUnit = Steps / range;
        ErrorBound = (float)(((_step + spacing) / 2) * (1 + 1e-6));
    }

    /// <summary>The finest precision that a range allows: its floats are twice as fine, and it has at most 2^30 steps.</summary>
    internal static double LeastPrecision(float min, float max) => Math.Max(((double)max - min) / StepsMax, 2 * SpacingIn(min, max));

    /// <summary>The largest quantum; the smallest is 0.</summary>
    public int Steps { get; }

    /// <summary>Bits that a quantum takes.</summary>
    public int Bits { get; }

    /// <summary>Largest difference of a value within the range and what comes back: half a step and the rounding to a float.</summary>
    public float ErrorBound { get; }

    /// <summary>Quantizes a value, clamped to the range; refuses NaN and infinity.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryQuantize(float value, out int quantum)
    {
        // False for NaN as well: no comparison with it holds.
        if (Math.Abs(value) <= float.MaxValue)
        {
            quantum = Nearest(value);
            return true;
        }

        quantum = 0;
        return false;
    }

    /// <summary>True within the range, ends included; false for NaN.</summary>
    public bool Contains(float value) => value >= _min && value <= _max;

    /// <summary>Quantizes a value that is known to be a number, clamped to the range; NaN is a mistake of the caller and gives 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int Quantize(float value)
    {
        Debug.Assert(!float.IsNaN(value), "NaN has no quantum");
        return Nearest(value);
    }

    /// <summary>The value that a quantum stands for; quanta outside 0 to <see cref="Steps"/> give the nearer end.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public float Dequantize(int quantum)
    {
        if (quantum <= 0)
        {
            return _min;
        }

        return quantum >= Steps ? _max : (float)(_min + (quantum * _step));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private int Nearest(float value)
    {
        // NaN fails both comparisons and ends at 0.
        if (value >= _max)
        {
            return Steps;
        }

        return value > _min ? (int)((((double)value - _min) * _stepsPerUnit) + 0.5) : 0;
    }

    private static double SpacingIn(float min, float max) => SpacingOfFloatsBelow(Math.Max(Math.Abs((double)min), Math.Abs((double)max)));

    // The distance from the largest float below the magnitude's power of two to its neighbour: 2^-24 of that power.
    private static double SpacingOfFloatsBelow(double magnitude)
    {
        double power = 1;
        while (power < magnitude)
        {
            power *= 2;
        }

        while (power / 2 >= magnitude)
        {
            power /= 2;
        }

        return power / (1 << 24);
    }
}
