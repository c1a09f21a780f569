using GameServer.Netcode.Game;
using GameServer.Netcode.Primitives;

namespace GameServer.Tests.Game;

public class FieldCodecTests
{
    [Test]
    public void Write_RandomRowsOfAllWidths_ReadBackTheSame()
    {
        var random = DeterministicRandom.From(4, 0);
        byte[] buffer = new byte[1024];
        for (int i = 0; i < 20000; i++)
        {
            FieldTable table = RandomTable(ref random);
            int[] baseline = RandomRow(table, ref random);
            int[] row = RandomRow(table, ref random);
            for (int c = 0; c < row.Length; c++)
            {
                // Equal, near (across the wrap too) or far.
                int kind = random.NextInt(3);
                uint mask = uint.MaxValue >> (32 - table.Columns[c].Bits);
                row[c] = kind == 0 ? baseline[c] : kind == 1 ? (int)((uint)(baseline[c] + random.NextInt(-40, 41)) & mask) : row[c];
            }

            var writer = new BitWriter(buffer);
            FieldCodec.Write(ref writer, table.Columns, baseline, row);
            int bits = writer.BitCount;
            writer.Finish();
            Assert.That(writer.Overflowed, Is.False);
            Assert.That(bits, Is.LessThanOrEqualTo(table.BitsMax));

            var reader = new BitReader(buffer.AsSpan(0, (bits + 7) / 8));
            int[] read = new int[row.Length];
            FieldCodec.Read(ref reader, table.Columns, baseline, read);
            Assert.That(reader.Failed, Is.False);
            Assert.That(read, Is.EqualTo(row), $"case {i}");
            Assert.That((bits + 7) / 8 * 8 - reader.BitsLeft, Is.EqualTo(bits), "reads exactly what was written");
        }
    }

    [Test]
    public void Write_WorstCase_TakesBitsMax()
    {
        var table = new FieldTable([new FieldSpec("a", FieldType.Raw, 0, 32), new FieldSpec("b", FieldType.Raw, 4, 32)]);
        byte[] buffer = new byte[64];
        var writer = new BitWriter(buffer);
        int[] baseline = [0, 0];
        int[] row = [1 << 30, 1 << 30];
        FieldCodec.Write(ref writer, table.Columns, baseline, row);
        Assert.That(writer.BitCount, Is.EqualTo(table.BitsMax));
    }

    [Test]
    public void Write_EqualRows_TakesTheMaskOnly()
    {
        var table = new FieldTable([new FieldSpec("a", FieldType.Raw, 0, 32), new FieldSpec("b", FieldType.Bool, 4, 1)]);
        byte[] buffer = new byte[64];
        var writer = new BitWriter(buffer);
        int[] row = [5, 1];
        FieldCodec.Write(ref writer, table.Columns, row, row);
        Assert.That(writer.BitCount, Is.EqualTo(2));
        Assert.That(FieldCodec.ChangedMask([5, 1, 7], [5, 0, 8]), Is.EqualTo(0b110));
    }

    [Test]
    public void Write_SmallDifference_IsShort()
    {
        var table = new FieldTable([new FieldSpec("x", FieldType.Float, 0, 12, new Quantizer(0, 4095, 1))]);
        int BitsOf(int from, int to)
        {
            byte[] buffer = new byte[64];
            int[] baseline = [from];
            int[] row = [to];
            var writer = new BitWriter(buffer);
            FieldCodec.Write(ref writer, table.Columns, baseline, row);
            return writer.BitCount;
        }

        Assert.That(BitsOf(1000, 1003), Is.EqualTo(1 + 2 + 3), "class 0: a quarter of 12 bits");
        Assert.That(BitsOf(1000, 1020), Is.EqualTo(1 + 2 + 6));
        Assert.That(BitsOf(1000, 1200), Is.EqualTo(1 + 2 + 9));
        Assert.That(BitsOf(1000, 3000), Is.EqualTo(1 + 2 + 12));
        Assert.That(BitsOf(4095, 1), Is.EqualTo(1 + 2 + 3), "across the wrap");
    }

    [Test]
    public void Read_MutatedBits_NeverThrowsAndStaysInWidth()
    {
        var random = DeterministicRandom.From(5, 0);
        byte[] buffer = new byte[256];
        int failed = 0;
        for (int i = 0; i < 50000; i++)
        {
            FieldTable table = RandomTable(ref random);
            int[] baseline = RandomRow(table, ref random);
            int[] row = RandomRow(table, ref random);
            var writer = new BitWriter(buffer);
            FieldCodec.Write(ref writer, table.Columns, baseline, row);
            int length = Math.Min(writer.Finish(), buffer.Length);
            for (int flips = random.NextInt(1, 6); flips > 0; flips--)
            {
                buffer[random.NextInt(length)] ^= (byte)(1 << random.NextInt(8));
            }

            var reader = new BitReader(buffer.AsSpan(0, random.NextInt(length + 1)));
            int[] read = new int[row.Length];
            FieldCodec.Read(ref reader, table.Columns, baseline, read);
            failed += reader.Failed ? 1 : 0;
            for (int c = 0; c < read.Length; c++)
            {
                Assert.That((ulong)(uint)read[c] >> table.Columns[c].Bits, Is.Zero, $"case {i}, column {c}");
            }
        }

        Assert.That(failed, Is.GreaterThan(1000));
    }

    private static FieldTable RandomTable(ref DeterministicRandom random)
    {
        var columns = new FieldSpec[random.NextInt(1, random.NextBool(0.05f) ? 65 : 12)];
        for (int c = 0; c < columns.Length; c++)
        {
            columns[c] = new FieldSpec("c", FieldType.Raw, c * 4, random.NextInt(1, 33));
        }

        return new FieldTable(columns);
    }

    private static int[] RandomRow(FieldTable table, ref DeterministicRandom random)
    {
        int[] row = new int[table.Count];
        for (int c = 0; c < row.Length; c++)
        {
            row[c] = (int)(random.NextUInt() >> (32 - table.Columns[c].Bits));
        }

        return row;
    }
}
