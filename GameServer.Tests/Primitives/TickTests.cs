using GameServer.Netcode.Primitives;

namespace GameServer.Tests.Primitives;

public sealed class TickTests
{
    [Test]
    public void Difference_AcrossTheWrap_IsSignedAndSmall()
    {
        var late = new Tick(3);
        var early = new Tick(uint.MaxValue - 1);
        Assert.That(late - early, Is.EqualTo(5));
        Assert.That(early - late, Is.EqualTo(-5));
        Assert.That(late > early && early < late, Is.True);
        Assert.That(early + 5, Is.EqualTo(late));
    }

    [TestCase(0u)]
    [TestCase(5u)]
    [TestCase(uint.MaxValue)]
    [TestCase(1u << 31)]
    public void Comparison_AroundAnyTick_FollowsTheSignedDistance(uint value)
    {
        var tick = new Tick(value);
        foreach (int steps in new[] { 1, 1000, int.MaxValue })
        {
            Assert.That(tick + steps > tick && tick + steps >= tick && tick < tick + steps && tick <= tick + steps, Is.True);
            Assert.That(tick - steps < tick && (tick - steps).CompareTo(tick) < 0 && tick - steps != tick, Is.True);
            Assert.That(tick + steps - steps, Is.EqualTo(tick));
            Assert.That((tick + steps) - tick, Is.EqualTo(steps));
        }

        Assert.That(tick >= new Tick(value) && tick <= new Tick(value) && tick.Equals((object)new Tick(value)), Is.True);
        Assert.That(tick.GetHashCode(), Is.EqualTo(new Tick(value).GetHashCode()));
    }
}
