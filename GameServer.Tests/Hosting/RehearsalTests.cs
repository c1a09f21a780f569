using GameServer.Arena;
using GameServer.Bots;
using GameServer.Hosting;
using GameServer.Netcode.Game;

namespace GameServer.Tests.Hosting;

/// <summary>Whose game is rehearsed: never the one that players get.</summary>
[Category("Socket")]
[Platform("Linux")]
[NonParallelizable]
public class RehearsalTests
{
    private static int s_starts;

    [TestCase(false, 1)]
    [TestCase(true, 2)]
    public void Serve_WithOrWithoutAFactory_StartsTheUsersGameOnce(bool hasFactory, int expectedStarts)
    {
        s_starts = 0;
        int made = 0;
        var extras = new GameExtras<ArenaInput>
        {
            Bots = static seed => new ArenaBot(seed),
            Rehearsal = hasFactory ? MakeGame : null,
        };
        string[] args = ["serve", "--port", "0", "--http", "none", "--bots", "1", "--cpu-affinity", "none", "--seconds", "1", "--log-level", "error"];
        Assert.That(GameHost.Run(new StartCountingGame(), args, extras), Is.Zero);
        Assert.That((s_starts, made), Is.EqualTo((expectedStarts, hasFactory ? 1 : 0)));

        Game<ArenaInput> MakeGame()
        {
            made++;
            return new StartCountingGame();
        }
    }

    private sealed class StartCountingGame : Game<ArenaInput>
    {
        private readonly ArenaGame _arena = new();

        public override string Name => _arena.Name;

        public override void Define(GameSchema<ArenaInput> schema) => _arena.Define(schema);

        public override void Start(in TickContext tick)
        {
            Interlocked.Increment(ref s_starts);
            _arena.Start(in tick);
        }

        public override void PlayerJoined(in TickContext tick, PlayerId player) => _arena.PlayerJoined(in tick, player);

        public override void Tick(in TickContext tick) => _arena.Tick(in tick);
    }
}
