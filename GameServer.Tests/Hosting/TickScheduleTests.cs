using GameServer.Hosting;

namespace GameServer.Tests.Hosting;

[NonParallelizable] // spins until real deadlines
public sealed class TickScheduleTests
{
    private const long Start = 5_000_000_000;
    private const long Second = 1_000_000_000;

    [TestCase(1)]
    [TestCase(60)]
    [TestCase(128)]
    [TestCase(1000)]
    public void NextDeadline_AfterManyTicks_HasNotDrifted(int rateHz)
    {
        TickSchedule schedule = Started(rateHz);
        for (int second = 0; second < 1_000; second++)
        {
            Assert.That(schedule.NextDeadlineNanos, Is.EqualTo(Start + (second * Second)));
            for (int i = 0; i < rateHz; i++)
            {
                Assert.That(schedule.Begin(schedule.NextDeadlineNanos), Is.Zero);
                Assert.That(schedule.LatenessNanos, Is.Zero);
            }
        }
    }

    [Test]
    public void NextDeadline_AfterMonths_IsExact()
    {
        TickSchedule schedule = Started(128);
        const long Seconds = 180L * 86_400;
        long late = Start + (Seconds * Second);
        schedule.Begin(late);
        Assert.That(schedule.NextIndex, Is.EqualTo((Seconds * 128) + 1));
        Assert.That(schedule.NextDeadlineNanos, Is.EqualTo(late + (Second / 128)));
    }

    [Test]
    public void Begin_OnTime_SkipsNothing()
    {
        TickSchedule schedule = Started(100);
        for (int i = 0; i < 1_000; i++)
        {
            Assert.That(schedule.Begin(schedule.NextDeadlineNanos + 300_000), Is.Zero);
            Assert.That(schedule.LatenessNanos, Is.EqualTo(300_000));
            Assert.That(schedule.End(schedule.NextDeadlineNanos - 1), Is.False);
        }

        Assert.That((schedule.Overruns, schedule.SkippedTicks), Is.EqualTo((0, 0)));
    }

    [Test]
    public void Begin_TwoTicksBehind_CatchesUpWithoutAJump()
    {
        TickSchedule schedule = Started(100);
        long now = Start;
        schedule.Begin(now);
        now += 25_000_000; // deadlines 1 and 2 have passed
        Assert.That(schedule.End(now), Is.True);
        Assert.That(schedule.Begin(now), Is.Zero);
        Assert.That(schedule.LatenessNanos, Is.EqualTo(15_000_000));
        Assert.That(schedule.End(now += 1_000_000), Is.True);
        Assert.That(schedule.Begin(now), Is.Zero);
        Assert.That(schedule.End(now += 1_000_000), Is.False);
        Assert.That(schedule.NextDeadlineNanos, Is.EqualTo(Start + 30_000_000));
        Assert.That((schedule.Overruns, schedule.SkippedTicks), Is.EqualTo((2, 0)));
    }

    [Test]
    public void Begin_FurtherBehind_SkipsToTheNewestDueTick()
    {
        TickSchedule schedule = Started(100);
        schedule.Begin(Start);
        long now = Start + 47_000_000; // deadlines 1 to 4 have passed
        schedule.End(now);
        Assert.That(schedule.Begin(now), Is.EqualTo(3));
        Assert.That(schedule.LatenessNanos, Is.EqualTo(7_000_000));
        Assert.That(schedule.NextIndex, Is.EqualTo(5));
        Assert.That((schedule.Overruns, schedule.SkippedTicks), Is.EqualTo((1, 3)));
    }

    [Test]
    public void Ladder_UnderLastingOverload_NeverSpirals()
    {
        // Each tick takes 1.7 periods for 10 s: time is skipped, the game never falls further behind, and every tick is accounted for.
        const long Period = Second / 64;
        TickSchedule schedule = Started(64);
        long now = Start;
        long executed = 0;
        long announced = 0;
        while (now < Start + (10 * Second))
        {
            now = Math.Max(now, schedule.NextDeadlineNanos);
            announced += schedule.Begin(now);
            executed++;
            Assert.That(schedule.LatenessNanos, Is.LessThan(3 * Period));
            now += Period * 17 / 10;
            Assert.That(schedule.End(now), Is.True);
        }

        Assert.That(schedule.SkippedTicks, Is.EqualTo(announced).And.GreaterThan(0));
        Assert.That(schedule.Overruns, Is.EqualTo(executed));
        Assert.That(schedule.NextIndex, Is.EqualTo(executed + announced));
        Assert.That(executed + announced, Is.EqualTo(640).Within(4));
    }

    [Test]
    public void Begin_AfterALongPause_AnnouncesItOnce()
    {
        TickSchedule schedule = Started(60);
        schedule.Begin(Start);
        Assert.That(schedule.Begin(Start + (3_600 * Second)), Is.EqualTo((3_600 * 60) - 1));
        Assert.That(schedule.LatenessNanos, Is.Zero);
        Assert.That(schedule.End(Start + (3_600 * Second) + 1_000), Is.False);
        Assert.That(schedule.Begin(schedule.NextDeadlineNanos), Is.Zero);
    }

    [TestCase(0)]
    [TestCase(10_001)]
    public void Constructor_OfAnImpossibleRate_Throws(int rateHz) =>
        Assert.That(() => new TickSchedule(rateHz), Throws.InstanceOf<ArgumentOutOfRangeException>());

    private static TickSchedule Started(int rateHz)
    {
        var schedule = new TickSchedule(rateHz);
        schedule.Start(Start);
        return schedule;
    }
}
