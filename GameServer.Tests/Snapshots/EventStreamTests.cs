using GameServer.Netcode.Game;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Snapshots;
using GameServer.Tests.Support;

namespace GameServer.Tests.Snapshots;

/// <summary>E1 and C1 of what waits for acknowledgements.</summary>
public sealed class EventStreamTests
{
    [Test]
    public void Settle_OutOfOrder_OldestMovesOnlyOverAcknowledgedOnes()
    {
        EventStream stream = New(isReliable: true);
        for (int round = 0; round < 70_000; round += 3)
        {
            ushort first = stream.Next;
            stream.Add(round, 0, default);
            stream.Add(round + 1, 0, default);
            stream.Add(round + 2, 0, default);
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
        EventStream stream = New(isReliable: true);
        for (int i = 0; i <= Limits.EventsInFlightMax; i++)
        {
            stream.Add(i, 0, default);
        }

        Assert.That(stream.HasOverflowed, Is.True);
        Assert.That(stream.Backlog, Is.EqualTo(Limits.EventsInFlightMax));
        Assert.That(stream[stream.Oldest].Number, Is.Zero);
    }

    [TestCase(Limits.EventsInFlightMax - 1, 0)]
    [TestCase(Limits.EventsInFlightMax, 0)]
    [TestCase(Limits.EventsInFlightMax + 1, 1)]
    public void Add_MoreBriefOnesThanMayWait_GivesUpTheOldestAndCountsIt(int added, int givenUp)
    {
        EventStream stream = New(isReliable: false, out GameCounters counters);
        for (int i = 0; i < added; i++)
        {
            stream.Add(i, 0, new Tick(uint.MaxValue));
        }

        Assert.That(stream.HasOverflowed, Is.False);
        Assert.That(stream.Backlog, Is.EqualTo(Math.Min(added, Limits.EventsInFlightMax)));
        Assert.That(stream[stream.Oldest].Number, Is.EqualTo(givenUp));
        Assert.That((stream.GivenUp, counters[GameCount.EventGivenUp, 0]), Is.EqualTo(((long)givenUp, (long)givenUp)));
    }

    [TestCase(9, 2)]
    [TestCase(10, 2)]
    [TestCase(11, 1)]
    [TestCase(20, 1)]
    [TestCase(21, 0)]
    public void Expire_ByTick_GivesUpWhatHasOutlivedItsLife(int now, int left)
    {
        EventStream stream = New(isReliable: false);
        var log = new EventLog(Schema);
        Tagged tagged = default;
        for (int i = 0; i < 2; i++)
        {
            log.Add(0, ref System.Runtime.CompilerServices.Unsafe.As<Tagged, byte>(ref tagged), new Tick(1), PlayerId.None, 0);
        }

        Tick start = new Tick(uint.MaxValue - 5); // lives go over the wrap
        stream.Add(0, 0, start + 20);
        stream.Add(1, 0, start + 10);
        stream.Expire(start + now, log);
        int alive = 0;
        for (ushort sequence = stream.Oldest; sequence != stream.Next; sequence++)
        {
            alive += stream[sequence].IsDone ? 0 : 1;
        }

        Assert.That((alive, stream.GivenUp), Is.EqualTo((left, 2L - left)));
        Assert.That(stream.Backlog == 0, Is.EqualTo(left == 0));
    }

    [Test]
    public void Expire_ReliableOnes_AreNeverGivenUp()
    {
        EventStream stream = New(isReliable: true);
        stream.Add(0, 0, default);
        stream.Expire(new Tick(1_000_000), new EventLog(Schema));
        Assert.That((stream.Backlog, stream.GivenUp), Is.EqualTo((1, 0L)));
    }

    [TestCase(1, true)]
    [TestCase(511, true)]
    [TestCase(512, true)]
    [TestCase(513, true)]
    [TestCase(40_000, true)]
    [TestCase(65_536 - 511, false)]
    public void Window_AnyJumpAhead_IsTakenAndWhatWasHadIsNot(int jump, bool isNew)
    {
        foreach (ushort first in new ushort[] { 0, 60_000, 65_535 })
        {
            var window = new EventWindow();
            for (int i = -600; i <= 0; i++)
            {
                Assert.That(window.TryTake((ushort)(first + i)), Is.True);
            }

            Assert.That(window.TryTake((ushort)(first + jump)), Is.EqualTo(isNew));
            Assert.That(window.TryTake((ushort)(first + jump)), Is.False, "once");
            Assert.That(window.Taken, Is.EqualTo(isNew ? 602 : 601));
        }
    }

    [TestCase(1023, 0)]
    [TestCase(1024, 1)]
    public void Window_OneMissing_IsAGapOnceItCannotComeAnyMore(int after, int gaps)
    {
        var window = new EventWindow();
        for (int i = 0; i < 2000; i++)
        {
            window.TryTake((ushort)i);
        }

        for (int i = 1; i <= after; i++)
        {
            window.TryTake((ushort)(2000 + i)); // 2000 never comes
        }

        Assert.That(window.Gaps, Is.EqualTo(gaps));
    }

    private static EventStream New(bool isReliable) => New(isReliable, out _);

    private static EventStream New(bool isReliable, out GameCounters counters)
    {
        counters = new GameCounters(Schema);
        return new EventStream(isReliable, counters);
    }

    private static Schema Schema { get; } = GameSchema<TagInput>.Of(new TagGame());

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
