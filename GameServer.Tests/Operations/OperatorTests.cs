using System.Text;
using System.Text.Json;

namespace GameServer.Tests.Operations;

/// <summary>What an operator sees of a whole life of the server: lines, their order, their values.</summary>
[Category("Socket")]
[Platform("Linux")]
[Parallelizable(ParallelScope.All)]
public class OperatorTests
{
    [Test]
    public async Task Life_PushedToADeadReceiver_ShowsWhatAnOperatorAsksFor()
    {
        string folder = Directory.CreateTempSubdirectory("gameserver-").FullName;
        using var server = new ServerProcess(
            $"serve --port 0 --http none --cpu-affinity none --bots 0 --drain-timeout 0 --match-id m-1 --status-seconds 1 --stats-json {folder}/figures.json",
            ("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1"), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"), ("OTEL_METRIC_EXPORT_INTERVAL", "soon"),
            ("OTEL_BLRP_SCHEDULE_DELAY", "100"), ("OTEL_BSP_SCHEDULE_DELAY", "100"));
        await server.Ready();
        Directory.Delete(folder); // after the trial of the start
        string address = server.Events("ready").Single().GetProperty("addresses").GetString()!;
        string connect = "127.0.0.1:" + address.Split(':')[^1];
        Assert.That(server.Events("ready").Single().GetProperty("watch").GetString(), Is.EqualTo($"GameServer watch --connect {connect}"));
        Assert.That(server.Events("configuration_ignored").Single().GetProperty("problem").GetString(), Does.Contain("OTEL_METRIC_EXPORT_INTERVAL \"soon\"").And.Contains("above 0"));
        using var players = new ServerProcess($"bots --connect {connect} --count 2");
        JsonElement joined = await server.Event("joined");
        Assert.That(joined.GetProperty("match_id").GetString(), Is.EqualTo("m-1"));
        Assert.That((await server.Event("telemetry_problem")).GetProperty("source").GetString(), Does.StartWith("OpenTelemetry"));
        CheckStatus(await server.Event("status"), server);

        server.Signal(ServerProcess.Terminate);
        Assert.That(await server.Exit(withinSeconds: 40), Is.EqualTo(74), server.Everything);
        string[] order = [.. server.Lines.Select(static l => JsonDocument.Parse(l).RootElement.GetProperty("event").GetString()!)];
        Assert.That(Array.IndexOf(order, "draining"), Is.InRange(0, Array.IndexOf(order, "match_ended")), "first the drain, then what it leads to");
        JsonElement lost = server.Events("stats_not_written").Single();
        Assert.That(lost.GetProperty("figures").GetProperty("ticks").GetInt64(), Is.GreaterThan(0));
        Assert.That(lost.GetProperty("file").GetString(), Does.StartWith(folder));
    }

    [Test]
    public async Task Kick_WithAReason_IsReadByThePlayer()
    {
        using var server = new ServerProcess("serve --port 0 --http 127.0.0.1:0 --cpu-affinity none --bots 0");
        Uri address = await server.Ready();
        string port = server.Events("ready").Single().GetProperty("addresses").GetString()!.Split(':')[^1];
        using var watch = new ServerProcess("watch --connect 127.0.0.1:" + port);
        int id = (await server.Event("joined")).GetProperty("player_id").GetInt32();
        using var client = new HttpClient { BaseAddress = address };
        await AgonesTests.Eventually(() => client.GetStringAsync("/api/players").GetAwaiter().GetResult().Contains("spectator", StringComparison.Ordinal));
        using var reason = new StringContent("{\"reason\":\"seen through walls\"}", Encoding.UTF8, "application/json");
        using HttpResponseMessage kicked = await client.PostAsync($"/api/players/{id}/kick", reason);
        Assert.That((int)kicked.StatusCode, Is.EqualTo(202));
        Assert.That(await watch.Exit(withinSeconds: 15), Is.EqualTo(75), watch.Everything);
        Assert.That(string.Join('\n', watch.Errors), Does.Contain("ended the connection: seen through walls"));
        server.Signal(ServerProcess.Terminate);
        Assert.That(await server.Exit(withinSeconds: 10), Is.Zero, server.Everything);
    }

    [Test]
    public async Task Notices_OfTheOperatorAndOfADrain_AreReadByPlayersAndThoseWhoWatch()
    {
        using var server = new ServerProcess("serve --port 0 --http 127.0.0.1:0 --cpu-affinity none --bots 0 --drain-timeout 9 --drain-notice \"Gone in {seconds} s.\"");
        Uri address = await server.Ready();
        using ServerProcess players = server.Play(1);
        using var watch = new ServerProcess("watch --connect 127.0.0.1:" + server.Events("ready").Single().GetProperty("addresses").GetString()!.Split(':')[^1]);
        await AgonesTests.Eventually(() => server.Events("joined").Length == 2, seconds: 30);
        using var client = new HttpClient { BaseAddress = address };
        using var text = new StringContent("{\"text\":\"maintenance at six\"}", Encoding.UTF8, "application/json");
        using HttpResponseMessage sent = await client.PostAsync("/api/notice", text);
        Assert.That((int)sent.StatusCode, Is.EqualTo(202));
        await AgonesTests.Eventually(() => players.Lines.Contains("notice: maintenance at six") && watch.Everything.Contains("notice: maintenance at six", StringComparison.Ordinal));
        server.Signal(ServerProcess.Terminate);
        await AgonesTests.Eventually(() => players.Everything.Contains("notice: Gone in 8 s.", StringComparison.Ordinal) && watch.Everything.Contains("notice: Gone in 8 s.", StringComparison.Ordinal));
        players.Signal(ServerProcess.Terminate);
        Assert.That(await server.Exit(withinSeconds: 10), Is.Zero, server.Everything);
    }

    /// <summary>Every figure is a value, the text is short and stands once, and one of them a minute is far from 2 MB a day.</summary>
    private static void CheckStatus(JsonElement status, ServerProcess server)
    {
        foreach (string figure in new[] { "ticks", "tick", "executed", "took_p50_micros", "took_p99_micros", "late_p99_micros", "overruns", "skipped", "players", "starved", "gc0" })
        {
            Assert.That(status.GetProperty(figure).GetInt64(), Is.GreaterThanOrEqualTo(0), figure);
        }

        Assert.That(status.EnumerateObject().Count(static p => p.Value.ValueKind == JsonValueKind.String && p.Value.GetString()!.Contains("ticks", StringComparison.Ordinal)), Is.EqualTo(1));
        int bytes = server.Lines.Where(static l => l.Contains("\"event\":\"status\"", StringComparison.Ordinal)).Max(static l => Encoding.UTF8.GetByteCount(l) + 1);
        Assert.That(bytes * 24 * 60, Is.LessThan(1_500_000), "bytes a day");
    }
}
