using GameServer.Arena;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Server;
using GameServer.Netcode.Transport;

namespace GameServer.Tests.Arena;

public class ArenaMatchTests
{
    private const int TickRateHz = 20;

    [TestCase("10", 10)]
    [TestCase("9", 180)]
    [TestCase("soon", 180)]
    [TestCase(null, 180)]
    public void BeginMatch_RoundSeconds_IsTheLengthOfTheFirstRound(string? value, int expectedSeconds)
    {
        var options = new RoomOptions { TickRateHz = TickRateHz, Seed = 1 };
        Room room = Room.Create(new ArenaGame(), options, [new InboundLane(1 << 16, options.PeersPerThread)], [new SpscRing(1 << 16)]);
        Run(room, ticks: 7);
        room.BeginMatch(value is null ? new Dictionary<string, string>() : new Dictionary<string, string> { ["round-seconds"] = value, ["map"] = "garden" });
        Run(room, (expectedSeconds * TickRateHz) - 1);
        Assert.That(room.MatchesEnded, Is.Zero);
        Run(room, ticks: 1);
        Assert.That(room.MatchesEnded, Is.EqualTo(1));
        Run(room, 180 * TickRateHz);
        Assert.That(room.MatchesEnded, Is.EqualTo(2), "the next round has its usual length");
    }

    private static void Run(Room room, int ticks)
    {
        for (int i = 0; i < ticks; i++)
        {
            room.Drain(0);
            room.Step();
        }
    }
}
