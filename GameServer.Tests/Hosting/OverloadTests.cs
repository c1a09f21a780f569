using System.Net;
using System.Net.Sockets;
using GameServer.Arena;
using GameServer.Bots;
using GameServer.Hosting;
using GameServer.Netcode.Game;
using GameServer.Tests.Operations;

namespace GameServer.Tests.Hosting;

/// <summary>What an operator sees of a server that cannot keep its ticks.</summary>
[Category("Socket")]
[Platform("Linux")]
[NonParallelizable]
public class OverloadTests
{
    [Test]
    public async Task Players_ServerThatSkipsMostTicks_AreListedAtMostASecondOrTwoLate()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        int port = ((IPEndPoint)probe.LocalEndpoint).Port;
        probe.Stop();
        string[] args = ["serve", "--port", "0", "--http", $"127.0.0.1:{port}", "--tick-rate", "1000", "--bots", "2", "--cpu-affinity", "none", "--log-level", "error", "--drain-timeout", "0"];
        int code = -1;
        var server = new Thread(() => code = GameHost.Run(new SlowGame(), args, new GameExtras<ArenaInput> { Bots = static seed => new ArenaBot(seed) }));
        server.Start();
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        await AgonesTests.Eventually(() => Get("/metrics").Contains("gameserver_players 2\n", StringComparison.Ordinal));
        long start = Environment.TickCount64;
        await AgonesTests.Eventually(() => Get("/api/players").Contains("bot 2", StringComparison.Ordinal));
        Assert.That(Environment.TickCount64 - start, Is.LessThan(3_000));
        Assert.That(Get("/api/status"), Does.Not.Contain("\"skipped\":0,"), "the server was to skip ticks");
        using HttpResponseMessage _ = await client.PostAsync("/drain", null);
        Assert.That(server.Join(TimeSpan.FromSeconds(15)), Is.True);
        Assert.That(code, Is.Zero);

        string Get(string path)
        {
            try
            {
                return client.GetStringAsync(path).GetAwaiter().GetResult();
            }
            catch (HttpRequestException)
            {
                return ""; // it does not listen yet
            }
        }
    }

    /// <summary>Its rules take 20 ms of a millisecond: the number of the tick is a multiple of anything only by chance.</summary>
    private sealed class SlowGame : Game<ArenaInput>
    {
        private readonly ArenaGame _arena = new();

        public override string Name => _arena.Name;

        public override void Define(GameSchema<ArenaInput> schema) => _arena.Define(schema);

        public override void Start(in TickContext tick) => _arena.Start(in tick);

        public override void PlayerJoined(in TickContext tick, PlayerId player) => _arena.PlayerJoined(in tick, player);

        public override void Tick(in TickContext tick)
        {
            _arena.Tick(in tick);
            Thread.Sleep(20);
        }
    }
}
