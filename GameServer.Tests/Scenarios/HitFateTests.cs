using GameServer.Netcode.Client;
using GameServer.Netcode.Server;
using GameServer.Netcode.Transport;
using GameServer.Tests.Support;

namespace GameServer.Tests.Scenarios;

/// <summary>Where the hits on screen go: each is confirmed, or lost for one reason that has a name.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class HitFateTests
{
    private static readonly RoomOptions Defaults = new();

    [TestCase(50, 0, 0)]
    [TestCase(100, 5, 1)]
    [TestCase(150, 5, 0)]
    [TestCase(200, 10, 2)]
    [TestCase(250, 5, 1)]
    public void ClaimedHits_OfEveryRoundTrip_AreConfirmedButForShotsOfTheDead(int roundTripMillis, int jitterMillis, int lossPercent)
    {
        var link = new LinkModel { DelayMicros = roundTripMillis * 500L, JitterMicros = jitterMillis * 1000L, LossPercent = lossPercent };
        var lab = new Lab(new LabOptions
        {
            Clients = 8,
            Up = link,
            Down = link,
            MaxRewindMillis = Defaults.MaxRewindMillis,
            MaxRewindRoundTripMillis = Defaults.MaxRewindRoundTripMillis,
        });
        lab.Run(6);
        long[] start = Fates(lab);
        lab.Run(20);
        lab.Clients.ForEach(c => c.HoldsFire = true);
        lab.Run(2);
        long[] fates = [.. Fates(lab).Zip(start, static (now, then) => now - then)];
        string told = string.Join(", ", Enum.GetValues<HitFate>().Select(f => $"{f} {fates[(int)f]}"));
        TestContext.Out.WriteLine(told);
        long claimed = lab.Clients.Sum(c => c.Client.Stats.ClaimedHits);
        Assert.That(Fates(lab).Sum(), Is.EqualTo(claimed), "each has one fate");
        long fired = fates.Sum() - fates[(int)HitFate.NotFired];
        Assert.That(fired, Is.GreaterThan(60), "nobody hit anybody");
        Assert.That(fates[(int)HitFate.Confirmed], Is.GreaterThanOrEqualTo(0.97 * fired), told);
        Assert.That(Fates(lab)[(int)HitFate.Waiting], Is.Zero, "two seconds later all is known");
        Assert.That(fates[(int)HitFate.Unheard] + fates[(int)HitFate.Disputed], Is.Zero, told);
        Assert.That(lab.Invariants.Violations.Values, Is.Empty, lab.Invariants.Describe());
    }

    private static long[] Fates(Lab lab) => [.. Enum.GetValues<HitFate>().Select(f => lab.Clients.Sum(c => c.Client.Stats.HitsBy(f)))];
}
