using GameServer.Netcode.Client;
using GameServer.Netcode.Game;
using GameServer.Netcode.Primitives;

namespace GameServer.Tests.Client;

public sealed class ChatInboxTests
{
    [TestCase(Limits.ChatLinesWaiting - 1, 0)]
    [TestCase(Limits.ChatLinesWaiting, 0)]
    [TestCase(Limits.ChatLinesWaiting + 1, 1)]
    public void TryTake_ManyLines_ComeInOrderAndOnlyTheOldestAreLost(int lines, int lost)
    {
        var inbox = new ChatInbox();
        for (int round = 0; round < 3; round++)
        {
            for (int i = 0; i < lines; i++)
            {
                inbox.Add(new ChatLine(new PlayerId(i % 7), $"{i}"));
            }

            for (int i = lost; i < lines; i++)
            {
                Assert.That(inbox.TryTake(out ChatLine line), Is.True);
                Assert.That(line, Is.EqualTo(new ChatLine(new PlayerId(i % 7), $"{i}")));
            }

            Assert.That(inbox.TryTake(out _), Is.False);
            Assert.That(inbox.Overflows, Is.EqualTo(lost * (round + 1)));
        }
    }
}
