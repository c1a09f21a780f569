using GameServer.Arena;
using GameServer.Netcode.Transport;
using GameServer.Tests.Support;

namespace GameServer.Tests.Scenarios;

/// <summary>A client that stood still runs no further ahead of the server afterwards than its link asks for.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class LeadAfterStallTests
{
    private static readonly double[][] Stalls = [[0.3], [0.3, 0.8, 1.5], [2.5, 4], [4, 4], [0.3, 0.8, 1.5, 2.5, 4], [0.15, 0.2, 0.25, 0.3, 0.4, 0.5]];

    [Test]
    public void Stalls_AnyFrameRate_LeadAndMarginAreBackTwoSecondsLater([Values(10, 30, 60, 144)] int screenHz, [Values(0, 40_000)] int delayMicros, [Range(0, 5)] int stalls)
    {
        var link = new LinkModel { DelayMicros = delayMicros };
        var lab = new Lab(new LabOptions { Clients = 3, Up = link, Down = link, Seed = 5, Checks = false, SyncTest = false, FramePeriodsMicros = [1_000_000 / screenHz] });
        lab.Run(6);
        (double Lead, double Margin)[] before = HighestOver(lab, 1);
        foreach (double stall in Stalls[stalls])
        {
            lab.Clients.ForEach(c => c.Hang((long)(stall * 1e6)));
            lab.Run(stall + 2);
        }

        (double Lead, double Margin)[] after = HighestOver(lab, 1);
        for (int i = 0; i < before.Length; i++)
        {
            Assert.That(after[i].Lead, Is.EqualTo(before[i].Lead).Within(2), $"lead of client {i}");
            Assert.That(after[i].Margin, Is.EqualTo(before[i].Margin).Within(1.5), $"margin of client {i}");
        }
    }

    private static (double Lead, double Margin)[] HighestOver(Lab lab, double seconds)
    {
        var highest = new (double Lead, double Margin)[lab.Clients.Count];
        for (int i = 0; i < seconds * 100; i++)
        {
            lab.Run(0.01);
            foreach (LabClient<ArenaInput> client in lab.Clients)
            {
                ref (double Lead, double Margin) one = ref highest[client.Index];
                one = (Math.Max(one.Lead, client.Client.Stats.LeadTicks), Math.Max(one.Margin, client.Client.Stats.MarginTicks));
            }
        }

        return highest;
    }
}
