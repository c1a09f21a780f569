using GameServer.Netcode.Primitives;

namespace GameServer.Tests.Primitives;

public class QuantizerTests
{
    private static readonly (float Min, float Max, float Precision)[] Ranges =
    [
        (-32, 32, 1 / 64f), (0, 100, 1), (0, 1, 0.1f), (-1, 1, 1 / 511f), (-3.1415927f, 3.1415927f, 0.0001f), (1000, 1001, 1 / 256f),
        (-4096, 4096, 1 / 256f), (-0.003f, 0.007f, 1e-7f), (5, 5.5f, 0.3f), (-1e9f, 1e9f, 1000), (0, 1 << 20, 1 / 8f),
    ];

    [TestCaseSource(nameof(Ranges))]
    public void Quantize_EveryQuantum_IsAFixedPoint((float Min, float Max, float Precision) range)
    {
        var quantizer = new Quantizer(range.Min, range.Max, range.Precision);
        float previous = float.NegativeInfinity;
        int failures = 0;
        for (int quantum = 0; quantum <= quantizer.Steps; quantum++)
        {
            float value = quantizer.Dequantize(quantum);
            bool good = quantizer.Quantize(value) == quantum && value > previous && value >= range.Min && value <= range.Max;
            failures += good ? 0 : 1;
            previous = value;
        }

        Assert.That(failures, Is.Zero);
        Assert.That(quantizer.Dequantize(0), Is.EqualTo(range.Min));
        Assert.That(quantizer.Dequantize(quantizer.Steps), Is.EqualTo(range.Max));
    }

    [TestCaseSource(nameof(Ranges))]
    public void Dequantize_AnyValueOfTheRange_IsWithinTheErrorBound((float Min, float Max, float Precision) range)
    {
        var random = new Random(3);
        var quantizer = new Quantizer(range.Min, range.Max, range.Precision);
        double worst = 0;
        for (int i = 0; i < 100_000; i++)
        {
            float value = Math.Clamp((float)(range.Min + (((double)range.Max - range.Min) * random.NextDouble())), range.Min, range.Max);
            worst = Math.Max(worst, Math.Abs((double)quantizer.Dequantize(quantizer.Quantize(value)) - value));
        }

        Assert.That(worst, Is.LessThanOrEqualTo(quantizer.ErrorBound));
        Assert.That(quantizer.ErrorBound, Is.LessThan(range.Precision * 0.76f), "half a step, and half of what a float may lose");
        Assert.That(worst, Is.GreaterThan(quantizer.ErrorBound * 0.3), "the bound is not padded");
    }

    [TestCase(-32, 32, 1 / 64f, 4096, 13)]
    [TestCase(0, 100, 1, 100, 7)]
    [TestCase(0, 127, 1, 127, 7)]
    [TestCase(0, 128, 1, 128, 8)]
    [TestCase(0, 1, 0.1f, 10, 4)]
    [TestCase(0, 1, 0.3f, 4, 3)]
    [TestCase(0, 1, 1, 1, 1)]
    [TestCase(-4096, 4096, 1 / 256f, 2097152, 22)]
    public void Constructor_Range_GivesStepsAndBits(float min, float max, float precision, int steps, int bits)
    {
        var quantizer = new Quantizer(min, max, precision);
        Assert.That(quantizer.Steps, Is.EqualTo(steps));
        Assert.That(quantizer.Bits, Is.EqualTo(bits));
    }

    [TestCase(0, 0, 1)]
    [TestCase(1, 0, 1)]
    [TestCase(float.NaN, 1, 1)]
    [TestCase(0, float.NaN, 1)]
    [TestCase(0, float.PositiveInfinity, 1)]
    [TestCase(0, 1, 0)]
    [TestCase(0, 1, -1)]
    [TestCase(0, 1, 2)]
    [TestCase(0, 1, float.NaN)]
    [TestCase(0, 1, 1e-10f)]
    [TestCase(100000, 100001, 1 / 128f)]
    public void Constructor_ImpossibleRangeOrPrecision_Throws(float min, float max, float precision) =>
        Assert.That(() => new Quantizer(min, max, precision), Throws.TypeOf<ArgumentOutOfRangeException>());

    [TestCase(float.NaN)]
    [TestCase(float.PositiveInfinity)]
    [TestCase(float.NegativeInfinity)]
    public void TryQuantize_NotFinite_Refused(float value)
    {
        Assert.That(new Quantizer(-5, 5, 1).TryQuantize(value, out int quantum), Is.False);
        Assert.That(quantum, Is.Zero);
    }

    [TestCase(-1e30f, 0)]
    [TestCase(1e30f, 10)]
    [TestCase(float.MinValue, 0)]
    [TestCase(float.MaxValue, 10)]
    [TestCase(0f, 5)]
    [TestCase(0.51f, 6)]
    [TestCase(-0.49f, 5)]
    public void TryQuantize_Finite_ClampsAndRoundsToTheNearest(float value, int expected)
    {
        var quantizer = new Quantizer(-5, 5, 1);
        Assert.That(quantizer.TryQuantize(value, out int quantum), Is.True);
        Assert.That(quantum, Is.EqualTo(expected));
        Assert.That(quantizer.Quantize(value), Is.EqualTo(expected));
    }

    [TestCase(-1, -5f)]
    [TestCase(int.MinValue, -5f)]
    [TestCase(11, 5f)]
    [TestCase(int.MaxValue, 5f)]
    public void Dequantize_OutsideTheSteps_GivesTheNearerEnd(int quantum, float expected) =>
        Assert.That(new Quantizer(-5, 5, 1).Dequantize(quantum), Is.EqualTo(expected));
}
