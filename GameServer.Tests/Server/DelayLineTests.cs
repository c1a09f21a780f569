using GameServer.Netcode.Primitives;
using GameServer.Netcode.Server;

namespace GameServer.Tests.Server;

/// <summary>The line in which the match waits for those who see it late.</summary>
public sealed class DelayLineTests
{
    [Test]
    public void Records_RandomSizesAcrossTheWrapOfTicks_ComeOutInOrderWhenDue()
    {
        var line = new DelayLine(4 << 20);
        var random = DeterministicRandom.From(11, 1);
        var expected = new Queue<(Tick Tick, byte[] Bytes)>();
        var tick = new Tick(uint.MaxValue - 500);
        for (int i = 0; i < 2_000; i++, tick += 1)
        {
            for (int n = random.NextInt(5); n > 0; n--)
            {
                var bytes = new byte[random.NextInt(3000)];
                foreach (ref byte b in bytes.AsSpan())
                {
                    b = (byte)random.NextUInt();
                }

                Assert.That(line.TryAdd(tick, DelayedKind.Message, bytes.Length, out Span<byte> payload), Is.True);
                bytes.CopyTo(payload);
                expected.Enqueue((tick, bytes));
            }

            while (line.TryPeek(tick - 180, out DelayedKind kind, out ReadOnlySpan<byte> payload))
            {
                (Tick of, byte[] bytes) = expected.Dequeue();
                Assert.That(of <= tick - 180 && kind == DelayedKind.Message && payload.SequenceEqual(bytes));
                line.RemoveFirst();
            }

            Assert.That(expected.Count == 0 || expected.Peek().Tick > tick - 180, "what is due has come out");
        }

        Assert.That(expected, Is.Not.Empty);
    }

    [Test]
    public void TryAdd_AnyLoad_AllocatesNothing()
    {
        var line = new DelayLine(2 << 20);
        var tick = new Tick(1);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 600; i++, tick += 1)
        {
            line.TryAdd(tick, DelayedKind.State, i * 10, out _);
            while (line.TryPeek(tick - 180, out _, out _))
            {
                line.RemoveFirst();
            }
        }

        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }

    [Test]
    public void TryAdd_BeyondTheLimit_IsRefusedAndWhatWaitsStays()
    {
        var line = new DelayLine(3 * DelayLine.BlockBytes);
        var tick = new Tick(1);
        int half = (DelayLine.BlockBytes / 2) - DelayLine.HeaderBytes;
        int added = 0;
        while (line.TryAdd(tick, DelayedKind.State, half, out _))
        {
            added++;
        }

        Assert.That((added, line.UsedBytes, line.CapacityBytes), Is.EqualTo((6, 3L * DelayLine.BlockBytes, 3L * DelayLine.BlockBytes)));
        Assert.That(line.TryAdd(tick, DelayedKind.State, 0, out _), Is.False, "not even an empty one");
        line.RemoveFirst();
        Assert.That(line.TryAdd(tick, DelayedKind.State, 0, out _), Is.False, "the first block is still being read");
        line.RemoveFirst();
        Assert.That(line.TryAdd(tick, DelayedKind.State, half, out _), Is.True, "there is room again");
        for (added = 0; line.TryPeek(tick, out _, out ReadOnlySpan<byte> payload); added++)
        {
            Assert.That(payload.Length, Is.EqualTo(half));
            line.RemoveFirst();
        }

        Assert.That((added, line.UsedBytes), Is.EqualTo((5, 0L)));
    }

    [TestCase(0, ExpectedResult = true)]
    [TestCase(1, ExpectedResult = false)]
    public bool TryAdd_AroundABlock_FitsUpToItsBytes(int more) =>
        new DelayLine(0).TryAdd(new Tick(1), DelayedKind.State, DelayLine.BlockBytes - DelayLine.HeaderBytes + more, out _);

    [Test]
    public void Clear_OfAFullLine_GivesAllRoomBack()
    {
        var line = new DelayLine(2 * DelayLine.BlockBytes);
        var tick = new Tick(1);
        Assert.That(Fill(), Is.EqualTo(4));
        line.Clear();
        Assert.That(line.TryPeek(tick, out _, out _), Is.False);
        Assert.That(Fill(), Is.EqualTo(4));

        int Fill()
        {
            int added = 0;
            while (line.TryAdd(tick, DelayedKind.State, (DelayLine.BlockBytes / 2) - DelayLine.HeaderBytes, out _))
            {
                added++;
            }

            return added;
        }
    }
}
