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

    [TestCase("agones/fleet.yaml")]
    [TestCase("kubernetes/deployment.yaml")]
    public void Token_OfAPod_IsRequired(string file)
    {
        YamlNode[] variables = [.. Yaml(file).AllNodes.OfType<YamlMappingNode>()
            .Where(static n => n.Children.TryGetValue("name", out YamlNode? name) && name.ToString() == "GAMESERVER_ADMIN_TOKEN")];
        var secret = (YamlMappingNode)variables.Single()["valueFrom"]["secretKeyRef"];
        Assert.That((secret["name"].ToString(), secret["key"].ToString()), Is.EqualTo(("gameserver-admin-token", "token")));
        Assert.That(secret.Children.ContainsKey("optional"), Is.False, "a pod without its token would start");
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
    public void Unit_EndsByItself_IsStartedAgainButNotAfterBadArguments()
    {
        string[] unit = File.ReadAllLines(Path.Combine(Folder, "systemd/gameserver.service"));
        Assert.That(unit, Does.Contain("Restart=always").And.Contains("RestartPreventExitStatus=2"));
        string document = unit.Single(static l => l.StartsWith("Documentation=", StringComparison.Ordinal))["Documentation=file:///opt/gameserver/".Length..];
        Assert.That(File.ReadAllText(Path.Combine(Root(), "GameServer", "GameServer.csproj")), Does.Contain($"Link=\"{document}\"").And.Contains("CopyToPublishDirectory"), "it is published beside the program");
        int handles = int.Parse(unit.Single(static l => l.StartsWith("LimitNOFILE=", StringComparison.Ordinal)).Split('=')[1], System.Globalization.CultureInfo.InvariantCulture);
        Assert.That(handles, Is.GreaterThanOrEqualTo(2_048 + GameServer.Hosting.FileHandles.Needed));
    }

    [TestCase("agones/fleet.yaml")]
    [TestCase("kubernetes/deployment.yaml")]
    public void Pods_OfTheClassGuaranteed_AreProbedAndKnownToTheOthers(string file)
    {
        YamlNode template = file.Contains("fleet", StringComparison.Ordinal) ? Yaml(file)["spec"]["template"]["spec"]["template"] : Yaml(file)["spec"]["template"];
        YamlNode pod = template["spec"], container = pod["containers"][0];
        Assert.That(Text(template["metadata"]["labels"]["app.kubernetes.io/name"]), Is.EqualTo("gameserver"));
        foreach (string resource in new[] { "cpu", "memory" })
        {
            Assert.That(Text(container["resources"]["requests"][resource]), Is.EqualTo(Text(container["resources"]["limits"][resource])), resource);
        }

        Assert.That(int.TryParse(Text(container["resources"]["limits"]["cpu"]), out _), Is.True, "whole processors");
        Assert.That(Text(container["startupProbe"]["httpGet"]["path"]), Is.EqualTo("/readyz"));
        Assert.That(Text(container["livenessProbe"]["httpGet"]["path"]), Is.EqualTo("/livez"));
        string port = Text(container["livenessProbe"]["httpGet"]["port"]);
        YamlNode http = ((YamlSequenceNode)container["ports"]).Single(p => Text(p["name"]) == port);
        Assert.That(Text(http["containerPort"]), Is.EqualTo(Settings.Http.Default.Split(':')[1]));
        string[] args = [.. ((YamlSequenceNode)container["args"]).Select(Text)];
        var environment = new System.Collections.Hashtable();
        foreach (YamlNode variable in ((YamlSequenceNode)container["env"]).Where(static v => ((YamlMappingNode)v).Children.ContainsKey("value")))
        {
            environment[Text(variable["name"])] = Text(variable["value"]);
        }

        ParsedCommand parsed = CommandLine.Parse(args, environment, TextWriter.Null, TextWriter.Null);
        Assert.That(parsed.Options, Is.InstanceOf<ServeOptions>());
        Assert.That(parsed.Warnings, Is.Empty, "every variable is a setting");
        Assert.That(int.Parse(Text(pod["terminationGracePeriodSeconds"]), System.Globalization.CultureInfo.InvariantCulture), Is.GreaterThan(((ServeOptions)parsed.Options!).DrainTimeoutSeconds + 5));
    }

    [Test]
    public void Values_OfTheHelmChart_LimitTheSidecarToWhatItRequests()
    {
        YamlNode sidecar = Yaml("agones/values.yaml")["agones"]["image"]["sdk"];
        Assert.That(Text(sidecar["cpuLimit"]), Is.EqualTo(Text(sidecar["cpuRequest"])));
        Assert.That(Text(sidecar["memoryLimit"]), Is.EqualTo(Text(sidecar["memoryRequest"])));
    }

    [Test]
    public void Kubernetes_Rules_AreThoseOfPrometheus()
    {
        using var rules = new StringReader(File.ReadAllText(Path.Combine(Folder, "prometheus/rules.yaml")));
        var stream = new YamlStream();
        stream.Load(rules);
        YamlNode groups = stream.Documents.Single().RootNode["groups"];
        Assert.That(Plain(Yaml("kubernetes/prometheusrule.yaml")["spec"]["groups"]), Is.EqualTo(Plain(groups)));
    }

    [Test]
    public void Kubernetes_Monitor_GivesTheJobThatTheAlertsAskFor()
    {
        YamlNode endpoint = Yaml("kubernetes/podmonitor.yaml")["spec"]["podMetricsEndpoints"][0];
        string job = Text(((YamlSequenceNode)endpoint["relabelings"]).Single(static r => Text(r["targetLabel"]) == "job")["replacement"]);
        Assert.That(Text(endpoint["filterRunning"]), Is.EqualTo("false"), "else a pod that has failed is no target, and nothing is down");
        string down = Text(Alerts().Single(static r => Text(r["alert"]) == "GameServerDown")["expr"]);
        string pattern = Regex.Match(down, "job=~\"([^\"]+)\"").Groups[1].Value;
        foreach (string name in new[] { job, "games/gameserver", Text(Yaml("prometheus/scrape.yaml")["scrape_configs"][0]["job_name"]) })
        {
            Assert.That(name, Does.Match($"^({pattern})$"));
        }

        YamlNode plain = Yaml("prometheus/scrape-kubernetes.yaml")["scrape_configs"][0]["relabel_configs"];
        Assert.That(((YamlSequenceNode)plain).Any(r => ((YamlMappingNode)r).Children.TryGetValue("target_label", out YamlNode? label) && Text(label) == "job" && Text(r["replacement"]) == job), Is.True);
        YamlNode selector = Yaml("kubernetes/podmonitor.yaml")["spec"]["selector"]["matchLabels"];
        Assert.That(Plain(Yaml("kubernetes/networkpolicy.yaml")["spec"]["podSelector"]["matchLabels"]), Is.EqualTo(Plain(selector)));
    }

    [Test]
    public void Kustomization_Resources_Exist()
    {
        foreach (YamlNode resource in (YamlSequenceNode)Yaml("kubernetes/kustomization.yaml")["resources"])
        {
            Assert.That(Path.Exists(Path.Combine(Folder, "kubernetes", Text(resource))), Is.True, Text(resource));
        }

        YamlNode map = Yaml("grafana/kustomization.yaml")["configMapGenerator"][0];
        Assert.That(File.Exists(Path.Combine(Folder, "grafana", Text(map["files"][0]))), Is.True);
        Assert.That(Text(map["options"]["labels"]["grafana_dashboard"]), Is.EqualTo("1"));
    }

    [Test]
    public void Compose_Server_IsUnderstood()
    {
        YamlNode server = Yaml("compose.yaml")["services"]["gameserver"];
        string[] args = [.. ((YamlSequenceNode)server["command"]).Select(Text)];
        var environment = new System.Collections.Hashtable();
        foreach ((YamlNode name, YamlNode value) in ((YamlMappingNode)server["environment"]).Children)
        {
            environment[Text(name)] = Text(value);
        }

        ParsedCommand parsed = CommandLine.Parse(args, environment, TextWriter.Null, TextWriter.Null);
        Assert.That(parsed.Options, Is.InstanceOf<ServeOptions>());
        Assert.That(parsed.Warnings, Is.Empty);
    }

    [Test]
    public void Alerts_Each_HasAParagraphInTheRunbook()
    {
        string document = File.ReadAllText(Path.Combine(Root(), "docs", "OPERATIONS.md"));
        string[] alerts = [.. Alerts().Select(static r => Text(r["alert"]))];
        Assert.That(alerts, Has.Length.GreaterThan(8));
        foreach (string alert in alerts)
        {
            Assert.That(document, Does.Match($@"(?m)^- \*\*{alert}\*\*: .{{60,}}"), alert);
        }
    }

    private static IEnumerable<YamlMappingNode> Alerts() =>
        ((YamlSequenceNode)Yaml("prometheus/rules.yaml")["groups"][0]["rules"]).OfType<YamlMappingNode>().Where(static r => r.Children.ContainsKey("alert"));

    private static string Plain(YamlNode node) => node switch
    {
        YamlScalarNode scalar => scalar.Value!,
        YamlSequenceNode list => "[" + string.Join(", ", list.Select(Plain)) + "]",
        YamlMappingNode map => "{" + string.Join(", ", map.Children.Select(static pair => $"{Plain(pair.Key)}: {Plain(pair.Value)}")) + "}",
        _ => node.ToString(),
    };

    [Test]
    public void Dockerfile_Stages_EndAsNonRootWithAnExecFormEntry()
    {
        string[] lines = File.ReadAllLines(Path.Combine(Folder, "Dockerfile"));
        Assert.That(lines.Count(l => l.StartsWith("FROM ", StringComparison.Ordinal)), Is.EqualTo(2));
        Assert.That(lines, Does.Contain("STOPSIGNAL SIGTERM").And.Contains("USER $APP_UID"));
        string text = string.Join('\n', lines);
        Assert.That(text, Does.Contain("FROM --platform=${BUILDPLATFORM}").And.Contains("-a $TARGETARCH"), "two architectures");
        Assert.That(text, Does.Contain("SourceRevisionId=$COMMIT").And.Contains("org.opencontainers.image.revision=\"${COMMIT}\""), "the version holds the commit");
        string[] health = JsonSerializer.Deserialize<string[]>(Regex.Match(text, @"(?m)^HEALTHCHECK .* CMD (\[.*\])$").Groups[1].Value)!;
        Assert.That(CommandLine.Parse(health[1..], new System.Collections.Hashtable(), TextWriter.Null, TextWriter.Null).Options, Is.InstanceOf<HealthOptions>());
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
