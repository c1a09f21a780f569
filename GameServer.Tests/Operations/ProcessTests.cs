using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace GameServer.Tests.Operations;

[Category("Socket")]
[Platform("Linux")]
[Parallelizable(ParallelScope.All)]
public class ProcessTests
{
    private const string Quick = "serve --port 0 --http 127.0.0.1:0 --cpu-affinity none";

    [Test]
    public async Task Life_WithAMatchRunning_IsReadyScrapedAndDrainedToTheDeadline()
    {
        using var server = new ServerProcess(Quick + " --bots 0 --drain-timeout 2 --match-id m-1");
        using var client = new HttpClient { BaseAddress = await server.Ready() };
        JsonElement ready = server.Events("ready").Single();
        Assert.That(ready.GetProperty("addresses").GetString(), Does.Match(@"^0\.0\.0\.0:\d+$"));
        Assert.That(ready.GetProperty("start_millis").GetInt64(), Is.InRange(1, 20_000));
        using ServerProcess players = await Play(server, count: 4);
        Assert.That(await client.GetStringAsync("/readyz"), Does.Contain("ready"));
        Assert.That(await client.GetStringAsync("/livez"), Does.Contain("alive"));
        Assert.That(await client.GetStringAsync("/metrics"), Does.Match("(?m)^gameserver_ticks_total [1-9]").And.Match("(?m)^gameserver_players 4$"));
        Assert.That(await client.GetStringAsync("/api/status"), Does.Contain("\"match_id\":\"m-1\""));

        long start = Environment.TickCount64;
        server.Signal(ServerProcess.Terminate);
        await server.Event("draining");
        using (HttpResponseMessage refused = await client.GetAsync("/readyz"))
        {
            Assert.That(refused.StatusCode, Is.EqualTo(HttpStatusCode.ServiceUnavailable));
        }

        Assert.That(server.Events("left"), Is.Empty, "nobody is sent away before the deadline");
        Assert.That(await server.Exit(withinSeconds: 10), Is.Zero, server.Everything);
        Assert.That(Environment.TickCount64 - start, Is.GreaterThan(1_900));
        Assert.That(server.Events("match_ended").Single().GetProperty("match_id").GetString(), Is.EqualTo("m-1"));
        Assert.That(server.Events("ended").Single().GetProperty("reason").GetString(), Is.EqualTo("signal"));
    }

    [Test]
    public async Task SecondSignal_WhileDraining_EndsAtOnce()
    {
        using var server = new ServerProcess(Quick + " --bots 0 --drain-timeout 60");
        await server.Ready();
        using ServerProcess players = await Play(server, count: 2);
        server.Signal(ServerProcess.Terminate);
        await server.Event("draining");
        using var late = new ServerProcess($"bots --connect 127.0.0.1:{PortOf(server)} --count 1");
        Assert.That((await server.Event("join_refused")).GetProperty("reason").GetString(), Is.EqualTo("draining"));
        Assert.That(await late.Exit(withinSeconds: 20), Is.EqualTo(75), late.Everything);
        server.Signal(ServerProcess.Terminate);
        Assert.That(await server.Exit(withinSeconds: 6), Is.Zero, server.Everything);
        Assert.That(server.Events("stopping_at_once"), Has.Length.EqualTo(1));
    }

    [Test]
    public async Task DrainOverHttp_NobodyPlays_EndsAtOnce()
    {
        using var server = new ServerProcess(Quick + " --bots 0 --drain-timeout 60");
        using var client = new HttpClient { BaseAddress = await server.Ready() };
        using HttpResponseMessage response = await client.PostAsync("/drain", null);
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
        Assert.That(await server.Exit(withinSeconds: 6), Is.Zero, server.Everything);
    }

    [Test]
    public async Task HangUp_FileChanged_IsReloadedAndTheServerLives()
    {
        string folder = Directory.CreateTempSubdirectory("gameserver-").FullName;
        string file = Path.Combine(folder, "a.json"), token = Path.Combine(folder, "token");
        using var authority = new TestAuthority(folder);
        string certificate = authority.Issue("server"), renewed = authority.Issue("renewed");
        await File.WriteAllTextAsync(file, """{ "drain-timeout": 30 }""");
        await File.WriteAllTextAsync(token, "sesame-sesame-sesame");
        using var server = new ServerProcess($"{Quick} --bots 0 --config {file} --tls-cert {certificate} --tls-key {Path.ChangeExtension(certificate, ".key")} --admin-token-file {token}");
        await server.Ready();
        File.Copy(renewed, certificate, overwrite: true);
        File.Copy(Path.ChangeExtension(renewed, ".key"), Path.ChangeExtension(certificate, ".key"), overwrite: true);
        await File.WriteAllTextAsync(token, "another-another-another");
        server.Signal(ServerProcess.HangUp);
        await AgonesTests.Eventually(() => server.Events("reloaded_file").Length == 3);
        Assert.That(server.Events("reloaded_file").Select(e => e.GetProperty("setting").GetString()), Is.EquivalentTo(new[] { "tls-cert", "tls-key", "admin-token-file" }));
        Assert.That(server.Events("reloaded_file").Single(e => e.GetProperty("setting").GetString() == "tls-cert").GetProperty("detail").GetString(), Does.Contain("CN=renewed, valid until 20"));
        Assert.That(server.Events("reloaded_nothing"), Is.Empty);
        server.Signal(ServerProcess.HangUp);
        await server.Event("reloaded_nothing");
        await File.WriteAllTextAsync(file, """{ "drain-timeout": 1, "tick-rate": 30 }""");
        server.Signal(ServerProcess.HangUp);
        Assert.That((await server.Event("reloaded")).GetProperty("setting").GetString(), Is.EqualTo("drain-timeout"));
        Assert.That((await server.Event("reload_needs_restart")).GetProperty("setting").GetString(), Is.EqualTo("tick-rate"));
        server.Signal(ServerProcess.Terminate);
        Assert.That(await server.Exit(withinSeconds: 6), Is.Zero, server.Everything);
        Directory.Delete(folder, recursive: true);
    }

    [TestCase("--nonsense", 2, "--nonsense")]
    [TestCase("--tick-rate 0", 2, "--tick-rate \"0\" (command line): allowed: a whole number from 1 to 1000")]
    [TestCase("--config /nowhere.json", 2, "/nowhere.json")]
    [TestCase("--http none --match-config {\\\"round-seconds\\\":5}", 2, "--match-config \"round-seconds\": \"5\" (command line): allowed: a whole number from 10 to 3600")]
    [TestCase("--version", 0, "")]
    public async Task Arguments_WrongOrAsking_EndWithTheirCode(string arguments, int code, string error)
    {
        using var server = new ServerProcess(arguments);
        Assert.That(await server.Exit(withinSeconds: 20), Is.EqualTo(code), server.Everything);
        Assert.That(string.Join('\n', server.Errors), Does.Contain(error));
        if (code != 0)
        {
            Assert.That(server.Events("start_failed").Select(e => (e.GetProperty("exit_code").GetInt32(), e.GetProperty("level").GetString())),
                Is.EqualTo(new[] { (code, "fatal") }), "what ends the start is an event of the log");
        }
    }

    [Test]
    public async Task Ports_InUse_AreATemporaryFailureInOneLine()
    {
        using var udp = new UdpClient(new IPEndPoint(IPAddress.Any, 0));
        int port = ((IPEndPoint)udp.Client.LocalEndPoint!).Port;
        using var tcp = new TcpListener(IPAddress.Loopback, 0);
        tcp.Start();
        using var game = new ServerProcess($"serve --port {port} --http none --bots 0");
        using var http = new ServerProcess($"serve --port 0 --http {tcp.LocalEndpoint} --bots 0");
        Assert.That(await game.Exit(withinSeconds: 20), Is.EqualTo(75), game.Everything);
        Assert.That(game.Errors.Count(l => l.StartsWith("error: ", StringComparison.Ordinal)), Is.EqualTo(1), game.Everything);
        Assert.That(await http.Exit(withinSeconds: 20), Is.EqualTo(75), http.Everything);
        Assert.That(http.Errors.Count(l => l.StartsWith("error: ", StringComparison.Ordinal)), Is.EqualTo(1), http.Everything);
        foreach (ServerProcess failed in new[] { game, http })
        {
            JsonElement start = failed.Events("start_failed").Single();
            Assert.That((start.GetProperty("exit_code").GetInt32(), start.GetProperty("level").GetString()), Is.EqualTo((75, "fatal")));
            Assert.That("error: " + start.GetProperty("problem").GetString(), Is.EqualTo(failed.Errors.Single(l => l.StartsWith("error: ", StringComparison.Ordinal))));
        }
    }

    [Test]
    public async Task Address_NotOurs_IsATemporaryFailureInOneLine()
    {
        // TEST-NET-3 (RFC 5737): nobody has it.
        using var game = new ServerProcess("serve --bind 203.0.113.1 --port 0 --http none --bots 0");
        using var http = new ServerProcess("serve --port 0 --http 203.0.113.1:0 --bots 0");
        foreach (ServerProcess server in new[] { game, http })
        {
            Assert.That(await server.Exit(withinSeconds: 20), Is.EqualTo(75), server.Everything);
            Assert.That(server.Errors.Single(l => l.StartsWith("error: ", StringComparison.Ordinal)), Does.Contain("203.0.113.1:0"), server.Everything);
        }
    }

    [Test]
    public async Task Results_DiskIsFull_EndWithTheirCode()
    {
        using var server = new ServerProcess(Quick + " --bots 0 --seconds 1 --stats-json /dev/full");
        Assert.That(await server.Exit(withinSeconds: 20), Is.EqualTo(74), server.Everything);
        Assert.That(string.Join('\n', server.Errors), Does.Contain("--stats-json \"/dev/full\""));
        Assert.That(server.Events("ended"), Has.Length.EqualTo(1), "it ends in order all the same");
        Assert.That(server.Events("stats_not_written").Single().GetProperty("figures").GetProperty("ticks").GetInt64(), Is.GreaterThan(0), "the figures are not lost");
    }

    [Test]
    public async Task Signal_BeforeReady_EndsCleanlyAndNobodyIsLetIn()
    {
        using var server = new ServerProcess(Quick + " --bots 0");
        await server.Event("listening"); // the rehearsal is still to come
        server.Signal(ServerProcess.Terminate);
        Assert.That(await server.Exit(withinSeconds: 20), Is.Zero, server.Everything);
        Assert.That(server.Events("ready"), Is.Empty);
    }

    [Test]
    public async Task DefaultHttpAddress_InUse_IsDoneWithout()
    {
        using var first = new ServerProcess("serve --port 0 --bots 0 --cpu-affinity none");
        await first.Ready();
        using var second = new ServerProcess("serve --port 0 --bots 0 --cpu-affinity none");
        await second.Ready();
        Assert.That(second.Events("http_off"), Has.Length.EqualTo(1));
        second.Signal(ServerProcess.Terminate);
        Assert.That(await second.Exit(withinSeconds: 10), Is.Zero, second.Everything);
    }

    [Test]
    public async Task Scrapers_KilledInTheMiddle_CostNothing()
    {
        using var server = new ServerProcess(Quick + " --bots 2 --drain-timeout 1");
        Uri address = await server.Ready();
        using var client = new HttpClient { BaseAddress = address };
        for (int i = 0; i < 60; i++)
        {
            using var scraper = new TcpClient(address.Host, address.Port) { LingerState = new LingerOption(true, 0) }; // dies with a reset
            scraper.GetStream().Write("GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n"u8);
            await Task.Delay(i % 4);
        }

        Assert.That(await client.GetStringAsync("/livez"), Does.Contain("alive"));
        Assert.That(await client.GetStringAsync("/metrics"), Does.Match("(?m)^gameserver_players 2$"));
        server.Signal(ServerProcess.Terminate);
        Assert.That(await server.Exit(withinSeconds: 10), Is.Zero, server.Everything);
        Assert.That(server.Events("http_failed"), Is.Empty);
    }

    [Test]
    public async Task Agones_SidecarKilled_TheMatchGoesOn()
    {
        await using var sidecar = new AgonesStandIn();
        await sidecar.Start();
        using var server = new ServerProcess(Quick + " --bots 2 --drain-timeout 1", ("AGONES_SDK_HTTP_PORT", sidecar.Address.Port.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        using var client = new HttpClient { BaseAddress = await server.Ready() };
        await AgonesTests.Eventually(() => sidecar.Count("POST /ready") >= 1);
        sidecar.LastAllocated = "2026-03-04T10:00:00Z";
        sidecar.ExtraAnnotations = ",\"match-id\":\"m-42\"";
        sidecar.Push();
        await AgonesTests.Eventually(() => server.Events("match_started").Any(m => m.GetProperty("match_id").GetString() == "m-42"));
        await sidecar.Kill();
        await server.Event("orchestrator_down");
        string before = await client.GetStringAsync("/api/status");
        await Task.Delay(300);
        Assert.That(await client.GetStringAsync("/livez"), Does.Contain("alive"), before);
        server.Signal(ServerProcess.Terminate);
        Assert.That(await server.Exit(withinSeconds: 15), Is.Zero, server.Everything);
        Assert.That(server.Events("orchestrator_down"), Has.Length.EqualTo(1));
    }

    /// <summary>Players from elsewhere: the server's own bots hold no drain up.</summary>
    private static async Task<ServerProcess> Play(ServerProcess server, int count)
    {
        var players = new ServerProcess($"bots --connect 127.0.0.1:{PortOf(server)} --count {count}");
        for (int i = 0; i < 1_000 && server.Events("joined").Length < count; i++)
        {
            await Task.Delay(20);
        }

        Assert.That(server.Events("joined"), Has.Length.EqualTo(count), players.Everything);
        return players;
    }

    private static string PortOf(ServerProcess server) => server.Events("ready").Single().GetProperty("addresses").GetString()!.Split(':')[^1];
}
