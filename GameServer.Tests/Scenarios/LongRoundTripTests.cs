using GameServer.Arena;
using GameServer.Netcode.Client;
using GameServer.Netcode.Rewind;
using GameServer.Netcode.Server;
using GameServer.Netcode.Transport;
using GameServer.Tests.Support;

namespace GameServer.Tests.Scenarios;

/// <summary>Round trips of many ticks: followed as far as the boot report says; beyond that bounded, and reported on both sides.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class LongRoundTripTests
{
    // What a client may replay in a second, by its options.
    private const int ReplayedMax = 60 * 96;

    [TestCase(60, 1500)]
    [TestCase(128, 500)]
    [TestCase(128, 860)]
    [TestCase(128, 1000)]
    [TestCase(128, 1700)]
    [TestCase(240, 450)]
    [TestCase(240, 600)]
    [TestCase(448, 240)]
    [TestCase(1000, 300)]
    public void Play_RoundTripAsLongAsTheRateFollows_InputsComeInTimeAndLittleIsReplayed(int rateHz, int roundTripMillis)
    {
        Assert.That(new RewindCap(rateHz, 500, 250).FollowedMillis, Is.GreaterThanOrEqualTo(roundTripMillis));
        var link = new LinkModel { DelayMicros = roundTripMillis * 500L };
        var lab = new Lab(new LabOptions { Clients = 2, TickRateHz = rateHz, Up = link, Down = link, FramePeriodsMicros = [4_000] });
        lab.Clients.ForEach(c => c.HoldsFire = true);
        lab.Run(8);
        InputTotals before = lab.Server.Room.Inputs;
        long replayed = lab.Clients.Sum(c => c.Client.Stats.ReplayedTicks);
        lab.Run(4);
        InputTotals now = lab.Server.Room.Inputs;
        replayed = lab.Clients.Sum(c => c.Client.Stats.ReplayedTicks) - replayed;
        string told = $"{now.Executed - before.Executed} executed, {now.Starved - before.Starved} starved, {replayed} replayed";
        TestContext.Out.WriteLine(told);
        Assert.That(now.Executed - before.Executed, Is.GreaterThan(0.98 * 2 * 4 * rateHz), told);
        Assert.That(replayed, Is.LessThan(4 * rateHz), told);
        Assert.That(lab.Observer.TooLate, Is.Empty);
        Assert.That(lab.Clients.Max(c => c.Client.Stats.TicksBeyondHistory), Is.Zero);
        Assert.That(lab.Invariants.Violations.Values, Is.Empty, lab.Invariants.Describe());
    }

    // What comes back from the server is older than its own history, and inputs are missing all the time: all corrections are those of made-up inputs.
    [TestCase(128, 500)]
    [TestCase(128, 1000)]
    [TestCase(240, 600)]
    public void P8_InputsAreLostOnALongRoundTrip_EveryCorrectionHasACauseAndReplaysAreBounded(int rateHz, int roundTripMillis)
    {
        var link = new LinkModel { DelayMicros = roundTripMillis * 500L, JitterMicros = 25_000, LossPercent = 8, BurstPackets = 4 };
        var lab = new Lab(new LabOptions { Clients = 4, TickRateHz = rateHz, Up = link, Down = link, FramePeriodsMicros = [4_167, 8_000, 16_667, 33_333] });
        lab.Run(12);
        foreach (LabClient<ArenaInput> client in lab.Clients)
        {
            ClientStats stats = client.Client.Stats;
            Assert.That(stats.CorrectionsStarved, Is.GreaterThan(3), "no input was missing");
            Assert.That(stats.ReplayedTicks, Is.LessThan(12 * ReplayedMax));
            Assert.That(stats.TicksBeyondHistory, Is.Zero);
        }

        Assert.That(lab.Observer.TooLate, Is.Empty);
        Assert.That(lab.Invariants.Violations.Values, Is.Empty, lab.Invariants.Describe());
    }

    [TestCase(60, 2400)]
    [TestCase(128, 2400)]
    [TestCase(240, 2600)]
    public void Play_RoundTripBeyondWhatIsFollowed_IsReportedOnBothSidesAndReplaysAreBounded(int rateHz, int roundTripMillis)
    {
        int followed = new RewindCap(rateHz, 500, 250).FollowedMillis;
        Assert.That(followed, Is.LessThan(roundTripMillis));
        var link = new LinkModel { DelayMicros = roundTripMillis * 500L };
        var lab = new Lab(new LabOptions { Clients = 2, TickRateHz = rateHz, Up = link, Down = link, FramePeriodsMicros = [4_167], IdleTimeoutMillis = 10_000 });
        lab.Run(14);
        ClientStats stats = lab.Clients[0].Client.Stats;
        (long held, long replayed) = (stats.TicksBeyondHistory, stats.ReplayedTicks);
        lab.Run(4);
        Assert.That(stats.TicksBeyondHistory - held, Is.EqualTo(4 * rateHz).Within(5).Percent, "the client does not say that it cannot follow");
        Assert.That(stats.ReplayedTicks - replayed, Is.LessThan(4 * ReplayedMax));
        Assert.That(stats.LeadTicks, Is.InRange(followed * rateHz / 1000, (followed * rateHz / 1000) + 17), "as far ahead as it can be corrected");
        Assert.That(lab.Observer.TooLate.Select(t => t.Seat).Order(), Is.EqualTo(new[] { 0, 1 }), "once for each player");
        Assert.That(lab.Observer.TooLate[0].RoundTripMillis, Is.InRange(roundTripMillis - 20, roundTripMillis + 100));
        Assert.That(lab.Observer.TooLate[0].FollowedMillis, Is.EqualTo(followed));
        Assert.That(lab.Invariants.Violations.Values, Is.Empty, lab.Invariants.Describe());

        lab.StopFaults();
        lab.Run(6);
        (held, InputTotals before) = (stats.TicksBeyondHistory, lab.Server.Room.Inputs);
        lab.Run(4);
        Assert.That(stats.TicksBeyondHistory, Is.EqualTo(held), "the path is short, and still it is held back");
        Assert.That(lab.Server.Room.Inputs.Executed - before.Executed, Is.GreaterThan(0.98 * 2 * 4 * rateHz), "in time again");
        Assert.That(lab.Invariants.Violations.Values, Is.Empty, lab.Invariants.Describe());
    }
}
