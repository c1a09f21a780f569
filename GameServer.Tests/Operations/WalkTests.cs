using System.Net.Sockets;
using System.Text.RegularExpressions;

namespace GameServer.Tests.Operations;

/// <summary>What an operator does beside a running server: watches it, asks for its health, sends it away.</summary>
[Category("Socket")]
[Platform("Linux")]
[Parallelizable(ParallelScope.All)]
internal sealed class WalkTests
{
    private const string Quick = "serve --port 0 --http 127.0.0.1:0 --cpu-affinity none";
    private const int Stop = 19; // SIGSTOP
    private const int Continue = 18; // SIGCONT

    [Test]
    public async Task Watch_ServerEnds_SaysSoAndEndsCleanly()
    {
        using var server = new ServerProcess(Quick + " --bots 2 --drain-timeout 0");
        await server.Ready();
        using var watch = new ServerProcess("watch --connect 127.0.0.1:" + PortOf(server));
        await AgonesTests.Eventually(() => watch.Everything.Contains("kB/s down", StringComparison.Ordinal), seconds: 30);
        string shown = watch.Everything;
        Assert.That(shown, Does.Match("→ soldier +o rocket +# explosion +\\+ health +\\* rockets +██ wall"), "the legend");
        await AgonesTests.Eventually(() => Regex.IsMatch(watch.Everything, @"\d/\d +bot 1") && Regex.IsMatch(watch.Everything, @"\d/\d +bot 2"), seconds: 20);
        server.Signal(ServerProcess.Terminate);
        Assert.That(await server.Exit(withinSeconds: 10), Is.Zero, server.Everything);
        Assert.That(await watch.Exit(withinSeconds: 10), Is.Zero, watch.Everything);
        Assert.That(watch.Errors, Is.EqualTo(new[] { "the server has stopped" }));
    }

    /// <summary>The server that comes next tells it that it knows no such client, or nobody says anything for so long that it gives up: which is first is chance.</summary>
    [Test]
    public async Task Watch_ServerIsKilledAndAnotherTakesItsPort_EndsAndMayComeAgain()
    {
        string port;
        ServerProcess? watch = null;
        using (var server = new ServerProcess(Quick + " --bots 0"))
        {
            await server.Ready();
            port = PortOf(server);
            watch = new ServerProcess("watch --connect 127.0.0.1:" + port);
            await server.Event("joined");
        }

        using (watch)
        {
            using var next = new ServerProcess($"serve --port {port} --http none --cpu-affinity none --bots 0");
            await next.Ready();
            int code = await watch.Exit(withinSeconds: 15);
            Assert.That(watch.Errors.Single(), code == 0 ? Is.EqualTo("the server has stopped") : Does.StartWith($"error: the server at 127.0.0.1:{port} ended the connection: "));
            Assert.That(code, Is.Zero.Or.EqualTo(75));
            using var again = new ServerProcess("watch --connect 127.0.0.1:" + port);
            await next.Event("joined");
            again.Signal(ServerProcess.Terminate);
            Assert.That(await again.Exit(withinSeconds: 10), Is.Zero, again.Everything);
        }
    }

    [Test]
    public async Task Health_StartingDrainingAndHanging_AreToldApart()
    {
        await using var sidecar = new AgonesStandIn { Port = null };
        await sidecar.Start();
        int http = FreePort();
        using var server = new ServerProcess(
            $"serve --port 0 --http 127.0.0.1:{http} --cpu-affinity none --bots 0 --drain-timeout 60 --port-from-orchestrator", sidecar.Environment);
        await AgonesTests.Eventually(() => sidecar.Count("GET /gameserver") >= 2, seconds: 20); // it waits for its port
        await Ask(http, 0, "200 .*starting");
        using var udp = new UdpClient(0);
        int port = ((System.Net.IPEndPoint)udp.Client.LocalEndPoint!).Port;
        udp.Dispose();
        sidecar.Port = port;
        await server.Ready();
        await Ask(http, 0, "200 .*alive");
        using ServerProcess players = server.Play(1);
        await server.Event("joined");
        server.Signal(ServerProcess.Terminate);
        await server.Event("draining");
        await Ask(http, 0, "200 .*alive");
        server.Signal(Stop);
        await Ask(http, 1, "no answer within 3 s");
        server.Signal(Continue);
        players.Signal(ServerProcess.Terminate);
        Assert.That(await server.Exit(withinSeconds: 15), Is.Zero, server.Everything);
        await Ask(http, 1, "error: http://127.0.0.1:");
    }

    [TestCase("Shutdown")]
    [TestCase("Unhealthy")]
    public async Task Drain_ByTheOrchestrator_IsReadByPlayersWithItsSeconds(string state)
    {
        await using var sidecar = new AgonesStandIn();
        await sidecar.Start();
        using var server = new ServerProcess(Quick + " --bots 0 --drain-timeout 30", sidecar.Environment);
        await server.Ready();
        using ServerProcess players = server.Play(1);
        using var watch = new ServerProcess("watch --connect 127.0.0.1:" + PortOf(server));
        await AgonesTests.Eventually(() => server.Events("joined").Length == 2, seconds: 30);
        sidecar.State = state;
        sidecar.Push();
        const string Notice = "notice: The server stops within (29|30) seconds\\.";
        await AgonesTests.Eventually(() => Regex.IsMatch(players.Everything, Notice) && Regex.IsMatch(watch.Everything, Notice), seconds: 20);
        Assert.That(server.Events("left"), Is.Empty, "it is read before anybody is sent away");
        players.Signal(ServerProcess.Terminate);
        Assert.That(await server.Exit(withinSeconds: 15), Is.Zero, server.Everything);
    }

    private static async Task Ask(int http, int code, string expected)
    {
        using var health = new ServerProcess($"health --http 127.0.0.1:{http}");
        Assert.That(await health.Exit(withinSeconds: 20), Is.EqualTo(code), health.Everything);
        Assert.That(health.Everything, Does.Match(expected));
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(System.Net.IPAddress.Loopback, 0);
        probe.Start();
        return ((System.Net.IPEndPoint)probe.LocalEndpoint).Port;
    }

    private static string PortOf(ServerProcess server) => server.Events("ready").Single().GetProperty("addresses").GetString()!.Split(':')[^1];
}
