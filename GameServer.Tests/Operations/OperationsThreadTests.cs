using GameServer.Configuration;
using GameServer.Operations;
using GameServer.Operations.Logging;
using GameServer.Operations.Orchestrators;
using Microsoft.Extensions.Logging;

namespace GameServer.Tests.Operations;

[Category("Socket")]
public class OperationsThreadTests
{
    private readonly StringWriter _lines = new();
    private readonly NoOrchestrator _nobody = new();
    private ServerTelemetry _telemetry = null!;
    private ServerControl _control = null!;
    private LogOutput _log = null!;
    private ILogger _logger = null!;
    private volatile bool _gaveUp;

    [SetUp]
    public void Prepare()
    {
        _lines.GetStringBuilder().Clear();
        (_telemetry, _control) = (new ServerTelemetry(), new ServerControl(8, 25));
        _gaveUp = false;
        _log = new LogOutput(_lines, json: true, LogThreshold.Info, ServerControl.NowMicros);
        _logger = _log.CreateLogger("GameServer");
    }

    [TearDown]
    public void End() => _log.Dispose();

    [Test]
    public async Task Lifetime_Over_Drains()
    {
        using OperationsThread thread = Run("--lifetime", "1", "--drain-timeout", "7");
        await AgonesTests.Eventually(() => _control.Drain == DrainState.Draining);
        await AgonesTests.Eventually(() => Lines("draining").Length == 1);
        Assert.That(Lines("draining")[0], Does.Contain("\"reason\":\"lifetime\"").And.Contains("\"seconds\":25"));
    }

    [Test]
    public async Task ExitWhenEmpty_OnlyBotsLeft_Drains()
    {
        _control.Started("x");
        _control.OwnBots = new Bots(2);
        _telemetry.Simulation.Players.Set(2);
        using OperationsThread thread = Run("--exit-when-empty", "1", "--bots", "2");
        await Task.Delay(1_300);
        Assert.That(_control.Drain, Is.EqualTo(DrainState.Running), "a fresh server waits for its players");
        _telemetry.Simulation.Players.Set(3);
        await Task.Delay(1_300);
        Assert.That(_control.Drain, Is.EqualTo(DrainState.Running), "somebody plays");
        _telemetry.Simulation.Players.Set(2);
        await AgonesTests.Eventually(() => _control.DrainReason == "empty");
    }

    [Test]
    public async Task Start_TakesLong_IsNoHang()
    {
        using OperationsThread thread = Run();
        await Task.Delay(2_500);
        Assert.That(Lines("simulation_hangs"), Is.Empty);
    }

    [Test]
    public async Task MaxMatches_OnlyThoseThatWerePlayed_Drain()
    {
        _control.Started("x");
        using OperationsThread thread = Run("--max-matches", "1");
        Tell(ServerEventKind.MatchStarted);
        Tell(ServerEventKind.MatchEnded);
        Tell(ServerEventKind.MatchStarted);
        await AgonesTests.Eventually(() => Lines("match_started").Length == 2);
        Assert.That(_control.Drain, Is.EqualTo(DrainState.Running), "nobody played it");
        _telemetry.Simulation.Players.Set(1);
        Tell(ServerEventKind.MatchEnded);
        await AgonesTests.Eventually(() => _control.DrainReason == "max_matches");
    }

    private void Tell(ServerEventKind kind) => _telemetry.Events.TryAdd(new ServerEvent { Kind = kind, Name = "m", Count = 1 });

    private sealed class Bots(int count) : IOwnBots
    {
        public int Playing => count;

        public int Present => count;

        public bool? IsOwn(string name, int seat) => true;
    }

    [Test]
    public async Task MatchEndedBecauseOfADrain_IsToldAfterIt()
    {
        _control.Started("x");
        _control.RequestDrain("signal");
        _telemetry.Events.TryAdd(new ServerEvent { Kind = ServerEventKind.MatchEnded, Name = "m-1" });
        using OperationsThread thread = Run();
        await AgonesTests.Eventually(() => Lines("match_ended").Length == 1);
        string all = _lines.ToString();
        Assert.That(all.IndexOf("\"draining\"", StringComparison.Ordinal), Is.InRange(0, all.IndexOf("\"match_ended\"", StringComparison.Ordinal)));
    }

    [Test]
    public async Task Simulation_Hangs_IsLoggedOnce()
    {
        using OperationsThread thread = Run();
        _control.TickAdvanced(7, ServerControl.NowMicros() - 2_000_001);
        await AgonesTests.Eventually(() => Lines("simulation_hangs").Length == 1);
        await Task.Delay(100);
        Assert.That(Lines("simulation_hangs").Single(), Does.Contain("\"tick\":7").And.Contains("\"level\":\"fatal\""));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Drain_SimulationHangs_IsNotWaitedForLongerThanTheDeadline(bool hasEnded)
    {
        var control = _control = new ServerControl(8, drainTimeoutSeconds: 0);
        using OperationsThread thread = Run();
        control.TickAdvanced(7, ServerControl.NowMicros() - 2_000_001);
        if (hasEnded)
        {
            control.Ended();
        }

        control.RequestDrain("signal");
        await Task.Delay(1_000);
        Assert.That(_gaveUp, Is.False, "its grace");
        await Task.Delay(2_500);
        Assert.That(_gaveUp, Is.Not.EqualTo(hasEnded), "who has ended misses no tick");
    }

    [Test]
    public void Dispose_EventsWaiting_AreAllReported()
    {
        using (OperationsThread thread = Run())
        {
            for (int i = 0; i < 10; i++)
            {
                _telemetry.Events.TryAdd(new ServerEvent { Kind = ServerEventKind.Joined, PlayerId = i, Name = "n" });
            }

            _telemetry.Events.TryAdd(new ServerEvent { Kind = ServerEventKind.MatchEnded, Name = "m-1", EndMicros = 3_000_000 });
        }

        Assert.That(Lines("joined"), Has.Length.EqualTo(10));
        Assert.That(Lines("match_ended").Single(), Does.Contain("\"match_id\":\"m-1\"").And.Contains("\"seconds\":3"));
    }

    [Test]
    public void Reload_ChangedFile_TakesOverWhatItCanAndNamesTheRest()
    {
        string file = Path.GetTempFileName();
        File.WriteAllText(file, """{ "drain-timeout": 25, "port": 1 }""");
        var environment = new System.Collections.Hashtable();
        ParsedCommand parsed = CommandLine.Parse(["--config", file], environment, TextWriter.Null, TextWriter.Null);
        var reload = new SettingsReload(parsed, _logger);
        ServeOptions? applied = null;

        reload.Run(o => applied = o);
        Assert.That(Lines("reloaded_nothing"), Has.Length.EqualTo(1));
        File.WriteAllText(file, """{ "drain-timeout": 90, "port": 2, "log-level": "warn" }""");
        environment["GAMESERVER_ADMIN_TOKEN"] = "sesame-sesame-sesame";
        reload.Run(o => applied = o);
        Assert.That(applied!.DrainTimeoutSeconds, Is.EqualTo(90));
        Assert.That(Lines("reloaded"), Has.Length.EqualTo(3));
        Assert.That(Lines("reload_needs_restart").Single(), Does.Contain("\"setting\":\"port\"").And.Contains("\"before\":\"1\"").And.Contains("\"after\":\"2\""));
        Assert.That(_lines.ToString(), Does.Not.Contain("sesame"));

        File.WriteAllText(file, """{ "drain-timeout": -1 }""");
        applied = null;
        reload.Run(o => applied = o);
        Assert.That(applied, Is.Null);
        Assert.That(Lines("reload_failed").Single(), Does.Contain("drain-timeout"));
        File.Delete(file);
    }

    private OperationsThread Run(params string[] args)
    {
        var options = (ServeOptions)CommandLine.Parse(args, new System.Collections.Hashtable(), TextWriter.Null, TextWriter.Null).Options!;
        return new OperationsThread(options, _telemetry, _control, _nobody, new EventReporter(_nobody, _control, _logger), _logger, () => _gaveUp = true);
    }

    private string[] Lines(string name) =>
        [.. _lines.ToString().Split('\n').Where(l => l.Contains($"\"event\":\"{name}\"", StringComparison.Ordinal))];
}
