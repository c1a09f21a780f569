using System.Numerics;
using System.Runtime.CompilerServices;

namespace GameServer.Netcode.Primitives;

/// <summary>Trigonometry and lengths that give the same bits on every processor, runtime and in a browser.</summary>
/// <remarks>
/// Only operations that IEEE 754 fixes to the bit, on doubles, each result rounded to a float once: it is within 0.501 units in the last
/// place of the true value. Products of floats are exact in a double, so a compiler that fuses a multiplication with an addition
/// changes nothing in the lengths. NaN gives <see cref="float.NaN"/>, whose bits do not depend on the platform. Allocates: no.
/// </remarks>
public static class DeterministicMath
{
    /// <summary>Angles beyond ± this many radians have lost what an angle is about and are taken as 0, infinity too.</summary>
    public const float AngleMax = 1 << 22;

    private const double Pi = 3.14159265358979323846;
    private const double TwoOverPi = 0.63661977236758134308;

    // π/2 in two parts; the first has 30 bits, so that its product with the quadrant (22 bits) is exact (Cody and Waite 1980).
    private const double HalfPiHigh = 1.570796325802803;
    private const double HalfPiLow = 9.920935796805404e-10;

    /// <summary>Sine of an angle in radians.</summary>
    public static float Sin(float angle)
    {
        SinCos(angle, out float sin, out _);
        return sin;
    }

    /// <summary>Cosine of an angle in radians.</summary>
    public static float Cos(float angle)
    {
        SinCos(angle, out _, out float cos);
        return cos;
    }

    /// <summary>Sine and cosine of an angle in radians.</summary>
    public static void SinCos(float angle, out float sin, out float cos)
    {
        if (float.IsNaN(angle))
        {
            sin = cos = float.NaN;
            return;
        }

        double x = Math.Abs(angle) <= AngleMax ? angle : 0;
        int quadrant = NearestInt(x * TwoOverPi);
        double r = (x - (quadrant * HalfPiHigh)) - (quadrant * HalfPiLow);
        float s = (float)SinKernel(r);
        float c = (float)CosKernel(r);
        bool swap = (quadrant & 1) != 0;
        sin = swap ? c : s;
        cos = swap ? s : c;
        sin = (quadrant & 2) != 0 ? -sin : sin;
        cos = ((quadrant + 1) & 2) != 0 ? -cos : cos;
    }

    /// <summary>The angle of the point (<paramref name="x"/>, <paramref name="y"/>) in radians, −π to π; 0 for the origin.</summary>
    /// <returns>NaN when either is NaN or infinite; π on the negative x axis, whatever the sign of a zero <paramref name="y"/>.</returns>
    public static float Atan2(float y, float x)
    {
        if (!(Math.Abs(y) <= float.MaxValue && Math.Abs(x) <= float.MaxValue))
        {
            return float.NaN;
        }

        return (float)AngleOf(y, x);
    }

    /// <summary>The angle from −π/2 to π/2 whose sine this is; beyond ±1 it is taken as ±1.</summary>
    public static float Asin(float sine)
    {
        if (float.IsNaN(sine))
        {
            return float.NaN;
        }

        double s = Math.Abs(sine) <= 1 ? sine : sine < 0 ? -1 : 1;
        return (float)AngleOf(s, Math.Sqrt((1 - s) * (1 + s)));
    }

    /// <summary>The angle from 0 to π whose cosine this is; beyond ±1 it is taken as ±1.</summary>
    public static float Acos(float cosine)
    {
        if (float.IsNaN(cosine))
        {
            return float.NaN;
        }

        double c = Math.Abs(cosine) <= 1 ? cosine : cosine < 0 ? -1 : 1;
        return (float)AngleOf(Math.Sqrt((1 - c) * (1 + c)), c);
    }

    /// <summary>Square root, correctly rounded as IEEE 754 demands; <see cref="float.NaN"/> below 0.</summary>
    public static float Sqrt(float value) => value >= 0 ? (float)Math.Sqrt(value) : float.NaN;

    /// <summary>Length of a vector; cannot overflow on the way.</summary>
    public static float Length(Vector3 vector) => (float)Math.Sqrt(SquareOf(vector.X, vector.Y, vector.Z));

    /// <summary>Length of a vector; cannot overflow on the way.</summary>
    public static float Length(Vector2 vector) => (float)Math.Sqrt(SquareOf(vector.X, vector.Y, 0));

    /// <summary>Distance of two points.</summary>
    public static float Distance(Vector3 a, Vector3 b) =>
        (float)Math.Sqrt(SquareOf((double)a.X - b.X, (double)a.Y - b.Y, (double)a.Z - b.Z));

    /// <summary>Scalar product.</summary>
    public static float Dot(Vector3 a, Vector3 b) => (float)(((double)a.X * b.X) + ((double)a.Y * b.Y) + ((double)a.Z * b.Z));

    /// <summary>The vector of length 1 in the same direction; zero when the length is 0, infinite or NaN.</summary>
    public static Vector3 Normalize(Vector3 vector)
    {
        double length = Math.Sqrt(SquareOf(vector.X, vector.Y, vector.Z));
        return length > 0 && length <= double.MaxValue
            ? new Vector3((float)(vector.X / length), (float)(vector.Y / length), (float)(vector.Z / length))
            : default;
    }

    /// <summary>The vector of length 1 in the same direction; zero when the length is 0, infinite or NaN.</summary>
    public static Vector2 Normalize(Vector2 vector)
    {
        double length = Math.Sqrt(SquareOf(vector.X, vector.Y, 0));
        return length > 0 && length <= double.MaxValue
            ? new Vector2((float)(vector.X / length), (float)(vector.Y / length))
            : default;
    }

    /// <summary>The same direction as an angle from −π to π.</summary>
    public static float WrapAngle(float angle)
    {
        if (float.IsNaN(angle))
        {
            return float.NaN;
        }

        double x = Math.Abs(angle) <= AngleMax ? angle : 0;
        int turns = NearestInt(x * (TwoOverPi / 4));
        return (float)((x - (turns * 4 * HalfPiHigh)) - (turns * 4 * HalfPiLow));
    }

    /// <summary>The whole part of a number; the nearest <see cref="int"/> when it is beyond, 0 for NaN. A plain cast gives whatever the platform has.</summary>
    public static int ToInt(double value) =>
        value >= int.MaxValue ? int.MaxValue
        : value <= int.MinValue ? int.MinValue
        : double.IsNaN(value) ? 0
        : (int)value;

    /// <summary>Degrees as radians.</summary>
    public static float DegreesToRadians(float degrees) => (float)(degrees * (Pi / 180));

    /// <summary>Radians as degrees.</summary>
    public static float RadiansToDegrees(float radians) => (float)(radians * (180 / Pi));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static double SquareOf(double x, double y, double z) => (x * x) + (y * y) + (z * z);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int NearestInt(double value) => (int)(value < 0 ? value - 0.5 : value + 0.5);

    // Taylor series; within ±π/4 the first term left out is below 2^-36 of the result.
    private static double SinKernel(double x)
    {
        double q = x * x;
        double sum = -1.0 / 39916800;
        sum = (sum * q) + (1.0 / 362880);
        sum = (sum * q) - (1.0 / 5040);
        sum = (sum * q) + (1.0 / 120);
        sum = (sum * q) - (1.0 / 6);
        return x + (x * (sum * q));
    }

    private static double CosKernel(double x)
    {
        double q = x * x;
        double sum = 1.0 / 479001600;
        sum = (sum * q) - (1.0 / 3628800);
        sum = (sum * q) + (1.0 / 40320);
        sum = (sum * q) - (1.0 / 720);
        sum = (sum * q) + (1.0 / 24);
        sum = (sum * q) - (1.0 / 2);
        return 1 + (sum * q);
    }

    private static double AngleOf(double y, double x)
    {
        double absX = Math.Abs(x);
        double absY = Math.Abs(y);
        if (absX == 0 && absY == 0)
        {
            return 0;
        }

        bool steep = absY > absX;
        double angle = AtanOfRatio(steep ? absX / absY : absY / absX);
        angle = steep ? (Pi / 2) - angle : angle;
        angle = x < 0 ? Pi - angle : angle;
        return y < 0 ? -angle : angle;
    }

    // Arc tangent of 0 to 1. Above tan(π/8) the identity atan t = π/4 + atan((t − 1) ÷ (t + 1)) brings the argument near 0, where 13
    // terms of the series leave less than 2^-36.
    private static double AtanOfRatio(double t)
    {
        const double TanOfEighthPi = 0.41421356237309504880;
        bool upper = t > TanOfEighthPi;
        double x = upper ? (t - 1) / (t + 1) : t;
        double q = x * x;
        double sum = 1.0 / 25;
        sum = (1.0 / 23) - (sum * q);
        sum = (1.0 / 21) - (sum * q);
        sum = (1.0 / 19) - (sum * q);
        sum = (1.0 / 17) - (sum * q);
        sum = (1.0 / 15) - (sum * q);
        sum = (1.0 / 13) - (sum * q);
        sum = (1.0 / 11) - (sum * q);
        sum = (1.0 / 9) - (sum * q);
        sum = (1.0 / 7) - (sum * q);
        sum = (1.0 / 5) - (sum * q);
        sum = (1.0 / 3) - (sum * q);
        double atan = x - (x * (sum * q));
        return upper ? (Pi / 4) + atan : atan;
    }
}
