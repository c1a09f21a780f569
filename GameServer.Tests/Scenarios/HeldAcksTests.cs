using GameServer.Netcode.Client;
using GameServer.Netcode.Inputs;
using GameServer.Netcode.Messages;
using GameServer.Netcode.Rewind;
using GameServer.Netcode.Server;
using GameServer.Netcode.Transport;
using GameServer.Tests.Support;

namespace GameServer.Tests.Scenarios;

/// <summary>L4: a client that holds its acknowledgements back does not keep its targets in the past, and one that sends none does not stay.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class HeldAcksTests
{
    private static readonly LinkModel Link = new() { DelayMicros = 40_000, JitterMicros = 3_000 };

    [TestCase(9)]
    [TestCase(14)]
    [TestCase(60)]
    public void L4_AcknowledgementsSoManySnapshotsLate_AreJudgedInTheWorldAsItIsAndScored(int late)
    {
        (Lab lab, LabCheat cheat, Session session) = Start();
        cheat.Ack = (newest, bits) => ((ushort)(newest - late), uint.MaxValue);
        cheat.Stamp = (_, honest) => new ViewStamp(honest.Tick - late, honest.Fraction, honest.Newest - late);
        lab.Run(1);
        var rays = new List<RayVerdict>();
        lab.Observer.Judged = ray => Keep(rays, in ray, cheat);
        lab.Run(14);
        Assert.That(rays, Has.Count.GreaterThan(20), "he never shot");
        Assert.That(rays.Select(r => r.Outcome), Is.All.EqualTo(ViewOutcome.Held));
        Assert.That(rays.Where(r => r.IsHit).Select(r => r.Tick - r.StateTick), Is.All.EqualTo(1), "the newest state that there is");
        Assert.That(session.Acks.HeldTicks, Is.GreaterThan(250));
        Assert.That(lab.Server.Room.TryGetPlayer(session.Seat, out PlayerStatus status) && status.HeldAckTicks == session.Acks.HeldTicks, Is.True);
        Assert.That(lab.Server.Room.Rewinds.HeldAcks, Is.GreaterThan(20));
        Assert.That(lab.Invariants.Violations.Values, Is.Empty);
        cheat.Ack = null;
        cheat.Stamp = null;
        lab.Run(1);
        rays.Clear();
        lab.Run(4);
        Assert.That(rays.Count(r => r.Outcome == ViewOutcome.Held), Is.Zero, "who acknowledges again is judged as everybody");
    }

    [Test]
    public void L4_AcknowledgementsStandStill_NoOldStateDecidesAndTheSessionEndsAfterFiveSeconds()
    {
        (Lab lab, LabCheat cheat, Session session) = Start();
        ushort? frozen = null;
        cheat.Ack = (newest, bits) => (frozen ??= newest, uint.MaxValue);
        double until = Until(lab, () => session.State == SessionState.Free, 7);
        Assert.That(until, Is.InRange(4.8, 5.3));
        Assert.That(lab.Observer.Left, Does.Contain(("cheat", LeaveReason.Unacknowledged)));
        Assert.That(lab.Invariants.Violations.Values, Is.Empty, lab.Invariants.Describe());
    }

    [Test]
    public void Bytes_NothingIsEverAcknowledged_AreFewAfterTwoSecondsAndTheSessionEndsAfterFive()
    {
        var lab = new Lab(new LabOptions { Clients = 6, Up = Link, Down = Link });
        var silent = new LabCheat(lab.Network, lab.Server.Address, Link) { NeverAcknowledges = true };
        lab.Stranger = silent.Update;
        Until(lab, () => silent.Client.State == ClientState.Playing, 3);
        long start = silent.Client.Stats.SnapshotBytes;
        lab.Run(1.9);
        double before = (silent.Client.Stats.SnapshotBytes - start) / 1.9;
        lab.Run(0.3);
        start = silent.Client.Stats.SnapshotBytes;
        lab.Run(2);
        double after = (silent.Client.Stats.SnapshotBytes - start) / 2.0;
        Assert.That(after, Is.LessThan(before / 5).And.GreaterThan(0), "two snapshots a second, so that it can come back");
        lab.Run(2);
        Assert.That(lab.Observer.Left, Does.Contain(("cheat", LeaveReason.Unacknowledged)));
        Assert.That(lab.Invariants.Violations.Values, Is.Empty);
    }

    [Test]
    public void Bytes_AcknowledgesAgainAfterThreeSeconds_GetsEverySnapshot()
    {
        (Lab lab, LabCheat cheat, Session session) = Start();
        ushort? frozen = null;
        cheat.Ack = (newest, bits) => (frozen ??= newest, uint.MaxValue);
        lab.Run(3);
        Assert.That(session.Acks.IsSlow, Is.True);
        cheat.Ack = null;
        lab.Run(0.5);
        long received = cheat.Client.Stats.SnapshotsReceived;
        lab.Run(1);
        Assert.That(cheat.Client.Stats.SnapshotsReceived - received, Is.GreaterThan(55));
    }

    [Test]
    public void Acks_ServerStandsStillForTenSeconds_NobodyIsBlamed()
    {
        var lab = new Lab(new LabOptions { Clients = 4, Up = Link, Down = Link });
        lab.Run(3);
        lab.Server.Stall(600);
        lab.Run(3);
        Assert.That(lab.Observer.Left, Is.Empty);
        Assert.That(lab.Server.Room.Rewinds.HeldAcks, Is.Zero);
    }

    // Twice the jitter, loss in bursts, and a path that becomes 60 ms longer: an honest client is never taken for one that holds back.
    [TestCase(20)]
    [TestCase(60)]
    [TestCase(128)]
    public void Acks_HonestClientsOnBadLinks_AreNeverTakenForHeld(int rateHz)
    {
        var bad = new LinkModel { DelayMicros = 60_000, JitterMicros = 30_000, LossPercent = 10, BurstPackets = 4 };
        var lab = new Lab(new LabOptions { Clients = 6, TickRateHz = rateHz, Up = bad, Down = bad, FramePeriodsMicros = [33_000, 8000, 100_000] });
        lab.Run(8);
        foreach (LabClient client in lab.Clients)
        {
            lab.Network.SetLink(lab.Server.Address, client.Address, bad with { DelayMicros = 120_000 });
        }

        lab.Run(8);
        long rays = lab.Server.Room.ShotsFired;
        Assert.That(lab.Server.Room.Rewinds.HeldAcks, Is.LessThanOrEqualTo(rays / 200), $"of {rays}");
    }

    private static void Keep(List<RayVerdict> rays, in RayVerdict ray, LabCheat cheat)
    {
        if (ray.Shooter == cheat.Client.Player)
        {
            rays.Add(ray);
        }
    }

    private static double Until(Lab lab, Func<bool> isSo, double seconds)
    {
        double waited = 0;
        for (; !isSo() && waited < seconds; waited += 0.05)
        {
            lab.Run(0.05);
        }

        return waited;
    }

    private static (Lab Lab, LabCheat Cheat, Session Session) Start()
    {
        var lab = new Lab(new LabOptions { Clients = 6, Up = Link, Down = Link, Seed = 21 });
        var cheat = new LabCheat(lab.Network, lab.Server.Address, Link);
        lab.Stranger = cheat.Update;
        lab.Run(3);
        Assert.That(cheat.Client.State, Is.EqualTo(ClientState.Playing));
        return (lab, cheat, lab.Server.Room.Sessions.All[cheat.Client.Player.Index]);
    }
}
