using GameServer.Netcode.Client;
using GameServer.Netcode.Game;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Snapshots;

namespace GameServer.Tests.Client;

/// <summary>Every verdict is compared; apart count only those that differ for a reason.</summary>
public sealed class ShotClaimsTests
{
    private static readonly EntityId Target = new(3, 1);
    private static readonly EntityId Other = new(4, 1);
    private static readonly Tick Start = new(1000);

    [TestCase(VerdictReason.Exact)]
    [TestCase(VerdictReason.Starved)]
    [TestCase(VerdictReason.Clamped)]
    [TestCase(VerdictReason.Extrapolated)]
    public void Settle_VerdictAgrees_IsAConfirmedHitWhateverTheReason(VerdictReason reason)
    {
        ClientStats stats = Judge(Target, Target, reason, disturbed: true);
        Assert.That((stats.ClaimedHits, stats.JudgedHits, stats.ConfirmedHits, stats.VerdictsApart, stats.Disagreements), Is.EqualTo((1L, 1L, 1L, 0L, 0L)));
    }

    [TestCase(VerdictReason.Exact, false, 1, 0)]
    [TestCase(VerdictReason.Exact, true, 0, 1)]
    [TestCase(VerdictReason.Starved, false, 0, 1)]
    public void Settle_VerdictDiffers_IsADisagreementUnlessTheShooterWasElsewhere(VerdictReason reason, bool disturbed, int disagreements, int apart)
    {
        ClientStats stats = Judge(Target, Other, reason, disturbed);
        Assert.That((stats.ConfirmedHits, stats.Disagreements, stats.VerdictsApart), Is.EqualTo((0L, (long)disagreements, (long)apart)));
        stats = Judge(EntityId.None, Other, reason, disturbed);
        Assert.That((stats.Disagreements, stats.VerdictsApart), Is.EqualTo(((long)disagreements, (long)apart)), "a hit that was not claimed");
    }

    [TestCase(126, 0)]
    [TestCase(127, 0)]
    [TestCase(128, 1)]
    public void Settle_VerdictOfATickThatIsForgotten_CountsApart(int later, int apart)
    {
        var stats = new ClientStats();
        var claims = new ShotClaims(stats);
        claims.Add(Start, 0, Target, extrapolated: false);
        claims.Add(Start + later, 0, EntityId.None, extrapolated: false);
        claims.Add(new ShotVerdict(Start, 0, Target, VerdictReason.Exact));
        claims.Settle(Start - 1, Start, disturbed: false);
        Assert.That((stats.ConfirmedHits, stats.VerdictsApart), Is.EqualTo((1L - apart, (long)apart)));
    }

    [Test]
    public void Add_RaysBeyondTheSixteenth_CountOnceHoweverOftenTheyAreReplayed()
    {
        var stats = new ClientStats();
        var claims = new ShotClaims(stats);
        for (int replay = 0; replay < 3; replay++)
        {
            for (int tick = 0; tick < 4; tick++)
            {
                for (int ordinal = 0; ordinal < Limits.RaysComparedPerTick + 2; ordinal++)
                {
                    claims.Add(Start + tick, ordinal, Target, extrapolated: false);
                }
            }

            claims.RolledBack(Start - 1);
        }

        Assert.That((stats.ShotsFired, stats.RaysNotCompared), Is.EqualTo((4L * Limits.RaysComparedPerTick, 4L * 2)));
    }

    private static ClientStats Judge(EntityId claimed, EntityId judged, VerdictReason reason, bool disturbed)
    {
        var stats = new ClientStats();
        var claims = new ShotClaims(stats);
        claims.Add(Start, 0, claimed, extrapolated: false);
        claims.Add(new ShotVerdict(Start, 0, judged, reason));
        claims.Settle(Start - 1, Start, disturbed);
        return stats;
    }
}
