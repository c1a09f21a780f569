using GameServer.Netcode.Primitives;

namespace GameServer.Tests.Primitives;

public class TickRingTests
{
    [TestCase(0)]
    [TestCase(-8)]
    [TestCase(12)]
    public void Constructor_CapacityNotAPowerOfTwo_Throws(int capacity) =>
        Assert.That(() => new TickRing<int>(capacity), Throws.TypeOf<ArgumentOutOfRangeException>());

    [Test]
    public void TryGet_TickZeroOfAnEmptyRing_False() =>
        Assert.That(new TickRing<int>(8).TryGet(new Tick(0), out _), Is.False, "an empty slot is not tick 0");

    [TestCase(0u)]
    [TestCase(uint.MaxValue - 20)]
    [TestCase((1u << 31) - 20)]
    public void Add_MoreThanTheCapacity_HoldsExactlyTheLast(uint start)
    {
        var ring = new TickRing<int>(16);
        for (int i = 0; i < 50; i++)
        {
            ring.Add(new Tick(start) + i) = i;
            for (int j = -5; j < 55; j++)
            {
                bool held = ring.TryGet(new Tick(start) + j, out int value);
                Assert.That(held, Is.EqualTo(j <= i && j >= 0 && j > i - 16), $"tick start + {j} at {i}");
                Assert.That(value, Is.EqualTo(held ? j : 0));
            }
        }
    }

    [Test]
    public void Find_Held_GivesTheValueInPlace()
    {
        var ring = new TickRing<int>(4);
        ring.Add(new Tick(6)) = 1;
        ring.Find(new Tick(6), out bool found)++;
        Assert.That(found, Is.True);
        Assert.That(ring.TryGet(new Tick(6), out int value), Is.True);
        Assert.That(value, Is.EqualTo(2));
    }

    [Test]
    public void Find_NotHeld_WritesToItAreLost()
    {
        var ring = new TickRing<int>(4);
        ring.Add(new Tick(2)) = 1;
        ring.Find(new Tick(6), out bool found) = 99;
        Assert.That(found, Is.False);
        Assert.That(ring.Find(new Tick(6), out _), Is.Zero);
        Assert.That(ring.Find(new Tick(2), out _), Is.EqualTo(1));
    }

    [Test]
    public void RemoveAndClear_Held_AreForgotten()
    {
        var ring = new TickRing<int>(4);
        ring.Add(new Tick(1)) = 1;
        ring.Add(new Tick(2)) = 2;
        Assert.That(ring.Remove(new Tick(1)), Is.True);
        Assert.That(ring.Remove(new Tick(5)), Is.False, "the slot was of another tick");
        Assert.That(ring.Contains(new Tick(1)), Is.False);
        Assert.That(ring.Contains(new Tick(2)), Is.True);
        ring.Clear();
        Assert.That(ring.Contains(new Tick(2)), Is.False);
    }

    [Test]
    public void Add_ClassValues_StayInTheirSlots()
    {
        var ring = new TickRing<List<int>>(4, () => []);
        List<int> first = ring.Add(new Tick(3));
        Assert.That(ring.Add(new Tick(7)), Is.SameAs(first));
        Assert.That(ring.Find(new Tick(3), out bool found), Is.Null);
        Assert.That(found, Is.False);
    }

    [Test]
    public void SequenceBuffer_ThroughTheWrap_HoldsExactlyTheLast()
    {
        var buffer = new SequenceBuffer<int>(64);
        ushort sequence = ushort.MaxValue - 100;
        for (int i = 0; i < 300; i++, sequence++)
        {
            buffer.Add(sequence) = i;
            Assert.That(buffer.TryGet((ushort)(sequence - 63), out int oldest), Is.EqualTo(i >= 63));
            Assert.That(oldest, Is.EqualTo(Math.Max(0, i - 63)));
            Assert.That(buffer.Contains((ushort)(sequence - 64)), Is.False);
            Assert.That(buffer.Contains((ushort)(sequence + 1)), Is.False);
        }

        Assert.That(buffer.Remove((ushort)(sequence - 1)), Is.True);
        Assert.That(buffer.Find((ushort)(sequence - 1), out bool found), Is.Zero);
        Assert.That(found, Is.False);
        buffer.Clear();
        Assert.That(buffer.Contains((ushort)(sequence - 2)), Is.False);
    }

    [TestCase(131072)]
    [TestCase(100)]
    public void SequenceBuffer_ImpossibleCapacity_Throws(int capacity) =>
        Assert.That(() => new SequenceBuffer<int>(capacity), Throws.TypeOf<ArgumentOutOfRangeException>());
}
