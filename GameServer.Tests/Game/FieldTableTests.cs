using System.Numerics;
using System.Runtime.InteropServices;
using GameServer.Netcode.Game;
using GameServer.Netcode.Primitives;

namespace GameServer.Tests.Game;

public class FieldTableTests
{
    private const int ComponentBytes = 16;

    private static readonly FieldType[] AllTypes =
    [
        FieldType.Float, FieldType.Angle, FieldType.DirectionU, FieldType.Int, FieldType.Bool, FieldType.Raw,
        FieldType.Axis, FieldType.Held, FieldType.Pressed, FieldType.Teleport,
    ];

    [Test]
    public void FieldType_Values_AreFrozen()
    {
        string all = string.Join(" ", Enum.GetValues<FieldType>().Select(t => $"{t}={(int)t}"));
        Assert.That(all, Is.EqualTo(
            "Float=1 Angle=2 DirectionU=3 DirectionV=4 Int=5 Bool=6 Raw=7 Axis=8 Held=9 Pressed=10 Teleport=11"));
    }

    [TestCaseSource(nameof(AllTypes))]
    public void Capture_RestoredComponent_GivesTheSameRow(FieldType type)
    {
        var random = DeterministicRandom.From(1, (ulong)type);
        foreach (int bits in WidthsOf(type))
        {
            FieldTable table = TableOf(type, bits);
            int[] first = new int[table.Count];
            int[] second = new int[table.Count];
            for (int i = 0; i < 2000; i++)
            {
                byte[] component = RandomComponent(type, bits, i, ref random);
                table.Capture(ref component[0], teleports: i & 3, first);
                Assert.That(table.IsValid(first), Is.True, $"{bits} bits, case {i}");
                Assert.That(first.All(column => (ulong)(uint)column >> bits == 0), Is.True, $"{bits} bits, case {i}: wider than announced");
                byte[] restored = new byte[ComponentBytes];
                table.Restore(first, ref restored[0]);
                table.Capture(ref restored[0], teleports: i & 3, second);
                Assert.That(second, Is.EqualTo(first), $"{bits} bits, case {i}");
            }
        }
    }

    [Test]
    public void Capture_NoNumbers_StayInRange()
    {
        float[] odd = [float.NaN, float.PositiveInfinity, float.NegativeInfinity, float.MaxValue, -0f, float.Epsilon];
        foreach (FieldType type in new[] { FieldType.Angle, FieldType.Axis, FieldType.DirectionU })
        {
            FieldTable table = TableOf(type, 10);
            int[] row = new int[table.Count];
            foreach (float value in odd)
            {
                byte[] component = new byte[ComponentBytes];
                MemoryMarshal.Cast<byte, float>(component.AsSpan()).Fill(value);
                table.Capture(ref component[0], 0, row);
                Assert.That(table.IsValid(row), Is.True, $"{type} {value}");
            }
        }
    }

    [TestCaseSource(nameof(AllTypes))]
    public void Blend_AtBothEnds_GivesTheEnds(FieldType type)
    {
        var random = DeterministicRandom.From(2, (ulong)type);
        int bits = WidthsOf(type)[^1];
        FieldTable table = TableOf(type, bits);
        int[] from = new int[table.Count];
        int[] to = new int[table.Count];
        int[] row = new int[table.Count];
        bool blends = type is FieldType.Float or FieldType.Angle or FieldType.DirectionU;
        for (int i = 0; i < 500; i++)
        {
            byte[] a = RandomComponent(type, bits, i, ref random);
            byte[] b = RandomComponent(type, bits, i + 1, ref random);
            table.Capture(ref a[0], 0, from);
            table.Capture(ref b[0], 0, to);
            byte[] component = new byte[ComponentBytes];
            table.Blend(from, to, 0, ref component[0]);
            table.Capture(ref component[0], 0, row);
            Assert.That(row, Is.EqualTo(from), $"case {i} at 0");
            table.Blend(from, from, 255, ref component[0]);
            table.Capture(ref component[0], 0, row);
            Assert.That(row, Is.EqualTo(from), $"case {i} between equal states");
            table.Blend(from, to, 255, ref component[0]);
            table.Capture(ref component[0], 0, row);
            if (!blends)
            {
                Assert.That(row, Is.EqualTo(from), $"case {i}: holds until the next sample");
            }
        }
    }

    [Test]
    public void Blend_Floats_LiesOnTheLine()
    {
        FieldTable table = TableOf(FieldType.Float, 12);
        Quantizer quantizer = table.Columns[0].Quantizer;
        foreach ((int from, int to) in new[] { (0, 256), (256, 0), (100, 101), (4000, 0), (7, 7) })
        {
            foreach (int fraction in new[] { 0, 1, 64, 128, 255 })
            {
                float value = BlendOne(table, from, to, fraction);
                double expected = from + ((to - from) * fraction / 256.0);
                Assert.That(quantizer.Quantize(value), Is.EqualTo(expected).Within(0.5 + 1e-9), $"{from} to {to} at {fraction}");
            }
        }
    }

    [Test]
    public void Blend_Angles_TakeTheShortWay()
    {
        FieldTable table = TableOf(FieldType.Angle, 8);
        float quantum = 2 * MathF.PI / 256;
        Assert.That(BlendOne(table, 250, 6, 128) / quantum, Is.EqualTo(0).Within(0.01), "12 quanta across 0");
        Assert.That(BlendOne(table, 6, 250, 128) / quantum, Is.EqualTo(0).Within(0.01));
        Assert.That(BlendOne(table, 10, 20, 128) / quantum, Is.EqualTo(15).Within(0.01));
        Assert.That(BlendOne(table, 250, 6, 255) / quantum, Is.EqualTo(6).Within(0.01));
        Assert.That(BlendOne(table, 6, 250, 64) / quantum, Is.EqualTo(3).Within(0.01));
    }

    [Test]
    public void Blend_Directions_StayUnitAndBetween()
    {
        FieldTable table = TableOf(FieldType.DirectionU, 12);
        var random = DeterministicRandom.From(3, 0);
        for (int i = 0; i < 500; i++)
        {
            byte[] a = RandomComponent(FieldType.DirectionU, 12, i, ref random);
            byte[] b = RandomComponent(FieldType.DirectionU, 12, i, ref random);
            int[] from = new int[2];
            int[] to = new int[2];
            table.Capture(ref a[0], 0, from);
            table.Capture(ref b[0], 0, to);
            Vector3 Blended(int fraction)
            {
                byte[] component = new byte[ComponentBytes];
                table.Blend(from, to, fraction, ref component[0]);
                return MemoryMarshal.Read<Vector3>(component);
            }

            Vector3 start = Blended(0), middle = Blended(128), end = Blended(255);
            Assert.That(middle.Length(), Is.EqualTo(1).Within(1e-5f));
            Assert.That(Vector3.Dot(start, middle), Is.GreaterThanOrEqualTo(Vector3.Dot(start, end) - 1e-4f));
            bool areOpposite = Vector3.Dot(start, MemoryMarshal.Read<Vector3>(b)) < -0.9f;
            Assert.That(areOpposite || Vector3.Dot(end, MemoryMarshal.Read<Vector3>(b)) > 0.99f, Is.True, $"case {i}");
        }
    }

    [Test]
    public void Starve_MissingInputs_KeepHeldDropPressedFadeAxes()
    {
        var table = new FieldTable(
        [
            new FieldSpec("axis", FieldType.Axis, 0, 8), new FieldSpec("held", FieldType.Held, 4, 16),
            new FieldSpec("pressed0", FieldType.Pressed, 6, 30), new FieldSpec("pressed5", FieldType.Pressed, 6, 18, default, 5), new FieldSpec("weapon", FieldType.Int, 8, 5),
        ]);
        foreach (float start in new[] { 1f, -1f, 0f, 0.3f })
        {
            byte[] component = new byte[ComponentBytes];
            MemoryMarshal.Write(component, start);
            MemoryMarshal.Write(component.AsSpan(4), new Buttons { Held = 0xA5, Pressed = 0x81 });
            MemoryMarshal.Write(component.AsSpan(8), 17);
            int[] row = new int[4];
            table.Capture(ref component[0], 0, row);
            float before = start;
            for (int missing = 0; missing < 30; missing++)
            {
                table.Starve(row);
                table.Restore(row, ref component[0]);
                float axis = MemoryMarshal.Read<float>(component);
                Assert.That(Math.Abs(axis), Is.LessThan(Math.Abs(before)).Or.EqualTo(0), $"{start} after {missing}");
                Assert.That(axis * start, Is.GreaterThanOrEqualTo(0), "never to the other side");
                before = axis;
            }

            Assert.That(before, Is.Zero);
            Buttons buttons = MemoryMarshal.Read<Buttons>(component.AsSpan(4));
            Assert.That(buttons.Held, Is.EqualTo(0xA5));
            Assert.That(buttons.Pressed, Is.Zero);
            Assert.That(MemoryMarshal.Read<int>(component.AsSpan(8)), Is.EqualTo(17));
        }
    }

    [Test]
    public void IsValid_QuantaThatNoSenderWrites_AreRefused()
    {
        Assert.That(TableOf(FieldType.Axis, 8).IsValid([255]), Is.False);
        Assert.That(TableOf(FieldType.Axis, 8).IsValid([254]), Is.True);
        Assert.That(TableOf(FieldType.DirectionU, 10).IsValid([1023, 0]), Is.False);
        Assert.That(TableOf(FieldType.DirectionU, 10).IsValid([0, 1023]), Is.False);
        var narrow = new FieldTable([new FieldSpec("f", FieldType.Float, 0, 7, new Quantizer(0, 100, 1))]);
        Assert.That(narrow.IsValid([100]), Is.True);
        Assert.That(narrow.IsValid([101]), Is.False);
    }

    /// <summary>Widths to try for a type, the widest last.</summary>
    internal static int[] WidthsOf(FieldType type) => type switch
    {
        FieldType.Bool => [1],
        FieldType.Teleport => [2],
        FieldType.Raw => [32],
        FieldType.Int => [1, 6, 7, 20, 32],
        FieldType.Axis => [3, 8, 16],
        FieldType.Held => [1, 7, 16],
        FieldType.Pressed => [6, 12, 30],
        FieldType.DirectionU => [4, 9, 10, 12, 15],
        FieldType.Angle => [2, 8, 10, 16],
        _ => [1, 6, 7, 12, 20, 23],
    };

    internal static FieldTable TableOf(FieldType type, int bits) => type switch
    {
        FieldType.DirectionU => new FieldTable([new FieldSpec("d.u", type, 0, bits), new FieldSpec("d.v", FieldType.DirectionV, 0, bits)]),
        FieldType.Float => new FieldTable([new FieldSpec("f", type, 0, bits, new Quantizer(-8, 8, 16f / ((1 << bits) - 1)))]),
        FieldType.Int => new FieldTable([new FieldSpec("i", type, 0, bits, default, MinimumOf(bits))]),
        _ => new FieldTable([new FieldSpec("c", type, 0, bits)]),
    };

    private static int MinimumOf(int bits) => bits == 32 ? int.MinValue : -3;

    // Every tenth one is at an edge of the range.
    private static byte[] RandomComponent(FieldType type, int bits, int number, ref DeterministicRandom random)
    {
        byte[] component = new byte[ComponentBytes];
        float edge = (number % 40) switch { 0 => -1, 10 => 1, 20 => 0, _ => random.NextFloat(-1, 1) };
        switch (type)
        {
            case FieldType.Float:
                MemoryMarshal.Write(component, edge * 8);
                break;
            case FieldType.Angle:
                MemoryMarshal.Write(component, edge * 7);
                break;
            case FieldType.Axis:
                MemoryMarshal.Write(component, edge);
                break;
            case FieldType.DirectionU:
                var vector = new Vector3(edge, random.NextInt(3) - 1, random.NextFloat(-1, 1));
                MemoryMarshal.Write(component, number % 3 == 0 ? DeterministicMath.Normalize(vector) : AnyDirection(ref random));
                break;
            case FieldType.Int:
                uint above = bits == 32 ? random.NextUInt() : random.NextUInt() & ((1u << bits) - 1);
                MemoryMarshal.Write(component, (int)(MinimumOf(bits) + above));
                break;
            case FieldType.Bool:
                component[0] = (byte)(number & 1);
                break;
            default:
                MemoryMarshal.Write(component, random.NextUInt());
                break;
        }

        return component;
    }

    private static Vector3 AnyDirection(ref DeterministicRandom random)
    {
        DeterministicMath.SinCos(random.NextFloat(-3.2f, 3.2f), out float sin, out float cos);
        float y = random.NextFloat(-1, 1);
        float around = DeterministicMath.Sqrt(1 - (y * y));
        return new Vector3(cos * around, y, sin * around);
    }

    private static float BlendOne(FieldTable table, int from, int to, int fraction)
    {
        byte[] component = new byte[ComponentBytes];
        table.Blend([from], [to], fraction, ref component[0]);
        return MemoryMarshal.Read<float>(component);
    }
}
