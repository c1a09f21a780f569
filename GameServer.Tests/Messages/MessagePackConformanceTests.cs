using GameServer.Netcode.Messages;

namespace GameServer.Tests.Messages;

/// <summary>Bytes as the public MessagePack specification lays them out, written by hand: all 256 first bytes are covered.</summary>
public class MessagePackConformanceTests
{
    private delegate void WriteValue(ref MessagePackWriter writer);

    [Test]
    public void Skip_EveryFirstByte_PassesOverExactlyItsValueOrFailsOnTheOneNeverUsed()
    {
        for (int first = 0; first <= 255; first++)
        {
            byte[] value = Sample((byte)first);
            var reader = new MessagePackReader([.. value, 0x2A]);
            reader.Skip();
            Assert.That(reader.Failed, Is.EqualTo(first == 0xC1), $"0x{first:x2}");
            if (!reader.Failed)
            {
                Assert.That(reader.ReadInt32(), Is.EqualTo(42), $"0x{first:x2}");
                Assert.That(reader.BytesLeft, Is.Zero);
            }

            for (int cut = 0; cut < value.Length; cut++)
            {
                var short_ = new MessagePackReader(value.AsSpan(0, cut));
                short_.Skip();
                Assert.That(short_.Failed, Is.True, $"0x{first:x2} cut to {cut} bytes");
            }
        }
    }

    [TestCase("00", 0L)]
    [TestCase("7f", 127L)]
    [TestCase("cc80", 128L)]
    [TestCase("ccff", 255L)]
    [TestCase("cd0100", 256L)]
    [TestCase("cdffff", 65535L)]
    [TestCase("ce00010000", 65536L)]
    [TestCase("ceffffffff", 4294967295L)]
    [TestCase("cf0000000100000000", 4294967296L)]
    [TestCase("cf7fffffffffffffff", long.MaxValue)]
    [TestCase("ff", -1L)]
    [TestCase("e0", -32L)]
    [TestCase("d0df", -33L)]
    [TestCase("d080", -128L)]
    [TestCase("d1ff7f", -129L)]
    [TestCase("d18000", -32768L)]
    [TestCase("d2ffff7fff", -32769L)]
    [TestCase("d280000000", -2147483648L)]
    [TestCase("d3ffffffff7fffffff", -2147483649L)]
    [TestCase("d38000000000000000", long.MinValue)]
    public void Int64_AllSmallestEncodings_AreWrittenAndRead(string hex, long value)
    {
        AssertWritten(hex, (ref MessagePackWriter writer) => writer.WriteInt64(value));
        var reader = new MessagePackReader(Convert.FromHexString(hex));
        Assert.That(reader.ReadInt64(), Is.EqualTo(value));
        Assert.That(reader.Failed, Is.False);
        if (value is >= int.MinValue and <= int.MaxValue)
        {
            AssertWritten(hex, (ref MessagePackWriter writer) => writer.WriteInt32((int)value));
        }

        if (value is >= 0 and <= uint.MaxValue)
        {
            AssertWritten(hex, (ref MessagePackWriter writer) => writer.WriteUInt32((uint)value));
        }
    }

    /// <summary>Writers of other languages may choose longer encodings than ours.</summary>
    [TestCase("cc05", 5L)]
    [TestCase("cd0005", 5L)]
    [TestCase("ce00000005", 5L)]
    [TestCase("cf0000000000000005", 5L)]
    [TestCase("d005", 5L)]
    [TestCase("d10005", 5L)]
    [TestCase("d200000005", 5L)]
    [TestCase("d30000000000000005", 5L)]
    [TestCase("d1ffff", -1L)]
    [TestCase("d2ffffffff", -1L)]
    [TestCase("d3ffffffffffffffff", -1L)]
    public void Integers_LongerEncodings_AreReadAsWell(string hex, long value)
    {
        byte[] bytes = Convert.FromHexString(hex);
        Assert.That(new MessagePackReader(bytes).ReadInt64(), Is.EqualTo(value));
        Assert.That(new MessagePackReader(bytes).ReadInt32(), Is.EqualTo(value));
        Assert.That(new MessagePackReader(bytes).ReadSingle(), Is.EqualTo((float)value));
        var unsigned = new MessagePackReader(bytes);
        Assert.That(unsigned.ReadUInt32(), Is.EqualTo(value < 0 ? 0u : (uint)value));
        Assert.That(unsigned.Failed, Is.EqualTo(value < 0));
    }

    [TestCase("cf8000000000000000")]
    [TestCase("cfffffffffffffffff")]
    public void UInt64_AboveInt64_IsReadAsUInt64Only(string hex)
    {
        byte[] bytes = Convert.FromHexString(hex);
        ulong value = Convert.ToUInt64(hex[2..], 16);
        AssertWritten(hex, (ref MessagePackWriter writer) => writer.WriteUInt64(value));
        Assert.That(new MessagePackReader(bytes).ReadUInt64(), Is.EqualTo(value));
        Assert.That(new MessagePackReader(bytes).ReadSingle(), Is.EqualTo((float)value));
        var reader = new MessagePackReader(bytes);
        Assert.That(reader.ReadInt64(), Is.Zero);
        Assert.That(reader.Failed, Is.True);
    }

    [TestCase("ce80000000")]
    [TestCase("d3ffffffff7fffffff")]
    public void ReadInt32_OutOfRange_Fails(string hex)
    {
        var reader = new MessagePackReader(Convert.FromHexString(hex));
        Assert.That(reader.ReadInt32(), Is.Zero);
        Assert.That(reader.Failed, Is.True);
    }

    [TestCase("ca3f800000", 1f)]
    [TestCase("ca80000000", -0f)]
    [TestCase("ca7f800000", float.PositiveInfinity)]
    [TestCase("caffc00000", float.NaN)]
    public void Single_Bits_AreWrittenAndReadAsTheyAre(string hex, float value)
    {
        AssertWritten(hex, (ref MessagePackWriter writer) => writer.WriteSingle(value));
        float read = new MessagePackReader(Convert.FromHexString(hex)).ReadSingle();
        Assert.That(BitConverter.SingleToInt32Bits(read), Is.EqualTo(BitConverter.SingleToInt32Bits(value)));
    }

    [TestCase("cb3ff8000000000000", 1.5f)]
    [TestCase("01", 1f)]
    [TestCase("fe", -2f)]
    public void ReadSingle_DoublesAndWholeNumbers_AreRounded(string hex, float value) =>
        Assert.That(new MessagePackReader(Convert.FromHexString(hex)).ReadSingle(), Is.EqualTo(value));

    [Test]
    public void NilAndBoolean_Bytes_AreTheSpecified()
    {
        AssertWritten("c0c2c3", (ref MessagePackWriter writer) =>
        {
            writer.WriteNil();
            writer.WriteBoolean(false);
            writer.WriteBoolean(true);
        });
        var reader = new MessagePackReader([0xC0, 0xC2, 0xC3]);
        Assert.That(reader.TryReadNil(), Is.True);
        Assert.That(reader.TryReadNil(), Is.False);
        Assert.That(reader.ReadBoolean(), Is.False);
        Assert.That(reader.ReadBoolean(), Is.True);
        Assert.That(reader.Failed, Is.False);
        Assert.That(reader.TryReadNil(), Is.False);
        Assert.That(reader.Failed, Is.False, "an end is no nil, and no failure yet");
    }

    [TestCase(0, "a0")]
    [TestCase(31, "bf")]
    [TestCase(32, "d920")]
    [TestCase(255, "d9ff")]
    [TestCase(256, "da0100")]
    [TestCase(65535, "daffff")]
    [TestCase(65536, "db00010000")]
    public void Strings_Lengths_TakeTheSmallestHead(int length, string head)
    {
        string text = new('x', length);
        string hex = head + string.Concat(Enumerable.Repeat("78", length));
        AssertWritten(hex, (ref MessagePackWriter writer) => writer.WriteString(text));
        AssertWritten(hex, (ref MessagePackWriter writer) => writer.WriteUtf8(System.Text.Encoding.UTF8.GetBytes(text)));
        byte[] bytes = Convert.FromHexString(hex);
        Assert.That(new MessagePackReader(bytes).ReadUtf8().Length, Is.EqualTo(length));
        char[] chars = new char[length];
        Assert.That(new MessagePackReader(bytes).ReadStringInto(chars), Is.EqualTo(length));
        Assert.That(new string(chars), Is.EqualTo(text));
    }

    [TestCase(0, "c400")]
    [TestCase(255, "c4ff")]
    [TestCase(256, "c50100")]
    [TestCase(65535, "c5ffff")]
    [TestCase(65536, "c600010000")]
    public void Binary_Lengths_TakeTheSmallestHead(int length, string head)
    {
        byte[] payload = new byte[length];
        new Random(length).NextBytes(payload);
        string hex = head + Convert.ToHexString(payload);
        AssertWritten(hex, (ref MessagePackWriter writer) => writer.WriteBinary(payload));
        Assert.That(new MessagePackReader(Convert.FromHexString(hex)).ReadBinary().SequenceEqual(payload), Is.True);
    }

    [TestCase(0, "90", "80")]
    [TestCase(15, "9f", "8f")]
    [TestCase(16, "dc0010", "de0010")]
    [TestCase(65535, "dcffff", "deffff")]
    [TestCase(65536, "dd00010000", "df00010000")]
    public void Headers_Counts_TakeTheSmallestHead(int count, string array, string map)
    {
        AssertWritten(array, (ref MessagePackWriter writer) => writer.WriteArrayHeader(count));
        AssertWritten(map, (ref MessagePackWriter writer) => writer.WriteMapHeader(count));
        Assert.That(new MessagePackReader([.. Convert.FromHexString(array), .. new byte[count]]).ReadArrayHeader(), Is.EqualTo(count));
        Assert.That(new MessagePackReader([.. Convert.FromHexString(map), .. new byte[count * 2]]).ReadMapHeader(), Is.EqualTo(count));
        if (count > 0)
        {
            var reader = new MessagePackReader([.. Convert.FromHexString(array), .. new byte[count - 1]]);
            Assert.That(reader.ReadArrayHeader(), Is.Zero);
            Assert.That(reader.Failed, Is.True, "more elements than bytes");
            reader = new MessagePackReader([.. Convert.FromHexString(map), .. new byte[(count * 2) - 1]]);
            Assert.That(reader.ReadMapHeader(), Is.Zero);
            Assert.That(reader.Failed, Is.True, "more pairs than bytes");
        }
    }

    // One value of each first byte, with contents where it has some.
    private static byte[] Sample(byte first) => first switch
    {
        >= 0x80 and <= 0x8f => [first, .. Enumerable.Repeat((byte)1, (first & 15) * 2)],
        >= 0x90 and <= 0x9f => [first, .. Enumerable.Repeat((byte)1, first & 15)],
        >= 0xa0 and <= 0xbf => [first, .. new byte[first & 31]],
        0xc4 or 0xd9 => [first, 3, 1, 2, 3],
        0xc5 or 0xda => [first, 0, 3, 1, 2, 3],
        0xc6 or 0xdb => [first, 0, 0, 0, 3, 1, 2, 3],
        0xc7 => [first, 3, 99, 1, 2, 3],
        0xc8 => [first, 0, 3, 99, 1, 2, 3],
        0xc9 => [first, 0, 0, 0, 3, 99, 1, 2, 3],
        0xca or 0xce or 0xd2 => [first, 1, 2, 3, 4],
        0xcb or 0xcf or 0xd3 => [first, 1, 2, 3, 4, 5, 6, 7, 8],
        0xcc or 0xd0 => [first, 1],
        0xcd or 0xd1 => [first, 1, 2],
        >= 0xd4 and <= 0xd8 => [first, 99, .. new byte[1 << (first - 0xd4)]],
        0xdc => [first, 0, 2, 1, 0xc0],
        0xdd => [first, 0, 0, 0, 2, 1, 0xc0],
        0xde => [first, 0, 1, 0xa1, 0x61, 0xc3],
        0xdf => [first, 0, 0, 0, 1, 0xa1, 0x61, 0xc3],
        _ => [first],
    };

    private static void AssertWritten(string hex, WriteValue write)
    {
        byte[] expected = Convert.FromHexString(hex);
        byte[] buffer = new byte[expected.Length];
        var writer = new MessagePackWriter(buffer);
        write(ref writer);
        Assert.That(writer.Overflowed, Is.False, "the exact size fits");
        Assert.That(writer.Written.SequenceEqual(expected), Is.True, Convert.ToHexString(writer.Written));
        for (int size = Math.Max(0, expected.Length - 3); size < expected.Length; size++)
        {
            var tight = new MessagePackWriter(buffer.AsSpan(0, size));
            write(ref tight);
            Assert.That(tight.Overflowed, Is.True, $"{size} of {expected.Length} bytes");
        }
    }
}
