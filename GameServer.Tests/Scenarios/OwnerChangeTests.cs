using GameServer.Netcode.Transport;
using GameServer.Tests.Support;

namespace GameServer.Tests.Scenarios;

/// <summary>P8 while entities change owners: what a client had, lost and got back, it never takes for what it predicted throughout.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class OwnerChangeTests
{
    private static readonly LinkModel[] Links =
    [
        new() { DelayMicros = 30_000, LossPercent = 2 },
        new() { DelayMicros = 30_000, JitterMicros = 8_000 },
        new() { DelayMicros = 30_000, JitterMicros = 8_000, LossPercent = 2 },
        new() { DelayMicros = 30_000, LossPercent = 15 },
    ];

    [Test]
    public void P8_OwnersWander_NothingIsUnexplainedAndWhatIsInHandIsPredicted([Values(1, 2, 7, 20)] int everyTicks, [Range(1, 8)] int seed, [Values(0, 1, 2, 3)] int link)
    {
        var game = new RelayLab(everyTicks);
        var lab = new Lab<RelayInput>(game, new LabOptions
        {
            Clients = 3,
            Seed = (ulong)seed,
            Up = Links[link],
            Down = Links[link],
            Checks = false,
            SyncTest = false,
            FramePeriodsMicros = [16_667, 33_333, 6_944],
        });
        lab.Run(8);
        Assert.That(lab.Playing.Count(), Is.EqualTo(3));
        Assert.That(lab.Clients.Select(c => c.Client.Stats.UnexplainedRollbacks), Is.All.Zero);
        Assert.That(lab.Clients.Select(c => c.Client.Stats.CorrectionsOwn), Is.All.Zero);
        Assert.That(lab.Clients.Select(c => c.Client.Stats.BaselineMisses), Is.All.Zero);
        Assert.That(game.Seen.InHand, Is.GreaterThan(300));
        Assert.That(game.Seen.Predicted, Is.GreaterThan(game.Seen.InHand * 9 / 10));
    }
}
