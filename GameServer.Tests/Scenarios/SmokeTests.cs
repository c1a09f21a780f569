using GameServer.Netcode.Transport;
using GameServer.Tests.Support;

namespace GameServer.Tests.Scenarios;

public sealed class SmokeTests
{
    [TestCase("", TestName = "SmokeClean")]
    [TestCase("delay=60,jitter=15,loss=3", TestName = "SmokeLossy")]
    public void Run(string link)
    {
        Assert.That(LinkModel.TryParse(link, out LinkModel model, out string error), Is.True, error);
        var lab = new Lab(new LabOptions { Clients = 8, Up = model, Down = model });
        var watch = System.Diagnostics.Stopwatch.StartNew();
        lab.Run(20);
        foreach (LabClient c in lab.Clients)
        {
            var s = c.Client.Stats;
            TestContext.Out.WriteLine($"{c.Index} {c.Client.State} {c.Client.EndReason} tick={c.Client.Tick} rx={s.SnapshotsReceived} lost={s.SnapshotsLost} own={s.CorrectionsOwn} ext={s.CorrectionsExternal} starved={s.CorrectionsStarved} max={s.MaxCorrectionUnits:F2} margin={s.MarginTicks:F2} lead={s.LeadTicks} interp={s.InterpolationDelayMillis:F0} shots={s.ShotsFired} claim={s.ClaimedHits} conf={s.ConfirmedHits} dis={s.Disagreements} ex={s.VerdictsExtrapolated} cl={s.VerdictsClamped} apart={s.VerdictsApart} gaps={s.EventGaps} miss={s.BaselineMisses} replay={s.ReplayedTicks} up={s.BytesSent / 20} down={s.BytesReceived / 20}");
        }

        TestContext.Out.WriteLine($"inputs {lab.Server.Room.Inputs} rays {lab.Server.Room.ShotsFired} hits {lab.Server.Room.ShotsHit} clamped {lab.Server.Room.RewindsClamped} ex {lab.Server.Room.RewindsExtrapolated}");
        TestContext.Out.WriteLine($"left {string.Join(",", lab.Observer.Left)} snapshot avg {lab.Observer.SnapshotBytes / Math.Max(1, lab.Observer.Snapshots)} checks {lab.Invariants.EntityChecks} real {watch.Elapsed.TotalSeconds:F2}");
        foreach (int i in Enumerable.Range(1, 127))
        {
            var reason = (Netcode.Primitives.DropReason)i;
            long n = lab.Server.Room.Drops[reason], e = lab.Server.Endpoint.Drops[reason], c = lab.Clients.Sum(x => x.Client.Drops[reason]), ce = lab.Clients.Sum(x => x.Client.Endpoint!.Drops[reason]);
            if (n + e + c + ce > 0) TestContext.Out.WriteLine($"drop {reason}: room {n} endpoint {e} clients {c} client endpoints {ce}");
        }

        foreach (string v in lab.Invariants.Violations.Values) TestContext.Out.WriteLine(v);
    }
}
