using GameServer.Netcode.Transport;
using GameServer.Tests.Support;

namespace GameServer.Tests.Scenarios;

/// <summary>P6: each press reaches the game exactly once, whatever became of the input that it was made in.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class PressTests
{
    [TestCase(20, 10, 40)]
    [TestCase(40, 20, 5)]
    [TestCase(5, 1, 120)]
    public void P6_LossInBursts_NoPressIsLostAndNoneRepeated(int loss, int burst, int delayMillis)
    {
        var link = new LinkModel { DelayMicros = delayMillis * 1000, JitterMicros = 5_000, LossPercent = loss, BurstPackets = burst };
        var lab = new Lab<PressInput>(new PressLab(), new LabOptions { Clients = 4, Seed = 31, FramePeriodsMicros = [16_667, 6_944, 33_333] });
        lab.Run(1); // a burst of so many packets lasts for ever while only pings are sent
        lab.Network.SetAllLinks(link);
        lab.Run(40);
        CheckPresses(lab, least: 15);
        Assert.That(lab.Server.Room.Inputs.Starved, Is.GreaterThan(loss == 5 ? 10 : 200), "no input was missing, so nothing was tested");
    }

    [Test]
    public void P6_ServerAndClientsStandStill_NoPressIsLostAndNoneRepeated()
    {
        var link = new LinkModel { DelayMicros = 30_000 };
        var lab = new Lab<PressInput>(new PressLab(), new LabOptions { Clients = 3, Up = link, Down = link, Seed = 32, FramePeriodsMicros = [8_000] });
        for (int i = 0; i < 8; i++)
        {
            lab.Run(1);
            lab.Server.Hang(lab.NowMicros + (i * 150_000));
            lab.Clients[i % 3].Hang(i * 250_000);
        }

        CheckPresses(lab, least: 30);
    }

    [TestCase(20)]
    [TestCase(30)]
    [TestCase(60)]
    public void P6_SeveralPressesWithinATick_EachIsExecuted(int rateHz)
    {
        var link = new LinkModel { DelayMicros = 20_000, JitterMicros = 5_000, LossPercent = 3 };
        var game = new PressLab(isFrantic: true);
        var lab = new Lab<PressInput>(game, new LabOptions { Clients = 2, TickRateHz = rateHz, Up = link, Down = link, Seed = 33, FramePeriodsMicros = [6_944, 4_167] });
        lab.Run(15);
        CheckPresses(lab, least: 15);
        Assert.That(lab.Clients.Sum(static c => c.Client.Presses), Is.EqualTo(game.Taps).Within(3), "but for what was tapped before the match");
        Assert.That(lab.Clients.Select(static c => c.Client.Stats.PressesMerged), Is.All.Zero);
    }

    private static void CheckPresses(Lab<PressInput> lab, int least)
    {
        lab.StopFaults();
        lab.Clients.ForEach(c => c.IsIdle = true);
        lab.Run(3);
        lab.Invariants.AtRest();
        Assert.That(lab.Clients.Select(c => $"{c.Client.State} {c.Client.EndReason}"), Is.All.StartsWith("Playing"));
        foreach (LabClient<PressInput> client in lab.Clients)
        {
            Presser presser = lab.Server.Room.World.Get(PressGame.Pressers, lab.Server.Room.World.Players.Avatar(client.Client.Player));
            int executed = 0;
            for (int button = 0; button < 16; button++)
            {
                executed += PressGame.At(ref presser, button);
            }

            Assert.That(executed, Is.EqualTo(client.Client.Presses), $"client {client.Index}");
            Assert.That(executed, Is.GreaterThan(least));
            Assert.That(client.Client.Stats.CorrectionsOwn, Is.Zero);
        }

        Assert.That(lab.Invariants.Violations.Values, Is.Empty);
    }
}
