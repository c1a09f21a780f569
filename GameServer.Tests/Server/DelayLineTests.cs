using GameServer.Netcode.Primitives;
using GameServer.Netcode.Server;

namespace GameServer.Tests.Server;

/// <summary>The line in which the match waits for those who see it late.</summary>
public sealed class DelayLineTests
{
    [Test]
    public void Records_RandomSizesAcrossTheWrapOfTicks_ComeOutInOrderWhenDue()
    {
        var line = new DelayLine();
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
    public void TryAdd_SteadyLoad_AllocatesNothing()
    {
        var line = new DelayLine();
        var tick = new Tick(1);
        Run(600);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Run(600);
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);

        void Run(int ticks)
        {
            for (int i = 0; i < ticks; i++, tick += 1)
            {
                line.TryAdd(tick, DelayedKind.State, 1000, out _);
                while (line.TryPeek(tick - 180, out _, out _))
                {
                    line.RemoveFirst();
                }
            }
        }
    }

    [Test]
    public void TryAdd_BeyondTheLimit_IsRefusedAndWhatWaitsStays()
    {
        var line = new DelayLine();
        var tick = new Tick(1);
        int added = 0;
        while (line.TryAdd(tick, DelayedKind.State, 1 << 20, out _))
        {
            added++;
        }

        Assert.That(line.UsedBytes, Is.InRange((Limits.DelayedBytesMax / 2) - (2 << 20), Limits.DelayedBytesMax));
        while (line.TryPeek(tick, out _, out _))
        {
            line.RemoveFirst();
            added--;
        }

        Assert.That(added, Is.Zero);
        Assert.That(line.TryAdd(tick, DelayedKind.State, 1 << 20, out _), Is.True, "there is room again");
    }
}
