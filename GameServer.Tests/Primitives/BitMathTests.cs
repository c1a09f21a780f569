using System.Numerics;
using GameServer.Netcode.Primitives;

namespace GameServer.Tests.Primitives;

/// <summary>On netstandard2.1 these are written out by hand, so they are held against the platform's on both builds.</summary>
public class BitMathTests
{
    [Test]
    public void Counts_AnyWord_AgreeWithThePlatform()
    {
        var random = new Random(41);
        for (int i = 0; i < 20_000; i++)
        {
            ulong word = (ulong)random.NextInt64(long.MinValue, long.MaxValue) >> random.Next(64) << random.Next(64);
            Assert.That(BitMath.Log2(word), Is.EqualTo(BitOperations.Log2(word)));
            Assert.That(BitMath.TrailingZeroCount(word), Is.EqualTo(BitOperations.TrailingZeroCount(word)));
            Assert.That(BitMath.PopCount(word), Is.EqualTo(BitOperations.PopCount(word)));
        }

        Assert.That((BitMath.Log2(0), BitMath.TrailingZeroCount(0), BitMath.PopCount(ulong.MaxValue)), Is.EqualTo((0, 64, 64)));
    }

    [TestCase(0u, 0)]
    [TestCase(1u, 1)]
    [TestCase(2u, 2)]
    [TestCase(255u, 8)]
    [TestCase(256u, 9)]
    [TestCase(uint.MaxValue, 32)]
    public void BitsFor_LargestNumber_GivesItsBits(uint max, int bits) => Assert.That(BitMath.BitsFor(max), Is.EqualTo(bits));
}
