using System.Net;

namespace GameServer.Tests.Operations;

/// <summary>The whole server beside a sidecar that answers well, badly, late, or not at all.</summary>
[Category("Socket")]
[Platform("Linux")]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
public sealed class AgonesProcessTests : IAsyncDisposable
{
    private const string RoomEnded = "PATCH /v1beta1/counters/rooms {\"countDiff\":\"-1\"}";
    private readonly AgonesStandIn _sidecar = new();
    private ServerProcess? _server;

    public async ValueTask DisposeAsync()
    {
        _server?.Dispose();
        await _sidecar.DisposeAsync();
    }

    [Test]
    public async Task Start_AllocatedAlready_KeepsItsMatchAndNeverSaysReady()
    {
        (_sidecar.State, _sidecar.LastAllocated, _sidecar.ExtraAnnotations) = ("Allocated", "2026-03-04T10:00:00Z", ",\"match-id\":\"m-42\"");
        ServerProcess server = await Launch("--match-id own");
        await server.Ready();
        await _sidecar.MorePings(2);
        Assert.That(Ids(server, "match_started"), Is.EqualTo(new[] { "m-42" }));
        Assert.That(_sidecar.Count("POST /ready"), Is.Zero);
        await Terminate(server);
        Assert.That(Ids(server, "match_ended"), Is.EqualTo(new[] { "m-42" }));
    }

    [Test]
    public async Task Start_AllocatedWithoutAnnotation_KeepsItsState()
    {
        _sidecar.State = "Allocated";
        ServerProcess server = await Launch();
        await server.Ready();
        await _sidecar.MorePings(2);
        Assert.That((_sidecar.Count("POST /ready"), _sidecar.State), Is.EqualTo((0, "Allocated")));
        await Terminate(server);
    }

    [Test]
    public async Task Allocation_DuringTheStart_BecomesTheMatch()
    {
        _sidecar.State = "Scheduled";
        ServerProcess server = await Launch("--match-id own");
        await AgonesTests.Eventually(() => _sidecar.Count("GET /watch/gameserver") == 1);
        Assert.That(server.Events("ready"), Is.Empty, "else this is not about the start");
        _sidecar.Allocate("2026-03-04T10:00:00Z", ",\"match-id\":\"m-7\"");
        await server.Ready();
        await _sidecar.MorePings(2);
        Assert.That(Ids(server, "match_started").Last(), Is.EqualTo("m-7"));
        Assert.That(Ids(server, "match_started").Except(["own", "m-7"]), Is.Empty);
        Assert.That((_sidecar.Count("POST /ready"), _sidecar.State), Is.EqualTo((0, "Allocated")));
        await Terminate(server);
    }

    [Test]
    public async Task Ready_RefusedUnansweredAndUnseen_IsRepeatedUntilItShows()
    {
        _sidecar.State = "Scheduled";
        _sidecar.Faults["/ready"] = Fault.Refuses;
        ServerProcess server = await Launch();
        await server.Ready();
        await AgonesTests.Eventually(() => _sidecar.Count("POST /ready") >= 3);
        Assert.That(Refusals(server, "ready"), Is.EqualTo(1), "logged by change, not by try");
        _sidecar.Faults["/ready"] = Fault.Forgets;
        int before = _sidecar.Count("POST /ready");
        await AgonesTests.Eventually(() => _sidecar.Count("POST /ready") >= before + 2);
        _sidecar.Faults["/ready"] = Fault.None;
        await AgonesTests.Eventually(() => _sidecar.State == "Ready");
        int enough = _sidecar.Count("POST /ready");
        await _sidecar.MorePings(3);
        Assert.That(_sidecar.Count("POST /ready"), Is.EqualTo(enough), "it shows");
        await Terminate(server);
    }

    [Test]
    public async Task Shutdown_UnansweredOrUnseen_IsRepeatedAndEndsInTimeAllTheSame()
    {
        ServerProcess server = await Launch();
        await server.Ready();
        await AgonesTests.Eventually(() => _sidecar.Count("POST /ready") == 1);
        _sidecar.Faults["/shutdown"] = Fault.Refuses;
        server.Signal(ServerProcess.Terminate);
        await AgonesTests.Eventually(() => _sidecar.Count("POST /shutdown") >= 2);
        _sidecar.Faults["/shutdown"] = Fault.None;
        Assert.That(await server.Exit(withinSeconds: 6), Is.Zero, server.Everything);
        Assert.That(_sidecar.State, Is.EqualTo("Shutdown"));
    }

    [Test]
    public async Task Sidecar_Hangs_TheEndWaitsForItOnlyShortly()
    {
        ServerProcess server = await Launch("--bots 1");
        await server.Ready();
        foreach (string path in new[] { "/health", "/gameserver", "/shutdown", "/ready", "/watch/gameserver" })
        {
            _sidecar.Faults[path] = Fault.Hangs;
        }

        await _sidecar.MorePings(1);
        server.Signal(ServerProcess.Terminate);
        Assert.That(await server.Exit(withinSeconds: 8), Is.Zero, server.Everything);

        // By the server's own clock and not by that of a crowded machine: the farewell gave up by itself, before the host gave it up.
        Assert.That(server.Events("orchestrator_down").Select(static e => e.GetProperty("message").GetString()), Has.None.Contains("no answer to the shutdown"));
    }

    [Test]
    public async Task Bots_OfTheServerItself_AreNoPlayers()
    {
        ServerProcess server = await Launch("--bots 2 --max-players 8");
        await server.Ready();
        await AgonesTests.Eventually(() => server.Events("joined").Length == 2 && _sidecar.Count("POST /ready") == 1);
        using ServerProcess players = server.Play(1);
        await AgonesTests.Eventually(() => _sidecar.Has("player-3"));
        Assert.That(_sidecar.Players, Is.EquivalentTo(new[] { "test0", "player-3" }));
        Assert.That(_sidecar.Capacity, Is.EqualTo(8), "bots have seats of their own");
        players.Signal(ServerProcess.Terminate);
        await AgonesTests.Eventually(() => !_sidecar.Has("player-3"));
        await Terminate(server);
    }

    [Test]
    public async Task Sidecar_ForgetsTheList_IsMendedAfterItsRestart()
    {
        ServerProcess server = await Launch("--max-players 20");
        await server.Ready();
        await AgonesTests.Eventually(() => _sidecar.Capacity == 20);
        using ServerProcess players = server.Play(2);
        await AgonesTests.Eventually(() => _sidecar.Has("player-1") && _sidecar.Has("player-2"));
        int port = _sidecar.Address.Port;
        await _sidecar.Kill();
        lock (_sidecar.Players)
        {
            _sidecar.Players.Clear();
            _sidecar.Players.UnionWith(["somebody", "player-2", "player-77"]);
        }

        _sidecar.Capacity = 100;
        await _sidecar.Start(port);
        await AgonesTests.Eventually(() => _sidecar.Has("player-1") && !_sidecar.Has("player-77"));
        Assert.That(_sidecar.Players, Is.EquivalentTo(new[] { "somebody", "player-1", "player-2" }));
        await AgonesTests.Eventually(() => _sidecar.Capacity == 20);
        await Terminate(server);
    }

    [Test]
    public async Task Allocation_OverARunningMatch_EndsTheOldOneAndNamesTheNewOne()
    {
        (_sidecar.Rooms, _sidecar.State) = (5, "Ready");
        ServerProcess server = await Launch();
        await server.Ready();
        await AgonesTests.Eventually(() => _sidecar.Count("POST /ready") == 1);
        _sidecar.Allocate("a", ",\"match-id\":\"m-42\"");
        await AgonesTests.Eventually(() => Ids(server, "match_started").Contains("m-42"));
        Assert.That(_sidecar.Count(RoomEnded), Is.Zero, "the match that ended then was nobody's");
        _sidecar.Allocate("b", ",\"match-id\":\"m-42\"");
        await AgonesTests.Eventually(() => _sidecar.Count(RoomEnded) == 1);
        await AgonesTests.Eventually(() => Ids(server, "match_started").Contains("m-42-2"));
        Assert.That(Ids(server, "match_ended").Last(), Is.EqualTo("m-42"));
        await _sidecar.MorePings(1);
        Assert.That((_sidecar.Count("POST /ready"), _sidecar.State), Is.EqualTo((1, "Allocated")), "the new match runs");
        await Terminate(server);
        Assert.That(Ids(server, "match_ended"), Is.EqualTo(Ids(server, "match_started")), "each has its end, in order");
        Assert.That(Ids(server, "match_started"), Is.Unique);
    }

    [Test]
    public async Task ExitWhenEmpty_FreshPooledOrJustAllocated_WaitsAndThenCounts()
    {
        ServerProcess server = await Launch("--exit-when-empty 1");
        await server.Ready();
        await _sidecar.MorePings(4);
        Assert.That(server.Events("draining"), Is.Empty, "it stands in the pool");
        _sidecar.Allocate("a", ",\"match-id\":\"m-1\"");
        await AgonesTests.Eventually(() => Ids(server, "match_started").Contains("m-1"));
        await _sidecar.MorePings(4);
        Assert.That(server.Events("draining"), Is.Empty, "its players are still to come");
        using (ServerProcess players = server.Play(1))
        {
            await AgonesTests.Eventually(() => _sidecar.Has("player-1"));
            players.Signal(ServerProcess.Terminate);
        }

        Assert.That((await server.Event("draining")).GetProperty("reason").GetString(), Is.EqualTo("empty"));
        Assert.That(await server.Exit(withinSeconds: 10), Is.Zero, server.Everything);
    }

    [Test]
    public async Task PortFromOrchestrator_NoPortsYet_WaitsForThem()
    {
        _sidecar.Port = null;
        using var free = new System.Net.Sockets.UdpClient(new IPEndPoint(IPAddress.Any, 0));
        int port = ((IPEndPoint)free.Client.LocalEndPoint!).Port;
        free.Dispose();
        ServerProcess server = await Launch("--port-from-orchestrator");
        await AgonesTests.Eventually(() => _sidecar.Count("GET /gameserver") >= 2);
        _sidecar.Port = 0;
        int before = _sidecar.Count("GET /gameserver");
        await AgonesTests.Eventually(() => _sidecar.Count("GET /gameserver") > before);
        _sidecar.Port = port;
        await server.Ready();
        Assert.That((await server.Event("ready")).GetProperty("addresses").GetString(), Does.EndWith($":{port}"));
        await Terminate(server);
    }

    [TestCase("Shutdown")]
    [TestCase("Unhealthy")]
    public async Task State_OfTheEnd_IsHeeded(string state)
    {
        ServerProcess server = await Launch();
        await server.Ready();
        await AgonesTests.Eventually(() => _sidecar.Count("POST /ready") == 1);
        _sidecar.State = state;
        _sidecar.Push();
        Assert.That((await server.Event("draining")).GetProperty("reason").GetString(), Is.EqualTo("agones_" + state.ToLowerInvariant()));
        Assert.That(await server.Exit(withinSeconds: 10), Is.Zero, server.Everything);
        Assert.That(_sidecar.Count("POST /ready"), Is.EqualTo(1));
    }

    [TestCase(Fault.SendsWithoutEnd)]
    [TestCase(Fault.SendsGarbage)]
    public async Task Answers_WithoutEndOrSense_CostLittleAndTheMatchGoesOn(object fault)
    {
        _sidecar.State = "Scheduled";
        foreach (string path in new[] { "/watch/gameserver", "/gameserver", "/ready" })
        {
            _sidecar.Faults[path] = (Fault)fault;
        }

        ServerProcess server = await Launch("--bots 2");
        using var client = new HttpClient { BaseAddress = await server.Ready() };
        await AgonesTests.Eventually(() => _sidecar.Count("GET /watch/gameserver") >= 4 && _sidecar.Count("GET /gameserver") >= 2);
        Assert.That(await client.GetStringAsync("/livez"), Does.Contain("alive"));
        Assert.That(_sidecar.Calls, Has.Count.LessThan(60), "with pauses");
        Assert.That(server.PeakMegabytes, Is.LessThan(400));
        Assert.That(server.Events("orchestrator_down"), Has.Length.EqualTo(1));
        _sidecar.Faults.Clear();
        await AgonesTests.Eventually(() => _sidecar.State == "Ready", seconds: 15);
        await AgonesTests.Eventually(() => server.Events("orchestrator_up").Length >= 1);
        await Terminate(server);
    }

    [Test]
    public async Task Lists_Refused_AreLoggedByChange()
    {
        _sidecar.Faults["/v1beta1/lists/players:addValue"] = Fault.Refuses;
        ServerProcess server = await Launch("--max-players 100");
        await server.Ready();
        using ServerProcess players = server.Play(3);
        await AgonesTests.Eventually(() => _sidecar.Calls.Count(static c => c.Contains("addValue", StringComparison.Ordinal)) >= 3);
        await _sidecar.MorePings(1);
        Assert.That(Refusals(server, "addValue"), Is.EqualTo(1));
        await Terminate(server);
    }

    [Test]
    public async Task MaxMatches_SelfAllocateReserveAndMetadata_AreSaid()
    {
        _sidecar.State = "Scheduled";
        ServerProcess server = await Launch("--reserve 3 --self-allocate --max-matches 2 --orchestrator-labels {\\\"map\\\":\\\"garden\\\"} --orchestrator-annotations {\\\"region\\\":\\\"eu\\\"}");
        await server.Ready();
        await AgonesTests.Eventually(() => _sidecar.State == "Reserved");
        await AgonesTests.Eventually(() => _sidecar.Metadata.GetValueOrDefault("map") == "garden" && _sidecar.Metadata.GetValueOrDefault("region") == "eu");
        using (ServerProcess players = server.Play(1))
        {
            await AgonesTests.Eventually(() => _sidecar.State == "Allocated");
            players.Signal(ServerProcess.Terminate);
            await AgonesTests.Eventually(() => _sidecar.State == "Ready");
        }

        _sidecar.Allocate("a", ",\"match-id\":\"m-2\"");
        await AgonesTests.Eventually(() => Ids(server, "match_started").Contains("m-2"));
        Assert.That(server.Events("draining"), Is.Empty, "one match was played, and one has begun");
        _sidecar.Allocate("b", ",\"match-id\":\"m-3\"");
        Assert.That((await server.Event("draining")).GetProperty("reason").GetString(), Is.EqualTo("max_matches"));
        Assert.That(await server.Exit(withinSeconds: 10), Is.Zero, server.Everything);
    }

    [Test]
    public async Task AllocationLifetime_Over_Drains()
    {
        ServerProcess server = await Launch("--allocation-lifetime 1");
        await server.Ready();
        await _sidecar.MorePings(3);
        Assert.That(server.Events("draining"), Is.Empty, "nobody has allocated it");
        _sidecar.Allocate("a");
        Assert.That((await server.Event("draining")).GetProperty("reason").GetString(), Is.EqualTo("allocation_lifetime"));
        Assert.That(await server.Exit(withinSeconds: 10), Is.Zero, server.Everything);
    }

    private static string[] Ids(ServerProcess server, string name) => [.. server.Events(name).Select(static e => e.GetProperty("match_id").GetString()!)];

    private static int Refusals(ServerProcess server, string call) => server.Events("orchestrator_refuses").Count(e => e.GetProperty("call").GetString() == call);

    private static async Task Terminate(ServerProcess server)
    {
        server.Signal(ServerProcess.Terminate);
        Assert.That(await server.Exit(withinSeconds: 10), Is.Zero, server.Everything);
    }

    private async Task<ServerProcess> Launch(string arguments = "")
    {
        await _sidecar.Start();
        string bots = arguments.Contains("--bots", StringComparison.Ordinal) ? "" : " --bots 0";
        return _server = new ServerProcess($"serve --port 0 --http 127.0.0.1:0 --cpu-affinity none --drain-timeout 0{bots} {arguments}", _sidecar.Environment);
    }
}
