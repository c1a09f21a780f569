using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using GameServer.Configuration;
using GameServer.Operations.Telemetry;
using YamlDotNet.RepresentationModel;

namespace GameServer.Tests.Operations;

/// <summary>What stands in deploy/ is read by other programs; here it is read first.</summary>
public class DeployTests
{
    private static readonly string Folder = Path.Combine(Root(), "deploy");

    [TestCase("grafana/gameserver.json")]
    [TestCase("prometheus/rules.yaml")]
    public void MetricNames_OfDashboardAndRules_AreExported(string file)
    {
        string text = File.ReadAllText(Path.Combine(Folder, file));
        string page = PrometheusTests.ScrapeServer(ExpositionFormat.Text, out _);
        HashSet<string> families = [.. Regex.Matches(page, "^# TYPE ([^ ]+) ([a-z]+)$", RegexOptions.Multiline).SelectMany(m =>
            m.Groups[2].Value == "histogram" ? [m.Groups[1].Value + "_bucket", m.Groups[1].Value + "_sum", m.Groups[1].Value + "_count"] : new[] { m.Groups[1].Value })];
        HashSet<string> labels = [.. Regex.Matches(page, "[{,]([a-z_]+)=\"").Select(m => m.Groups[1].Value), "gameserver_correction_kind", "gameserver_rewind_result"];
        string[] used = [.. Regex.Matches(text, @"\b(gameserver|dotnet|network)_[a-z0-9_]+\b").Select(m => m.Value).Distinct()];
        Assert.That(used, Has.Length.GreaterThan(5));
        Assert.That(used.Except(families).Except(labels), Is.Empty);
    }

    [Test]
    public void Dashboard_Classic_HasADatasourceVariableAndNoFixedSource()
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(Path.Combine(Folder, "grafana/gameserver.json")));
        JsonElement root = document.RootElement;
        Assert.That(root.GetProperty("id").ValueKind, Is.EqualTo(JsonValueKind.Null));
        Assert.That(root.GetProperty("graphTooltip").GetInt32(), Is.EqualTo(1));
        Assert.That(root.GetProperty("templating").GetProperty("list")[0].GetProperty("type").GetString(), Is.EqualTo("datasource"));
        int[] ids = [.. root.GetProperty("panels").EnumerateArray().Select(p => p.GetProperty("id").GetInt32())];
        Assert.That(ids, Is.Unique);
        foreach (Match uid in Regex.Matches(root.GetRawText(), "\"datasource\":\\s*\\{[^}]*\"uid\":\\s*\"([^\"]*)\""))
        {
            Assert.That(uid.Groups[1].Value, Is.EqualTo("${datasource}"));
        }
    }

    [Test]
    public void Fleet_Yaml_FitsTheServer()
    {
        YamlNode spec = Yaml("agones/fleet.yaml")["spec"]["template"]["spec"];
        YamlNode pod = spec["template"]["spec"], container = pod["containers"][0];
        Assert.That(Text(Yaml("agones/fleet.yaml")["apiVersion"]), Is.EqualTo("agones.dev/v1"));
        Assert.That(Text(spec["ports"][0]["containerPort"]), Is.EqualTo(Settings.Port.Default));
        Assert.That(Text(spec["container"]), Is.EqualTo(Text(container["name"])));
        Assert.That(spec["counters"]["rooms"], Is.Not.Null);
        Assert.That(int.Parse(Text(spec["lists"]["players"]["capacity"]), System.Globalization.CultureInfo.InvariantCulture), Is.InRange(1, 1000));
        string[] args = [.. ((YamlSequenceNode)container["args"]).Select(Text)];
        var options = (ServeOptions)CommandLine.Parse(args, new System.Collections.Hashtable(), TextWriter.Null, TextWriter.Null).Options!;
        Assert.That(int.Parse(Text(pod["terminationGracePeriodSeconds"]), System.Globalization.CultureInfo.InvariantCulture), Is.GreaterThan(options.DrainTimeoutSeconds + 5));
    }

    [TestCase("agones/autoscaler.yaml", "autoscaling.agones.dev/v1", "FleetAutoscaler")]
    [TestCase("agones/allocation.yaml", "allocation.agones.dev/v1", "GameServerAllocation")]
    public void Agones_Yaml_IsOfItsKindAndNamesTheFleet(string file, string version, string kind)
    {
        YamlNode root = Yaml(file);
        Assert.That((Text(root["apiVersion"]), Text(root["kind"])), Is.EqualTo((version, kind)));
        string fleet = Text(Yaml("agones/fleet.yaml")["metadata"]["name"]);
        Assert.That(File.ReadAllText(Path.Combine(Folder, file)), Does.Match($@"(fleetName|agones\.dev/fleet): {fleet}\n"));
    }

    [Test]
    public void Prometheus_Yaml_CoversWhatMustBeAlerted()
    {
        string[] alerts = [.. ((YamlSequenceNode)Yaml("prometheus/rules.yaml")["groups"][0]["rules"]).OfType<YamlMappingNode>().Where(r => r.Children.ContainsKey("alert")).Select(r => Text(r["alert"]))];
        Assert.That(alerts, Is.SupersetOf(new[] { "GameServerTickOverBudget", "GameServerInputsStarved", "GameServerDrops", "GameServerNotReady" }));
        Assert.That(Text(Yaml("prometheus/scrape.yaml")["scrape_configs"][0]["static_configs"][0]["targets"][0]), Is.EqualTo(Settings.Http.Default));
    }

    [Test]
    public void Unit_CommandLine_IsUnderstood()
    {
        string exec = File.ReadLines(Path.Combine(Folder, "systemd/gameserver.service")).Single(l => l.StartsWith("ExecStart=", StringComparison.Ordinal));
        string[] args = [.. exec.Split(' ').Skip(1).Where(a => a != "--config" && !a.EndsWith(".json", StringComparison.Ordinal))];
        using var error = new StringWriter();
        Assert.That(CommandLine.Parse(args, new System.Collections.Hashtable(), TextWriter.Null, error).Options, Is.InstanceOf<ServeOptions>(), error.ToString());
    }

    [Test]
    public void Unit_VerifiedBySystemd_IsAccepted()
    {
        if (!File.Exists("/usr/bin/systemd-analyze"))
        {
            Assert.Ignore("systemd-analyze is not installed");
        }

        string folder = Directory.CreateTempSubdirectory("gameserver-").FullName;
        string unit = Path.Combine(folder, "gameserver.service");
        // The program of the unit is not installed here.
        File.WriteAllText(unit, File.ReadAllText(Path.Combine(Folder, "systemd/gameserver.service"))
            .Replace("/opt/gameserver/GameServer", "/bin/true", StringComparison.Ordinal)
            .Replace("WorkingDirectory=/opt/gameserver", "", StringComparison.Ordinal));
        using Process verify = Process.Start(new ProcessStartInfo("/usr/bin/systemd-analyze", ["verify", "--man=no", unit]) { RedirectStandardError = true })!;
        string said = verify.StandardError.ReadToEnd();
        verify.WaitForExit();
        Directory.Delete(folder, recursive: true);
        Assert.That((verify.ExitCode, said), Is.EqualTo((0, "")));
    }

    [Test]
    public void Dockerfile_Stages_EndAsNonRootWithAnExecFormEntry()
    {
        string[] lines = File.ReadAllLines(Path.Combine(Folder, "Dockerfile"));
        Assert.That(lines.Count(l => l.StartsWith("FROM ", StringComparison.Ordinal)), Is.EqualTo(2));
        Assert.That(lines, Does.Contain("STOPSIGNAL SIGTERM").And.Contains("USER $APP_UID"));
        Assert.That(lines.Where(l => l.StartsWith("ENTRYPOINT", StringComparison.Ordinal) || l.StartsWith("RUN", StringComparison.Ordinal)).All(l => Regex.IsMatch(l, @"^[A-Z]+ \[""")), Is.True);
    }

    private static YamlNode Yaml(string file)
    {
        using var reader = new StreamReader(Path.Combine(Folder, file));
        var stream = new YamlStream();
        stream.Load(reader);
        return stream.Documents.Single().RootNode;
    }

    private static string Text(YamlNode node) => ((YamlScalarNode)node).Value!;

    internal static string Root()
    {
        string folder = TestContext.CurrentContext.TestDirectory;
        while (!File.Exists(Path.Combine(folder, "GameServer.sln")))
        {
            folder = Path.GetDirectoryName(folder)!;
        }

        return folder;
    }
}
