using GameServer.Configuration;
using GameServer.Operations;
using GameServer.Operations.Logging;
using GameServer.Operations.Orchestrators;
using Microsoft.Extensions.Logging;

namespace GameServer.Tests.Operations;

/// <summary>When a server ends, and what it says of its progress, by a clock of the test.</summary>
public class ServerWatchTests
{
    private const long Second = 1_000_000;
    private readonly StringWriter _lines = new();
    private readonly NoOrchestrator _nobody = new();
    private ServerTelemetry _telemetry = null!;
    private ServerControl _control = null!;
    private LogOutput _log = null!;
    private ILogger _logger = null!;
    private long _now;
    private bool _gaveUp;

    [SetUp]
    public void Prepare()
    {
        _lines.GetStringBuilder().Clear();
        (_now, _gaveUp) = (1_000 * Second, false);
        (_telemetry, _control) = (new ServerTelemetry(), NewControl(drainTimeoutSeconds: 25));
        _log = new LogOutput(_lines, json: true, LogThreshold.Info, ServerControl.NowMicros);
        _logger = _log.CreateLogger("GameServer");
    }

    [TearDown]
    public void End() => _log.Dispose();

    [Test]
    public void Lifetime_Over_Drains()
    {
        ServerWatch watch = Watch("--lifetime", "60", "--drain-timeout", "7");
        After(watch, (60 * Second) - 1);
        Assert.That(_control.Drain, Is.EqualTo(DrainState.Running));
        After(watch, 1);
        Assert.That(_control.Drain, Is.EqualTo(DrainState.Draining));
        Assert.That(Lines("draining").Single(), Does.Contain("\"reason\":\"lifetime\"").And.Contains("\"seconds\":25"));
    }

    [Test]
    public void ExitWhenEmpty_OnlyBotsLeft_Drains()
    {
        _control.Started("x");
        _control.OwnBots = new Bots(2);
        _telemetry.Simulation.Players.Set(2);
        ServerWatch watch = Watch("--exit-when-empty", "30", "--bots", "2");
        After(watch, 1_000 * Second);
        Assert.That(_control.Drain, Is.EqualTo(DrainState.Running), "a fresh server waits for its players");
        _telemetry.Simulation.Players.Set(3);
        After(watch, 1_000 * Second);
        Assert.That(_control.Drain, Is.EqualTo(DrainState.Running), "somebody plays");
        _telemetry.Simulation.Players.Set(2);
        After(watch, 0);
        After(watch, 29 * Second);
        Assert.That(_control.Drain, Is.EqualTo(DrainState.Running), "not empty for long enough");
        After(watch, 5 * Second);
        Assert.That(_control.DrainReason, Is.EqualTo("empty"));
    }

    /// <summary>Between the time that was asked for and a tenth more, spread over all of it.</summary>
    [Test]
    public void ExitWhenEmpty_AFleet_DoesNotEndAtOnce()
    {
        const int Servers = 200, Asked = 100;
        var chance = new Random(5);
        var ends = new List<double>();
        for (int server = 0; server < Servers; server++)
        {
            _control = NewControl(25);
            _control.Started("x");
            _telemetry.Simulation.Players.Set(1);
            ServerWatch watch = Watch(chance, "--exit-when-empty", $"{Asked}");
            After(watch, 0);
            _telemetry.Simulation.Players.Set(0);
            long left = _now;
            while (_control.Drain == DrainState.Running && _now - left < 200 * Second)
            {
                After(watch, Second / 10);
            }

            Assert.That(_control.DrainReason, Is.EqualTo("empty"));
            ends.Add((_now - left) / (double)Second);
        }

        Assert.That((ends.Min(), ends.Max()), Is.EqualTo((100.5, 109.5)).Within(0.6));
        int[] tenths = [.. Enumerable.Range(0, 10).Select(t => ends.Count(e => (int)(e - Asked) == t))];
        Assert.That(tenths, Is.All.GreaterThan(Servers / 40), "about as many in each second");
    }

    [Test]
    public void Start_TakesLong_IsNoHangAndIsSaid()
    {
        ServerWatch watch = Watch();
        After(watch, 9 * Second);
        Assert.That(Lines("still_starting"), Is.Empty);
        After(watch, 2 * Second);
        Assert.That(Lines("still_starting"), Has.Length.EqualTo(1));
        Assert.That(Lines("simulation_hangs"), Is.Empty);
    }

    [Test]
    public void MaxMatches_OnlyThoseThatWerePlayed_Drain()
    {
        _control.Started("x");
        ServerWatch watch = Watch("--max-matches", "1");
        Tell(ServerEventKind.MatchStarted);
        Tell(ServerEventKind.MatchEnded);
        Tell(ServerEventKind.MatchStarted);
        After(watch, 0);
        Assert.That(Lines("match_started"), Has.Length.EqualTo(2));
        Assert.That(_control.Drain, Is.EqualTo(DrainState.Running), "nobody played it");
        _telemetry.Simulation.Players.Set(1);
        Tell(ServerEventKind.MatchEnded);
        After(watch, 0);
        Assert.That(_control.DrainReason, Is.EqualTo("max_matches"));
    }

    [Test]
    public void MatchEndedBecauseOfADrain_IsToldAfterIt()
    {
        _control.Started("x");
        _control.RequestDrain("signal");
        _telemetry.Events.TryAdd(new ServerEvent { Kind = ServerEventKind.MatchEnded, Name = "m-1" });
        After(Watch(), 0);
        string all = _lines.ToString();
        Assert.That(all.IndexOf("\"draining\"", StringComparison.Ordinal), Is.InRange(0, all.IndexOf("\"match_ended\"", StringComparison.Ordinal)));
    }

    [Test]
    public void Simulation_Hangs_IsLoggedOnce()
    {
        ServerWatch watch = Watch();
        _control.TickAdvanced(7, _now);
        After(watch, 2 * Second);
        Assert.That(Lines("simulation_hangs"), Is.Empty);
        After(watch, 1);
        After(watch, 100 * Second);
        Assert.That(Lines("simulation_hangs").Single(), Does.Contain("\"tick\":7").And.Contains("\"level\":\"fatal\""));
    }

    [TestCase(true)]
    [TestCase(false)]
    public void Drain_SimulationHangs_IsNotWaitedForLongerThanTheDeadline(bool hasEnded)
    {
        _control = NewControl(drainTimeoutSeconds: 0);
        ServerWatch watch = Watch();
        _control.TickAdvanced(7, _now - (2 * Second) - 1);
        if (hasEnded)
        {
            _control.Ended();
        }

        _control.RequestDrain("signal");
        After(watch, 3 * Second);
        Assert.That(_gaveUp, Is.False, "its grace");
        After(watch, 1);
        Assert.That(_gaveUp, Is.Not.EqualTo(hasEnded), "who has ended misses no tick");
    }

    [Test]
    public void Dispose_EventsWaiting_AreAllReported()
    {
        using (new OperationsThread(Watch(), _logger))
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

    private ServerControl NewControl(int drainTimeoutSeconds) => new(8, drainTimeoutSeconds, () => _now);

    private ServerWatch Watch(params string[] args) => Watch(new Random(1), args);

    private ServerWatch Watch(Random chance, params string[] args)
    {
        var options = (ServeOptions)CommandLine.Parse(args, new System.Collections.Hashtable(), TextWriter.Null, TextWriter.Null).Options!;
        return new ServerWatch(options, _telemetry, _control, _nobody, new EventReporter(_nobody, _control, _logger), _logger, () => _gaveUp = true, chance);
    }

    private void After(ServerWatch watch, long micros)
    {
        _now += micros;
        watch.Round();
    }

    private void Tell(ServerEventKind kind) => _telemetry.Events.TryAdd(new ServerEvent { Kind = kind, Name = "m", Count = 1 });

    private string[] Lines(string name) =>
        [.. _lines.ToString().Split('\n').Where(l => l.Contains($"\"event\":\"{name}\"", StringComparison.Ordinal))];

    private sealed class Bots(int count) : IOwnBots
    {
        public int Playing => count;

        public int Present => count;

        public bool? IsOwn(string name, int seat) => true;
    }
}
