using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using GameServer.Netcode.Primitives;
using GameServer.Operations;
using GameServer.Operations.Http;

namespace GameServer.Tests.Operations;

[Category("Socket")]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
public class HttpSurfaceTests : HttpFixture
{
    [Test]
    public async Task Health_StartingRunningHangingDraining_AnswersForEach()
    {
        await Start();
        Assert.That(await Status("/healthz"), Is.EqualTo(200));
        Assert.That(await Status("/readyz"), Is.EqualTo(503), "starting");
        Control.Started("0.0.0.0:9050");
        Control.TickAdvanced(1, ServerControl.NowMicros());
        Assert.That((await Status("/livez"), await Status("/readyz")), Is.EqualTo((200, 200)));
        Control.TickAdvanced(1, ServerControl.NowMicros() - 2_000_001);
        Assert.That((await Status("/livez"), await Status("/healthz")), Is.EqualTo((503, 200)), "hanging");
        using HttpResponseMessage drained = await Client.PostAsync("/drain", null);
        Assert.That(drained.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
        Assert.That(await drained.Content.ReadAsStringAsync(), Does.Contain("\"draining\"").And.Contains("\"http\""));
        Assert.That(await Status("/readyz"), Is.EqualTo(503), "draining");
        Assert.That(Control.DrainReason, Is.EqualTo("http"));
    }

    [Test]
    public async Task Players_Published_AreListedAndCanBeKicked()
    {
        await Start();
        Control.Players.Begin();
        Control.Players.Add(new PlayerStatus(5, "Ann \"A\"", 3, 12_500, 150, ServerControl.NowMicros(), false));
        Control.Players.End();
        JsonElement player = (await Json("/api/players")).GetProperty("players")[0];
        Assert.That(player.GetProperty("name").GetString(), Is.EqualTo("Ann \"A\""));
        Assert.That(player.GetProperty("round_trip_ms").GetDouble(), Is.EqualTo(12.5));
        Assert.That(await Post("/api/players/6/kick"), Is.EqualTo(404));
        Assert.That(await Post("/api/players/x/kick"), Is.EqualTo(404));
        Assert.That(await Post("/api/players/5/kick", "[1]"), Is.EqualTo(400));
        Assert.That(await Post("/api/players/5/kick", "{\"reason\":"), Is.EqualTo(400));
        Assert.That(await Post("/api/players/5/kick", "{\"reason\":\"half \\ud800\"}"), Is.EqualTo(400));
        foreach (string reason in new[] { "two\\nlines", "\\u001b[31m", "a\\u202eb", " ", "\\u00a0 " })
        {
            Assert.That(await Post("/api/players/5/kick", $"{{\"reason\":\"{reason}\"}}"), Is.EqualTo(400), reason);
            Assert.That(await Post("/api/notice", $"{{\"text\":\"{reason}\"}}"), Is.EqualTo(400), reason);
        }

        Assert.That(await Post("/api/players/5/kick", "{\"reason\":\"cheating\"}"), Is.EqualTo(202));
        Assert.That(Control.TryTakeKick(out KickRequest kick), Is.True);
        Assert.That(kick, Is.EqualTo(new KickRequest(5, "cheating")));
        Assert.That(Control.TryTakeKick(out _), Is.False);
    }

    [Test]
    public async Task Status_Running_TellsWhatOperatorsAsk()
    {
        await Start();
        Control.Started("0.0.0.0:9050");
        Control.MatchStarted(new MatchRequest("m-1", new Dictionary<string, string>()));
        Telemetry.Simulation.Overruns.Add(2);
        JsonElement status = await Json("/api/status");
        Assert.That(status.GetProperty("match_id").GetString(), Is.EqualTo("m-1"));
        Assert.That(status.GetProperty("addresses")[0].GetString(), Is.EqualTo("0.0.0.0:9050"));
        Assert.That(status.GetProperty("tick").GetProperty("overruns").GetInt32(), Is.EqualTo(2));
        Assert.That(status.GetProperty("drain").GetProperty("state").GetString(), Is.EqualTo("running"));
    }

    [TestCase("text/plain", "text/plain; version=0.0.4; charset=utf-8")]
    [TestCase("", "text/plain; version=0.0.4; charset=utf-8")]
    [TestCase("*/*", "text/plain; version=0.0.4; charset=utf-8")]
    [TestCase("application/openmetrics-text; version=1.0.0", "application/openmetrics-text; version=1.0.0; charset=utf-8")]
    [TestCase("application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4;q=0.3,*/*;q=0.2", "application/openmetrics-text; version=1.0.0; charset=utf-8")]
    [TestCase("application/openmetrics-text;q=0.2,text/plain;q=0.9", "text/plain; version=0.0.4; charset=utf-8")]
    public async Task Metrics_Accept_ChoosesTheFormat(string accept, string contentType)
    {
        await Start();
        Telemetry.Simulation.Drops.Add(DropReason.InputLate);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        request.Headers.TryAddWithoutValidation("Accept", accept);
        using HttpResponseMessage response = await Client.SendAsync(request);
        Assert.That(response.Content.Headers.GetValues("Content-Type").Single(), Is.EqualTo(contentType));
        string page = await response.Content.ReadAsStringAsync();
        Assert.That(page, Does.EndWith(contentType.StartsWith("app", StringComparison.Ordinal) ? "# EOF\n" : "} 1\n"));
        Assert.That(page, Does.Contain("gameserver_network_drops_total{gameserver_drop_class=\"loss\",gameserver_drop_reason=\"input_late\"} 1\n"));
    }

    [Test]
    public async Task Change_WithToken_NeedsIt()
    {
        string file = Write("token", "sesame-sesame-sesame\n");
        await Start("--admin-token-file", file);
        Assert.That(await Post("/drain"), Is.EqualTo(401), "loopback is not enough once there is a token");
        Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "sesame-sesame-sesamf");
        Assert.That(await Post("/drain"), Is.EqualTo(401));
        Assert.That(Control.Drain, Is.EqualTo(DrainState.Running));
        Assert.That(await Status("/api/status"), Is.EqualTo(200), "reading is free");
        Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "sesame-sesame-sesame");
        Assert.That(await Post("/drain"), Is.EqualTo(202));
        Assert.That(Lines.ToString(), Does.Not.Contain("sesame"));

        Write("token", "another-another-another");
        Surface!.Reload(Options("--admin-token-file", file));
        Assert.That(await Post("/drain"), Is.EqualTo(401), "reloaded");
    }

    [Test]
    public async Task Change_FromElsewhereWithoutToken_IsRefused()
    {
        IPAddress? own = (await Dns.GetHostAddressesAsync(Dns.GetHostName(), AddressFamily.InterNetwork)).FirstOrDefault(a => !IPAddress.IsLoopback(a));
        if (own is null)
        {
            Assert.Ignore("this machine has no address but loopback");
        }

        await Start("--http", own + ":0");
        Assert.That(await Status("/healthz"), Is.EqualTo(200));
        Assert.That((await Status("/api/players"), await Status("/api/status"), await Status("/metrics")), Is.EqualTo((403, 403, 403)), "names and figures are not everybody's");
        Assert.That((await Post("/drain"), await Post("/api/players/1/kick"), await Post("/api/notice", "{\"text\":\"x\"}")), Is.EqualTo((403, 403, 403)));
        Assert.That(Control.Drain, Is.EqualTo(DrainState.Running));
    }

    [TestCase("evil.example", 400)]
    [TestCase("localhost:1234", 200)]
    [TestCase("10.1.2.3:9051", 200)]
    [TestCase("[::1]:9051", 200)]
    [TestCase("ops.example", 200)]
    public async Task Host_OtherNames_AreRefused(string host, int expected)
    {
        await Start("--http-hosts", "ops.example, second.example");
        using var request = new HttpRequestMessage(HttpMethod.Get, "/healthz");
        request.Headers.Host = host;
        using HttpResponseMessage response = await Client.SendAsync(request);
        Assert.That((int)response.StatusCode, Is.EqualTo(expected));
    }

    [Test]
    public async Task Origin_OfAnotherPage_IsRefused()
    {
        await Start();
        Client.DefaultRequestHeaders.Add("Origin", "http://evil.example");
        Assert.That((await Post("/drain"), await Status("/api/players")), Is.EqualTo((403, 403)));
        Client.DefaultRequestHeaders.Remove("Origin");
        Client.DefaultRequestHeaders.Add("Origin", Client.BaseAddress!.GetLeftPart(UriPartial.Authority));
        Assert.That(await Status("/api/players"), Is.EqualTo(200));
    }

    [TestCase("GET", "/nothing", 404)]
    [TestCase("GET", "/drain", 405)]
    [TestCase("DELETE", "/metrics", 405)]
    public async Task WrongRequest_Any_GetsProblemDetails(string method, string path, int expected)
    {
        await Start();
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using HttpResponseMessage response = await Client.SendAsync(request);
        Assert.That(response.Content.Headers.ContentType!.MediaType, Is.EqualTo("application/problem+json"));
        using JsonDocument problem = JsonDocument.Parse(await response.Content.ReadAsStringAsync());
        Assert.That(problem.RootElement.GetProperty("status").GetInt32(), Is.EqualTo(expected));
        Assert.That((int)response.StatusCode, Is.EqualTo(expected));
    }

    [Test]
    public async Task Limits_Exceeded_AreRefused()
    {
        await Start();
        Assert.That(await Post("/api/players/1/kick", new string('x', 5_000)), Is.AnyOf(404, 413));
        Assert.That(await Raw("GET /healthz HTTP/1.1\r\nHost: localhost\r\nX: " + new string('x', 9_000) + "\r\n\r\n"), Does.StartWith("HTTP/1.1 431"));
        Assert.That(await Raw("GET /" + new string('x', 3_000) + " HTTP/1.1\r\n\r\n"), Does.StartWith("HTTP/1.1 414"));
        Assert.That(await Raw("\0\u0001garbage\r\n\r\n"), Does.StartWith("HTTP/1.1 400"));
        Assert.That(await AnswersToAFlood(HttpGate.RequestsPerSecond * 15), Does.Contain("HTTP/1.1 429"), "too many requests");
        Assert.That(await Status("/healthz"), Is.EqualTo(200), "health is answered at any rate");
    }

    [TestCase("{\"text\":\"maintenance at six\"}", 202)]
    [TestCase("", 400)]
    [TestCase("{}", 400)]
    [TestCase("[]", 400)]
    [TestCase("{\"text\":7}", 400)]
    [TestCase("{\"text\":\"\"}", 400)]
    [TestCase("{\"text\":\"two\\nlines\"}", 400)]
    [TestCase("{\"text\":\"half \\ud800\"}", 400)]
    public async Task Notice_AnyBody_IsTakenOrRefusedWithTheRule(string body, int expected)
    {
        await Start();
        Assert.That(await Post("/api/notice", body), Is.EqualTo(expected));
        Assert.That((Control.TryTakeNotice(out string? text), text), Is.EqualTo(expected == 202 ? (true, "maintenance at six") : (false, null)));
        Assert.That(await Post("/api/notice", $"{{\"text\":\"{new string('x', 201)}\"}}"), Is.EqualTo(400));
    }

    [Test]
    public async Task Notices_NobodyTakes_AreRefusedInTheEnd()
    {
        await Start();
        int[] answers = new int[9];
        for (int i = 0; i < answers.Length; i++)
        {
            answers[i] = await Post("/api/notice", "{\"text\":\"x\"}");
        }

        Assert.That(answers, Is.EqualTo(Enumerable.Repeat(202, 8).Append(503)));
    }

    /// <summary>Asks without waiting for the answers, so that a slow machine asks too often, too.</summary>
    private async Task<string> AnswersToAFlood(int requests)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(Client.BaseAddress!.Host, Client.BaseAddress.Port);
        const string Request = "GET /api/status HTTP/1.1\r\nHost: localhost\r\n\r\n", Last = "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        Task asking = client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat(Request, requests)) + Last)).AsTask();
        using var reader = new StreamReader(client.GetStream(), Encoding.ASCII);
        string answers = await reader.ReadToEndAsync();
        await asking;
        return answers;
    }

    [Test]
    public async Task Connections_ManyIdleAndTwoThatCrawl_DoNotKeepOthersOutAndAreCut()
    {
        await Start();
        var idle = new List<TcpClient>();
        try
        {
            for (int i = 0; i < 200; i++)
            {
                var client = new TcpClient();
                idle.Add(client);
                await client.ConnectAsync(Client.BaseAddress!.Host, Client.BaseAddress.Port);
            }

            // One asks for a megabyte and reads nothing of it, the other never gets to the end of its question.
            Socket deaf = idle[1].Client;
            deaf.Send(Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n", 600))));
            NetworkStream crawling = idle[0].GetStream();
            await crawling.WriteAsync("GET /healthz HT"u8.ToArray());
            Assert.That(await Status("/metrics"), Is.EqualTo(200));
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(9));
            byte[] answer = new byte[64];
            int length = await crawling.ReadAsync(answer, patience.Token); // the headers never end: cut after five seconds
            Assert.That(Encoding.ASCII.GetString(answer, 0, length), Does.StartWith("HTTP/1.1 408").Or.Empty);
            Assert.That(() => IsCut(deaf), Is.True.After(15_000, 100));
        }
        finally
        {
            idle.ForEach(static c => c.Dispose());
        }
    }

    private static bool IsCut(Socket client)
    {
        try
        {
            client.Send("x"u8);
            return false;
        }
        catch (SocketException)
        {
            return true;
        }
    }
}
