using GameServer.Netcode.Primitives;

namespace GameServer.Tests.Primitives;

/// <summary>Secret chance: the cipher is the published one, the numbers are spread, nothing is allocated.</summary>
public sealed class SecretRandomTests
{
    [Test]
    public void Block_ExampleOfTheStandard_GivesItsKeyStream()
    {
        // RFC 8439, section 2.3.2.
        uint[] key = [.. Enumerable.Range(0, 8).Select(i => (uint)((i * 4) | (((i * 4) + 1) << 8) | (((i * 4) + 2) << 16) | (((i * 4) + 3) << 24)))];
        uint[] block = new uint[ChaCha20.BlockWords];
        ChaCha20.Block(key, 1, [0x09000000, 0x4A000000, 0], block);
        uint[] expected =
        [
            0xE4E7F110, 0x15593BD1, 0x1FDD0F50, 0xC47120A3, 0xC7F4D1C7, 0x0368C033, 0x9AAA2204, 0x4E6CD4C3,
            0x466482D2, 0x09AA9F07, 0x05D7C214, 0xA2028BD9, 0xD19C12B5, 0xB94E16DE, 0xE883D0CB, 0x4E3C50A2,
        ];
        Assert.That(block, Is.EqualTo(expected));
    }

    [Test]
    public void NextUInt_SameKey_SameNumbersOverManyBlocks()
    {
        byte[] key = [.. Enumerable.Range(7, SecretRandom.KeyBytes).Select(i => (byte)i)];
        var one = new SecretRandom(key);
        var other = new SecretRandom(key);
        Assert.That(Draw(one, 1000), Is.EqualTo(Draw(other, 1000)));
        Assert.That(one.Drawn, Is.EqualTo(1000));
    }

    [Test]
    public void NextUInt_NewBlock_IsThatOfTheNextKeyAndNotOfTheKeyItself()
    {
        byte[] key = new byte[SecretRandom.KeyBytes];
        uint[] block = new uint[ChaCha20.BlockWords];
        ChaCha20.Block(new uint[8], 0, default, block);
        var random = new SecretRandom(key);
        Assert.That(Draw(random, 8), Is.EqualTo(block[8..]));
        ChaCha20.Block(block.AsSpan(0, 8), 0, default, block);
        Assert.That(Draw(random, 8), Is.EqualTo(block[8..]), "the first half of a block is the next key and never given out");
    }

    [Test]
    public void Constructor_WithoutKey_TwoGeneratorsDiffer() => Assert.That(Draw(new SecretRandom(), 4), Is.Not.EqualTo(Draw(new SecretRandom(), 4)));

    [TestCase(SecretRandom.KeyBytes - 1)]
    [TestCase(SecretRandom.KeyBytes + 1)]
    public void Constructor_KeyOfAnotherLength_IsRefusedByName(int bytes) =>
        Assert.That(() => new SecretRandom(new byte[bytes]), Throws.ArgumentException.With.Message.Contains($"{bytes} bytes; 32 are needed"));

    [TestCase(1)]
    [TestCase(3)]
    [TestCase(52)]
    public void NextInt_EachNumber_ComesUpAboutAsOften(int count)
    {
        var random = SecretRandom.Of(11);
        int[] seen = new int[count];
        for (int i = 0; i < count * 1000; i++)
        {
            seen[random.NextInt(count)]++;
        }

        Assert.That(seen, Is.All.InRange(850, 1150));
        Assert.That(random.NextInt(-5, -4), Is.EqualTo(-5));
    }

    [Test]
    public void Shuffle_Deck_KeepsEveryCardAndMovesThem()
    {
        var random = SecretRandom.Of(12);
        int[] first = new int[52];
        for (int deal = 0; deal < 5200; deal++)
        {
            int[] deck = [.. Enumerable.Range(0, 52)];
            random.Shuffle<int>(deck);
            Assert.That(deck.Order(), Is.EqualTo(Enumerable.Range(0, 52)));
            first[deck[0]]++;
        }

        Assert.That(first, Is.All.InRange(60, 140));
    }

    [Test]
    public void NextFloat_AndBool_KeepTheirRange()
    {
        var random = SecretRandom.Of(13);
        for (int i = 0; i < 10_000; i++)
        {
            Assert.That(random.NextFloat(), Is.InRange(0f, 0.99999995f));
            Assert.That(random.NextFloat(-2, 3), Is.InRange(-2f, 3f));
            Assert.That(random.NextBool(0), Is.False);
            Assert.That(random.NextBool(1), Is.True);
        }
    }

    [Test]
    public void NextUInt_ManyBlocks_AllocatesNothing()
    {
        var random = SecretRandom.Of(14);
        random.NextUInt();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            random.NextInt(52);
        }

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }

    private static uint[] Draw(SecretRandom random, int count)
    {
        uint[] numbers = new uint[count];
        for (int i = 0; i < count; i++)
        {
            numbers[i] = random.NextUInt();
        }

        return numbers;
    }
}
