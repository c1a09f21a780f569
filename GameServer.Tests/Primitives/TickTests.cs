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
}
