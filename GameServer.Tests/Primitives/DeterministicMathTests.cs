using System.Numerics;
using System.Runtime.InteropServices;
using GameServer.Netcode.Primitives;

namespace GameServer.Tests.Primitives;

public class DeterministicMathTests
{
    private const double UnitsInTheLastPlaceMax = 0.501;

    /// <summary>The promise of the type, against the platform's double functions, which are good to far more digits than a float has.</summary>
    [Test]
    public void SinCos_AnglesOfAllSizes_AreWithinTheStatedError()
    {
        double worst = 0;
        var random = new Random(1);
        for (int i = 0; i < 400_000; i++)
        {
            float angle = (float)((random.NextDouble() - 0.5) * Math.Pow(10, (random.NextDouble() * 13.6) - 7));
            DeterministicMath.SinCos(angle, out float sin, out float cos);
            worst = Math.Max(worst, Math.Max(Error(sin, Math.Sin(angle)), Error(cos, Math.Cos(angle))));
        }

        Assert.That(worst, Is.LessThanOrEqualTo(UnitsInTheLastPlaceMax));
        TestContext.Out.WriteLine($"worst {worst}");
    }

    [Test]
    public void Atan2_PointsAllAround_AreWithinTheStatedError()
    {
        double worst = 0;
        var random = new Random(2);
        for (int i = 0; i < 400_000; i++)
        {
            float y = (float)((random.NextDouble() - 0.5) * Math.Pow(10, (random.NextDouble() * 12) - 6));
            float x = (float)((random.NextDouble() - 0.5) * Math.Pow(10, (random.NextDouble() * 12) - 6));
            worst = Math.Max(worst, Error(DeterministicMath.Atan2(y, x), Math.Atan2(y, x)));
        }

        Assert.That(worst, Is.LessThanOrEqualTo(UnitsInTheLastPlaceMax));
        TestContext.Out.WriteLine($"worst {worst}");
    }

    [Test]
    public void AsinAcos_WholeRange_AreWithinTheStatedError()
    {
        double worst = 0;
        for (int i = -100_000; i <= 100_000; i++)
        {
            float value = i / 100_000f;
            worst = Math.Max(worst, Error(DeterministicMath.Asin(value), Math.Asin(value)));
            worst = Math.Max(worst, Error(DeterministicMath.Acos(value), Math.Acos(value)));
        }

        Assert.That(worst, Is.LessThanOrEqualTo(UnitsInTheLastPlaceMax));
        Assert.That(DeterministicMath.Asin(2), Is.EqualTo((float)(Math.PI / 2)));
        Assert.That(DeterministicMath.Acos(-2), Is.EqualTo((float)Math.PI));
    }

    [Test]
    public void WrapAngle_AnyAngle_IsTheSameDirectionWithinHalfATurn()
    {
        var random = new Random(3);
        for (int i = 0; i < 100_000; i++)
        {
            float angle = (float)((random.NextDouble() - 0.5) * 2000);
            float wrapped = DeterministicMath.WrapAngle(angle);
            Assert.That(Math.Abs(wrapped), Is.LessThanOrEqualTo(3.1415927f));
            Assert.That(Math.Abs(Math.IEEERemainder((double)angle - wrapped, 2 * Math.PI)), Is.LessThan(2e-7));
        }
    }

    [Test]
    public void LengthAndNormalize_Vectors_AgreeWithDoubles()
    {
        var random = new Random(4);
        for (int i = 0; i < 100_000; i++)
        {
            var v = new Vector3(random.NextSingle() - 0.5f, random.NextSingle() - 0.5f, random.NextSingle() - 0.5f) * 1000;
            double length = Math.Sqrt(((double)v.X * v.X) + ((double)v.Y * v.Y) + ((double)v.Z * v.Z));
            Assert.That(Error(DeterministicMath.Length(v), length), Is.LessThanOrEqualTo(0.501));
            Assert.That(Error(DeterministicMath.Normalize(v).X, v.X / length), Is.LessThanOrEqualTo(0.501));
            Assert.That(DeterministicMath.Length(DeterministicMath.Normalize(v)), Is.EqualTo(1).Within(1e-7f));
            Assert.That(DeterministicMath.Distance(v, default), Is.EqualTo(DeterministicMath.Length(v)));
        }
    }

    [Test]
    public void LengthAndNormalize_Extremes_NeitherOverflowNorGiveNaN()
    {
        var huge = new Vector3(float.MaxValue / 2, float.MaxValue / 2, 0);
        Assert.That(float.IsFinite(DeterministicMath.Length(huge)), Is.True);
        Assert.That(DeterministicMath.Normalize(huge).X, Is.EqualTo(0.70710677f).Within(1e-7f));
        var tiny = new Vector3(float.Epsilon, 0, 0);
        Assert.That(DeterministicMath.Length(tiny), Is.EqualTo(float.Epsilon));
        Assert.That(DeterministicMath.Normalize(tiny), Is.EqualTo(Vector3.UnitX));
        Assert.That(DeterministicMath.Normalize(Vector3.Zero), Is.EqualTo(Vector3.Zero));
        Assert.That(DeterministicMath.Normalize(new Vector3(float.NaN, 1, 1)), Is.EqualTo(Vector3.Zero));
        Assert.That(DeterministicMath.Normalize(new Vector3(float.PositiveInfinity, 1, 1)), Is.EqualTo(Vector3.Zero));
        Assert.That(DeterministicMath.Normalize(Vector2.Zero), Is.EqualTo(Vector2.Zero));
        Assert.That(DeterministicMath.Normalize(new Vector2(0, -7)), Is.EqualTo(-Vector2.UnitY));
    }

    /// <summary>All NaN have the one bit pattern of <see cref="float.NaN"/>: processors differ in the sign of those they make.</summary>
    [Test]
    public void AnyFunction_NaNOrInfinity_HasTheSameBitsEverywhere()
    {
        float[] nans =
        [
            DeterministicMath.Sin(float.NaN), DeterministicMath.Cos(float.NaN), DeterministicMath.Atan2(float.NaN, 1),
            DeterministicMath.Atan2(1, float.NaN), DeterministicMath.Atan2(float.PositiveInfinity, 1), DeterministicMath.Asin(float.NaN),
            DeterministicMath.Acos(float.NaN), DeterministicMath.Sqrt(-1), DeterministicMath.Sqrt(float.NaN), DeterministicMath.WrapAngle(float.NaN),
        ];
        foreach (float nan in nans)
        {
            Assert.That(BitConverter.SingleToInt32Bits(nan), Is.EqualTo(BitConverter.SingleToInt32Bits(float.NaN)));
        }

        Assert.That(DeterministicMath.Sin(float.PositiveInfinity), Is.Zero);
        Assert.That(DeterministicMath.Cos(1e30f), Is.EqualTo(1));
        Assert.That(DeterministicMath.WrapAngle(float.NegativeInfinity), Is.Zero);
        Assert.That(DeterministicMath.Atan2(0, 0), Is.Zero);
        Assert.That(DeterministicMath.Atan2(0, -1), Is.EqualTo(3.1415927f));
    }

    [TestCase(0.5f, 0x3EF57744u, 0x3F60A940u)]
    public void SinCos_KnownAngles_HaveTheFrozenBits(float angle, uint sinBits, uint cosBits)
    {
        DeterministicMath.SinCos(angle, out float sin, out float cos);
        Assert.That((uint)BitConverter.SingleToInt32Bits(sin), Is.EqualTo(sinBits));
        Assert.That((uint)BitConverter.SingleToInt32Bits(cos), Is.EqualTo(cosBits));
    }

    /// <summary>One hash over every function at 65,536 bit patterns each: a platform that differs in one bit anywhere turns this red.</summary>
    [Test]
    public void AllFunctions_ManyBitPatterns_HaveTheFrozenHash()
    {
        DeterministicRandom random = DeterministicRandom.From(2024, 1);
        ulong hash = StateHash.Start;
        Span<float> results = stackalloc float[12];
        for (int i = 0; i < 65_536; i++)
        {
            float a = FiniteFrom(random.NextUInt());
            float b = FiniteFrom(random.NextUInt());
            float angle = random.NextFloat(-10, 10);
            var v = new Vector3(a, b, angle);
            Vector3 unit = DeterministicMath.Normalize(v);
            DeterministicMath.SinCos(angle, out results[0], out results[1]);
            DeterministicMath.SinCos(a, out results[2], out results[3]);
            results[4] = DeterministicMath.Atan2(a, b);
            results[5] = DeterministicMath.Asin(angle / 10);
            results[6] = DeterministicMath.Acos(angle / 10);
            results[7] = DeterministicMath.Sqrt(a);
            results[8] = DeterministicMath.Length(v);
            results[9] = unit.X + unit.Y + unit.Z;
            results[10] = DeterministicMath.WrapAngle(a);
            results[11] = DeterministicMath.DegreesToRadians(angle) + DeterministicMath.RadiansToDegrees(angle);
            hash = StateHash.Append(hash, MemoryMarshal.AsBytes(results));
        }

        Assert.That(hash, Is.EqualTo(0x05843d85a3d6e6ecUL), $"0x{hash:x16}");
    }

    private static float FiniteFrom(uint bits)
    {
        float value = BitConverter.Int32BitsToSingle((int)bits);
        return float.IsFinite(value) ? value : 1;
    }

    // Distance from the true value in units of the last place of the float.
    [TestCase(0.0, 0)]
    [TestCase(0.99, 0)]
    [TestCase(-0.99, 0)]
    [TestCase(-1.5, -1)]
    [TestCase(2147483646.5, 2147483646)]
    [TestCase(2147483647.0, int.MaxValue)]
    [TestCase(2147483648.0, int.MaxValue)]
    [TestCase(-2147483647.5, -2147483647)]
    [TestCase(-2147483648.0, int.MinValue)]
    [TestCase(-2147483649.0, int.MinValue)]
    [TestCase(double.PositiveInfinity, int.MaxValue)]
    [TestCase(double.NegativeInfinity, int.MinValue)]
    [TestCase(double.NaN, 0)]
    [TestCase(float.MaxValue, int.MaxValue)]
    public void ToInt_AnyNumber_IsTheSameEverywhere(double value, int expected) => Assert.That(DeterministicMath.ToInt(value), Is.EqualTo(expected));

    private static double Error(float measured, double exact)
    {
        float nearest = (float)exact;
        double unit = Math.Max(MathF.BitIncrement(Math.Abs(nearest)) - (double)Math.Abs(nearest), float.Epsilon);
        return Math.Abs(measured - exact) / unit;
    }
}
