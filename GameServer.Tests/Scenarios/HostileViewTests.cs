using GameServer.Netcode.Client;
using GameServer.Netcode.Inputs;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Server;
using GameServer.Netcode.Transport;
using GameServer.Tests.Support;

namespace GameServer.Tests.Scenarios;

/// <summary>L3 in a real room: whatever a client claims to have seen and received, no shot goes further back than the server itself believes.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class HostileViewTests
{
    private const int RateHz = 60;

    private static readonly LinkModel Link = new() { DelayMicros = 40_000, JitterMicros = 5_000, LossPercent = 1 };

    [Test]
    public void L3_ViewRunsBackward_IsClamped()
    {
        int back = 0;
        CheckClamped((tick, honest) => new ViewStamp(honest.Tick - Math.Min(back++, 60), honest.Fraction, honest.Newest));
    }

    [TestCase(40)]
    [TestCase(1000)]
    [TestCase(4000)]
    public void L3_ViewFarInThePast_IsClamped(int ticks) =>
        CheckClamped((tick, honest) => new ViewStamp(honest.Tick - ticks, honest.Fraction, honest.Newest));

    [TestCase(40)]
    [TestCase(200)]
    public void L3_ViewInTheFuture_IsClamped(int ticks) =>
        CheckClamped((tick, honest) => new ViewStamp(tick + ticks, honest.Fraction, honest.Newest));

    [Test]
    public void L3_ViewAdvancesTooFast_IsClamped() => // three ticks of view per tick, over and over: each target a third of a second long
        CheckClamped((tick, honest) => new ViewStamp(tick - 24 + ((int)(tick.Value % 12) * 2), honest.Fraction, honest.Newest));

    [Test]
    public void L3_FractionRunsWild_IsClamped()
    {
        var random = DeterministicRandom.From(8, 1);
        CheckClamped((tick, honest) => new ViewStamp(honest.Tick - random.NextInt(3), (byte)random.NextUInt(), honest.Newest));
    }

    [TestCase(-60)]
    [TestCase(60)]
    public void L3_NewestSnapshotForged_IsClamped(int ticks) =>
        CheckClamped((tick, honest) => new ViewStamp(honest.Newest + ticks - 4, honest.Fraction, honest.Newest + ticks));

    [Test]
    public void L3_AcksOfSnapshotsNeverSent_AreRefusedAndCounted()
    {
        var random = DeterministicRandom.From(8, 2);
        Lab lab = Play(null, (newest, bits) => ((ushort)(newest + random.NextInt(3) * 500), uint.MaxValue), out _, out _);
        Assert.That(lab.Server.Room.Drops[DropReason.InputAckUnsent], Is.GreaterThan(100));
    }

    [TestCase(20)]
    [TestCase(100)]
    public void L3_AcksHeldBack_NeverBeyondTheCap(int snapshots) =>
        Play((tick, honest) => new ViewStamp(honest.Tick - snapshots, honest.Fraction, honest.Newest - snapshots), (newest, bits) => ((ushort)(newest - snapshots), bits), out _, out _);

    [Test]
    public void L3_HonestForger_IsAcceptedLikeAnybody()
    {
        Play(null, null, out ViewCounts cheat, out int rays);
        Assert.That(cheat.Clamped, Is.LessThanOrEqualTo(cheat.Accepted / 50), "else the others prove nothing");
        Assert.That(rays, Is.GreaterThan(10));
    }

    private static void CheckClamped(StampForger stamp)
    {
        Play(stamp, null, out ViewCounts cheat, out _);
        Assert.That(cheat.Clamped, Is.GreaterThan(cheat.Accepted / 20).And.GreaterThan(20), $"{cheat.Accepted} accepted");
    }

    private static Lab Play(StampForger? stamp, Func<ushort, uint, (ushort, uint)>? ack, out ViewCounts counts, out int rays)
    {
        var lab = new Lab(new LabOptions { Clients = 5, TickRateHz = RateHz, Up = Link, Down = Link, Seed = 12 });
        var cheat = new LabCheat(lab.Network, lab.Server.Address, Link);
        lab.Stranger = cheat.Update;
        lab.Run(3);
        Assert.That(cheat.Client.State, Is.EqualTo(ClientState.Playing));
        Session session = lab.Server.Room.Sessions.All[cheat.Client.Player.Index];
        cheat.Stamp = stamp;
        cheat.Ack = ack;
        long accepted = session.Policy.Accepted;
        long clamped = session.Policy.Clamped;

        // First only he shoots, so that every ray is his; then all do.
        lab.Clients.ForEach(c => c.HoldsFire = true);
        lab.Run(0.5);
        int seen = 0;
        lab.Observer.Judged = ray =>
        {
            seen++;
            Assert.That(ray.RewindTicks, Is.LessThanOrEqualTo(Bound(session) + 0.01), "beyond the server's own estimate and its tolerance");
        };
        lab.Run(6);
        lab.Observer.Judged = null;
        rays = seen;
        Assert.That(seen, Is.GreaterThan(10), "he never shot");
        long[] before = [.. lab.Clients.Select(c => c.Client.Stats.VerdictsClamped)];
        lab.Clients.ForEach(c => c.HoldsFire = false);
        lab.Run(5);
        counts = new ViewCounts(session.Policy.Accepted - accepted, session.Policy.Clamped - clamped);
        Assert.That(cheat.Forged, Is.GreaterThan(500));
        Assert.That(cheat.Client.State, Is.EqualTo(ClientState.Playing), "he is clamped, not thrown out");
        Assert.That(lab.Clients.Sum(c => c.Client.Stats.ShotsFired), Is.GreaterThan(100));
        Assert.That(lab.Clients.Select((c, i) => c.Client.Stats.VerdictsClamped - before[i]), Is.All.LessThanOrEqualTo(2), "the honest are not clamped");
        Assert.That(lab.Invariants.Violations.Values, Is.Empty, "the honest play on as ever");
        return lab;
    }

    // What the server believes of the age of his newest snapshot, the tolerance, and as much as an interpolation delay may be; at most the cap.
    private static double Bound(Session session)
    {
        double estimate = session.Stream.AckAge + (4 * session.Stream.AckAgeDeviation) + Math.Clamp(session.MarginMean, 0, 12);
        double tolerance = 3 + (RateHz / 50.0);
        double interpolation = Math.Max(6, RateHz * 0.15);
        return Math.Min(250 * RateHz / 1000.0, estimate + tolerance + interpolation + 1);
    }

    private readonly record struct ViewCounts(long Accepted, long Clamped);
}
