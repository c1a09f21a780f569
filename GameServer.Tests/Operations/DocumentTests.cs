using System.Text.RegularExpressions;
using GameServer.Configuration;
using GameServer.Operations.Telemetry;

namespace GameServer.Tests.Operations;

/// <summary>docs/OPERATIONS.md names what there is, and nothing that there is not.</summary>
public class DocumentTests
{
    private static readonly string Document = File.ReadAllText(Path.Combine(DeployTests.Root(), "docs", "OPERATIONS.md"));

    [Test]
    public void Settings_All_AreNamed()
    {
        foreach (Setting setting in Settings.All)
        {
            Assert.That(Document, Does.Contain($"`{setting.Name}`"), setting.Name);
            Assert.That(Regex.IsMatch(Document, $@"`{setting.Name}` \*"), Is.EqualTo(setting.Reloadable), setting.Name + " is marked as reloadable exactly when it is");
        }

        string[] named = [.. Regex.Matches(Document, "--([a-z-]+[a-z])").Select(m => m.Groups[1].Value).Distinct()];
        string[] others = ["print-config", "validate-config", "config", "help", "read-only", "tmpfs", "platform", "build-arg", "cpu-manager-policy", "from-literal", "diagnostic-port", "previous"];
        Assert.That(named.Except(Settings.All.Select(s => s.Name)).Except(others), Is.Empty);
    }

    [Test]
    public void Metrics_All_AreNamed()
    {
        string page = PrometheusTests.ScrapeServer(ExpositionFormat.Text, out _);
        string[] families = [.. Regex.Matches(page, "^# TYPE gameserver_([^ ]+)", RegexOptions.Multiline).Select(m => m.Groups[1].Value).Where(n => n != "telemetry_events_dropped_total")];
        Assert.That(families, Has.Length.GreaterThan(30));
        foreach (string family in families)
        {
            Assert.That(Document, Does.Match($"(gameserver|…)_{family}"), family);
        }
    }
}
