using GameServer.Netcode.Primitives;
using GameServer.Netcode.Snapshots;

namespace GameServer.Tests.Snapshots;

/// <summary>E1 and C1 of what waits for acknowledgements.</summary>
public sealed class EventStreamTests
{
    [Test]
    public void Settle_OutOfOrder_OldestMovesOnlyOverAcknowledgedOnes()
    {
        var stream = new EventStream();
        for (int round = 0; round < 70_000; round += 3)
        {
            ushort first = stream.Next;
            stream.Add(round);
            stream.Add(round + 1);
            stream.Add(round + 2);
            stream.Settle((ushort)(first + 2), new Tick(1), arrived: true);
            stream.Settle((ushort)(first + 1), new Tick(1), arrived: false);
            Assert.That(stream.Backlog, Is.EqualTo(3));
            stream.Settle(first, new Tick(1), arrived: true);
            Assert.That(stream.Oldest, Is.EqualTo((ushort)(first + 1)));
            stream.Settle((ushort)(first + 1), new Tick(2), arrived: true);
            Assert.That(stream.Backlog, Is.Zero);
            stream.Settle(first, new Tick(2), arrived: true); // once more: long settled
            Assert.That(stream.Backlog, Is.Zero);
        }

        Assert.That(stream.HasOverflowed, Is.False);
    }

    [Test]
    public void Add_MoreThanMayWait_SaysSoAndKeepsTheOlderOnes()
    {
        var stream = new EventStream();
        for (int i = 0; i <= Limits.EventsInFlightMax; i++)
        {
            stream.Add(i);
        }

        Assert.That(stream.HasOverflowed, Is.True);
        Assert.That(stream.Backlog, Is.EqualTo(Limits.EventsInFlightMax));
        Assert.That(stream[stream.Oldest].Number, Is.Zero);
    }

    [TestCase((ushort)0)]
    [TestCase((ushort)65_400)]
    public void SentSnapshots_RandomLoss_EachIsSettledOnceAsItWas(ushort first)
    {
        var random = DeterministicRandom.From(71, first);
        var sent = new SentSnapshots();
        sent.Clear(first);
        var arrivedOf = new Dictionary<ushort, bool>();
        int settled = 0;
        for (int i = 0; i < 2000; i++)
        {
            ushort sequence = sent.NextSequence;
            long start = sent.RecordPosition;
            sent.Add(new SentRecord(sequence, 3, SentKind.State));
            sent.Add(new SentRecord((ushort)(sequence + 1), 3, SentKind.Event));
            sent.Commit(new Tick((uint)i), start);
            arrivedOf[sequence] = random.NextBool(0.7f);
            if (!arrivedOf[sequence] || random.NextBool(0.5f))
            {
                continue;
            }

            uint bits = 0;
            for (int n = 0; n < 32; n++)
            {
                bits |= arrivedOf.GetValueOrDefault((ushort)(sequence - 1 - n)) ? 1u << n : 0;
            }

            Assert.That(sent.WasSent(sequence), Is.True);
            Assert.That(sent.WasSent((ushort)(sequence + 1)), Is.False, "never sent");
            ushort expected = (ushort)(first + settled);
            while (sent.TrySettle(sequence, bits, out bool arrived, out Tick tick, out ReadOnlySpan<SentRecord> records, out ReadOnlySpan<SentRecord> more))
            {
                Assert.That((arrived, tick.Value, records.Length + more.Length), Is.EqualTo((arrivedOf[expected], (uint)settled, 2)));
                Assert.That((records.Length > 0 ? records : more)[0].Index, Is.EqualTo(expected));
                settled++;
                expected++;
            }
        }

        Assert.That(settled, Is.GreaterThan(1900));
    }
}
