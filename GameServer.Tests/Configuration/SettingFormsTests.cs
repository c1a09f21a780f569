using System.Collections;
using System.Text.Json;
using GameServer.Configuration;
using GameServer.Tests.Operations;

namespace GameServer.Tests.Configuration;

/// <summary>Every setting in every form it can be given in, and who wins.</summary>
public class SettingFormsTests
{
    private readonly Hashtable _environment = [];
    private string _folder = "";
    private StringWriter _output = new();
    private StringWriter _error = new();

    [SetUp]
    public void Prepare()
    {
        _environment.Clear();
        _folder = Directory.CreateTempSubdirectory("gameserver-").FullName;
    }

    [TearDown]
    public void Remove() => Directory.Delete(_folder, recursive: true);

    [TestCaseSource(nameof(Values))]
    public void Setting_EachForm_ArrivesAndTheHigherWins(string command, string name, string low, string high)
    {
        (low, high) = (Fill(low), Fill(high));
        Setting setting = Settings.Of(Enum.Parse<GameServer.Configuration.Commands>(command, ignoreCase: true)).Single(s => s.Name == name);
        string file = Path.Combine(_folder, "a.json");
        Write(file, name, low);
        Assert.That(Printed(setting, command, "--config", file), Is.EqualTo((low, file)), "--config FILE");
        _environment["GAMESERVER_CONFIG"] = file;
        Assert.That(Printed(setting, command), Is.EqualTo((low, file)), "GAMESERVER_CONFIG");
        Write(file, PascalCase(name), low, section: true);
        Assert.That(Printed(setting, command), Is.EqualTo((low, file)), "section GameServer, PascalCase");
        _environment[setting.EnvironmentName] = high;
        Assert.That(Printed(setting, command), Is.EqualTo((high, "environment " + setting.EnvironmentName)), "environment over file");
        if (!setting.Secret)
        {
            Assert.That(Printed(setting, command, $"--{name}", low), Is.EqualTo((low, "command line")), "command line over environment");
            Assert.That(Printed(setting, command, $"--{name}={low}"), Is.EqualTo((low, "command line")), "with an equals sign");
        }
    }

    [Test]
    public void Values_CoverEverySettingOfEveryCommand()
    {
        var covered = Values.Select(static v => (string)v[0] + " " + (string)v[1]).ToHashSet();
        foreach (Setting setting in Settings.All)
        {
            foreach (GameServer.Configuration.Commands command in Enum.GetValues<GameServer.Configuration.Commands>().Where(c => c != 0 && (setting.Commands & c) != 0))
            {
                Assert.That(covered, Does.Contain(command.ToString().ToLowerInvariant() + " " + setting.Name));
            }
        }
    }

    [Test]
    public void Parse_AppSettingsInTheWorkingDirectory_IsRead()
    {
        string before = Directory.GetCurrentDirectory();
        try
        {
            Directory.SetCurrentDirectory(_folder);
            File.WriteAllText("appsettings.json", """{ "tick-rate": 77 }""");
            Assert.That(Printed(Settings.TickRate, "serve").Text, Is.EqualTo("77"));
        }
        finally
        {
            Directory.SetCurrentDirectory(before);
        }
    }

    [Test]
    public void Parse_EverySettingWrong_TellsAllAtOnceWithTheConflicts()
    {
        var wrong = new Dictionary<string, string>
        {
            ["port"] = "-1", ["bind"] = "here", ["tick-rate"] = "0", ["max-rewind-ms"] = "x", ["max-rewind-rtt-ms"] = "x", ["seconds"] = "-1", ["seed"] = "x", ["cpu-affinity"] = "x", ["realtime"] = "x",
            ["network-threads"] = "0", ["socket-buffer-bytes"] = "1", ["budget"] = "1", ["portable-socket"] = "x", ["stats-json"] = "/nowhere/x", ["match-id"] = "a b", ["match-config"] = "{",
            ["drain-timeout"] = "x", ["drain-notice"] = "a\tb", ["exit-when-empty"] = "x", ["lifetime"] = "x", ["max-matches"] = "x", ["allocation-lifetime"] = "x",
            ["self-allocate"] = "x", ["reserve"] = "x", ["orchestrator-labels"] = "x", ["orchestrator-annotations"] = "x", ["orchestrator"] = "x", ["port-from-orchestrator"] = "x", ["http"] = "x", ["metrics-scope-labels"] = "x",
            ["admin-token-file"] = "/nowhere", ["log-format"] = "x", ["log-level"] = "x", ["status-seconds"] = "x", ["health-http"] = "x", ["metrics-open"] = "x", ["tls-client-ca"] = "/nowhere",
        };
        string[] args = ["serve", .. wrong.SelectMany(w => new[] { "--" + w.Key, w.Value }), "--bots", "9", "--max-players", "8", "--tls-key", "/dev/null"];
        Assert.That(Parse(args).ExitCode, Is.EqualTo(2));
        string[] lines = _error.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);
        foreach ((string name, string value) in wrong)
        {
            Assert.That(lines.Count(l => l.StartsWith($"error: --{name} \"{value}\" (command line)", StringComparison.Ordinal) && l.Contains("allowed: ", StringComparison.Ordinal)), Is.EqualTo(1), name);
        }

        Assert.That(_error.ToString(), Does.Not.Contain("--bots").And.Contains("--tls-key \"/dev/null\" (command line): allowed: only together with --tls-cert"));
        Assert.That(lines, Has.Length.EqualTo(wrong.Count + 1 + 1));
    }

    [TestCase("--admin-token", "sesame-sesame-sesame")]
    [TestCase("--admin-token=sesame-sesame-sesame")]
    [TestCase("--admin-token:sesame-sesame-sesame")]
    public void Parse_SecretAsAnArgument_IsRefusedAndNotRepeated(params string[] args)
    {
        Assert.That(Parse([.. args, "--tick-rate", "0"]).ExitCode, Is.EqualTo(2));
        Assert.That(_error.ToString(), Does.Contain("GAMESERVER_ADMIN_TOKEN").And.Contains("--tick-rate \"0\"").And.Not.Contain("sesame"));
        Assert.That(_error.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries), Has.Length.EqualTo(3));
    }

    [Test]
    public void Validate_UnknownVariable_IsAWarning()
    {
        _environment["GAMESERVER_TICKRAET"] = "60";
        Assert.That(Parse("--validate-config").ExitCode, Is.Zero);
        Assert.That(_error.ToString(), Does.StartWith("warning: environment GAMESERVER_TICKRAET"));
    }

    [Test]
    public void Validate_CertificateWithAnotherKey_NamesTheFiles()
    {
        using var authority = new TestAuthority(_folder);
        string certificate = authority.Issue("one"), other = authority.Issue("two");
        Assert.That(Parse("--validate-config", "--tls-cert", certificate, "--tls-key", Path.ChangeExtension(certificate, ".key")).ExitCode, Is.Zero, _error.ToString());
        Assert.That(Parse("--validate-config", "--tls-cert", certificate, "--tls-key", Path.ChangeExtension(other, ".key")).ExitCode, Is.EqualTo(2));
        Assert.That(_error.ToString(), Does.Contain(certificate).And.Contains("--tls-key"));
        string empty = Path.Combine(_folder, "empty.pem");
        File.WriteAllText(empty, "");
        Assert.That(Parse("--validate-config", "--tls-cert", certificate, "--tls-key", Path.ChangeExtension(certificate, ".key"), "--tls-client-ca", empty).ExitCode, Is.EqualTo(2));
    }

    // FILE and OTHER stand for files that can be read, PEM and PEM2 for a certificate with its key, OUT for one that can be written.
    private static readonly object[][] Values =
    [
        ["serve", "port", "1", "2"], ["serve", "bind", "127.0.0.1", "::1"], ["serve", "tick-rate", "30", "31"], ["serve", "max-players", "10", "11"], ["serve", "bots", "1", "2"],
        ["serve", "seats-per-address", "0", "3"], ["serve", "spectators", "on", "off"], ["serve", "spectator-delay", "0", "30"], ["serve", "session-timeout", "2", "300"],
        ["serve", "max-rewind-ms", "1", "2"], ["serve", "max-rewind-rtt-ms", "1", "2"], ["serve", "seconds", "1", "2"], ["serve", "seed", "1", "2"], ["serve", "cpu-affinity", "none", "0,1"], ["serve", "realtime", "true", "false"],
        ["serve", "network-threads", "2", "3"], ["serve", "socket-buffer-bytes", "65536", "65537"], ["serve", "budget", "300", "301"], ["serve", "portable-socket", "true", "false"],
        ["serve", "stats-json", "OUT", "OUT2"], ["serve", "match-id", "a", "b.1"], ["serve", "match-config", "{\"map\":\"yard\"}", "{\"map\":\"lake\"}"], ["serve", "drain-timeout", "0", "1"], ["serve", "drain-notice", "soon", "in {seconds} s"],
        ["serve", "exit-when-empty", "1", "2"], ["serve", "lifetime", "1", "2"], ["serve", "max-matches", "1", "2"], ["serve", "allocation-lifetime", "1", "2"],
        ["serve", "self-allocate", "true", "false"], ["serve", "reserve", "1", "2"], ["serve", "orchestrator-labels", "{\"a\":\"c\"}", "{\"a\":\"b\"}"],
        ["serve", "orchestrator-annotations", "{\"a\":\"c\"}", "{\"a\":\"b\"}"], ["serve", "orchestrator", "none", "agones"], ["serve", "port-from-orchestrator", "true", "false"],
        ["serve", "http", "none", "0.0.0.0:9100"], ["serve", "http-hosts", "a.example", "a.example,b.example"], ["serve", "metrics-scope-labels", "true", "false"],
        ["serve", "admin-token-file", "FILE", "OTHER"], ["serve", "admin-token", "***", "***"], ["serve", "tls-cert", "PEM", "PEM2"], ["serve", "tls-key", "KEY", "KEY"],
        ["serve", "tls-client-ca", "CA", "CA"], ["serve", "log-format", "json", "text"], ["serve", "log-level", "warn", "error"], ["serve", "status-seconds", "auto", "5"], ["serve", "health-http", "none", "127.0.0.1:9100"], ["serve", "metrics-open", "true", "false"],
        ["bots", "connect", "a:1", "b:2"], ["bots", "count", "1", "2"], ["bots", "seconds", "1", "2"], ["bots", "link", "loss=3", "delay=60,jitter=15"],
        ["bots", "fps", "60", "30,60,144"], ["bots", "seed", "3", "4"],
        ["bots", "portable-socket", "true", "false"], ["bots", "stats-json", "OUT", "OUT2"], ["watch", "connect", "a:1", "b:2"],
        ["doctor", "tick-rate", "30", "31"], ["doctor", "cpu-affinity", "none", "0"], ["doctor", "realtime", "true", "false"], ["doctor", "json", "true", "false"],
        ["health", "http", "none", "0.0.0.0:9100"], ["health", "health-http", "none", "0.0.0.0:9100"], ["health", "tls-cert", "PEM", "PEM2"],
    ];

    private string Fill(string value)
    {
        string path = Path.Combine(_folder, value);
        switch (value)
        {
            case "FILE" or "OTHER":
                File.WriteAllText(path, "sesame-sesame-sesame");
                return path;
            case "OUT" or "OUT2":
                return path;
            case "PEM" or "PEM2" or "KEY" or "CA":
                using (var authority = new TestAuthority(_folder))
                {
                    string certificate = authority.Issue(value);
                    string both = Path.Combine(_folder, value + "-both.pem");
                    File.WriteAllText(both, File.ReadAllText(certificate) + "\n" + File.ReadAllText(Path.ChangeExtension(certificate, ".key")));
                    // A key and an authority mean nothing without a certificate; that one's file holds its key.
                    _environment["GAMESERVER_TLS_CERT"] = value is "KEY" or "CA" ? both : null;
                    return both;
                }

            default:
                return value;
        }
    }

    private (string Text, string Source) Printed(Setting setting, string command, params string[] args)
    {
        ParsedCommand parsed = Parse([command, .. args, "--print-config"]);
        Assert.That(parsed.ExitCode, Is.Zero, _error.ToString());
        using JsonDocument document = JsonDocument.Parse(_output.ToString());
        JsonElement printed = document.RootElement.GetProperty("settings").GetProperty(setting.Name);
        Assert.That(_output.ToString(), Does.Not.Contain("sesame"));
        return (printed.GetProperty("value").GetString()!, printed.GetProperty("source").GetString()!);
    }

    private ParsedCommand Parse(params string[] args)
    {
        (_output, _error) = (new StringWriter(), new StringWriter());
        var environment = new Hashtable(_environment);
        foreach (string name in environment.Keys.Cast<string>().Where(k => environment[k] is null or "***").ToArray())
        {
            environment[name] = environment[name] is null ? "" : "sesame-sesame-sesame";
        }

        return CommandLine.Parse(args, environment, _output, _error);
    }

    private static void Write(string file, string name, string value, bool section = false)
    {
        string text = value == "***" ? "sesame-sesame-sesame" : value;
        // Numbers, truth values and objects may stand as what they are.
        string json = text.StartsWith('{') || text is "true" or "false" || int.TryParse(text, out _) ? text : JsonSerializer.Serialize(text);
        string entry = $"{{ \"{name}\": {json} }}";
        File.WriteAllText(file, section ? $"{{ \"GameServer\": {entry} }}" : entry);
    }

    private static string PascalCase(string name) => string.Concat(name.Split('-').Select(static w => char.ToUpperInvariant(w[0]) + w[1..]));
}
