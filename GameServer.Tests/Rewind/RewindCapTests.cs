using GameServer.Netcode.Inputs;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Rewind;
using GameServer.Netcode.Server;

namespace GameServer.Tests.Rewind;

/// <summary>The cap of rewinds as a round trip and a delay: each limit at, one below and one above.</summary>
public sealed class RewindCapTests
{
    private const int Whole = 60 * 256;

    private static readonly Tick Now = new(5000);

    [TestCase(60, 500, 250, 450, 200)]
    [TestCase(60, 250, 250, 250, 200)]
    [TestCase(128, 500, 250, 450, 200)]
    [TestCase(30, 500, 50, 450, 400)]
    [TestCase(20, 500, 250, 500, 600)]
    [TestCase(60, 0, 250, 0, 200)]
    [TestCase(60, 500, 0, 200, 200)]
    public void MaxMillis_OfTheTwoLimits_IsTheLower(int rate, int maxMillis, int roundTripMillis, int expected, int delay)
    {
        var cap = new RewindCap(rate, maxMillis, roundTripMillis);
        Assert.That((cap.MaxMillis, cap.DelayMillis), Is.EqualTo((expected, delay)));
    }

    [TestCase(0f, 4f, 27 * 256)]
    [TestCase(6f, 4f, 10 * 256)]
    [TestCase(6f, 12f, 18 * 256)]
    [TestCase(6f, 12.25f, 18 * 256)]
    [TestCase(14.75f, 12f, (26 * 256) + 192)]
    [TestCase(15f, 12f, 27 * 256)]
    [TestCase(15.25f, 12f, 27 * 256)]
    public void PartsFor_RoundTripAndDelay_AreAddedUpToTheirCaps(float roundTripTicks, float delayTicks, int parts) =>
        Assert.That(new RewindCap(60, 500, 250).PartsFor(roundTripTicks, delayTicks), Is.EqualTo(parts));

    [TestCase(1.5f, 0f, 5f)]
    [TestCase(1.75f, 0f, 5.25f)]
    [TestCase(2f, 0f, 5.25f)]
    [TestCase(-1f, 0f, 3.5f)]
    [TestCase(9f, 1f, 10.25f)]
    public void DelayOf_MarginAndDeviation_GrowsWithBothAndMarginAloneBuysNothing(float margin, float deviation, float ticks) =>
        Assert.That(RewindCap.DelayOf(margin, deviation), Is.EqualTo(ticks));

    [TestCase(0, 0)]
    [TestCase(1, 1)]
    [TestCase(255, 1)]
    [TestCase(256, 1)]
    [TestCase(257, 2)]
    public void OldestState_PartOfATick_IsRoundedToTheStateBefore(int capParts, int ticks) =>
        Assert.That(Now - RewindCap.OldestState(Now, capParts), Is.EqualTo(ticks));

    [Test]
    public void ReachMillis_DefaultsOfARoom_ReachTheRoundTripOfTheOption()
    {
        foreach (int rate in new[] { 20, 30, 60, 128 })
        {
            Assert.That(new RoomOptions { TickRateHz = rate }.RewindCap.ReachMillis, Is.GreaterThanOrEqualTo(250), $"{rate} Hz");
        }

        Assert.That(new RewindCap(60, 250, 250).ReachMillis, Is.EqualTo(180));
        Assert.That(new RewindCap(60, 10, 250).ReachMillis, Is.Zero);
    }

    // A view as old as the cap is used; one part more is cut.
    [TestCase(-1, ViewOutcome.Accepted)]
    [TestCase(0, ViewOutcome.Accepted)]
    [TestCase(1, ViewOutcome.Age)]
    public void Judge_ViewAtTheCap_IsAcceptedAndOneAboveCut(int beyond, ViewOutcome expected)
    {
        var policy = new ViewPolicy(60);
        int age = (15 * 256) + beyond;
        var claimed = new ViewStamp(Now - ((age + 255) >> 8), (byte)(-age & 255), Now - 10);
        Assert.That(policy.Judge(Now, in claimed, Now - 10, 10, 15 * 256, 15 * 256, out ViewStamp view), Is.EqualTo(expected));
        int used = ((Now - view.Tick) * 256) - view.Fraction;
        Assert.That(used, Is.EqualTo(Math.Min(age, 15 * 256)));
    }

    // Beyond the cap a view is judged where a clean link's would be; what comes after it is measured by the view that was claimed.
    [Test]
    public void Judge_ViewBeyondTheCap_IsJudgedAtTheUsualDelay()
    {
        const int cap = 15 * 256, usual = 11 * 256;
        var policy = new ViewPolicy(60);
        (int, int, ViewOutcome)[] views =
            [(cap, cap, ViewOutcome.Accepted), (cap + 64, usual, ViewOutcome.Age), (cap - 64, cap - 64, ViewOutcome.Accepted)];
        foreach ((int age, int used, ViewOutcome expected) in views)
        {
            Tick tick = Now + (age == cap ? 0 : age > cap ? 1 : 2);
            var claimed = new ViewStamp(tick - ((age + 255) >> 8), (byte)(-age & 255), tick - 10);
            Assert.That(policy.Judge(tick, in claimed, tick - 10, 10, cap, usual, out ViewStamp view), Is.EqualTo(expected), $"{age}");
            Assert.That(((tick - view.Tick) * 256) - view.Fraction, Is.EqualTo(used), $"{age}");
        }
    }

    [TestCase(20, 4800)]
    [TestCase(60, 1600)]
    [TestCase(64, 1500)]
    [TestCase(65, 3446)]
    [TestCase(128, 1750)]
    [TestCase(240, 2000)]
    [TestCase(1000, 2016)]
    public void FollowedMillis_HistoryLessSomeTicks_AsARoundTrip(int rate, int millis) =>
        Assert.That(new RewindCap(rate, 500, 250).FollowedMillis, Is.EqualTo(millis));

    [TestCase(0f, 3000, 3000)]
    [TestCase(6f, 3000, (6 * 256) + 1088)]
    [TestCase(6f, 2000, 2000)]
    public void UsualPartsFor_RoundTrip_IsThatAndTheDelayOfACleanLinkWithinTheCap(float roundTripTicks, int capParts, int parts) =>
        Assert.That(RewindCap.UsualPartsFor(roundTripTicks, capParts), Is.EqualTo(parts));

    // 150 ms of interpolation behind the newest snapshot, and 100 ms beyond it.
    [TestCase(9 * 256, ViewOutcome.Accepted)]
    [TestCase((9 * 256) + 1, ViewOutcome.Estimate)]
    [TestCase(-6 * 256, ViewOutcome.Accepted)]
    [TestCase((-6 * 256) - 1, ViewOutcome.Estimate)]
    public void Judge_ViewAgainstTheNewestSnapshot_HasItsLimits(int behindNewest, ViewOutcome expected)
    {
        var policy = new ViewPolicy(60);
        int age = (10 * 256) + behindNewest;
        var claimed = new ViewStamp(Now - ((age + 255) >> 8), (byte)(-age & 255), Now - 10);
        Assert.That(policy.Judge(Now, in claimed, Now - 10, 10, Whole, Whole, out _), Is.EqualTo(expected));
    }

    // The estimate of 10 ticks, and 3 ticks and 20 ms on top.
    [TestCase(14, ViewOutcome.Accepted)]
    [TestCase(15, ViewOutcome.Estimate)]
    public void Judge_NewestSnapshotAgainstTheEstimate_HasItsLimit(int newestAge, ViewOutcome expected)
    {
        var policy = new ViewPolicy(60);
        var claimed = new ViewStamp(Now - newestAge, 0, Now - newestAge);
        Assert.That(policy.Judge(Now, in claimed, Now - newestAge, 10, Whole, Whole, out _), Is.EqualTo(expected));
    }

    [TestCase(0, ViewOutcome.Accepted)]
    [TestCase(1, ViewOutcome.Estimate)]
    public void Judge_NewestSnapshotNewerThanAcknowledged_IsNotBelieved(int newer, ViewOutcome expected)
    {
        var policy = new ViewPolicy(60);
        var claimed = new ViewStamp(Now - 12, 0, Now - 10 + newer);
        Assert.That(policy.Judge(Now, in claimed, Now - 10, 10, Whole, Whole, out ViewStamp view), Is.EqualTo(expected));
        Assert.That(view.Newest, Is.EqualTo(Now - 10));
    }

    // From the second input on, the age may grow by a tick per tick at most, after one jump.
    [TestCase(256, ViewOutcome.Accepted)]
    [TestCase(257, ViewOutcome.Speed)]
    public void Judge_ViewThatStandsStillOrRunsBackward_HasItsLimit(int growth, ViewOutcome expected)
    {
        var policy = new ViewPolicy(60);
        Judge(policy, Now, 12 * 256);
        Assert.That(Judge(policy, Now + 1, (12 * 256) + growth), Is.EqualTo(expected));
    }

    [Test]
    public void Judge_SecondJump_WaitsForTwoSeconds()
    {
        foreach ((int after, ViewOutcome expected) in new[] { (119, ViewOutcome.Speed), (120, ViewOutcome.Accepted), (121, ViewOutcome.Accepted) })
        {
            var policy = new ViewPolicy(60);
            Judge(policy, Now, 14 * 256);
            Assert.That(Judge(policy, Now + 1, 11 * 256), Is.EqualTo(ViewOutcome.Accepted), "one jump is free");
            for (int i = 2; i <= after; i++)
            {
                Assert.That(Judge(policy, Now + i, 11 * 256), Is.EqualTo(ViewOutcome.Accepted));
            }

            Assert.That(Judge(policy, Now + 1 + after, 4 * 256), Is.EqualTo(expected), $"{after} ticks after the first");
        }
    }

    [TestCase(1L, 1)]
    [TestCase(4000L, 1)]
    [TestCase(4001L, 2)]
    [TestCase(1_020_000L, 255)]
    [TestCase(9_000_000L, 255)]
    [TestCase(0L, 0)]
    public void RoundTripOf_Micros_AreToldInUnitsRoundedUp(long micros, int units) =>
        Assert.That(Netcode.Transport.RecordHeader.RoundTripOf(micros), Is.EqualTo(units));

    private static ViewOutcome Judge(ViewPolicy policy, Tick tick, int age)
    {
        var claimed = new ViewStamp(tick - ((age + 255) >> 8), (byte)(-age & 255), tick - 10);
        return policy.Judge(tick, in claimed, tick - 10, 20, Whole, Whole, out _);
    }
}
