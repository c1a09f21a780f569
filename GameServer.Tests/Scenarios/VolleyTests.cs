using GameServer.Netcode.Client;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Transport;
using GameServer.Tests.Support;

namespace GameServer.Tests.Scenarios;

/// <summary>Many rays in one tick: each has a claim of its own, and those beyond the limit are cast, but not compared.</summary>
public sealed class VolleyTests
{
    [TestCase(1)]
    [TestCase(Limits.RaysComparedPerTick - 1)]
    [TestCase(Limits.RaysComparedPerTick)]
    [TestCase(Limits.RaysComparedPerTick + 1)]
    [TestCase(300)]
    public void Volley_OfOneStep_IsComparedRayByRayUpToTheLimit(int rays)
    {
        var link = new LinkModel { DelayMicros = 30_000 };
        var lab = new Lab<VolleyInput>(new VolleyLab(rays), new LabOptions { Clients = 2, Up = link, Down = link, BudgetBytes = 8000 });
        lab.Run(5);
        ClientStats stats = lab.Clients[0].Client.Stats;
        int compared = Math.Min(rays, Limits.RaysComparedPerTick);
        long ticks = stats.ShotsFired / compared;
        Assert.That(ticks, Is.GreaterThan(5));
        Assert.That(stats.ShotsFired, Is.EqualTo(ticks * compared));
        Assert.That((stats.Disagreements, stats.ClaimsRevised, stats.CorrectionsOwn, stats.VerdictsApart), Is.EqualTo((0L, 0L, 0L, 0L)));
        Assert.That(stats.ConfirmedHits, Is.EqualTo(ticks * (Math.Min(2, compared) - (rays > compared ? 1 : 0))), "the first ray, and the last if it was compared");
        Assert.That(stats.RaysNotCompared, Is.EqualTo(ticks * (rays - compared)));
        Assert.That((lab.Server.Room.ShotsFired, lab.Server.Room.ShotsHit), Is.EqualTo((ticks * rays, ticks * Math.Min(2, rays))), "all are cast");
        Assert.That(lab.Invariants.Violations.Values, Is.Empty);
    }
}
