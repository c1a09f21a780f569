using GameServer.Hosting;

namespace GameServer.Tests.Hosting;

public sealed class SpinMarginTests
{
    [Test]
    public void Observe_OfALongerOversleep_GrowsAtOnce()
    {
        var margin = new SpinMargin(100_000, 300_000);
        margin.Observe(220_000);
        Assert.That(margin.Nanos, Is.EqualTo(275_000));
        margin.Observe(290_000);
        Assert.That(margin.Nanos, Is.EqualTo(300_000));
    }

    [Test]
    public void Observe_OfQuietTimes_ShrinksToTheMinimumSlowly()
    {
        var margin = new SpinMargin(100_000, 300_000);
        margin.Observe(290_000);
        for (int i = 0; i < 100; i++)
        {
            margin.Observe(20_000);
        }

        Assert.That(margin.Nanos, Is.InRange(180_000, 220_000));
        for (int i = 0; i < 1_000; i++)
        {
            margin.Observe(20_000);
        }

        Assert.That(margin.Nanos, Is.EqualTo(100_000));
    }

    [Test]
    public void Observe_OfAStall_DoesNotBuyASpinThatCannotHelp()
    {
        var margin = new SpinMargin(100_000, 300_000);
        long before = margin.Nanos;
        margin.Observe(5_000_000);
        Assert.That(margin.Nanos, Is.LessThanOrEqualTo(before));
    }
}
