using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using GameServer.Configuration;
using GameServer.Netcode.Primitives;
using GameServer.Operations;
using GameServer.Operations.Http;
using GameServer.Operations.Logging;
using GameServer.Operations.Telemetry;

namespace GameServer.Tests.Operations;

[Category("Socket")]
public class HttpSurfaceTests
{
    private readonly StringWriter _lines = new();
    private ServerControl _control = null!;
    private ServerTelemetry _telemetry = null!;
    private ServerMeter _meter = null!;
    private TelemetryExport _export = null!;
    private LogOutput _log = null!;
    private HttpSurface? _surface;
    private HttpClient _client = null!;
    private string _folder = "";

    [SetUp]
    public void Prepare()
    {
        _folder = Directory.CreateTempSubdirectory("gameserver-").FullName;
        _control = new ServerControl(8, 25);
        _telemetry = new ServerTelemetry();
        _meter = new ServerMeter(_telemetry, _control, 60, 8);
        _export = new TelemetryExport(_meter, withScope: false);
        _log = new LogOutput(_lines, json: true, LogThreshold.Info, ServerControl.NowMicros);
    }

    [TearDown]
    public async Task End()
    {
        if (_surface is not null)
        {
            await _surface.DisposeAsync();
            _client.Dispose();
        }

        _export.Dispose();
        _meter.Dispose();
        _log.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Test]
    public async Task Health_StartingRunningHangingDraining_AnswersForEach()
    {
        await Start();
        Assert.That(await Status("/healthz"), Is.EqualTo(200));
        Assert.That(await Status("/readyz"), Is.EqualTo(503), "starting");
        _control.Started("0.0.0.0:9050");
        _control.TickAdvanced(1, ServerControl.NowMicros());
        Assert.That((await Status("/livez"), await Status("/readyz")), Is.EqualTo((200, 200)));
        _control.TickAdvanced(1, ServerControl.NowMicros() - 2_000_001);
        Assert.That((await Status("/livez"), await Status("/healthz")), Is.EqualTo((503, 200)), "hanging");
        using HttpResponseMessage drained = await _client.PostAsync("/drain", null);
        Assert.That(drained.StatusCode, Is.EqualTo(HttpStatusCode.Accepted));
        Assert.That(await drained.Content.ReadAsStringAsync(), Does.Contain("\"draining\"").And.Contains("\"http\""));
        Assert.That(await Status("/readyz"), Is.EqualTo(503), "draining");
        Assert.That(_control.DrainReason, Is.EqualTo("http"));
    }

    [Test]
    public async Task Players_Published_AreListedAndCanBeKicked()
    {
        await Start();
        _control.Players.Begin();
        _control.Players.Add(new PlayerStatus(5, "Ann \"A\"", 3, 12_500, 150, ServerControl.NowMicros(), false));
        _control.Players.End();
        JsonElement player = (await Json("/api/players")).GetProperty("players")[0];
        Assert.That(player.GetProperty("name").GetString(), Is.EqualTo("Ann \"A\""));
        Assert.That(player.GetProperty("round_trip_ms").GetDouble(), Is.EqualTo(12.5));
        Assert.That(await Post("/api/players/6/kick"), Is.EqualTo(404));
        Assert.That(await Post("/api/players/x/kick"), Is.EqualTo(404));
        Assert.That(await Post("/api/players/5/kick", "[1]"), Is.EqualTo(400));
        Assert.That(await Post("/api/players/5/kick", "{\"reason\":"), Is.EqualTo(400));
        Assert.That(await Post("/api/players/5/kick", "{\"reason\":\"cheating\"}"), Is.EqualTo(202));
        Assert.That(_control.TryTakeKick(out KickRequest kick), Is.True);
        Assert.That(kick, Is.EqualTo(new KickRequest(5, "cheating")));
        Assert.That(_control.TryTakeKick(out _), Is.False);
    }

    [Test]
    public async Task Status_Running_TellsWhatOperatorsAsk()
    {
        await Start();
        _control.Started("0.0.0.0:9050");
        _control.MatchStarted(new MatchRequest("m-1", new Dictionary<string, string>()));
        _telemetry.Simulation.Overruns.Add(2);
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
        _telemetry.Simulation.Drops.Add(DropReason.InputLate);
        using var request = new HttpRequestMessage(HttpMethod.Get, "/metrics");
        request.Headers.TryAddWithoutValidation("Accept", accept);
        using HttpResponseMessage response = await _client.SendAsync(request);
        Assert.That(response.Content.Headers.GetValues("Content-Type").Single(), Is.EqualTo(contentType));
        string page = await response.Content.ReadAsStringAsync();
        Assert.That(page, Does.EndWith(contentType.StartsWith("app", StringComparison.Ordinal) ? "# EOF\n" : "} 1\n"));
        Assert.That(page, Does.Contain("gameserver_network_drops_total{gameserver_drop_reason=\"input_late\"} 1\n"));
    }

    [Test]
    public async Task Change_WithToken_NeedsIt()
    {
        string file = Write("token", "sesame-sesame-sesame\n");
        await Start("--admin-token-file", file);
        Assert.That(await Post("/drain"), Is.EqualTo(401), "loopback is not enough once there is a token");
        _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "sesame-sesame-sesamf");
        Assert.That(await Post("/drain"), Is.EqualTo(401));
        Assert.That(_control.Drain, Is.EqualTo(DrainState.Running));
        Assert.That(await Status("/api/status"), Is.EqualTo(200), "reading is free");
        _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "sesame-sesame-sesame");
        Assert.That(await Post("/drain"), Is.EqualTo(202));
        Assert.That(_lines.ToString(), Does.Not.Contain("sesame"));

        Write("token", "another-another-another");
        _surface!.Reload(Options("--admin-token-file", file));
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
        Assert.That(await Post("/drain"), Is.EqualTo(403));
        Assert.That(_control.Drain, Is.EqualTo(DrainState.Running));
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
        using HttpResponseMessage response = await _client.SendAsync(request);
        Assert.That((int)response.StatusCode, Is.EqualTo(expected));
    }

    [Test]
    public async Task Origin_OfAnotherPage_IsRefused()
    {
        await Start();
        _client.DefaultRequestHeaders.Add("Origin", "http://evil.example");
        Assert.That((await Post("/drain"), await Status("/api/players")), Is.EqualTo((403, 403)));
        _client.DefaultRequestHeaders.Remove("Origin");
        _client.DefaultRequestHeaders.Add("Origin", _client.BaseAddress!.GetLeftPart(UriPartial.Authority));
        Assert.That(await Status("/api/players"), Is.EqualTo(200));
    }

    [TestCase("GET", "/nothing", 404)]
    [TestCase("GET", "/drain", 405)]
    [TestCase("DELETE", "/metrics", 405)]
    public async Task WrongRequest_Any_GetsProblemDetails(string method, string path, int expected)
    {
        await Start();
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using HttpResponseMessage response = await _client.SendAsync(request);
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
        int refused = 0;
        for (int i = 0; i < HttpGate.RequestsPerSecond * 4 && refused == 0; i++)
        {
            refused = await Status("/healthz") == 429 ? 1 : 0;
        }

        Assert.That(refused, Is.EqualTo(1), "too many requests");
    }

    [Test]
    public async Task Connections_ThousandIdleAndTwoThatCrawl_DoNotKeepOthersOutAndAreCut()
    {
        await Start();
        var idle = new List<TcpClient>();
        try
        {
            for (int i = 0; i < 1_000; i++)
            {
                var client = new TcpClient();
                idle.Add(client);
                await client.ConnectAsync(_client.BaseAddress!.Host, _client.BaseAddress.Port);
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

    [Test]
    public async Task OpenApi_Document_HoldsEveryRouteAndNoOther()
    {
        await Start();
        JsonElement paths = (await Json("/openapi.json")).GetProperty("paths");
        var documented = paths.EnumerateObject().SelectMany(p => p.Value.EnumerateObject().Select(m => m.Name.ToUpperInvariant() + " " + p.Name)).Order();
        Assert.That(documented, Is.EqualTo(new[]
        {
            "GET /api/players", "GET /api/status", "GET /healthz", "GET /livez", "GET /metrics", "GET /openapi.json", "GET /readyz",
            "POST /api/players/{id}/kick", "POST /drain",
        }));
        foreach (string route in documented)
        {
            using var request = new HttpRequestMessage(new HttpMethod(route.Split(' ')[0]), route.Split(' ')[1].Replace("{id}", "1", StringComparison.Ordinal));
            using HttpResponseMessage response = await _client.SendAsync(request);
            Assert.That(await response.Content.ReadAsStringAsync(), Does.Not.Contain("is not served here"), route);
        }
    }

    [Test]
    public async Task OpenApi_Document_IsTrueToEveryAnswer()
    {
        await Start("--admin-token-file", Write("token", "sesame-sesame-sesame"));
        var document = new OpenApiDocument(await Json("/openapi.json"));
        _control.Players.Begin();
        _control.Players.Add(new PlayerStatus(5, "Ann", 3, 12_500, 150, ServerControl.NowMicros(), false));
        _control.Players.End();
        await Check(document, "GET", "/readyz", 503);
        await Check(document, "POST", "/drain", 401);
        await Check(document, "POST", "/api/players/{id}/kick", 401);
        _client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "sesame-sesame-sesame");
        _control.Started("0.0.0.0:9050");
        _control.TickAdvanced(1, ServerControl.NowMicros());
        foreach (string path in new[] { "/healthz", "/livez", "/readyz", "/metrics", "/api/status", "/api/players", "/openapi.json" })
        {
            await Check(document, "GET", path, 200);
        }

        await Check(document, "GET", "/metrics", 200, accept: "application/openmetrics-text; version=1.0.0");
        await Check(document, "POST", "/api/players/{id}/kick", 202, body: "{\"reason\":\"cheating\"}");
        await Check(document, "POST", "/api/players/{id}/kick", 400, body: "{\"reason\":7}");
        await Check(document, "POST", "/api/players/{id}/kick", 413, body: new string('x', 5_000));
        await Check(document, "POST", "/api/players/{id}/kick", 404, id: "6");
        while (_control.RequestKick(1, "full"))
        {
        }

        await Check(document, "POST", "/api/players/{id}/kick", 503);
        await Check(document, "POST", "/drain", 202);
        await Check(document, "POST", "/drain", 202);
        await Check(document, "GET", "/api/status", 200);
        await Check(document, "GET", "/readyz", 503);
        _control.TickAdvanced(1, ServerControl.NowMicros() - 2_000_001);
        await Check(document, "GET", "/livez", 503);
        _client.DefaultRequestHeaders.Add("Origin", "http://evil.example");
        await Check(document, "POST", "/drain", 403);
        await Check(document, "GET", "/healthz", 403);
        _client.DefaultRequestHeaders.Remove("Origin");
        _client.DefaultRequestHeaders.Host = "evil.example";
        await Check(document, "GET", "/api/players", 400);
    }

    [Test]
    public async Task Start_AddressInUse_SaysSoWithItsExitCode()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        StartFailedException failure = (await Assert.ThrowsAsync<StartFailedException>(() => Start("--http", taken.LocalEndpoint.ToString()!)))!;
        Assert.That(failure.ProcessExitCode, Is.EqualTo(ExitCode.TemporaryFailure));
        Assert.That(failure.Message, Does.Contain(taken.LocalEndpoint.ToString()!));
    }

    [Test]
    public async Task Tls_MutualByAuthority_LetsOnlyItsClientsIn()
    {
        using var authority = new TestAuthority(_folder);
        await Start("--tls-cert", authority.Issue("server"), "--tls-key", Path.Combine(_folder, "server.key"), "--tls-client-ca", authority.CertificateFile);
        Assert.That(_surface!.Address, Does.StartWith("https://"));
        using (HttpClient stranger = authority.Client(_surface.Address, null))
        {
            await Assert.ThrowsAsync<HttpRequestException>(() => stranger.GetAsync("/healthz"));
        }

        using (var other = new TestAuthority(Directory.CreateDirectory(Path.Combine(_folder, "other")).FullName))
        using (HttpClient foreign = authority.Client(_surface.Address, other.IssueCertificate("foreign")))
        {
            await Assert.ThrowsAsync<HttpRequestException>(() => foreign.GetAsync("/healthz"));
        }

        using HttpClient friend = authority.Client(_surface.Address, authority.IssueCertificate("friend"));
        using HttpResponseMessage response = await friend.GetAsync("/healthz");
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task Tls_FilesReplaced_AreServedAfterAReloadAndWrongOnesAreNot()
    {
        using var authority = new TestAuthority(_folder);
        string certificate = authority.Issue("server"), key = Path.ChangeExtension(certificate, ".key");
        string[] args = ["--tls-cert", certificate, "--tls-key", key];
        await Start(args);
        ServeOptions options = Options(args);
        string first = await SubjectShown();
        string wrong = File.ReadAllText(authority.Issue("renewed"));
        File.WriteAllText(certificate, wrong);
        Assert.That(Assert.Throws<StartFailedException>(() => _surface!.Reload(options))!.ProcessExitCode, Is.EqualTo(ExitCode.BadArguments), "the key is not its key");
        Assert.That(await SubjectShown(), Is.EqualTo(first));
        File.Copy(Path.Combine(_folder, "renewed.key"), key, overwrite: true);
        _surface!.Reload(options);
        Assert.That((first, await SubjectShown()), Is.EqualTo(("CN=server", "CN=renewed")));

        async Task<string> SubjectShown()
        {
            string subject = "";
            using var handler = new SocketsHttpHandler();
            handler.SslOptions.RemoteCertificateValidationCallback = (_, shown, _, _) =>
            {
                subject = shown!.Subject;
                return subject.StartsWith("CN=", StringComparison.Ordinal);
            };
            using var client = new HttpClient(handler);
            await client.GetStringAsync(_surface!.Address + "/healthz");
            return subject;
        }
    }

    private async Task Check(OpenApiDocument document, string method, string path, int expected, string? body = null, string? accept = null, string id = "5")
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path.Replace("{id}", id, StringComparison.Ordinal));
        request.Content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        if (accept is not null)
        {
            request.Headers.TryAddWithoutValidation("Accept", accept);
        }

        using HttpResponseMessage response = await _client.SendAsync(request);
        string answer = await response.Content.ReadAsStringAsync();
        Assert.That((int)response.StatusCode, Is.EqualTo(expected), $"{method} {path}: {answer}");
        string contentType = response.Content.Headers.TryGetValues("Content-Type", out IEnumerable<string>? values) ? values.Single() : "";
        Assert.That(document.Problem(method, path, expected, contentType, answer), Is.Null, $"{method} {path} {expected}: {answer}");
    }

    private async Task Start(params string[] args)
    {
        var surface = new HttpSurface(Options(args), _telemetry, _control, new Lazy<TelemetryExport>(_export), _log);
        try
        {
            await surface.Start();
        }
        catch
        {
            await surface.DisposeAsync();
            throw;
        }

        _surface = surface;
        _client = new HttpClient { BaseAddress = new Uri(surface.Address) };
    }

    private static ServeOptions Options(params string[] args) =>
        (ServeOptions)CommandLine.Parse(args.Contains("--http") ? args : [.. args, "--http", "127.0.0.1:0"], new System.Collections.Hashtable(), TextWriter.Null, TextWriter.Null).Options!;

    private async Task<int> Status(string path)
    {
        using HttpResponseMessage response = await _client.GetAsync(path);
        return (int)response.StatusCode;
    }

    private async Task<int> Post(string path, string? body = null)
    {
        using StringContent? content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await _client.PostAsync(path, content);
        return (int)response.StatusCode;
    }

    private async Task<JsonElement> Json(string path)
    {
        using JsonDocument document = JsonDocument.Parse(await _client.GetStringAsync(path));
        return document.RootElement.Clone();
    }

    private async Task<string> Raw(string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(_client.BaseAddress!.Host, _client.BaseAddress.Port);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request));
        byte[] answer = new byte[1024];
        int length = await client.GetStream().ReadAsync(answer);
        return Encoding.ASCII.GetString(answer, 0, length);
    }

    private string Write(string name, string content)
    {
        string path = Path.Combine(_folder, name);
        File.WriteAllText(path, content);
        return path;
    }
}
