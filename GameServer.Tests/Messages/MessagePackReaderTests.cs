using System.Text;
using GameServer.Netcode.Messages;

namespace GameServer.Tests.Messages;

public class MessagePackReaderTests
{
    [TestCase("")]
    [TestCase("player one")]
    [TestCase("żółć, Größe, 玩家")]
    [TestCase("\U0001F680 and \U0010FFFF")]
    [TestCase("\u0000\u007f\u0080\u07ff\u0800\ud7ff\ue000\uffff")]
    public void Strings_AnyText_IsWrittenAsUtf8AndComesBack(string text)
    {
        byte[] buffer = new byte[200];
        var writer = new MessagePackWriter(buffer);
        writer.WriteString(text);
        Assert.That(new MessagePackReader(writer.Written).ReadUtf8().SequenceEqual(Encoding.UTF8.GetBytes(text)), Is.True);
        Assert.That(new MessagePackReader(writer.Written).ReadString(text.Length), Is.EqualTo(text));
        if (text.Length > 0)
        {
            var reader = new MessagePackReader(writer.Written);
            Assert.That(reader.ReadString(text.Length - 1), Is.Empty);
            Assert.That(reader.Failed, Is.True, "one character too long");
        }
    }

    [TestCase("\ud800")]
    [TestCase("\udc00")]
    [TestCase("a\ud800b")]
    [TestCase("\udc00\ud800")]
    public void WriteString_HalfAPair_BecomesTheReplacementCharacter(string text)
    {
        byte[] buffer = new byte[50];
        var writer = new MessagePackWriter(buffer);
        writer.WriteString(text);
        Assert.That(new MessagePackReader(writer.Written).ReadUtf8().SequenceEqual(Encoding.UTF8.GetBytes(text)), Is.True);
    }

    [TestCase("80", TestName = "ReadString_LoneContinuation_Fails")]
    [TestCase("c0af", TestName = "ReadString_OverlongSlash_Fails")]
    [TestCase("c1bf", TestName = "ReadString_OverlongTwoBytes_Fails")]
    [TestCase("e09fbf", TestName = "ReadString_OverlongThreeBytes_Fails")]
    [TestCase("f08fbfbf", TestName = "ReadString_OverlongFourBytes_Fails")]
    [TestCase("eda080", TestName = "ReadString_HighSurrogate_Fails")]
    [TestCase("edbfbf", TestName = "ReadString_LowSurrogate_Fails")]
    [TestCase("f4908080", TestName = "ReadString_BeyondTheLastCodePoint_Fails")]
    [TestCase("f5808080", TestName = "ReadString_FirstByteTooLarge_Fails")]
    [TestCase("c3", TestName = "ReadString_CutAfterOneOfTwo_Fails")]
    [TestCase("e282", TestName = "ReadString_CutAfterTwoOfThree_Fails")]
    [TestCase("f09f9a", TestName = "ReadString_CutAfterThreeOfFour_Fails")]
    [TestCase("e28261", TestName = "ReadString_BrokenContinuation_Fails")]
    public void ReadString_MalformedUtf8(string hex)
    {
        byte[] utf8 = Convert.FromHexString(hex);
        var reader = new MessagePackReader([(byte)(0xA0 | utf8.Length), .. utf8]);
        Assert.That(reader.ReadString(10), Is.Empty);
        Assert.That(reader.Failed, Is.True);
    }

    /// <summary>Our decoder against the platform's, on every two-byte start and on random bytes.</summary>
    [Test]
    public void ReadString_RandomBytes_AcceptsExactlyWhatThePlatformAccepts()
    {
        var strict = new UTF8Encoding(false, throwOnInvalidBytes: true);
        var random = new Random(7);
        int accepted = 0;
        for (int i = 0; i < 60_000; i++)
        {
            byte[] utf8 = new byte[random.Next(1, 6)];
            for (int b = 0; b < utf8.Length; b++)
            {
                utf8[b] = (byte)(random.Next(3) == 0 ? random.Next(256) : random.Next(2) == 0 ? 0x80 + random.Next(64) : 0xC0 + random.Next(64));
            }

            string? expected = null;
            if (System.Text.Unicode.Utf8.IsValid(utf8))
            {
                expected = strict.GetString(utf8);
                accepted++;
            }

            var reader = new MessagePackReader([(byte)(0xA0 | utf8.Length), .. utf8]);
            string text = reader.ReadString(10);
            Assert.That(reader.Failed ? null : text, Is.EqualTo(expected), Convert.ToHexString(utf8));
        }

        Assert.That(accepted, Is.GreaterThan(1000));
    }

    [Test]
    public void Reader_OtherType_FailsForGood()
    {
        byte[] bytes = [0xA1, 0x61, 0x05];
        var reader = new MessagePackReader(bytes);
        Assert.That(reader.ReadInt32(), Is.Zero);
        Assert.That(reader.Failed, Is.True);
        Assert.That(reader.ReadInt32(), Is.Zero, "also where a number would follow");
        Assert.That(reader.BytesLeft, Is.Zero);
        Assert.That(reader.TryReadNil(), Is.False);

        AssertFails((ref MessagePackReader r) => r.ReadBoolean(), bytes);
        AssertFails((ref MessagePackReader r) => r.ReadSingle(), bytes);
        AssertFails((ref MessagePackReader r) => r.ReadBinary(), bytes);
        AssertFails((ref MessagePackReader r) => r.ReadArrayHeader(), bytes);
        AssertFails((ref MessagePackReader r) => r.ReadMapHeader(), bytes);
        AssertFails((ref MessagePackReader r) => r.ReadUtf8(), [0x05]);
        AssertFails((ref MessagePackReader r) => r.ReadUInt64(), [0xFF]);
        AssertFails((ref MessagePackReader r) => r.Fail(), [0x05]);
    }

    [TestCase("db7fffffff")]
    [TestCase("dbffffffff")]
    [TestCase("c6ffffffff")]
    [TestCase("c9ffffffff")]
    [TestCase("ddffffffff")]
    [TestCase("dfffffffff")]
    [TestCase("df80000000")]
    public void Lengths_BeyondTheBuffer_FailWithoutOverflow(string hex)
    {
        byte[] bytes = [.. Convert.FromHexString(hex), 1, 2, 3];
        AssertFails((ref MessagePackReader r) => r.Skip(), bytes);
        AssertFails((ref MessagePackReader r) => r.ReadUtf8(), bytes);
        AssertFails((ref MessagePackReader r) => r.ReadBinary(), bytes);
        AssertFails((ref MessagePackReader r) => r.ReadArrayHeader(), bytes);
        AssertFails((ref MessagePackReader r) => r.ReadMapHeader(), bytes);
    }

    [Test]
    public void Skip_Depth_IsFollowedUpToTheCap()
    {
        byte[] deepest = [.. Enumerable.Repeat((byte)0x91, MessagePackReader.DepthMax - 1), 0xC0];
        var reader = new MessagePackReader(deepest);
        reader.Skip();
        Assert.That((reader.Failed, reader.BytesLeft), Is.EqualTo((false, 0)));
        AssertFails((ref MessagePackReader r) => r.Skip(), [0x91, .. deepest]);
        AssertFails((ref MessagePackReader r) => r.Skip(), Enumerable.Repeat((byte)0x81, 100_000).ToArray());
    }

    [Test]
    public void ReaderAndWriter_WholeMessage_ComesBackAndAllocatesNothing()
    {
        byte[] buffer = new byte[256];
        char[] chars = new char[32];
        Exchange(buffer, chars);
        long before = GC.GetAllocatedBytesForCurrentThread();
        bool good = true;
        for (int i = 0; i < 200; i++)
        {
            good &= Exchange(buffer, chars);
        }

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
        Assert.That(good, Is.True);

        static bool Exchange(byte[] buffer, char[] chars)
        {
            ReadOnlySpan<byte> payload = [1, 2, 3];
            var writer = new MessagePackWriter(buffer);
            writer.WriteArrayHeader(4);
            writer.WriteUInt32(70_000);
            writer.WriteString("someone");
            writer.WriteMapHeader(2);
            writer.WriteUtf8("unknown"u8);
            writer.WriteArrayHeader(1);
            writer.WriteSingle(1.5f);
            writer.WriteUtf8("score"u8);
            writer.WriteInt32(-5);
            writer.WriteBinary(payload);
            var reader = new MessagePackReader(writer.Written);
            bool good = reader.ReadArrayHeader() == 4 && reader.ReadUInt32() == 70_000;
            good &= chars.AsSpan(0, reader.ReadStringInto(chars)).SequenceEqual("someone") && reader.ReadMapHeader() == 2;
            good &= reader.ReadUtf8().SequenceEqual("unknown"u8);
            reader.Skip();
            good &= reader.ReadUtf8().SequenceEqual("score"u8) && reader.ReadInt32() == -5 && reader.ReadBinary().SequenceEqual(payload);
            return good && !reader.Failed && reader.BytesLeft == 0 && !writer.Overflowed;
        }
    }

    /// <summary>Valid messages with bytes changed, cut, doubled and inserted: no exception, no endless loop, no read past the end.</summary>
    [Test]
    public void Reader_MutatedMessages_NeverThrowsAndEndsInBounds()
    {
        const int Buffers = 200_000;
        var random = new Random(31);
        byte[] seedMessage = SeedMessage();
        byte[] buffer = new byte[seedMessage.Length + 64];
        char[] chars = new char[40];
        int skipped = 0;
        int failed = 0;
        for (int run = 0; run < Buffers; run++)
        {
            Span<byte> packet = Mutate(random, seedMessage, buffer);
            var skipper = new MessagePackReader(packet);
            skipper.Skip();
            skipped += skipper.Failed ? 0 : 1;

            var reader = new MessagePackReader(packet);
            int calls = 0;
            while (reader.BytesLeft > 0 && calls++ < 200)
            {
                ReadAny(ref reader, random, chars);
            }

            Assert.That(calls, Is.LessThan(200), $"run {run}");
            failed += reader.Failed ? 1 : 0;
        }

        Assert.That(skipped, Is.InRange(Buffers / 20, Buffers - (Buffers / 20)), "mutations break some messages and leave others whole");
        Assert.That(failed, Is.GreaterThan(Buffers / 20));
    }

    private delegate void ReadValue(ref MessagePackReader reader);

    private static void AssertFails(ReadValue read, byte[] bytes)
    {
        var reader = new MessagePackReader(bytes);
        read(ref reader);
        Assert.That(reader.Failed, Is.True);
        Assert.That(reader.BytesLeft, Is.Zero);
    }

    private static void ReadAny(ref MessagePackReader reader, Random random, char[] chars)
    {
        switch (random.Next(11))
        {
            case 0: reader.ReadInt32(); break;
            case 1: reader.ReadUInt32(); break;
            case 2: reader.ReadInt64(); break;
            case 3: reader.ReadUInt64(); break;
            case 4: reader.ReadSingle(); break;
            case 5: reader.ReadBoolean(); break;
            case 6: reader.ReadStringInto(chars); break;
            case 7: reader.ReadBinary(); break;
            case 8: reader.ReadArrayHeader(); break;
            case 9: reader.ReadMapHeader(); break;
            default: reader.Skip(); break;
        }
    }

    private static byte[] SeedMessage()
    {
        byte[] buffer = new byte[300];
        var writer = new MessagePackWriter(buffer);
        writer.WriteArrayHeader(8);
        writer.WriteInt64(long.MinValue);
        writer.WriteUInt64(ulong.MaxValue);
        writer.WriteSingle(0.1f);
        writer.WriteString("żółć \U0001F680");
        writer.WriteBinary(new byte[20]);
        writer.WriteMapHeader(2);
        writer.WriteString(new string('k', 40));
        writer.WriteNil();
        writer.WriteInt32(300);
        writer.WriteBoolean(true);
        writer.WriteArrayHeader(16);
        for (int i = 0; i < 16; i++)
        {
            writer.WriteInt32(i * -1000);
        }

        writer.WriteNil();
        return writer.Written.ToArray();
    }

    private static Span<byte> Mutate(Random random, byte[] message, byte[] buffer)
    {
        message.CopyTo(buffer, 0);
        int length = message.Length;
        for (int change = random.Next(1, 4); change > 0; change--)
        {
            int at = random.Next(length);
            switch (random.Next(4))
            {
                case 0:
                    buffer[at] = (byte)random.Next(256);
                    break;
                case 1:
                    buffer[at] ^= (byte)(1 << random.Next(8));
                    break;
                case 2:
                    length = Math.Max(1, random.Next(4) == 0 ? at : length);
                    break;
                default:
                    int count = Math.Min(random.Next(1, 8), Math.Min(buffer.Length - length, length - at));
                    buffer.AsSpan(at, length - at).CopyTo(buffer.AsSpan(at + count));
                    length += count;
                    break;
            }
        }

        return buffer.AsSpan(0, length);
    }
}
