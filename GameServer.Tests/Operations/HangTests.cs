using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using GameServer.Hosting;
using GameServer.Netcode.Game;

namespace GameServer.Tests.Operations;

[Category("Socket")]
[Platform("Linux")]
[NonParallelizable]
public class HangTests
{
    [Test]
    public async Task Simulation_StandsStill_TurnsLivezAndStarvesTheWatchdogWithinTwoSeconds()
    {
        using var inbox = new NotifyInbox(isAbstract: true);
        Environment.SetEnvironmentVariable("NOTIFY_SOCKET", inbox.Name);
        Environment.SetEnvironmentVariable("WATCHDOG_USEC", "4000000");
        using var gate = new ManualResetEventSlim(initialState: true);
        int port = FreePort();
        int code = -1;
        var server = new Thread(() => code = GameHost.Run(
            new StallingGame(gate), ["serve", "--port", "0", "--http", $"127.0.0.1:{port}", "--bots", "0", "--cpu-affinity", "none", "--log-level", "error"]));
        server.Start();
        try
        {
            using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
            await AgonesTests.Eventually(() => inbox.Messages.Any(m => m.StartsWith("READY=1", StringComparison.Ordinal)));
            await AgonesTests.Eventually(() => inbox.Messages.Contains("WATCHDOG=1"));
            Assert.That(await client.GetStringAsync("/livez"), Does.Contain("alive"));

            gate.Reset();
            long start = Environment.TickCount64;
            while (await Status(client, "/livez") == 200)
            {
                Assert.That(Environment.TickCount64 - start, Is.LessThan(4_000));
                await Task.Delay(20);
            }

            Assert.That(Environment.TickCount64 - start, Is.InRange(1_500, 3_000));
            Assert.That(await Status(client, "/healthz"), Is.EqualTo(200), "the process itself answers");
            await Task.Delay(200);
            int fed = inbox.Messages.Count(m => m == "WATCHDOG=1");
            await Task.Delay(1_300);
            Assert.That(inbox.Messages.Count(m => m == "WATCHDOG=1"), Is.EqualTo(fed), "the watchdog is not fed");

            gate.Set();
            await AgonesTests.Eventually(() => Status(client, "/livez").GetAwaiter().GetResult() == 200);
            using HttpResponseMessage _ = await client.PostAsync("/drain", null);
            Assert.That(server.Join(TimeSpan.FromSeconds(10)), Is.True);
            Assert.That(code, Is.Zero);
        }
        finally
        {
            gate.Set();
            Environment.SetEnvironmentVariable("NOTIFY_SOCKET", null);
            Environment.SetEnvironmentVariable("WATCHDOG_USEC", null);
        }
    }

    [TestCase(10)]
    [TestCase(0)]
    public void Game_Throws_EndsWithOneAndFiguresUpToThen(int tick)
    {
        string file = Path.GetTempFileName();
        int code = GameHost.Run(
            new FailingGame(tick), ["serve", "--port", "0", "--http", "none", "--bots", "0", "--cpu-affinity", "none", "--log-level", "error", "--stats-json", file]);
        Assert.That(code, Is.EqualTo(1));
        using JsonDocument figures = JsonDocument.Parse(File.ReadAllText(file));
        File.Delete(file);
        Assert.That(figures.RootElement.GetProperty("seconds").GetDouble(), Is.InRange(0, 60));
    }

    private static async Task<int> Status(HttpClient client, string path)
    {
        using HttpResponseMessage response = await client.GetAsync(path);
        return (int)response.StatusCode;
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    private struct Nothing
    {
        public Buttons Buttons;
    }

    /// <summary>Its rules have a bug.</summary>
    private sealed class FailingGame(int from) : Game<Nothing>
    {
        private readonly int _from = from;

        public override string Name => "fail";

        public override void Define(GameSchema<Nothing> schema) => schema.DefineInput(static e => e.Buttons("buttons", (ref i) => ref i.Buttons, count: 1));

        public override void Tick(in TickContext tick)
        {
            if (tick.Tick.Value > _from)
            {
                throw new InvalidOperationException("a bug in the rules");
            }
        }
    }

    /// <summary>Its rules wait at a gate: what a deadlock or an endless loop in a game looks like from outside.</summary>
    private sealed class StallingGame(ManualResetEventSlim gate) : Game<Nothing>
    {
        private static readonly EntityKind<Marker> Markers = new();
        private readonly ManualResetEventSlim _gate = gate;

        public override string Name => "stall";

        public override void Define(GameSchema<Nothing> schema)
        {
            schema.DefineInput(static e => e.Buttons("buttons", (ref i) => ref i.Buttons, count: 1));
            schema.DefineEntity(Markers, "marker", 1, static e => e.Int("value", (ref m) => ref m.Value, 0, 1));
        }

        public override void Tick(in TickContext tick) => _gate.Wait();

        private struct Marker
        {
            public int Value;
        }
    }
}
