using GameServer.Netcode.Client;
using GameServer.Netcode.Transport;
using GameServer.Tests.Support;

namespace GameServer.Tests.Scenarios;

/// <summary>P3 and P5: what a constant link must give, and what jitter may cost.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class ConstantLinkTests
{
    [TestCase(20, 5)]
    [TestCase(30, 40)]
    [TestCase(60, 0)]
    [TestCase(60, 60)]
    [TestCase(128, 30)]
    public void P3_CleanConstantLink_NoOwnCorrectionAndNothingStarvedOnceSettled(int rateHz, int delayMillis)
    {
        var link = new LinkModel { DelayMicros = delayMillis * 1000L };
        var lab = new Lab(new LabOptions { Clients = 4, TickRateHz = rateHz, Up = link, Down = link, FramePeriodsMicros = [8000, 16_667, 4000, 6944], Seed = 3 });
        lab.Run(3);
        long starvedBefore = lab.Server.Room.Inputs.Starved;
        long[] ownBefore = [.. lab.Clients.Select(c => c.Client.Stats.CorrectionsOwn)];
        lab.Run(12);
        Assert.That(lab.Server.Room.Inputs.Starved - starvedBefore, Is.Zero, lab.Invariants.Describe());
        Assert.That(lab.Clients.Select((c, i) => c.Client.Stats.CorrectionsOwn - ownBefore[i]), Is.All.Zero, lab.Invariants.Describe());
        Assert.That(lab.Clients.Sum(c => c.Client.Stats.ShotsFired), Is.GreaterThan(0), "nobody shot, so nothing was tested");
        Assert.That(lab.Invariants.Violations.Values, Is.Empty);
    }

    [TestCase(60, 40)]
    [TestCase(60, 120)]
    [TestCase(128, 40)]
    public void P5_ConstantLink_LeadSettlesWithinTwoSecondsAndKeepsItsMargin(int rateHz, int delayMillis)
    {
        var link = new LinkModel { DelayMicros = delayMillis * 1000L };
        var lab = new Lab(new LabOptions { Clients = 2, TickRateHz = rateHz, Up = link, Down = link, FramePeriodsMicros = [4000], DriftPpm = 200, Checks = false });
        while (lab.Clients.Any(c => c.Client.State != ClientState.Playing))
        {
            lab.Run(0.01);
        }

        lab.Run(2);
        foreach (LabClient client in lab.Clients)
        {
            var margins = new List<double>();
            for (int i = 0; i < 400; i++)
            {
                lab.Run(0.025);
                margins.Add(client.Client.Stats.MarginTicks);
            }

            margins.Sort();
            double middle = margins[margins.Count / 2];
            Assert.That(middle, Is.InRange(0.5, 3.0), $"client {client.Index}");
            Assert.That(margins[(int)(margins.Count * 0.99)] - middle, Is.LessThanOrEqualTo(1.0), $"client {client.Index}: above the middle");
            Assert.That(middle - margins[(int)(margins.Count * 0.01)], Is.LessThanOrEqualTo(1.0), $"client {client.Index}: below the middle");
        }
    }

    [TestCase(60, 10UL)]
    [TestCase(60, 11UL)]
    [TestCase(128, 12UL)]
    public void P5_JitterWithoutLoss_AtMostHalfAPercentStarves(int rateHz, ulong seed)
    {
        var link = new LinkModel { DelayMicros = 50_000, JitterMicros = 15_000 };
        var lab = new Lab(new LabOptions { Clients = 4, TickRateHz = rateHz, Up = link, Down = link, Seed = seed, FramePeriodsMicros = [8000] });
        lab.Run(5);
        long starved = lab.Server.Room.Inputs.Starved;
        long executed = lab.Server.Room.Inputs.Executed;
        lab.Run(20);
        starved = lab.Server.Room.Inputs.Starved - starved;
        executed = lab.Server.Room.Inputs.Executed - executed;
        Assert.That(starved, Is.LessThanOrEqualTo((starved + executed) / 200), lab.Invariants.Describe());
        Assert.That(lab.Invariants.Violations.Values, Is.Empty);
    }
}
