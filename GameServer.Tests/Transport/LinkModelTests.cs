using GameServer.Netcode.Transport;

namespace GameServer.Tests.Transport;

public class LinkModelTests
{
    [Test]
    public void TryParse_FullText_SetsEachValueInItsUnit()
    {
        bool ok = LinkModel.TryParse("delay=60,jitter=15,loss=3,burst=4,dup=1.5,flip=2,truncate=0.5,rate=100,queue=32", out LinkModel model, out string error);

        Assert.That((ok, error), Is.EqualTo((true, "")));
        Assert.That((model.DelayMicros, model.JitterMicros), Is.EqualTo((60_000L, 15_000L)));
        Assert.That((model.LossPercent, model.BurstPackets, model.DuplicatePercent), Is.EqualTo((3f, 4f, 1.5f)));
        Assert.That((model.FlipPercent, model.TruncatePercent), Is.EqualTo((2f, 0.5f)));
        Assert.That((model.RateBytesPerSecond, model.QueueBytes), Is.EqualTo((100_000L, 32_000)));
    }

    [TestCase("speed=3", "unknown name 'speed'")]
    [TestCase("delay", "'delay' is not name=number")]
    [TestCase("delay=abc", "'delay=abc' is not name=number")]
    [TestCase("delay=-1", "'delay=-1' is not name=number")]
    [TestCase("delay=NaN", "delay=NaN is out of range")]
    [TestCase("delay=Infinity", "delay=Infinity is out of range")]
    [TestCase("loss=101", "loss=101 is out of range, at most 100")]
    [TestCase("burst=0", "burst=0 is out of range")]
    [TestCase("delay=60000", "delay=60000 is out of range, at most 10000")]
    public void TryParse_BadText_SaysWhatIsWrongAndWhatIsAllowed(string text, string said)
    {
        Assert.That(LinkModel.TryParse(text, out _, out string error), Is.False);
        Assert.That(error, Does.Contain(said));
        Assert.That(error, Does.Contain("allowed:"));
    }

    [Test]
    public void TryParse_Empty_IsAPerfectLink() =>
        Assert.That(LinkModel.TryParse("", out LinkModel model, out _) && model.Equals(default(LinkModel)), Is.True);
}
