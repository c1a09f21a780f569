using GameServer.Netcode.Primitives;

namespace GameServer.Tests.Primitives;

public class BitStreamTests
{
    [Test]
    public void Write_KnownBits_LeastSignificantFirst()
    {
        byte[] buffer = new byte[4];
        var writer = new BitWriter(buffer);
        writer.Write(0b101, 3);
        writer.WriteBool(true);
        writer.Write(0xABC, 12);
        writer.Write(3, 2);
        Assert.That(writer.BitCount, Is.EqualTo(18));
        Assert.That(writer.Finish(), Is.EqualTo(3));
        Assert.That(buffer, Is.EqualTo(new byte[] { 0xCD, 0xAB, 0x03, 0x00 }));
    }

    /// <summary>Any sequence of writes equals the same bits set one by one, and is read back, at every buffer length.</summary>
    [Test]
    public void WriteThenRead_RandomSequences_AgreeWithBitsSetOneByOne()
    {
        var random = new Random(17);
        for (int run = 0; run < 3_000; run++)
        {
            byte[] buffer = new byte[random.Next(1, 40)];
            byte[] model = new byte[buffer.Length];
            var widths = new List<int>();
            var values = new List<uint>();
            var writer = new BitWriter(buffer);
            int bitCount = 0;
            while (true)
            {
                int width = random.Next(0, 33);
                if (bitCount + width > buffer.Length * 8)
                {
                    break;
                }

                uint value = (uint)(random.NextInt64() & ((1L << width) - 1));
                writer.Write(value, width);
                for (int bit = 0; bit < width; bit++)
                {
                    int index = bitCount + bit;
                    model[index / 8] |= (byte)(((value >> bit) & 1) << (index % 8));
                }

                bitCount += width;
                widths.Add(width);
                values.Add(value);
            }

            Assert.That(writer.BitCount, Is.EqualTo(bitCount));
            Assert.That(writer.BitsLeft, Is.EqualTo((buffer.Length * 8) - bitCount));
            int bytes = writer.Finish();
            Assert.That(bytes, Is.EqualTo((bitCount + 7) / 8));
            Assert.That(buffer.AsSpan(0, bytes).SequenceEqual(model.AsSpan(0, bytes)), Is.True, $"run {run}");

            var reader = new BitReader(buffer.AsSpan(0, bytes));
            for (int i = 0; i < widths.Count; i++)
            {
                Assert.That(reader.Read(widths[i]), Is.EqualTo(values[i]), $"run {run}, read {i}");
            }

            Assert.That(reader.Failed, Is.False);
            Assert.That(reader.BitsLeft, Is.LessThan(8));
        }
    }

    [Test]
    public void WriteThenRead_AllKindsOfValues_ComeBack()
    {
        var random = new Random(18);
        byte[] buffer = new byte[64];
        byte[] bytes = new byte[11];
        byte[] back = new byte[11];
        for (int run = 0; run < 20_000; run++)
        {
            int lead = random.Next(0, 9);
            int longBits = random.Next(0, 65);
            ulong longValue = longBits == 0 ? 0 : (ulong)random.NextInt64(long.MinValue, long.MaxValue) >> (64 - longBits);
            uint variable = (uint)(random.NextInt64() >> random.Next(31, 63));
            int signed = (int)(random.NextInt64(long.MinValue, long.MaxValue) >> random.Next(32, 64));
            random.NextBytes(bytes);
            var writer = new BitWriter(buffer);
            writer.Write(0, lead);
            writer.WriteLong(longValue, longBits);
            writer.WriteVariable(variable);
            writer.WriteBytes(bytes);
            writer.WriteSigned(signed);
            writer.WriteBool(true);
            Assert.That(writer.Overflowed, Is.False);

            var reader = new BitReader(buffer.AsSpan(0, writer.Finish()));
            reader.Read(lead);
            Assert.That(reader.ReadLong(longBits), Is.EqualTo(longValue));
            Assert.That(reader.ReadVariable(), Is.EqualTo(variable));
            reader.ReadBytes(back);
            Assert.That(back, Is.EqualTo(bytes));
            Assert.That(reader.ReadSigned(), Is.EqualTo(signed));
            Assert.That(reader.ReadBool(), Is.True);
            Assert.That(reader.Failed, Is.False);
        }
    }

    [TestCase(0u, 5)]
    [TestCase(15u, 5)]
    [TestCase(16u, 10)]
    [TestCase(255u, 10)]
    [TestCase(256u, 15)]
    [TestCase(uint.MaxValue, 40)]
    public void WriteVariable_Magnitudes_TakeFiveBitsPerGroupOfFour(uint value, int bits)
    {
        var writer = new BitWriter(stackalloc byte[8]);
        writer.WriteVariable(value);
        Assert.That(writer.BitCount, Is.EqualTo(bits));
    }

    [TestCase(0, 5)]
    [TestCase(-1, 5)]
    [TestCase(7, 5)]
    [TestCase(-8, 5)]
    [TestCase(8, 10)]
    [TestCase(int.MinValue, 40)]
    public void WriteSigned_SmallMagnitudes_AreShort(int value, int bits)
    {
        var writer = new BitWriter(stackalloc byte[8]);
        writer.WriteSigned(value);
        Assert.That(writer.BitCount, Is.EqualTo(bits));
    }

    [Test]
    public void Write_PastTheEnd_OverflowsAndIgnoresEverythingAfter()
    {
        byte[] buffer = [0, 0, 0xEE];
        var writer = new BitWriter(buffer.AsSpan(0, 2));
        writer.Write(0x7FFF, 15);
        writer.Write(3, 2);
        Assert.That(writer.Overflowed, Is.True);
        writer.WriteBool(true);
        writer.WriteBytes([1, 2, 3]);
        writer.Write(0, 0);
        Assert.That(writer.Overflowed, Is.True);
        Assert.That(writer.BitsLeft, Is.Zero);
        Assert.That(writer.BitCount, Is.EqualTo(15));
        Assert.That(writer.Finish(), Is.EqualTo(2));
        Assert.That(buffer, Is.EqualTo(new byte[] { 0xFF, 0x7F, 0xEE }));
    }

    [Test]
    public void WriteBytes_TooMany_OverflowsWithoutWritingAny()
    {
        byte[] buffer = new byte[3];
        var writer = new BitWriter(buffer);
        writer.WriteBool(true);
        writer.WriteBytes([9, 9, 9]);
        Assert.That(writer.Overflowed, Is.True);
        Assert.That(writer.Finish(), Is.EqualTo(1));
        Assert.That(buffer, Is.EqualTo(new byte[] { 1, 0, 0 }));
    }

    [Test]
    public void Rewind_ToAMark_TakesBackWritesAndOverflow()
    {
        byte[] buffer = new byte[6];
        var writer = new BitWriter(buffer);
        writer.Write(0x5, 3);
        BitWriter.Position mark = writer.Mark();
        writer.WriteLong(ulong.MaxValue >> 24, 40);
        writer.WriteLong(ulong.MaxValue, 64);
        Assert.That(writer.Overflowed, Is.True);
        writer.Rewind(mark);
        Assert.That(writer.Overflowed, Is.False);
        Assert.That(writer.BitCount, Is.EqualTo(3));
        writer.Write(0, 5);
        Assert.That(writer.Finish(), Is.EqualTo(1));
        Assert.That(buffer[0], Is.EqualTo(0x5));
    }

    [Test]
    public void Rewind_ToAMarkMadeAfterAnOverflow_IsStillOverflowed()
    {
        var writer = new BitWriter(stackalloc byte[1]);
        writer.Write(0, 9);
        BitWriter.Position mark = writer.Mark();
        writer.Rewind(mark);
        Assert.That(writer.Overflowed, Is.True);
    }

    [Test]
    public void Read_PastTheEnd_GivesZeroAndFailsForGood()
    {
        var reader = new BitReader([0xFF, 0xFF]);
        Assert.That(reader.Read(12), Is.EqualTo(0xFFF));
        Assert.That(reader.Read(5), Is.Zero);
        Assert.That(reader.Failed, Is.True);
        Assert.That(reader.Read(1), Is.Zero);
        Assert.That(reader.Read(0), Is.Zero);
        Assert.That(reader.BitsLeft, Is.Zero);
        byte[] bytes = [1, 2];
        reader.ReadBytes(bytes);
        Assert.That(bytes, Is.EqualTo(new byte[2]));
    }

    [Test]
    public void ReadLongAndVariable_CutShort_GiveZeroNotAPart()
    {
        var longReader = new BitReader([0xFF, 0xFF, 0xFF, 0xFF, 0xFF]);
        Assert.That(longReader.ReadLong(48), Is.Zero);
        Assert.That(longReader.Failed, Is.True);
        var variableReader = new BitReader([0xFF]);
        Assert.That(variableReader.ReadVariable(), Is.Zero);
        Assert.That(variableReader.Failed, Is.True);
    }

    [Test]
    public void ReadVariable_MoreThan32Bits_Fails()
    {
        var reader = new BitReader([0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]);
        Assert.That(reader.ReadVariable(), Is.Zero);
        Assert.That(reader.Failed, Is.True);
    }

    [Test]
    public void Fail_ByTheCaller_AllLaterReadsGiveZero()
    {
        var reader = new BitReader([0xFF, 0xFF]);
        reader.Fail();
        Assert.That(reader.Read(4), Is.Zero);
        Assert.That(reader.Failed, Is.True);
    }

    [Test]
    public void Reader_RandomBytesAndCalls_NeverThrowsAndNeverReadsTwice()
    {
        var random = new Random(19);
        byte[] bytes = new byte[32];
        byte[] copy = new byte[8];
        for (int run = 0; run < 100_000; run++)
        {
            Span<byte> packet = bytes.AsSpan(0, random.Next(0, bytes.Length));
            random.NextBytes(packet);
            var reader = new BitReader(packet);
            int before = reader.BitsLeft;
            for (int call = 0; call < 12; call++)
            {
                switch (random.Next(5))
                {
                    case 0: reader.Read(random.Next(33)); break;
                    case 1: reader.ReadLong(random.Next(65)); break;
                    case 2: reader.ReadVariable(); break;
                    case 3: reader.ReadSigned(); break;
                    default: reader.ReadBytes(copy.AsSpan(0, random.Next(9))); break;
                }

                Assert.That(reader.BitsLeft <= before, Is.True);
                before = reader.BitsLeft;
            }
        }
    }

    [Test]
    public void WriteAndRead_SteadyState_AllocateNothing()
    {
        byte[] buffer = new byte[64];
        Cycle(buffer, 10);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Cycle(buffer, 1000);
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);

        static void Cycle(byte[] buffer, int count)
        {
            for (int i = 0; i < count; i++)
            {
                var writer = new BitWriter(buffer);
                writer.WriteVariable((uint)i);
                writer.WriteLong((ulong)i, 40);
                writer.WriteBytes(buffer.AsSpan(40, 8));
                var reader = new BitReader(buffer.AsSpan(0, writer.Finish()));
                reader.ReadVariable();
                reader.ReadLong(40);
                reader.ReadBytes(buffer.AsSpan(40, 8));
            }
        }
    }
}
