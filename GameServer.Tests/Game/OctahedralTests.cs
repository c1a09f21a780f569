using System.Numerics;
using GameServer.Netcode.Game;
using GameServer.Netcode.Primitives;

namespace GameServer.Tests.Game;

public class OctahedralTests
{
    [TestCase(4)]
    [TestCase(8)]
    [TestCase(9)]
    [TestCase(10)]
    [TestCase(12)]
    [TestCase(15)]
    public void Decode_RandomDirections_StayWithinTheErrorBound(int bits)
    {
        var random = DeterministicRandom.From(6, (ulong)bits);
        double worst = 0;
        for (int i = 0; i < 50000; i++)
        {
            Vector3 v = Random(ref random);
            Octahedral.Encode(v, bits, out int u, out int w);
            Vector3 back = Octahedral.Decode(u, w, bits);
            worst = Math.Max(worst, AngleBetween(v, back));
        }

        double bound = Math.Sqrt(18) / ((1 << bits) - 2);
        Assert.That(worst, Is.LessThanOrEqualTo(bound + 1e-6).And.GreaterThan(bound / 2));
    }

    [TestCase(4)]
    [TestCase(7)]
    public void Encode_EveryQuantum_ComesBackToOneThatStandsForTheSameDirection(int bits)
    {
        int levels = (1 << bits) - 1;
        for (int u = 0; u < levels; u++)
        {
            for (int w = 0; w < levels; w++)
            {
                Vector3 v = Octahedral.Decode(u, w, bits);
                Assert.That(v.Length(), Is.EqualTo(1).Within(1e-5f));
                Octahedral.Encode(v, bits, out int u2, out int w2);
                Assert.That(Vector3.Distance(Octahedral.Decode(u2, w2, bits), v), Is.LessThan(1e-4f), $"{u}, {w}");
                Octahedral.Encode(Octahedral.Decode(u2, w2, bits), bits, out int u3, out int w3);
                Assert.That((u3, w3), Is.EqualTo((u2, w2)), $"{u}, {w}: not a fixed point");
            }
        }
    }

    [Test]
    public void Encode_Axes_AreExact()
    {
        foreach (Vector3 axis in new[] { Vector3.UnitX, -Vector3.UnitX, Vector3.UnitY, -Vector3.UnitY, Vector3.UnitZ, -Vector3.UnitZ })
        {
            Octahedral.Encode(axis, 10, out int u, out int w);
            Assert.That(Octahedral.Decode(u, w, 10), Is.EqualTo(axis));
        }
    }

    [Test]
    public void Encode_NoDirection_BecomesZ()
    {
        Vector3[] odd = [Vector3.Zero, new(float.NaN), new(float.PositiveInfinity, 0, 0), new(0, float.NaN, 1)];
        foreach (Vector3 v in odd)
        {
            Octahedral.Encode(v, 12, out int u, out int w);
            Assert.That(Octahedral.Decode(u, w, 12), Is.EqualTo(Vector3.UnitZ));
        }
    }

    private static double AngleBetween(Vector3 a, Vector3 b)
    {
        double x = ((double)a.Y * b.Z) - ((double)a.Z * b.Y);
        double y = ((double)a.Z * b.X) - ((double)a.X * b.Z);
        double z = ((double)a.X * b.Y) - ((double)a.Y * b.X);
        return Math.Atan2(Math.Sqrt((x * x) + (y * y) + (z * z)), ((double)a.X * b.X) + ((double)a.Y * b.Y) + ((double)a.Z * b.Z));
    }

    private static Vector3 Random(ref DeterministicRandom random)
    {
        while (true)
        {
            var v = new Vector3(random.NextFloat(-1, 1), random.NextFloat(-1, 1), random.NextFloat(-1, 1));
            if (v.LengthSquared() is > 0.01f and < 1)
            {
                return DeterministicMath.Normalize(v);
            }
        }
    }
}
