using System.Text;
using GameServer.Netcode.Primitives;

namespace GameServer.Tests.Primitives;

public class DeterministicRandomTests
{
    /// <summary>The output that the authors of PCG publish for seed 42, stream 54.</summary>
    [Test]
    public void NextUInt_PublishedSeed_GivesThePublishedNumbers()
    {
        DeterministicRandom random = DeterministicRandom.From(42, 54);
        uint[] numbers = new uint[6];
        for (int i = 0; i < numbers.Length; i++)
        {
            numbers[i] = random.NextUInt();
        }

        Assert.That(numbers, Is.EqualTo(new uint[] { 0xa15c02b7, 0x7b47f409, 0xba1d3330, 0x83d2f293, 0xbfa4784b, 0xcbed606e }));
    }

    [Test]
    public void From_OtherStreamOrSubstream_GivesOtherNumbers()
    {
        var seen = new HashSet<uint>();
        for (ulong i = 0; i < 100; i++)
        {
            seen.Add(DeterministicRandom.From(1, i).NextUInt());
            seen.Add(DeterministicRandom.From(1, 7, i).NextUInt());
            seen.Add(DeterministicRandom.From(1, i, 7).NextUInt());
        }

        Assert.That(seen, Has.Count.GreaterThanOrEqualTo(298), "(7, 7) is the same pair twice");
    }

    [Test]
    public void NextInt_Ranges_StayInsideAndAreEven()
    {
        DeterministicRandom random = DeterministicRandom.From(9, 9);
        int[] counts = new int[10];
        for (int i = 0; i < 100_000; i++)
        {
            counts[random.NextInt(10)]++;
            Assert.That(random.NextInt(-3, 4), Is.InRange(-3, 3));
        }

        Assert.That(counts, Is.All.InRange(9500, 10500));
        Assert.That(random.NextInt(1), Is.Zero);
        Assert.That(random.NextInt(int.MaxValue), Is.InRange(0, int.MaxValue - 1));
        Assert.That(random.NextInt(int.MinValue, int.MaxValue), Is.LessThan(int.MaxValue));
    }

    /// <summary>3 × 2^29 numbers: without drawing again, 8 draws would fall on each 3 of them as 3, 3 and 2.</summary>
    [Test]
    public void NextInt_RangeThatDoesNotDivideTheDraws_IsStillEven()
    {
        DeterministicRandom random = DeterministicRandom.From(5, 5);
        int[] counts = new int[3];
        for (int i = 0; i < 30_000; i++)
        {
            counts[random.NextInt(3 << 29) % 3]++;
        }

        Assert.That(counts, Is.All.InRange(9700, 10300));
    }

    [Test]
    public void NextFloat_ManyNumbers_LieInTheHalfOpenRange()
    {
        DeterministicRandom random = DeterministicRandom.From(4, 2);
        double sum = 0;
        for (int i = 0; i < 100_000; i++)
        {
            float value = random.NextFloat();
            Assert.That(value is >= 0 and < 1);
            sum += value;
            Assert.That(random.NextFloat(-2, 3) is >= -2 and <= 3);
        }

        Assert.That(sum / 100_000, Is.EqualTo(0.5).Within(0.005));
    }

    [Test]
    public void NextBool_Chances_HoldAtTheEndsAndBetween()
    {
        DeterministicRandom random = DeterministicRandom.From(8, 1);
        int hits = 0;
        for (int i = 0; i < 10_000; i++)
        {
            Assert.That(random.NextBool(0), Is.False);
            Assert.That(random.NextBool(1), Is.True);
            hits += random.NextBool(0.25f) ? 1 : 0;
        }

        Assert.That(hits, Is.InRange(2300, 2700));
    }

    [Test]
    public void Copy_OfAGenerator_ContinuesTheSame()
    {
        DeterministicRandom random = DeterministicRandom.From(3, 3);
        random.NextUInt();
        DeterministicRandom copy = random;
        Assert.That(copy.NextUInt(), Is.EqualTo(random.NextUInt()));
        Assert.That(new DeterministicRandom { State = random.State, Stream = random.Stream }.NextUInt(), Is.EqualTo(random.NextUInt()));
    }

    [TestCase("", 0xf8bb92c91b3f5cc0UL)]
    [TestCase("a", 0xeb9a3d4fb2ec2c36UL)]
    [TestCase("12345678", 0x9dbd4fd77a37d540UL)]
    [TestCase("The state of a room at tick 1", 0x0565dbdad48139a9UL)]
    public void StateHash_KnownBytes_IsFrozen(string text, ulong expected) =>
        Assert.That(StateHash.Of(Encoding.ASCII.GetBytes(text)), Is.EqualTo(expected));

    [Test]
    public void StateHash_AnyBitOrLengthOrSplit_ChangesIt()
    {
        byte[] bytes = new byte[41];
        new Random(1).NextBytes(bytes);
        var hashes = new HashSet<ulong> { StateHash.Of(bytes) };
        for (int bit = 0; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.That(hashes.Add(StateHash.Of(bytes)), Is.True);
            bytes[bit / 8] ^= (byte)(1 << (bit % 8));
        }

        byte[] zeros = new byte[41];
        for (int length = 0; length <= zeros.Length; length++)
        {
            Assert.That(hashes.Add(StateHash.Of(zeros.AsSpan(0, length))), Is.True);
        }

        for (int split = 0; split <= bytes.Length; split++)
        {
            Assert.That(hashes.Add(StateHash.Append(StateHash.Of(bytes.AsSpan(0, split)), bytes.AsSpan(split))), Is.True);
        }
    }
}
