using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Game;

/// <summary>Writes and reads one row of a table as the difference to another row. One codec for entities, inputs and events.</summary>
/// <remarks>
/// Layout, for a row of n columns:
/// <code>
/// bits      field
/// n         changed mask, bit i = column i (least significant first)
/// per changed column of width w:
///   w ≤ 6:  w     the value
///   else    2     class c; its size s = ⌈w(c + 1) / 4⌉ bits
///           s     c &lt; 3: zigzag of (value − baseline) modulo 2^w;  c = 3: the value
/// </code>
/// Both rows hold the columns as unsigned w-bit numbers. Allocates: no.
/// </remarks>
internal static class FieldCodec
{
    public static ulong ChangedMask(ReadOnlySpan<int> baseline, ReadOnlySpan<int> row)
    {
        ulong mask = 0;
        for (int i = 0; i < row.Length; i++)
        {
            if (row[i] != baseline[i])
            {
                mask |= 1UL << i;
            }
        }

        return mask;
    }

    public static void Write(ref BitWriter writer, ReadOnlySpan<FieldSpec> fields, ReadOnlySpan<int> baseline, ReadOnlySpan<int> row)
    {
        ulong mask = ChangedMask(baseline, row);
        writer.WriteLong(mask, fields.Length);
        for (int i = 0; mask != 0; i++, mask >>= 1)
        {
            if ((mask & 1) != 0)
            {
                WriteColumn(ref writer, fields[i].Bits, (uint)baseline[i], (uint)row[i]);
            }
        }
    }

    public static void Read(ref BitReader reader, ReadOnlySpan<FieldSpec> fields, ReadOnlySpan<int> baseline, Span<int> row)
    {
        ulong mask = reader.ReadLong(fields.Length);
        for (int i = 0; i < fields.Length; i++, mask >>= 1)
        {
            row[i] = (mask & 1) != 0 ? (int)ReadColumn(ref reader, fields[i].Bits, (uint)baseline[i]) : baseline[i];
        }
    }

    private static void WriteColumn(ref BitWriter writer, int bits, uint baseline, uint value)
    {
        if (bits <= 6)
        {
            writer.Write(value, bits);
            return;
        }

        uint zigzag = ZigZag(value - baseline, bits);
        for (int c = 0; c < 3; c++)
        {
            int size = ClassBits(bits, c);
            if (zigzag >> size == 0)
            {
                writer.Write((uint)c | (zigzag << 2), size + 2);
                return;
            }
        }

        writer.Write(3, 2);
        writer.Write(value, bits);
    }

    private static uint ReadColumn(ref BitReader reader, int bits, uint baseline)
    {
        if (bits <= 6)
        {
            return reader.Read(bits);
        }

        int c = (int)reader.Read(2);
        if (c == 3)
        {
            return reader.Read(bits);
        }

        uint zigzag = reader.Read(ClassBits(bits, c));
        uint delta = (zigzag >> 1) ^ (0 - (zigzag & 1));
        return (baseline + delta) & Mask(bits);
    }

    // Three classes of at most 24 bits: with the class itself they fit one write.
    private static int ClassBits(int bits, int c) => ((bits * (c + 1)) + 3) >> 2;

    private static uint Mask(int bits) => uint.MaxValue >> (32 - bits);

    private static uint ZigZag(uint difference, int bits)
    {
        int signed = (int)(difference << (32 - bits)) >> (32 - bits);
        return (uint)((signed << 1) ^ (signed >> 31));
    }
}
