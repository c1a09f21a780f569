using System.Text;
using GameServer.Configuration;
using GameServer.Operations;
using GameServer.Operations.Logging;
using GameServer.Operations.Orchestrators;

namespace GameServer.Tests.Operations;

[Category("Socket")]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
public class AgonesTests
{
    private readonly StringWriter _lines = new();
    private AgonesStandIn _sidecar = null!;
    private ServerControl _control = null!;
    private LogOutput _log = null!;
    private AgonesOrchestrator? _agones;
    private Timer? _ticks;

    [SetUp]
    public void Prepare()
    {
        _lines.GetStringBuilder().Clear();
        _sidecar = new AgonesStandIn();
        _control = new ServerControl(8, 25);
        _log = new LogOutput(_lines, json: true, LogThreshold.Info, ServerControl.NowMicros);
    }

    [TearDown]
    public async Task End()
    {
        if (_ticks is not null)
        {
            await _ticks.DisposeAsync();
            _ticks = null;
        }

        if (_agones is not null)
        {
            _control.NoteSignal();
            await _agones.Shutdown();
            _agones.Dispose();
            _agones = null;
        }

        await _sidecar.DisposeAsync();
        _log.Dispose();
    }

    [Test]
    public async Task Ready_SidecarComesLater_IsToldOnceItIsThere()
    {
        await _sidecar.Start();
        int port = _sidecar.Address.Port;
        await _sidecar.Kill();
        Launch();
        _agones!.Ready();
        await Task.Delay(300);
        Assert.That(Lines("orchestrator_down"), Has.Length.EqualTo(1), "logged once, however often it is tried");
        await _sidecar.Start(port);
        await Eventually(() => _sidecar.Count("POST /ready") == 1 && _sidecar.Count("POST /health") >= 1 && Lines("orchestrator_up").Length > 0);
        Assert.That(Lines("orchestrator_up"), Has.Length.EqualTo(1));
        await Task.Delay(300);
        Assert.That(_sidecar.Count("POST /ready"), Is.EqualTo(1), "not repeated");
    }

    [Test]
    public async Task Health_SimulationHangs_PingsStop()
    {
        await _sidecar.Start();
        Launch();
        Tick(everyMillis: 20);
        await Eventually(() => _sidecar.Count("POST /health") >= 3);
        await _ticks!.DisposeAsync();
        await Task.Delay(700); // the ping of the last tick
        int pings = _sidecar.Count("POST /health");
        await Task.Delay(1_200);
        Assert.That(_sidecar.Count("POST /health"), Is.EqualTo(pings));
        Assert.That(Lines("orchestrator_refuses"), Is.Empty, "a ping without a body would be refused");
    }

    [Test]
    public async Task Watch_LastAllocatedChanges_IsOneMatchEach()
    {
        await _sidecar.Start();
        Launch();
        await Eventually(() => _sidecar.Count("GET /watch/gameserver") == 1);
        _sidecar.State = "Allocated";
        _sidecar.Push();
        await Task.Delay(100);
        Assert.That(_control.TryTakeMatch(out _), Is.False, "the state alone says nothing");

        _sidecar.LastAllocated = "2026-03-04T10:00:00.1Z";
        _sidecar.ExtraAnnotations = ",\"match.example/match-id\":\"m-42\",\"map\":\"garden22\"";
        _sidecar.Push();
        _sidecar.Push();
        MatchRequest match = await NextMatch();
        Assert.That(match.Id, Is.EqualTo("m-42"));
        Assert.That(match.Parameters["map"], Is.EqualTo("garden22"));
        Assert.That(match.Parameters["mode"], Is.EqualTo("dm"));
        Assert.That(match.Parameters.Keys.Any(k => k.StartsWith("agones.dev/", StringComparison.Ordinal)), Is.False);
        await Task.Delay(100);
        Assert.That(_control.TryTakeMatch(out _), Is.False, "a repeated line is no news");

        _sidecar.LastAllocated = "2026-03-04T10:05:00Z";
        _sidecar.Push();
        Assert.That((await NextMatch()).Id, Is.EqualTo("m-42-2"), "only the allocation has changed");
    }

    [Test]
    public async Task Watch_SidecarDies_IsOpenedAgainAndForgetsNothing()
    {
        await _sidecar.Start();
        int port = _sidecar.Address.Port;
        (_sidecar.LastAllocated, _sidecar.State) = ("a", "Allocated");
        Launch();
        Tick(everyMillis: 20);
        await NextMatch();
        await _sidecar.Kill();
        await Eventually(() => Lines("orchestrator_down").Length == 1);
        await _sidecar.Start(port);
        await Eventually(() => _sidecar.Count("GET /watch/gameserver") == 2);
        await Task.Delay(100);
        Assert.That(_control.TryTakeMatch(out _), Is.False, "known");
        _sidecar.LastAllocated = "b";
        _sidecar.Push();
        await NextMatch();
    }

    [Test]
    public async Task Watch_AnnotationOfAnEarlierLife_IsNoAllocation()
    {
        _sidecar.LastAllocated = "2026-03-04T10:00:00Z"; // allocated once, returned, and Ready since
        await _sidecar.Start();
        Launch();
        await Eventually(() => _sidecar.Count("GET /watch/gameserver") == 1);
        await Task.Delay(150);
        Assert.That(_control.TryTakeMatch(out _), Is.False);
        (_sidecar.LastAllocated, _sidecar.State) = ("2026-03-04T11:00:00Z", "Allocated");
        _sidecar.Push();
        await NextMatch();
    }

    [TestCase("{\"error\":{\"code\":14,\"message\":\"unavailable\"}}")]
    [TestCase("not json")]
    [TestCase("{\"result\":[1,2]}")]
        public async Task Watch_LineOfAnotherKind_IsAFailureAndTheWatchIsOpenedAgain(string line)
    {
        await _sidecar.Start();
        Launch();
        await Eventually(() => Lines("orchestrator_up").Length == 1);
        await Eventually(() => _sidecar.Count("GET /watch/gameserver") == 1);
        _sidecar.Push(line);
        await Eventually(() => _sidecar.Count("GET /watch/gameserver") == 2);
        Assert.That(Lines("orchestrator_down"), Has.Length.EqualTo(1));
        _sidecar.Allocate("a");
        await NextMatch();
    }

    [Test]
    public async Task SelfAllocate_OwnAllocation_IsNoMatchAndReturnsWhenEmpty()
    {
        await _sidecar.Start();
        Launch(new AgonesOptions { SelfAllocate = true });
        await Eventually(() => Lines("orchestrator_up").Length == 1);
        _control.Started("x");
        for (int i = 1; i <= 2; i++)
        {
            _agones!.PlayerJoined(1);
            await Eventually(() => _sidecar.State == "Allocated" && _sidecar.Has("player-1"));
            await _sidecar.MorePings(1);
            Assert.That(_control.TryTakeMatch(out _), Is.False, "nobody allocated it");
            _agones.PlayerLeft(1);
            await Eventually(() => _sidecar.State == "Ready");
            Assert.That(_sidecar.Count("POST /ready"), Is.EqualTo(i));
        }

        Assert.That(Lines("allocated"), Is.Empty);
        Assert.That(_sidecar.Calls.Any(c => c.StartsWith("PATCH", StringComparison.Ordinal)), Is.False);
        _sidecar.Allocate("a");
        await NextMatch();
    }

    [Test]
    public async Task SelfAllocate_AllocatedByTheAllocatorMeanwhile_IsAMatch()
    {
        await _sidecar.Start();
        _sidecar.Faults["/allocate"] = Fault.Forgets;
        Launch(new AgonesOptions { SelfAllocate = true });
        await Eventually(() => Lines("orchestrator_up").Length == 1);
        _control.Started("x");
        _agones!.PlayerJoined(1);
        await Eventually(() => _sidecar.Count("POST /allocate") == 1);
        _sidecar.Allocate("a", ",\"match-id\":\"m-1\"");
        Assert.That((await NextMatch()).Id, Is.EqualTo("m-1"), "its parameters say that it is not our own");
    }

    [Test]
    public async Task Draining_PlayersInAReadyServer_AllocatesWithoutAMatch()
    {
        await _sidecar.Start();
        Launch();
        await Eventually(() => Lines("orchestrator_up").Length == 1);
        _control.Started("x");
        _agones!.PlayerJoined(1);
        await Eventually(() => _sidecar.Has("player-1"));
        _control.RequestDrain("api");
        _agones.Draining(5);
        await Eventually(() => _sidecar.State == "Allocated");
        await _sidecar.MorePings(2);
        Assert.That(Lines("allocated"), Is.Empty);
        Assert.That(Lines("allocation_lost"), Is.Empty);
        Assert.That(_sidecar.Calls.Any(c => c.StartsWith("PATCH", StringComparison.Ordinal)), Is.False, "no room was counted up");
    }

    [Test]
    public async Task Players_JoinAndLeave_AreInTheListAndWhatIsSoAlreadyIsNoRefusal()
    {
        await _sidecar.Start();
        Launch();
        await Eventually(() => _sidecar.Count("GET /watch/gameserver") == 1);
        lock (_sidecar.Players)
        {
            _sidecar.Players.Add("player-2"); // by somebody else
        }

        _agones!.PlayerJoined(1);
        await Eventually(() => _sidecar.Has("player-1"));
        _agones.PlayerJoined(2);
        _agones.PlayerLeft(1);
        _agones.PlayerJoined(4);
        await Eventually(() => _sidecar.Has("player-4") && !_sidecar.Has("player-1"));
        Assert.That(_sidecar.Players, Is.EquivalentTo(new[] { "test0", "player-2", "player-4" }));
        Assert.That(Lines("orchestrator_refuses"), Is.Empty);
    }

    [Test]
    public async Task MatchEnded_OnlyOfAnAllocation_CountsTheRoomDownAndReturnsWhenEmpty()
    {
        await _sidecar.Start();
        Launch();
        _control.Started("x");
        Assert.That(_agones!.MatchEnded("first"), Is.False);
        _agones.PlayerJoined(1);
        await Eventually(() => _sidecar.Has("player-1"));
        Assert.That(_sidecar.Calls.Any(c => c.StartsWith("PATCH", StringComparison.Ordinal)), Is.False, "nobody allocated it");

        _sidecar.Allocate("a");
        MatchRequest match = await NextMatch();
        Assert.That(_agones.IsPooled, Is.False);
        Assert.That(_agones.MatchEnded(match.Id), Is.True);
        await Eventually(() => _sidecar.Count("PATCH /v1beta1/counters/rooms {\"countDiff\":\"-1\"}") == 1);
        Assert.That(_sidecar.Count("POST /ready"), Is.Zero, "a player is still there");
        _agones.PlayerLeft(1);
        await Eventually(() => _sidecar.Count("POST /ready") == 1);
        Assert.That(_agones.IsPooled, Is.True);
    }

    [Test]
    public async Task PlayersAndRooms_NotDeclared_AreNotAskedFor()
    {
        _sidecar.DeclaresRoomsAndPlayers = false;
        (_sidecar.LastAllocated, _sidecar.State) = ("a", "Allocated");
        await _sidecar.Start();
        Launch();
        MatchRequest match = await NextMatch();
        _control.Started("x");
        _agones!.PlayerJoined(1);
        _agones.PlayerLeft(1);
        _agones.MatchEnded(match.Id);
        await Eventually(() => _sidecar.Count("POST /ready") == 1);
        Assert.That(_sidecar.Calls.Any(c => c.Contains("v1beta1", StringComparison.Ordinal)), Is.False);
    }

    [Test]
    public async Task Shutdown_AfterASignal_IsToldAtOnce()
    {
        await _sidecar.Start();
        Launch();
        await Eventually(() => _sidecar.Count("GET /watch/gameserver") == 1);
        _control.RequestDrain("signal");
        long start = ServerControl.NowMicros();
        await _agones!.Shutdown();
        Assert.That(_sidecar.Count("POST /shutdown"), Is.EqualTo(1));
        Assert.That(ServerControl.NowMicros() - start, Is.LessThan(2_000_000));
        _agones.Dispose();
        _agones = null;
    }

    [Test]
    public async Task FindPort_Passthrough_IsTheHostPort()
    {
        await _sidecar.Start();
        using var agones = new AgonesOrchestrator(_sidecar.Address, new AgonesOptions(), _control, _log.CreateLogger("GameServer"));
        Assert.That(await agones.FindPort(), Is.EqualTo(7777));
    }

    [Test]
    public async Task RealSdkServer_WholeLife_IsAccepted()
    {
        if (Environment.GetEnvironmentVariable("AGONES_SDK_SERVER") is not { Length: > 0 } program)
        {
            Assert.Ignore("AGONES_SDK_SERVER names no sdk-server");
            return;
        }

        string file = Path.Combine(Path.GetTempPath(), $"gameserver-{Guid.NewGuid():N}.yaml");
        await File.WriteAllTextAsync(file, RealSidecar.GameServer("Ready", ""));
        string[] arguments = ["--local", "-f", file, "--address", "localhost", "--http-port", "19358", "--grpc-port", "19357"];
        using var process = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        process.BeginErrorReadLine();
        process.BeginOutputReadLine();
        using var sidecar = new HttpClient { BaseAddress = new Uri("http://localhost:19358/") };
        try
        {
            _agones = new AgonesOrchestrator(sidecar.BaseAddress, new AgonesOptions(), _control, _log.CreateLogger("GameServer"));
            _agones.Started();
            _agones.Ready();
            _agones.PlayerJoined(1);
            _agones.PlayerJoined(2);
            _agones.PlayerLeft(1);
            await Eventually(() => Lines("orchestrator_up").Length == 1);
            await RealSidecar.EventuallySays(sidecar, "v1beta1/lists/players", text => text.Contains("player-2", StringComparison.Ordinal) && !text.Contains("player-1", StringComparison.Ordinal));
            Assert.That(_control.TryTakeMatch(out _), Is.False, "nobody has allocated it");

            // In place and longer than before: the sidecar watches this very file and must never read half of it.
            using (var stream = new FileStream(file, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
            {
                stream.Write(Encoding.UTF8.GetBytes(RealSidecar.GameServer("Allocated", ", agones.dev/last-allocated: \"2026-03-04T10:00:00Z\", match-id: m-42, map: garden")));
            }

            MatchRequest match = await NextMatch();
            Assert.That((match.Id, match.Parameters["map"]), Is.EqualTo(("m-42", "garden")));
            _agones.MatchEnded(match.Id);
            await RealSidecar.EventuallySays(sidecar, "v1beta1/counters/rooms", static text => text.Replace(" ", "", StringComparison.Ordinal).Contains("\"count\":\"0\"", StringComparison.Ordinal));
            _control.NoteSignal();
            await _agones.Shutdown();
            Assert.That(await sidecar.GetStringAsync("gameserver"), Does.Contain("Shutdown"));
            Assert.That(Lines("orchestrator_refuses"), Is.Empty);
            _agones.Dispose();
            _agones = null;
        }
        finally
        {
            process.Kill();
            File.Delete(file);
        }
    }

    private void Launch(AgonesOptions? options = null)
    {
        _agones = new AgonesOrchestrator(_sidecar.Address, options ?? new AgonesOptions(), _control, _log.CreateLogger("GameServer"));
        _agones.Started();
    }

    private void Tick(int everyMillis)
    {
        uint tick = 0;
        _ticks = new Timer(_ => _control.TickAdvanced(tick++, ServerControl.NowMicros()), null, 0, everyMillis);
    }

    private async Task<MatchRequest> NextMatch()
    {
        MatchRequest? match = null;
        await Eventually(() => _control.TryTakeMatch(out match));
        return match!;
    }

    private string[] Lines(string name) =>
        [.. _lines.ToString().Split('\n').Where(l => l.Contains($"\"event\":\"{name}\"", StringComparison.Ordinal))];

    internal static async Task Eventually(Func<bool> condition, int seconds = 10)
    {
        for (int i = 0; !condition(); i++)
        {
            Assert.That(i, Is.LessThan(seconds * 100), $"it did not come within {seconds} s");
            await Task.Delay(10);
        }
    }
}
