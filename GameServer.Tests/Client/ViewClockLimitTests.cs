using GameServer.Netcode.Client;
using GameServer.Netcode.Primitives;

namespace GameServer.Tests.Client;

/// <summary>The limits of the view tick: how long its delay gets, when it jumps or stands, and how long a match may be.</summary>
public sealed class ViewClockLimitTests
{
    private const int Snapshots = 3600;

    [TestCase(20, 6.0)]
    [TestCase(39, 6.0)]
    [TestCase(40, 6.0)]
    [TestCase(41, 6.15)]
    [TestCase(128, 19.2)]
    public void DelayTicksMax_IsSixTicksOrAHundredAndFiftyMilliseconds(int rateHz, double ticks)
    {
        var clock = new ViewClock(rateHz);
        Assert.That(clock.DelayTicksMax, Is.EqualTo(ticks).Within(1e-9));
        Assert.That(clock.DelayTicks, Is.EqualTo(2), "until something is known");
    }

    [Test]
    public void DelayTicks_AsLateAsCanBe_NeverExceedsItsLimit([Values(20, 60, 128)] int rateHz)
    {
        var clock = new ViewClock(rateHz);
        double period = 1e6 / rateHz;
        for (int i = 0; i < 20 * rateHz; i++)
        {
            // Every other snapshot is as late as counts as jitter, and packets are lost besides.
            double late = i % 2 == 0 ? 0 : clock.DelayTicksMax - 0.01;
            clock.OnSnapshot(new Tick((uint)i), lost: 1, (long)((i + late) * period));
        }

        Assert.That(clock.DelayTicks, Is.LessThanOrEqualTo(clock.DelayTicksMax).And.GreaterThan(clock.DelayTicksMax - 0.1));
    }

    [TestCase(0.5, false)]
    [TestCase(5.75, false)]
    [TestCase(6.25, true)]
    public void Advance_BehindByMoreThanATenthOfASecond_Jumps(double ticksBehind, bool jumps)
    {
        ViewClock clock = Settled(out long now);
        double before = View(clock);
        // A snapshot so many ticks fresher than it should be: the queue that held the others up has emptied.
        int ahead = (int)Math.Ceiling(ticksBehind);
        long at = now + (long)((ahead - ticksBehind) * 1e6 / 60);
        clock.OnSnapshot(new Tick(1000) + Snapshots - 1 + ahead, 0, at);
        clock.Advance(at);
        Assert.That(View(clock) - before, jumps ? Is.GreaterThan(6) : Is.LessThan(1.2));
    }

    [Test]
    public void Advance_AheadOfItsTarget_StandsInsteadOfRunningBackward()
    {
        ViewClock clock = Settled(out long now);
        double before = View(clock);
        for (int i = 0; i < 100; i++)
        {
            now -= 3_000; // a clock that runs backward, for whatever reason
            clock.Advance(now);
            Assert.That(View(clock), Is.EqualTo(before));
        }
    }

    [Test]
    public void Advance_MatchOfManyHours_StaysInPlaceAcrossTheMoveOfItsOriginAndTheWrap()
    {
        const uint first = uint.MaxValue - (2 * 3600 * 60);
        var clock = new ViewClock(60);
        for (int i = 0; i < 5 * 3600 * 6; i++)
        {
            long now = i * 10L * 1_000_000 / 60;
            clock.OnSnapshot(new Tick(first) + (i * 10), lost: 0, now);
            clock.Advance(now);
            double behind = new Tick(first) + (i * 10) - clock.Tick - (clock.Fraction / 256.0);
            Assert.That(behind, Is.InRange(0.5, 3), $"at snapshot {i}");
        }
    }

    // A minute of perfect snapshots, one a tick.
    private static ViewClock Settled(out long now)
    {
        var clock = new ViewClock(60);
        now = 0;
        for (int i = 0; i < Snapshots; i++)
        {
            now = (long)(i * 1e6 / 60);
            clock.OnSnapshot(new Tick(1000) + i, 0, now);
            clock.Advance(now);
        }

        return clock;
    }

    private static double View(ViewClock clock) => clock.Tick.Value + (clock.Fraction / 256.0);
}
