using System.Collections;
using System.Net;
using System.Text.Json;
using GameServer.Configuration;
using GameServer.Hosting;
using GameServer.Netcode.Transport;

namespace GameServer.Tests.Configuration;

public class CommandLineTests
{
    private readonly Hashtable _environment = [];
    private string _folder = "";
    private StringWriter _output = new();
    private StringWriter _error = new();

    [SetUp]
    public void Clear()
    {
        _environment.Clear();
        (_output, _error) = (new StringWriter(), new StringWriter());
        _folder = Directory.CreateTempSubdirectory("gameserver-").FullName;
    }

    [TearDown]
    public void Remove() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void Parse_NoArguments_IsServeWithTheDefaults()
    {
        var options = (ServeOptions)Parse().Options!;
        Assert.That(options.Port, Is.EqualTo(9050));
        Assert.That(options.Bind, Is.EqualTo(IPAddress.Any));
        Assert.That(options.TickRate, Is.EqualTo(60));
        Assert.That(options.MaxPlayers, Is.EqualTo(64));
        Assert.That(options.Bots, Is.EqualTo(8));
        Assert.That((options.MaxRewindMillis, options.MaxRewindRoundTripMillis), Is.EqualTo((500, 250)));
        Assert.That(options.BudgetBytes, Is.EqualTo(1200));
        Assert.That(options.SessionTimeoutSeconds, Is.EqualTo(5));
        Assert.That(options.Http, Is.EqualTo(new IPEndPoint(IPAddress.Loopback, 9051)));
        Assert.That(options.DrainTimeoutSeconds, Is.EqualTo(25));
        Assert.That(options.CpuAffinity.IsAuto, Is.True);
        Assert.That(options.MatchConfig, Is.Empty);
    }

    [Test]
    public void Parse_EveryLayer_TheHigherWins()
    {
        string file = Write("a.json", """{ "port": 1001, "TickRate": 31, "GameServer": { "max_players": 11 }, "Logging": { "LogLevel": { "Default": "Debug" } } }""");
        _environment["GAMESERVER_PORT"] = "1002";
        _environment["GAMESERVER_BOTS"] = "3";
        var options = (ServeOptions)Parse("--config", file, "serve", "--port", "1003").Options!;
        Assert.That((options.Port, options.TickRate, options.MaxPlayers, options.Bots), Is.EqualTo((1003, 31, 11, 3)));
        Assert.That(((ServeOptions)Parse("--config", file).Options!).Port, Is.EqualTo(1002), "environment over file");
        _environment["GAMESERVER_CONFIG"] = file;
        _environment.Remove("GAMESERVER_PORT");
        Assert.That(((ServeOptions)Parse().Options!).Port, Is.EqualTo(1001), "file over default");
    }

    [TestCaseSource(nameof(WrongValues))]
    public void Parse_WrongValue_NamesOptionValueAndWhatIsAllowed(string command, string name, string value)
    {
        ParsedCommand parsed = Parse(command, "--" + name, value);
        Assert.That(parsed.Options, Is.Null);
        Assert.That(parsed.ExitCode, Is.EqualTo(2));
        string[] lines = _error.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.That(lines, Has.Length.EqualTo(2));
        Assert.That(lines[0], Does.StartWith($"error: --{name} \"{value}\" (command line)").And.Contains("allowed: "));
    }

    [TestCaseSource(nameof(WrongValues))]
    public void Parse_WrongValueInTheEnvironment_NamesTheVariable(string command, string name, string value)
    {
        Setting setting = Settings.All.First(s => s.Name == name);
        _environment[setting.EnvironmentName] = value;
        Assert.That(Parse(command).ExitCode, Is.EqualTo(2));
        Assert.That(_error.ToString(), Does.Contain($"--{name} \"{value}\" (environment {setting.EnvironmentName})"));
    }

    [Test]
    public void WrongValues_CoverEverySetting()
    {
        // Any text is a list of host names; the secret has no command-line form and a test of its own.
        string[] tested = [.. WrongValues.Select(w => (string)w[1]), "http-hosts", "admin-token"];
        Assert.That(tested.Distinct(), Is.EquivalentTo(Settings.All.Select(s => s.Name).Distinct()));
    }

    [Test]
    public void Parse_SeveralErrors_TellsAllAtOnce()
    {
        string file = Write("a.json", """{ "prot": 1, "budget": 1 }""");
        _environment["GAMESERVER_BOTS"] = "many";
        Assert.That(Parse("--config", file, "--tick-rate", "0", "--nonsense").ExitCode, Is.EqualTo(2));
        string text = _error.ToString();
        Assert.That(text, Does.Contain("--nonsense").And.Contains("\"prot\"").And.Contains("--budget \"1\"").And.Contains("--bots \"many\"").And.Contains("--tick-rate \"0\""));
    }

    [TestCase("--nonsense")]
    [TestCase("nonsense")]
    [TestCase("--port")]
    [TestCase("--port", "1", "--port", "2")]
    [TestCase("bots", "--bind", "::")]
    [TestCase("--tls-key", "/dev/null")]
    [TestCase("--config", "/nowhere.json")]
    [TestCase("--admin-token", "0123456789abcdef")]
    [TestCase("--admin-token-file", "/dev/null")]
    public void Parse_WrongArguments_ExitsWithTwo(params string[] args)
    {
        ParsedCommand parsed = Parse(args);
        Assert.That((parsed.ExitCode, parsed.Options), Is.EqualTo((2, (CommandOptions?)null)));
        Assert.That(_error.ToString(), Does.StartWith("error: "));
    }

    [TestCase("{")]
    [TestCase("[1]")]
    [TestCase("{ \"port\": [1, 2] }")]
    public void Parse_BrokenFile_NamesIt(string content)
    {
        string file = Write("a.json", content);
        Assert.That(Parse("--config", file).ExitCode, Is.EqualTo(2));
        Assert.That(_error.ToString(), Does.Contain(file));
    }

    [Test]
    public void Parse_PrintConfig_ShowsSourcesAndHidesSecrets()
    {
        _environment["GAMESERVER_ADMIN_TOKEN"] = "sesame-sesame-sesame";
        ParsedCommand parsed = Parse("--port", "7", "--print-config");
        Assert.That((parsed.ExitCode, parsed.Options), Is.EqualTo((0, (CommandOptions?)null)));
        using JsonDocument document = JsonDocument.Parse(_output.ToString());
        JsonElement settings = document.RootElement.GetProperty("settings");
        Assert.That(settings.GetProperty("port").GetProperty("value").GetString(), Is.EqualTo("7"));
        Assert.That(settings.GetProperty("port").GetProperty("source").GetString(), Is.EqualTo("command line"));
        Assert.That(settings.GetProperty("bots").GetProperty("source").GetString(), Is.EqualTo("default"));
        Assert.That(settings.GetProperty("admin-token").GetProperty("value").GetString(), Is.EqualTo("***"));
        Assert.That(_output.ToString(), Does.Not.Contain("sesame"));
    }

    [Test]
    public void Parse_WrongSecret_IsNotShown()
    {
        _environment["GAMESERVER_ADMIN_TOKEN"] = "short";
        Assert.That(Parse().ExitCode, Is.EqualTo(2));
        Assert.That(_error.ToString(), Does.Contain("GAMESERVER_ADMIN_TOKEN").And.Not.Contain("short"));
    }

    [Test]
    public void Parse_ValidateConfig_SaysSo()
    {
        Assert.That(Parse("serve", "--validate-config").ExitCode, Is.Zero);
        Assert.That(_output.ToString(), Does.Contain("valid"));
        Assert.That(Parse("serve", "--validate-config", "--port", "x").ExitCode, Is.EqualTo(2));
        MatchParameter[] known = [MatchParameter.Whole("round-seconds", 10, 3600)];
        foreach ((string config, int code) in new[] { ("{\"round-seconds\":\"10\"}", 0), ("{\"round-seconds\":\"9\"}", 2), ("{\"map\":\"moon\"}", 2) })
        {
            string[] args = ["serve", "--validate-config", "--match-config", config];
            Assert.That(CommandLine.Parse(args, new Hashtable(), TextWriter.Null, TextWriter.Null, known).ExitCode, Is.EqualTo(code), config);
        }
    }

    [TestCase("--help")]
    [TestCase("bots", "--help")]
    [TestCase("--version")]
    public void Parse_HelpOrVersion_PrintsAndEndsCleanly(params string[] args)
    {
        ParsedCommand parsed = Parse(args);
        Assert.That((parsed.ExitCode, parsed.Options), Is.EqualTo((0, (CommandOptions?)null)));
        Assert.That(_output.ToString(), Is.Not.Empty);
        Assert.That(_error.ToString(), Is.Empty);
    }

    [Test]
    public void Help_Serve_ExplainsEverySettingWithItsDefault()
    {
        Parse("serve", "--help");
        string help = string.Join(' ', _output.ToString().Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
        foreach (Setting setting in Settings.Of(GameServer.Configuration.Commands.Serve).Where(s => !s.Secret))
        {
            Assert.That(help, Does.Contain("--" + setting.Name + " "));
            Assert.That(help, Does.Contain($"[env {setting.EnvironmentName}]"));
        }
    }

    [Test]
    public void Parse_EnvironmentOfAKubernetesService_IsIgnoredWithAWarning()
    {
        _environment["GAMESERVER_PORT"] = "tcp://10.0.0.1:80";
        _environment["GAMESERVER_SERVICE_HOST"] = "10.0.0.1";
        ParsedCommand parsed = Parse();
        Assert.That(((ServeOptions)parsed.Options!).Port, Is.EqualTo(9050));
        Assert.That(parsed.Warnings, Has.Count.EqualTo(2));
        Assert.That(parsed.Warnings, Has.None.Contains("is not a setting"));
        Assert.That(parsed.Warnings.Single(w => w.Contains("GAMESERVER_PORT ", StringComparison.Ordinal)), Does.Contain("Kubernetes Service").And.Contains("--port").And.Contains("tcp://10.0.0.1:80"));
    }

    [Test]
    public void Parse_SettingWhoseNameBeginsLikeAServiceLink_IsASetting()
    {
        _environment["GAMESERVER_PORT_FROM_ORCHESTRATOR"] = "true";
        _environment["GAMESERVER_PORT_9051_TCP_PROTO"] = "tcp";
        ParsedCommand parsed = Parse();
        Assert.That(((ServeOptions)parsed.Options!).PortFromOrchestrator, Is.True);
        Assert.That(parsed.Warnings.Single(), Does.Contain("GAMESERVER_PORT_9051_TCP_PROTO").And.Contains("Kubernetes"));
    }

    [TestCase("Did you mean --tick-rate?", "--tick-rat", "30")]
    [TestCase("Did you mean --max-players?", "--maxplayers", "3")]
    [TestCase("Did you mean --match-config?", "serve", "--match-confgi={}")]
    [TestCase("Did you mean watch?", "wathc")]
    [TestCase("Did you mean --print-config?", "--print-confg")]
    [TestCase("Did you mean --connect?", "bots", "--conect", "a:1")]
    [TestCase("Did you mean jitter?", "bots", "--link", "jiter=3")]
    public void Parse_UnknownName_IsAnsweredByTheNearest(string hint, params string[] args)
    {
        Assert.That(Parse(args).ExitCode, Is.EqualTo(2));
        Assert.That(_error.ToString(), Does.Contain(hint));
    }

    [Test]
    public void Parse_UnknownNameInFileOrEnvironment_IsAnsweredByTheNearest()
    {
        _environment["GAMESERVER_TICKRAET"] = "60";
        Assert.That(Parse().Warnings.Single(), Does.EndWith("Did you mean GAMESERVER_TICK_RATE?"));
        Assert.That(Parse("--config", Write("a.json", """{ "prot": 1 }""")).ExitCode, Is.EqualTo(2));
        Assert.That(_error.ToString(), Does.Contain("Did you mean port?"));
        Assert.That(Parse("--zzzzzzzzzzzz").ExitCode, Is.EqualTo(2));
        Assert.That(_error.ToString(), Does.Not.Contain("Did you mean"));
    }

    [Test]
    public void Parse_StatsFileInAFolderThatTakesNone_IsRefusedBeforeTheRun()
    {
        Assert.That(Parse("--validate-config", "--stats-json", "/proc/figures.json").ExitCode, Is.EqualTo(2));
        Assert.That(_error.ToString(), Does.StartWith("error: --stats-json \"/proc/figures.json\" (command line): allowed: a file that can be written; "));
        Assert.That(Parse("--validate-config", "--stats-json", Path.Combine(_folder, "a.json")).ExitCode, Is.Zero);
        Assert.That(Directory.GetFiles(_folder), Is.Empty, "the trial leaves nothing behind");
    }

    [TestCase("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4317", "an http or https URL")]
    [TestCase("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "/v1/traces", "an http or https URL")]
    [TestCase("OTEL_EXPORTER_OTLP_PROTOCOL", "http/json", "grpc or http/protobuf")]
    [TestCase("OTEL_METRIC_EXPORT_INTERVAL", "10s", "a whole number above 0")]
    [TestCase("OTEL_SDK_DISABLED", "yes", "true or false")]
    [TestCase("OTEL_METRICS_EXPORTER", "prometheus", "otlp or none")]
    [TestCase("OTEL_RESOURCE_ATTRIBUTES", "region", "key=value")]
    [TestCase("OTEL_TRACES_SAMPLER", "half", "always_on")]
    [TestCase("OTEL_EXPORTER_OTLP_ENDPIONT", "http://a:1", "Did you mean OTEL_EXPORTER_OTLP_ENDPOINT?")]
    public void Parse_BrokenTelemetrySetting_IsAWarningThatNamesIt(string name, string value, string said)
    {
        _environment[name] = value;
        string warning = Parse().Warnings.Single();
        Assert.That(warning, Does.Contain($"environment {name} ").And.Contains(said));
        Assert.That(Parse("--validate-config").ExitCode, Is.Zero);
        Assert.That(_error.ToString(), Does.StartWith("warning: environment " + name));
    }

    [Test]
    public void Parse_BrokenTelemetryHeaders_AreNotRepeated()
    {
        _environment["OTEL_EXPORTER_OTLP_HEADERS"] = "sesame";
        Assert.That(Parse().Warnings.Single(), Does.Contain("OTEL_EXPORTER_OTLP_HEADERS").And.Not.Contain("sesame"));
    }

    [Test]
    public void Parse_MatchConfig_TakesTextFileAndObject()
    {
        Assert.That(MatchConfig("--match-config", """{"map":"garden","rounds":3}"""), Is.EqualTo(new Dictionary<string, string> { ["map"] = "garden", ["rounds"] = "3" }));
        Assert.That(MatchConfig("--match-config", "@" + Write("m.json", """{"map":"yard"}""")), Is.EqualTo(new Dictionary<string, string> { ["map"] = "yard" }));
        Assert.That(MatchConfig("--config", Write("c.json", """{"match-config":{"map":"lake"}}""")), Is.EqualTo(new Dictionary<string, string> { ["map"] = "lake" }));
    }

    [TestCase("none", null)]
    [TestCase("9100", "127.0.0.1:9100")]
    [TestCase("localhost:9100", "127.0.0.1:9100")]
    [TestCase("0.0.0.0:1", "0.0.0.0:1")]
    [TestCase("[::1]:9100", "[::1]:9100")]
    public void Parse_Http_TakesAddressPortOrNone(string value, string? expected) =>
        Assert.That(((ServeOptions)Parse("--http", value).Options!).Http?.ToString(), Is.EqualTo(expected));

    [Test]
    public void Parse_Bots_ReadsLinkAndAddress()
    {
        var options = (BotsOptions)Parse("bots", "--connect", "[::1]:9", "--link", "delay=60,jitter=15.5,loss=3,burst=4,dup=1", "--portable-socket", "--seed", "9").Options!;
        Assert.That(options.Connect, Is.EqualTo(new ServerAddress("::1", 9)));
        Assert.That(options.Link, Is.EqualTo(new LinkModel { DelayMicros = 60_000, JitterMicros = 15_500, LossPercent = 3, BurstPackets = 4, DuplicatePercent = 1 }));
        Assert.That((options.PortableSocket, options.Seed, options.Count), Is.EqualTo((true, 9UL, 32)));
        Assert.That(((BotsOptions)Parse("bots", "--portable-socket", "false").Options!).PortableSocket, Is.False);
    }

    [Test]
    public void Parse_CpuAffinity_TakesLists() =>
        Assert.That(((ServeOptions)Parse("--cpu-affinity", "3,5-7").Options!).CpuAffinity.Cores, Is.EqualTo(new[] { 3, 5, 6, 7 }));

    private static readonly object[][] WrongValues =
    [
        ["serve", "port", "65536"], ["serve", "bind", "localhost"], ["serve", "tick-rate", "0"], ["serve", "max-players", "257"], ["serve", "bots", "-1"],
        ["serve", "seats-per-address", "-1"], ["serve", "spectators", "maybe"], ["serve", "spectator-delay", "61"], ["serve", "session-timeout", "1"], ["serve", "session-timeout", "301"],
        ["serve", "max-rewind-ms", "1e3"], ["serve", "max-rewind-rtt-ms", "1001"], ["serve", "seconds", "1.5"], ["serve", "seed", "-1"], ["serve", "cpu-affinity", "2,2"], ["serve", "network-threads", "0"],
        ["serve", "socket-buffer-bytes", "4k"], ["serve", "budget", "127"], ["serve", "http", "127.0.0.1"], ["serve", "admin-token-file", "/nowhere/token"],
        ["serve", "tls-cert", "/nowhere/cert"], ["serve", "tls-key", "/nowhere/key"], ["serve", "tls-client-ca", "/nowhere/ca"], ["serve", "log-format", "xml"],
        ["serve", "log-level", "2"], ["serve", "status-seconds", "-1"], ["serve", "health-http", "nowhere"], ["serve", "metrics-open", "maybe"], ["serve", "drain-timeout", "-1"], ["serve", "drain-notice", "a\tb"], ["serve", "exit-when-empty", "soon"], ["serve", "lifetime", "0x10"], ["serve", "match-id", "a b"],
        ["serve", "match-config", "[]"], ["serve", "max-matches", "-1"], ["doctor", "json", "1"], ["serve", "allocation-lifetime", "-1"], ["serve", "self-allocate", "1"], ["serve", "reserve", "86401"],
        ["serve", "orchestrator-labels", """{"a b":"c"}"""], ["serve", "orchestrator-annotations", """{"a/b":"c"}"""], ["serve", "orchestrator", "k8s"], ["serve", "realtime", "on"], ["serve", "portable-socket", "yes"], ["serve", "port-from-orchestrator", "no"], ["serve", "metrics-scope-labels", "1"], ["serve", "stats-json", "/nowhere/at/all.json"],
        ["bots", "connect", "127.0.0.1"], ["bots", "connect", "a:0"], ["bots", "count", "0"], ["bots", "fps", "9"], ["bots", "fps", "241"], ["bots", "fps", "30,"],
        ["bots", "link", "delay=60,foo=1"], ["bots", "link", "loss=NaN"], ["bots", "link", "burst=0.5"], ["bots", "link", "jitter=1001"], ["watch", "connect", ":9050"],
    ];

    private IReadOnlyDictionary<string, string> MatchConfig(params string[] args) => ((ServeOptions)Parse(args).Options!).MatchConfig;

    private string Write(string name, string content)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllText(path, content);
        return path;
    }

    private ParsedCommand Parse(params string[] args)
    {
        _error = new StringWriter();
        return CommandLine.Parse(args, _environment, _output, _error);
    }
}
