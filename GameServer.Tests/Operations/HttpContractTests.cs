using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using GameServer.Configuration;
using GameServer.Operations;

namespace GameServer.Tests.Operations;

/// <summary>What the HTTP surface promises to programs: its document, its certificates, its exit codes.</summary>
[Category("Socket")]
public class HttpContractTests : HttpFixture
{
    [Test]
    public async Task OpenApi_Document_HoldsEveryRouteAndNoOther()
    {
        await Start();
        JsonElement paths = (await Json("/openapi.json")).GetProperty("paths");
        var documented = paths.EnumerateObject().SelectMany(p => p.Value.EnumerateObject().Select(m => m.Name.ToUpperInvariant() + " " + p.Name)).Order();
        Assert.That(documented, Is.EqualTo(new[]
        {
            "GET /api/players", "GET /api/status", "GET /healthz", "GET /livez", "GET /metrics", "GET /openapi.json", "GET /readyz",
            "POST /api/notice", "POST /api/players/{id}/kick", "POST /drain",
        }));
        foreach (string route in documented)
        {
            using var request = new HttpRequestMessage(new HttpMethod(route.Split(' ')[0]), route.Split(' ')[1].Replace("{id}", "1", StringComparison.Ordinal));
            using HttpResponseMessage response = await Client.SendAsync(request);
            Assert.That(await response.Content.ReadAsStringAsync(), Does.Not.Contain("is not served here"), route);
        }
    }

    [Test]
    public async Task OpenApi_Document_NamesServersAndWhatEachRouteNeeds()
    {
        await Start();
        JsonElement document = await Json("/openapi.json");
        Assert.That(document.GetProperty("servers")[0].GetProperty("url").GetString(), Is.EqualTo("/"));
        string[] schemes = [.. document.GetProperty("components").GetProperty("securitySchemes").EnumerateObject().Select(static s => s.Name)];
        JsonElement common = document.GetProperty("security");
        Assert.That(common.EnumerateArray().SelectMany(static s => s.EnumerateObject()).Select(static s => s.Name), Is.SubsetOf(schemes).And.Not.Empty);
        foreach (JsonProperty path in document.GetProperty("paths").EnumerateObject())
        {
            JsonElement operation = path.Value.EnumerateObject().Single().Value;
            int needed = (operation.TryGetProperty("security", out JsonElement own) ? own : common).GetArrayLength();
            bool isOpen = path.Name is "/healthz" or "/livez" or "/readyz" or "/openapi.json";
            Assert.That(needed, isOpen ? Is.Zero : Is.GreaterThan(0), path.Name);
        }
    }

    [Test]
    public async Task OpenApi_Document_IsTrueToEveryAnswer()
    {
        await Start("--admin-token-file", Write("token", "sesame-sesame-sesame"));
        var document = new OpenApiDocument(await Json("/openapi.json"));
        Control.Players.Begin();
        Control.Players.Add(new PlayerStatus(5, "Ann", 3, 12_500, 150, ServerControl.NowMicros(), false));
        Control.Players.End();
        await Check(document, "GET", "/readyz", 503);
        await Check(document, "POST", "/drain", 401);
        await Check(document, "POST", "/api/players/{id}/kick", 401);
        await Check(document, "POST", "/api/notice", 401);
        Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "sesame-sesame-sesame");
        Control.Started("0.0.0.0:9050");
        Control.TickAdvanced(1, ServerControl.NowMicros());
        foreach (string path in new[] { "/healthz", "/livez", "/readyz", "/metrics", "/api/status", "/api/players", "/openapi.json" })
        {
            await Check(document, "GET", path, 200);
        }

        await Check(document, "GET", "/metrics", 200, accept: "application/openmetrics-text; version=1.0.0");
        await Check(document, "POST", "/api/players/{id}/kick", 202, body: "{\"reason\":\"cheating\"}");
        await Check(document, "POST", "/api/players/{id}/kick", 400, body: "{\"reason\":7}");
        await Check(document, "POST", "/api/players/{id}/kick", 413, body: new string('x', 5_000));
        await Check(document, "POST", "/api/players/{id}/kick", 404, id: "6");
        while (Control.RequestKick(1, "full"))
        {
        }

        await Check(document, "POST", "/api/players/{id}/kick", 503);
        await Check(document, "POST", "/api/notice", 400, body: "{}");
        await Check(document, "POST", "/api/notice", 202, body: "{\"text\":\"maintenance at six\"}");
        while (Control.RequestNotice("full"))
        {
        }

        await Check(document, "POST", "/api/notice", 503, body: "{\"text\":\"maintenance at six\"}");
        await Check(document, "POST", "/drain", 202);
        await Check(document, "POST", "/drain", 202);
        await Check(document, "GET", "/api/status", 200);
        await Check(document, "GET", "/readyz", 503);
        Control.TickAdvanced(1, ServerControl.NowMicros() - 2_000_001);
        await Check(document, "GET", "/livez", 503);
        Client.DefaultRequestHeaders.Add("Origin", "http://evil.example");
        await Check(document, "POST", "/drain", 403);
        await Check(document, "GET", "/healthz", 403);
        Client.DefaultRequestHeaders.Remove("Origin");
        Client.DefaultRequestHeaders.Host = "evil.example";
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
        using var authority = new TestAuthority(Folder);
        await Start("--tls-cert", authority.Issue("server"), "--tls-key", Path.Combine(Folder, "server.key"), "--tls-client-ca", authority.CertificateFile);
        Assert.That(Surface!.Address, Does.StartWith("https://"));
        using (HttpClient stranger = authority.Client(Surface.Address, null))
        {
            await Assert.ThrowsAsync<HttpRequestException>(() => stranger.GetAsync("/healthz"));
        }

        using (var other = new TestAuthority(Directory.CreateDirectory(Path.Combine(Folder, "other")).FullName))
        using (HttpClient foreign = authority.Client(Surface.Address, other.IssueCertificate("foreign")))
        {
            await Assert.ThrowsAsync<HttpRequestException>(() => foreign.GetAsync("/healthz"));
        }

        (System.Security.Cryptography.X509Certificates.X509Certificate2 leaf, System.Security.Cryptography.X509Certificates.X509Certificate2 between) = authority.IssueByIntermediate("far friend");
        using (HttpClient far = authority.Client(Surface.Address, leaf, between))
        {
            Assert.That(await far.GetStringAsync("/healthz"), Does.Contain("ok"), "the client shows the authority between its own and the root");
        }

        using (HttpClient incomplete = authority.Client(Surface.Address, leaf))
        {
            await Assert.ThrowsAsync<HttpRequestException>(() => incomplete.GetAsync("/healthz"));
        }

        using HttpClient friend = authority.Client(Surface.Address, authority.IssueCertificate("friend"));
        using HttpResponseMessage response = await friend.GetAsync("/healthz");
        Assert.That(response.StatusCode, Is.EqualTo(HttpStatusCode.OK));
    }

    [Test]
    public async Task Tls_FilesReplaced_AreServedAfterAReloadAndWrongOnesAreNot()
    {
        using var authority = new TestAuthority(Folder);
        string certificate = authority.Issue("server"), key = Path.ChangeExtension(certificate, ".key");
        string[] args = ["--tls-cert", certificate, "--tls-key", key];
        await Start(args);
        ServeOptions options = Options(args);
        string first = await SubjectShown();
        string wrong = File.ReadAllText(authority.Issue("renewed"));
        File.WriteAllText(certificate, wrong);
        Assert.That(Assert.Throws<StartFailedException>(() => Surface!.Reload(options))!.ProcessExitCode, Is.EqualTo(ExitCode.BadArguments), "the key is not its key");
        Assert.That(await SubjectShown(), Is.EqualTo(first));
        File.Copy(Path.Combine(Folder, "renewed.key"), key, overwrite: true);
        Surface!.Reload(options);
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
            await client.GetStringAsync(Surface!.Address + "/healthz");
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

        using HttpResponseMessage response = await Client.SendAsync(request);
        string answer = await response.Content.ReadAsStringAsync();
        Assert.That((int)response.StatusCode, Is.EqualTo(expected), $"{method} {path}: {answer}");
        string contentType = response.Content.Headers.TryGetValues("Content-Type", out IEnumerable<string>? values) ? values.Single() : "";
        Assert.That(document.Problem(method, path, expected, contentType, answer), Is.Null, $"{method} {path} {expected}: {answer}");
    }
}
