using GameServer.Bots;
using GameServer.Configuration;

namespace GameServer.Tests.Bots;

/// <summary>Bots with a frame rate of their own.</summary>
public sealed class FramePacerTests
{
    [TestCase("10", 10)]
    [TestCase("60", 60)]
    [TestCase("144", 144)]
    [TestCase("240", 240)]
    public void TryTake_PolledEachMillisecondForASecond_GivesSoManyFrames(string text, int frames)
    {
        Assert.That(FrameRates.TryParse(text, out FrameRates? rates));
        var pacer = new FramePacer(rates!.PeriodMicros(0));
        Assert.That(Enumerable.Range(0, 1000).Count(i => pacer.TryTake(i * 1000L)), Is.EqualTo(frames).Within(1));
    }

    [Test]
    public void TryTake_PollerSlept_MissedFramesAreLeftOut()
    {
        var pacer = new FramePacer(100_000);
        Assert.That(pacer.TryTake(0));
        Assert.That(pacer.TryTake(99_999), Is.False);
        Assert.That(pacer.TryTake(450_000));
        Assert.That(pacer.TryTake(450_001), Is.False, "one, however many were missed");
        Assert.That(pacer.TryTake(550_000));
    }

    [Test]
    public void TryTake_WithoutARate_EveryPollIsAFrame()
    {
        Assert.That(FrameRates.TryParse("", out FrameRates? rates));
        var pacer = new FramePacer(rates!.PeriodMicros(3));
        Assert.That(Enumerable.Range(0, 50).All(i => pacer.TryTake(i)));
    }

    [Test]
    public void PeriodMicros_SeveralRates_AreTakenInTurn()
    {
        Assert.That(FrameRates.TryParse("50,100", out FrameRates? rates));
        Assert.That(Enumerable.Range(0, 4).Select(rates!.PeriodMicros), Is.EqualTo([20_000, 10_000, 20_000, 10_000]));
    }
}
