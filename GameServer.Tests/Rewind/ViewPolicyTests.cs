using GameServer.Netcode.Inputs;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Rewind;

namespace GameServer.Tests.Rewind;

/// <summary>L2, L3: what a client may claim to have seen.</summary>
public sealed class ViewPolicyTests
{
    [Test]
    public void Judge_HonestSteadyView_IsAcceptedAsClaimed()
    {
        var policy = new ViewPolicy(60);
        for (int i = 0; i < 600; i++)
        {
            Tick tick = new Tick(1000) + i;
            var claimed = new ViewStamp(tick - 9, 77, tick - 6);
            Assert.That(policy.Judge(tick, in claimed, tick - 6, 7, 15 * 256, 15 * 256, out ViewStamp view), Is.EqualTo(ViewOutcome.Accepted));
            Assert.That((view.Tick, view.Fraction, view.Newest), Is.EqualTo((claimed.Tick, claimed.Fraction, claimed.Newest)));
        }
    }

    [TestCase(1u)]
    [TestCase(uint.MaxValue - 300)]
    public void L3_FabricatedStamps_NeverRewindPastCapNorPastTheServersEstimate(uint first)
    {
        const int rate = 60;
        const int cap = 250 * rate / 1000;
        var random = DeterministicRandom.From(81, first);
        var policy = new ViewPolicy(rate);
        for (int i = 0; i < 50_000; i++)
        {
            Tick tick = new Tick(first) + i;
            Tick acked = tick - 3 - random.NextInt(3);
            var claimed = new ViewStamp(tick + random.NextInt(-400, 400), (byte)random.NextUInt(), tick + random.NextInt(-400, 400));
            const float estimate = 6;
            policy.Judge(tick, in claimed, acked, estimate, cap * 256, cap * 256, out ViewStamp view);
            float rewind = (tick - view.Tick) - (view.Fraction / 256f);
            Assert.That(rewind, Is.InRange(0, cap + 0.01f));
            Assert.That(view.Newest, Is.LessThanOrEqualTo(acked), "newer than acknowledged");
            Assert.That(tick - view.Newest, Is.LessThanOrEqualTo((int)estimate + 6), "older than the estimate and its tolerance");
        }

        Assert.That(policy.Clamped, Is.GreaterThan(40_000));
    }

    [Test]
    public void L3_ViewThatStandsStill_IsClampedToAtLeastFourFifthsOfGameTime()
    {
        var policy = new ViewPolicy(60);
        var start = new Tick(500);
        ViewStamp view = default;
        for (int i = 0; i < 40; i++)
        {
            Tick tick = start + i;
            var claimed = new ViewStamp(start - 6, 0, tick - 3); // time stands still for the cheater
            policy.Judge(tick, in claimed, tick - 3, 4, 60 * 256, 60 * 256, out view);
        }

        Assert.That(start + 39 - view.Tick, Is.LessThanOrEqualTo(40), "one re-sync is his; then the view must follow");
        Assert.That(policy.Clamped, Is.GreaterThan(5));
    }
}
