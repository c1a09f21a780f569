using System.Collections.Concurrent;
using System.Text;
using GameServer.Operations;
using GameServer.Operations.Orchestrators;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace GameServer.Tests.Operations;

/// <summary>Each call that the server makes, and each answer of the sdk-server 1.56 to it, as recorded: status, body, and what we make of it.</summary>
[Category("Socket")]
[Parallelizable(ParallelScope.All)]
public class AgonesExchangeTests
{
    private const string Error = "application/json";

    // method, path, body sent, status, answer, what it means
    private static readonly object[][] Exchanges =
    [
        ["POST", "/ready", "{}", 200, "{}", AgonesResult.Done],
        ["POST", "/health", "{}", 200, "{}", AgonesResult.Done],
        ["POST", "/shutdown", "{}", 200, "{}", AgonesResult.Done],
        ["GET", "/gameserver", "", 200, "{\"object_meta\":{\"name\":\"local\", \"namespace\":\"default\"}}", AgonesResult.Done],
        ["PATCH", "/v1beta1/counters/rooms", "{\"countDiff\":\"-1\"}", 200, "{\"name\":\"rooms\", \"count\":\"4\", \"capacity\":\"11\"}", AgonesResult.Done],
        ["PATCH", "/v1beta1/counters/rooms", "{\"countDiff\":\"-1\"}", 500, "{\"code\":2, \"message\":\"out of range. Count must be within range [0,Capacity]. Found Count: -1, Capacity: 11\", \"details\":[]}", AgonesResult.Refused],
        ["PATCH", "/v1beta1/counters/rooms", "{\"countDiff\":\"-1\"}", 500, "{\"code\":2, \"message\":\"not found. rooms Counter not found\", \"details\":[]}", AgonesResult.Refused],
        ["POST", "/v1beta1/lists/players:addValue", "{\"value\":\"player-9\"}", 200, "{\"name\":\"players\", \"capacity\":\"100\", \"values\":[\"test0\", \"player-9\"]}", AgonesResult.Done],
        ["POST", "/v1beta1/lists/players:addValue", "{\"value\":\"player-9\"}", 500, "{\"code\":2, \"message\":\"already exists. Value: player-9 already in List: players\", \"details\":[]}", AgonesResult.Refused],
        ["POST", "/v1beta1/lists/players:addValue", "{\"value\":\"player-9\"}", 500, "{\"code\":2, \"message\":\"out of range. No available capacity. Current Capacity: 2, List Size: 2\", \"details\":[]}", AgonesResult.Refused],
        ["POST", "/v1beta1/lists/players:removeValue", "{\"value\":\"player-9\"}", 200, "{\"name\":\"players\", \"capacity\":\"100\", \"values\":[\"test0\"]}", AgonesResult.Done],
        ["POST", "/v1beta1/lists/players:removeValue", "{\"value\":\"player-9\"}", 500, "{\"code\":2, \"message\":\"not found. Value: player-9 not found in List: players\", \"details\":[]}", AgonesResult.Refused],
        ["POST", "/ready", "{}", 400, "{\"code\":3, \"message\":\"invalid character 'j' looking for beginning of value\", \"details\":[]}", AgonesResult.Refused],
        ["POST", "/health", "{}", 400, "", AgonesResult.Refused],
        ["POST", "/v1beta1/lists/players:addValue", "{\"value\":\"player-9\"}", 404, "{\"code\":5, \"message\":\"Not Found\", \"details\":[]}", AgonesResult.Refused],
        ["POST", "/ready", "{}", 501, "{\"code\":12, \"message\":\"Method Not Allowed\", \"details\":[]}", AgonesResult.Refused],
        ["POST", "/v1beta1/lists/players:addValue", "{\"value\":\"player-9\"}", 500, "{\"code\":2, \"message\":\"CountsAndLists not enabled\", \"details\":[]}", AgonesResult.Refused],
        ["POST", "/ready", "{}", 503, "{\"code\":14, \"message\":\"connection error\", \"details\":[]}", AgonesResult.Unreachable],
    ];

    [TestCaseSource(nameof(Exchanges))]
    public async Task Call_EachAnswer_IsUnderstood(string method, string path, string body, int status, string answer, object expected)
    {
        var requests = new ConcurrentQueue<string>();
        await using WebApplication sidecar = await Answer(requests, async context =>
        {
            context.Response.StatusCode = status;
            context.Response.ContentType = Error;
            await context.Response.WriteAsync(answer);
        });
        using var rest = new AgonesRest(new Uri(sidecar.Urls.First()));
        string relative = path[1..];
        (AgonesResult result, string said) = method switch
        {
            "GET" => await rest.Get(relative, default),
            "PATCH" => await rest.Patch(relative, body, default),
            _ when body == "{}" => await rest.Post(relative, default),
            _ => await rest.Post(relative, default, body),
        };
        Assert.That(result, Is.EqualTo(expected));
        Assert.That(requests.Single(), Is.EqualTo($"{method} {path} {(body.Length > 0 ? "application/json" : "")} {body}"));
        if (result == AgonesResult.Refused && answer.Contains("\"message\":\"", StringComparison.Ordinal))
        {
            Assert.That(answer, Does.Contain($"\"message\":\"{said}\""), "the sidecar's own words");
        }
    }

    [Test]
    public async Task Watch_StreamOfLines_GivesEachAndEndsWithTheStream()
    {
        string line = "{\"result\":" + Local.Replace(", ", ",", StringComparison.Ordinal) + "}";
        await using WebApplication sidecar = await Answer(new ConcurrentQueue<string>(), async context =>
        {
            context.Response.ContentType = "application/json";
            // Chunks end where they like, not where lines do.
            foreach (string part in new[] { line[..10], line[10..] + "\n" + line[..300], line[300..] + "\n" })
            {
                await context.Response.WriteAsync(part);
                await context.Response.Body.FlushAsync();
                await Task.Delay(20);
            }
        });
        using var rest = new AgonesRest(new Uri(sidecar.Urls.First()));
        var seen = new List<AgonesGameServer?>();
        await foreach (string text in rest.Watch(default))
        {
            seen.Add(AgonesGameServer.Read(text));
        }

        Assert.That(seen, Has.Count.EqualTo(2).And.All.Not.Null);
        Assert.That(seen[1]!.State, Is.EqualTo("Ready"));
    }

    [Test]
    public void Read_LocalServer_HasWhatWeAskFor()
    {
        AgonesGameServer server = AgonesGameServer.Read(Local)!;
        Assert.That((server.Name, server.State, server.LastAllocated, server.HealthPeriodSeconds, server.Port), Is.EqualTo(("local", "Ready", (string?)null, 3, (int?)7777)));
        Assert.That((server.HasRooms, server.Players?.Count), Is.EqualTo((true, 3)));
        Assert.That(server.Parameters, Is.EquivalentTo(new Dictionary<string, string> { ["annotation"] = "true", ["islocal"] = "true" }));
    }

    [TestCase("{\"object_meta\":{}}", "", 5, null, TestName = "Read_NothingFilledIn")]
    [TestCase("{\"object_meta\":{\"name\":\"a\"},\"spec\":{\"health\":{\"period_seconds\":\"7\"}},\"status\":{\"ports\":[{\"port\":\"7001\"}]}}", "a", 7, 7001, TestName = "Read_NumbersAsText")]
    [TestCase("{\"object_meta\":{\"name\":\"a\"},\"spec\":{\"health\":{\"disabled\":true,\"period_seconds\":3}},\"status\":{\"players\":null,\"counters\":null,\"lists\":null,\"ports\":null}}", "a", 0, null, TestName = "Read_NullsAndHealthDisabled")]
    public void Read_OmittedOrOtherwiseWritten_IsTheSame(string json, string name, int period, int? port)
    {
        AgonesGameServer server = AgonesGameServer.Read(json)!;
        Assert.That((server.Name, server.HealthPeriodSeconds, server.Port, server.HasRooms, server.Players), Is.EqualTo((name, period, port, false, (IReadOnlyList<string>?)null)));
    }

    [TestCase("""{"match-id":"m-1"}""", "m-1")]
    [TestCase("""{"match.example/id":"m-42","map":"garden22"}""", "m-42")]
    [TestCase("""{"agones.dev/sdk-match-id":"ours","agones.dev/last-allocated":"2026-03-04T10:00:00Z"}""", "a-2026-03-04T10:00:00Z")]
    public void ToMatch_Annotations_NameIt(string annotations, string id) =>
        Assert.That(AgonesGameServer.Read($"{{\"object_meta\":{{\"name\":\"a\",\"annotations\":{annotations}}}}}")!.ToMatch().Id, Is.EqualTo(id));

    [Test]
    public async Task Watch_SidecarThatTakesTooLongToConnect_IsTriedAgain()
    {
        // A backlog that is full lets connects wait: they end as cancelled, and that must not end the watch.
        using var silent = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.InterNetwork, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Tcp);
        silent.Bind(new System.Net.IPEndPoint(System.Net.IPAddress.Loopback, 0));
        silent.Listen(0);
        var address = (System.Net.IPEndPoint)silent.LocalEndPoint!;
        using var first = new System.Net.Sockets.TcpClient();
        await first.ConnectAsync(address);
        var control = new ServerControl(8, 25);
        using var log = new GameServer.Operations.Logging.LogOutput(TextWriter.Null, json: true, GameServer.Configuration.LogThreshold.Info, ServerControl.NowMicros);
        using var agones = new AgonesOrchestrator(new Uri($"http://127.0.0.1:{address.Port}/"), new AgonesOptions(), control, log.CreateLogger("GameServer"));
        agones.Started();
        await Task.Delay(2_600); // longer than a connect may take
        first.Dispose();
        silent.Dispose();
        await using var sidecar = new AgonesStandIn { LastAllocated = "a", State = "Allocated" };
        await sidecar.Start(address.Port);
        MatchRequest? match = null;
        await AgonesTests.Eventually(() => control.TryTakeMatch(out match));
        control.NoteSignal();
        await agones.Shutdown();
    }

    private const string Local =
        """{"object_meta":{"name":"local", "namespace":"default", "uid":"1234", "resource_version":"v1", "generation":"1", "creation_timestamp":"1795172948", "deletion_timestamp":"0", "annotations":{"annotation":"true"}, "labels":{"islocal":"true"}}, "spec":{"health":{"disabled":false, "period_seconds":3, "failure_threshold":5, "initial_delay_seconds":10}}, "status":{"state":"Ready", "address":"127.0.0.1", "addresses":[], "ports":[{"name":"default", "port":7777}], "players":null, "counters":{"rooms":{"count":"1", "capacity":"10"}}, "lists":{"players":{"capacity":"100", "values":["test0", "test1", "test2"]}}}}""";

    private static async Task<WebApplication> Answer(ConcurrentQueue<string> requests, RequestDelegate answer)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(k => k.Listen(System.Net.IPAddress.Loopback, 0));
        WebApplication sidecar = builder.Build();
        sidecar.Run(async context =>
        {
            using var reader = new StreamReader(context.Request.Body, Encoding.UTF8);
            requests.Enqueue($"{context.Request.Method} {context.Request.Path} {context.Request.ContentType?.Split(';')[0]} {await reader.ReadToEndAsync()}");
            await answer(context);
        });
        await sidecar.StartAsync();
        return sidecar;
    }
}
