using GameServer.Netcode.Client;
using GameServer.Netcode.Server;
using GameServer.Netcode.Transport;
using GameServer.Tests.Support;

namespace GameServer.Tests.Scenarios;

/// <summary>What was hit on screen is hit on the server, up to the round trip that the cap promises.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class RoundTripTests
{
    private static readonly RoomOptions Defaults = new();

    [TestCase(60, 50, 0)]
    [TestCase(60, 100, 5)]
    [TestCase(60, 150, 0)]
    [TestCase(60, 200, 5)]
    [TestCase(60, 250, 0)]
    [TestCase(60, 250, 5)]
    [TestCase(30, 250, 0)]
    [TestCase(128, 250, 0)]
    public void Hits_OnTheServerOfThoseOnScreen_AreAtLeast97Percent(int rateHz, int roundTripMillis, int jitterMillis)
    {
        var link = new LinkModel { DelayMicros = roundTripMillis * 500L, JitterMicros = jitterMillis * 1000L };
        var lab = new Lab(new LabOptions
        {
            Clients = 6,
            TickRateHz = rateHz,
            Up = link,
            Down = link,
            MaxRewindMillis = Defaults.MaxRewindMillis,
            MaxRewindRoundTripMillis = Defaults.MaxRewindRoundTripMillis,
        });
        lab.Run(6);
        (long judged, long confirmed) = Hits(lab);
        lab.Run(20);
        lab.Clients.ForEach(c => c.HoldsFire = true);
        lab.Run(1);
        (long judgedNow, long confirmedNow) = Hits(lab);
        judged = judgedNow - judged;
        confirmed = confirmedNow - confirmed;
        RewindTotals rewinds = lab.Server.Room.Rewinds;
        TestContext.Out.WriteLine($"{confirmed} of {judged} hits on screen; {rewinds}");
        Assert.That(judged, Is.GreaterThan(60), "nobody hit anybody");
        Assert.That(confirmed, Is.GreaterThanOrEqualTo(0.97 * judged), $"{confirmed} of {judged}; {rewinds}");
        Assert.That(lab.Invariants.Violations.Values, Is.Empty, lab.Invariants.Describe());
    }

    [TestCase(60)]
    [TestCase(128)]
    public void ClientStats_SayWhatTheCapMeansAsARoundTrip(int rateHz)
    {
        var link = new LinkModel { DelayMicros = 50_000 };
        var lab = new Lab(new LabOptions { Clients = 2, TickRateHz = rateHz, Up = link, Down = link, MaxRewindMillis = 250 });
        lab.Run(5);
        ClientStats stats = lab.Clients[0].Client.Stats;
        Assert.That(stats.RewindMillis, Is.InRange(100, 200), "a round trip of 100 ms, and margin and interpolation");
        Assert.That(stats.RewindRoundTripMaxMillis, Is.EqualTo(250 - (stats.RewindMillis - stats.RoundTripMillis)).Within(0.01));
        Assert.That(stats.RewindRoundTripMaxMillis, Is.InRange(150, 235));
    }

    [Test]
    public void Cap_ShorterThanTheRoundTrip_IsSilentNoMore()
    {
        var link = new LinkModel { DelayMicros = 125_000 };
        var lab = new Lab(new LabOptions { Clients = 4, Up = link, Down = link, MaxRewindMillis = 150 });
        lab.Run(8);
        RewindTotals rewinds = lab.Server.Room.Rewinds;
        Assert.That(rewinds.Age, Is.GreaterThan(20).And.EqualTo(rewinds.Clamped).Within(2), $"{rewinds}");
        Assert.That(lab.Clients[0].Client.Stats.RewindRoundTripMaxMillis, Is.LessThan(110));
        Assert.That(lab.Invariants.Violations.Values, Is.Empty);
    }

    // Those whose shooter is dead on the server by then are never judged: at any cap.
    private static (long Judged, long Confirmed) Hits(Lab lab) =>
        (lab.Clients.Sum(c => c.Client.Stats.JudgedHits), lab.Clients.Sum(c => c.Client.Stats.ConfirmedHits));
}
