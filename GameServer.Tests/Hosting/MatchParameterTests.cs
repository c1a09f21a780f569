using GameServer.Configuration;
using GameServer.Hosting;
using GameServer.Operations;
using GameServer.Operations.Logging;
using GameServer.Operations.Orchestrators;

namespace GameServer.Tests.Hosting;

public class MatchParameterTests
{
    private static readonly MatchParameter[] Known = [MatchParameter.Whole("round-seconds", 10, 3600), MatchParameter.Choice("map", "yard", "lake")];

    [TestCase("round-seconds", "10", null)]
    [TestCase("round-seconds", "9", "allowed: a whole number from 10 to 3600")]
    [TestCase("round-seconds", "3601", "allowed: a whole number from 10 to 3600")]
    [TestCase("round-seconds", "soon", "allowed: a whole number from 10 to 3600")]
    [TestCase("map", "lake", null)]
    [TestCase("map", "moon", "allowed: one of yard, lake")]
    [TestCase("round-second", "30", "the game has no such parameter; allowed: round-seconds, map. Did you mean round-seconds?")]
    [TestCase("example.com/traceparent", "00-1", null)]
    public void Check_OneParameter_NamesWhatIsAllowed(string name, string value, string? problem) => Assert.That(
        MatchParameter.Check(Known, new Dictionary<string, string> { [name] = value }).Select(static p => p.Text), Is.EqualTo(problem is null ? [] : new[] { problem }));

    [Test]
    public void Check_GameThatDeclaresNothing_TakesAny() =>
        Assert.That(MatchParameter.Check(null, new Dictionary<string, string> { ["anything"] = "x" }), Is.Empty);

    [Test]
    public void MatchStarted_ByAnOrchestratorWithWrongParameters_IsLoggedAsAWarning()
    {
        using var lines = new StringWriter();
        using var log = new LogOutput(lines, json: true, LogThreshold.Info, ServerControl.NowMicros);
        using var nobody = new NoOrchestrator();
        var control = new ServerControl(8, 25);
        control.MatchStarted(new MatchRequest("m-7", new Dictionary<string, string> { ["round-seconds"] = "5" }));
        new EventReporter(nobody, control, log.CreateLogger("GameServer")) { MatchParameters = Known }.Report(new ServerEvent { Kind = ServerEventKind.MatchStarted, Name = "m-7" });
        Assert.That(lines.ToString(), Does.Contain("\"event\":\"match_parameter_ignored\"").And.Contains("\"match_id\":\"m-7\"").And.Contains("\"parameter\":\"round-seconds\"").And.Contains("\"value\":\"5\""));
    }
}
