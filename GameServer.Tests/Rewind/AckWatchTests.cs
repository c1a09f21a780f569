using GameServer.Netcode.Rewind;

namespace GameServer.Tests.Rewind;

/// <summary>When a client counts as holding its acknowledgements back, and when as having stopped: each limit at, one below and one above.</summary>
public sealed class AckWatchTests
{
    private const int Rate = 60;

    [TestCase(17, false)]
    [TestCase(18, false)]
    [TestCase(19, true)]
    public void InputExecuted_AgeAgainstRoundTripAndEightTicks_IsHeldAboveOnly(int ageTicks, bool held)
    {
        var watch = new AckWatch(Rate);
        Execute(watch, 100, ageTicks, roundTrip: 10);
        Assert.That(watch.IsHeld, Is.EqualTo(held));
    }

    [TestCase(29, false)]
    [TestCase(30, true)]
    [TestCase(31, true)]
    public void InputExecuted_LateForSoLong_IsHeldFromHalfASecondOn(int ticks, bool held)
    {
        var watch = new AckWatch(Rate);
        Execute(watch, ticks, 40, roundTrip: 10);
        Assert.That(watch.IsHeld, Is.EqualTo(held));
        Assert.That(watch.HeldTicks, Is.EqualTo(Math.Max(0, ticks - 29)));
    }

    [Test]
    public void InputExecuted_InTimeAgain_IsJudgedAsEverAtOnceAndHeldAgainSoon()
    {
        var watch = new AckWatch(Rate);
        Execute(watch, 60, 40, roundTrip: 10);
        Execute(watch, 1, 12, roundTrip: 10);
        Assert.That(watch.IsHeld, Is.False);
        Execute(watch, 1, 40, roundTrip: 10);
        Assert.That(watch.IsHeld, Is.True, "one acknowledgement in time buys nothing");
        Execute(watch, 90, 12, roundTrip: 10);
        Execute(watch, 29, 40, roundTrip: 10);
        Assert.That(watch.IsHeld, Is.False, "three ticks in time make good for a late one");
        Execute(watch, 1, 40, roundTrip: 10);
        Assert.That(watch.IsHeld, Is.True);
    }

    [Test]
    public void InputExecuted_HeldBackForPartsOfASecondOverAndOver_IsNoticed()
    {
        var watch = new AckWatch(Rate);
        for (int i = 0; i < 6; i++)
        {
            Execute(watch, 16, 40, roundTrip: 10);
            Execute(watch, 20, 12, roundTrip: 10);
        }

        Assert.That(watch.HeldTicks, Is.GreaterThan(20));
    }

    [TestCase(119, false, false)]
    [TestCase(120, false, false)]
    [TestCase(121, true, false)]
    [TestCase(299, true, false)]
    [TestCase(300, true, false)]
    [TestCase(301, true, true)]
    public void TickDone_NothingNewAcknowledged_SlowsAfterTwoSecondsAndEndsAfterFive(int ticks, bool slow, bool over)
    {
        var watch = new AckWatch(Rate);
        watch.TickDone(7, isHeard: true);
        Quiet(watch, ticks, isHeard: true);
        Assert.That((watch.IsSlow, watch.IsOver), Is.EqualTo((slow, over)));
        watch.TickDone(8, isHeard: true);
        Assert.That((watch.IsSlow, watch.IsOver, watch.QuietTicks), Is.EqualTo((false, false, 0)));
    }

    [TestCase(330, false)]
    [TestCase(331, true)]
    public void TickDone_NothingArrivesAtAll_LeavesHalfASecondToTheTransport(int ticks, bool over)
    {
        var watch = new AckWatch(Rate);
        watch.TickDone(7, isHeard: true);
        Quiet(watch, ticks, isHeard: false);
        Assert.That(watch.IsOver, Is.EqualTo(over));
    }

    [TestCase(1_000, 330)]
    [TestCase(5_000, 330)]
    [TestCase(20_000, 1230)]
    public void TickDone_NothingArrivesAtAll_LastsAsLongAsTheTransportWaits(int timeoutMillis, int ticks)
    {
        var watch = new AckWatch(Rate, timeoutMillis);
        watch.TickDone(7, isHeard: true);
        Quiet(watch, ticks, isHeard: false);
        Assert.That(watch.IsOver, Is.False);
        Quiet(watch, 1, isHeard: false);
        Assert.That(watch.IsOver, Is.True);
    }

    [Test]
    public void Start_AnotherClient_OwesNothing()
    {
        var watch = new AckWatch(Rate);
        Execute(watch, 60, 40, roundTrip: 10);
        Quiet(watch, 400, isHeard: false);
        watch.Start();
        Assert.That((watch.IsHeld, watch.IsSlow, watch.IsOver, watch.HeldTicks, watch.QuietTicks), Is.EqualTo((false, false, false, 0L, 0)));
        Execute(watch, 29, 40, roundTrip: 10);
        Assert.That(watch.IsHeld, Is.False);
    }

    [TestCase(60, 30)]
    [TestCase(1, 2)]
    public void SlowPeriodTicks_AtThisRate_IsHalfASecond(int rate, int ticks) => Assert.That(new AckWatch(rate).SlowPeriodTicks, Is.EqualTo(ticks));

    private static void Execute(AckWatch watch, int ticks, int age, float roundTrip)
    {
        for (int i = 0; i < ticks; i++)
        {
            watch.InputExecuted(age, roundTrip);
        }
    }

    private static void Quiet(AckWatch watch, int ticks, bool isHeard)
    {
        for (int i = 0; i < ticks; i++)
        {
            watch.TickDone(7, isHeard);
        }
    }
}
