using GameServer.Configuration;
using GameServer.Operations;
using GameServer.Operations.Logging;
using GameServer.Operations.Orchestrators;

namespace GameServer.Tests.Operations;

[Category("Socket")]
[Platform("Linux")]
public class SystemdTests
{
    private ServerControl _control = null!;
    private readonly LogOutput _log = new(TextWriter.Null, json: true, LogThreshold.Info, ServerControl.NowMicros);

    [SetUp]
    public void NewControl() => _control = new ServerControl(8, 25);

    [TestCase(false)]
    [TestCase(true)]
    public async Task Life_FileOrAbstractSocket_SaysReadyPlayersAndStopping(bool isAbstract)
    {
        using var inbox = new NotifyInbox(isAbstract);
        using var systemd = new SystemdNotifier(inbox.Name, null, null, _control, _log.CreateLogger("GameServer"));
        systemd.Started();
        _control.Started("0.0.0.0:9050");
        systemd.Ready();
        systemd.PlayerJoined(4);
        _control.RequestDrain("lifetime");
        systemd.Draining(25);
        systemd.PlayerLeft(4);
        await systemd.Shutdown();
        await AgonesTests.Eventually(() => inbox.Messages.Count == 6);
        string[] messages = [.. inbox.Messages];
        Assert.That(messages[0], Is.EqualTo("STATUS=starting"));
        Assert.That(messages.Count(static m => m.Contains("READY=1", StringComparison.Ordinal)), Is.EqualTo(1));
        Assert.That(messages[1], Is.EqualTo("READY=1\nSTATUS=ready on 0.0.0.0:9050, 0 players"));
        Assert.That(messages[2], Is.EqualTo("STATUS=ready on 0.0.0.0:9050, 1 players"));
        Assert.That(messages[3], Is.EqualTo("STOPPING=1\nEXTEND_TIMEOUT_USEC=30000000\nSTATUS=draining (lifetime), 1 players"));
        Assert.That(messages[4], Is.EqualTo("STATUS=draining (lifetime), 0 players"), "not ready again");
        Assert.That(messages[5], Does.StartWith("STOPPING=1\n"));
    }

    [Test]
    public async Task Watchdog_SimulationHangs_IsNotFed()
    {
        using var inbox = new NotifyInbox(isAbstract: true);
        using var systemd = new SystemdNotifier(inbox.Name, "200000", Environment.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture), _control, _log.CreateLogger("GameServer"));
        systemd.Started();
        _control.TickAdvanced(1, ServerControl.NowMicros());
        await AgonesTests.Eventually(() => inbox.Messages.Contains("WATCHDOG=1"));
        await Task.Delay(300); // no tick any more
        int fed = inbox.Messages.Count;
        await Task.Delay(300);
        Assert.That(inbox.Messages, Has.Count.EqualTo(fed));
        _control.TickAdvanced(2, ServerControl.NowMicros());
        await AgonesTests.Eventually(() => inbox.Messages.Count > fed);
        await systemd.Shutdown();
    }

    [Test]
    public async Task Watchdog_OfAnotherProcess_IsNotFed()
    {
        using var inbox = new NotifyInbox(isAbstract: true);
        using var systemd = new SystemdNotifier(inbox.Name, "20000", "1", _control, _log.CreateLogger("GameServer"));
        systemd.Started();
        await Task.Delay(100);
        Assert.That(inbox.Messages, Has.Count.EqualTo(1));
        await systemd.Shutdown();
    }

    [Test]
    public async Task Socket_Gone_IsLoggedOnceAndHarmless()
    {
        var lines = new StringWriter();
        using var log = new LogOutput(lines, json: true, LogThreshold.Info, ServerControl.NowMicros);
        using var systemd = new SystemdNotifier("/nowhere/notify", null, null, _control, log.CreateLogger("GameServer"));
        systemd.Started();
        systemd.Ready();
        await systemd.Shutdown();
        Assert.That(lines.ToString().Split('\n').Count(l => l.Contains("orchestrator_down", StringComparison.Ordinal)), Is.EqualTo(1));
    }

    [TestCase("AGONES_SDK_HTTP_PORT", "9358", OrchestratorKind.Agones)]
    [TestCase("NOTIFY_SOCKET", "/run/x", OrchestratorKind.Systemd)]
    [TestCase("GSDK_CONFIG_FILE", "/x", OrchestratorKind.Gsdk)]
    [TestCase("OTHER", "x", OrchestratorKind.None)]
    public void Find_Environment_TellsTheOrchestrator(string name, string value, OrchestratorKind expected) =>
        Assert.That(Orchestrator.Find(new System.Collections.Hashtable { [name] = value }), Is.EqualTo(expected));

    [TestCase(OrchestratorKind.Systemd, "NOTIFY_SOCKET", "relative")]
    [TestCase(OrchestratorKind.Systemd, "NOTIFY_SOCKET", "vsock:2:1234")]
    [TestCase(OrchestratorKind.Systemd, "NOTIFY_SOCKET", "@")]
    [TestCase(OrchestratorKind.Systemd, "NOTIFY_SOCKET", "/longer/than/any/address/of/a/unix/socket/may/be/longer/than/any/address/of/a/unix/socket/may/be/longer/than/any")]
    [TestCase(OrchestratorKind.Agones, "AGONES_SDK_HTTP_PORT", "0")]
    [TestCase(OrchestratorKind.Gsdk, "GSDK_CONFIG_FILE", "/nowhere")]
    public void Create_EnvironmentIsWrong_IsABadArgument(OrchestratorKind kind, string name, string value)
    {
        var failure = Assert.Throws<StartFailedException>(() => Orchestrator.Create(OptionsOf(kind), new System.Collections.Hashtable { [name] = value }, _control, _log.CreateLogger("x")));
        Assert.That(failure!.ProcessExitCode, Is.EqualTo(ExitCode.BadArguments));
        // Nobody asked for it by name: the environment alone is no reason not to serve.
        using IOrchestrator found = Orchestrator.Create(OptionsOf(OrchestratorKind.Auto), new System.Collections.Hashtable { [name] = value }, _control, _log.CreateLogger("x"));
        Assert.That(found.Name, Is.EqualTo("none"));
    }

    private static ServeOptions OptionsOf(OrchestratorKind kind) =>
        (ServeOptions)CommandLine.Parse(["--orchestrator", kind.ToString().ToLowerInvariant()], new System.Collections.Hashtable(), TextWriter.Null, TextWriter.Null).Options!;
}
