using GameServer.Netcode.Client;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Transport;
using GameServer.Tests.Support;

namespace GameServer.Tests.Scenarios;

/// <summary>T1 and T5 of chat: spammers cost nobody the session.</summary>
public sealed class ChatTests
{
    [Test]
    public void Spam_FourOfTwenty_EndsNoSessionOverSlowLinks()
    {
        var slow = new LinkModel { DelayMicros = 60_000, LossPercent = 5, RateBytesPerSecond = 30_000, QueueBytes = 30_000 };
        var lab = new Lab<TagInput>(new TagLab(), new LabOptions { Clients = 20, SyncTest = false, Up = new LinkModel { DelayMicros = 60_000 }, Down = slow });
        lab.Run(3);
        string text = new('\u20AC', Limits.ChatCharsMax);
        for (int i = 0; i < 150; i++)
        {
            for (int spammer = 0; spammer < 4; spammer++)
            {
                for (int line = 0; line < 4; line++)
                {
                    lab.Clients[spammer].Client.Chat(text);
                }
            }

            lab.Run(0.1);
        }

        Assert.That(lab.Observer.Left, Is.Empty);
        Assert.That(lab.Clients.Select(c => c.Client.State), Is.All.EqualTo(ClientState.Playing));
        Assert.That(lab.Server.Room.Drops[DropReason.ChatTooFast], Is.GreaterThan(500));
        Assert.That(lab.Invariants.Violations.Values, Is.Empty);
    }

    [TestCase(50)]
    [TestCase(700)]
    public void Silence_WhileOthersTalk_NeverEndsTheListener(int millis)
    {
        var link = new LinkModel { DelayMicros = 30_000 };
        var lab = new Lab<TagInput>(new TagLab(), new LabOptions { Clients = 24, PlayersMax = 32, SyncTest = false, Up = link, Down = link });
        lab.Run(2);
        lab.Network.Pause(lab.Server.Address, lab.Clients[0].Address, lab.NowMicros + (millis * 1000L));
        string text = new('\u20AC', Limits.ChatCharsMax);
        for (int i = 0; i < 20; i++)
        {
            lab.Clients.ForEach(c => c.Client.Chat(text));
            lab.Run(0.1);
        }

        lab.Run(2);
        Assert.That(lab.Observer.Left, Is.Empty);
        Assert.That(lab.Invariants.Violations.Values, Is.Empty);
    }
}
