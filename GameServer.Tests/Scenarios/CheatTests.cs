using GameServer.Bench.Cheats;
using GameServer.Netcode.Transport;

namespace GameServer.Tests.Scenarios;

/// <summary>The cheats of the cheat lab beside honest bots: what no lie may bring, whatever the luck of the match.</summary>
public sealed class CheatTests
{
    private static readonly LinkModel Link = new() { DelayMicros = 40_000, JitterMicros = 5_000, LossPercent = 1 };

    [Test]
    public void Cheats_OfEachKind_HitNobodyBehindCoverAndRunningAheadBringsNoOlderView()
    {
        const ulong seed = 7;
        var match = new CheatMatch(8, CheatMatch.EachCheat(seed), Link, seed);
        match.Run(6);
        Assert.That(match.AllPlay);
        match.Observer.IsCounting = true;
        match.Run(60);
        Assert.Multiple(() =>
        {
            foreach (CheatPlayer player in match.Players)
            {
                RayCounts counts = match.Observer.Of(player.Client.Player);
                double rewind = counts.RewindTicks / Math.Max(1, counts.Hits);
                string told = $"{player.Name}: {counts.Rays} rays, {counts.Hits} hits, {counts.Hidden} hidden, mean rewind {rewind:0.0}";
                TestContext.Out.WriteLine(told);
                Assert.That(counts.Rays, Is.GreaterThan(50), told);
                Assert.That(counts.Hidden, Is.Zero, told);
                // A round trip of 4.8 ticks and its jitter, and the delay of a clean link.
                bool runsAhead = player.Name is "starve" or "lag switch";
                Assert.That(counts.RewindTicks, Is.LessThan((runsAhead ? 10.5 : 12.5) * counts.Hits), told);
            }
        });
    }
}
