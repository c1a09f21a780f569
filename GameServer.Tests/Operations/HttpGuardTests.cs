using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using GameServer.Operations;
using GameServer.Operations.Http;

namespace GameServer.Tests.Operations;

/// <summary>Who gets in: connections that crowd, requests through a proxy or from elsewhere, and what each may read.</summary>
[Category("Socket")]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
[Parallelizable(ParallelScope.All)]
public class HttpGuardTests : HttpFixture
{
    [Test]
    public async Task Connections_2048OfOneAddressIdleOrHalfSent_ProbesAreAnsweredMeanwhileAndAfter()
    {
        await Start();
        Control.TickAdvanced(1, ServerControl.NowMicros() + 60_000_000);
        var crowd = new List<TcpClient>();
        try
        {
            for (int i = 0; i < OpenConnections.Max; i++)
            {
                var client = new TcpClient();
                crowd.Add(client);
                await client.ConnectAsync(Client.BaseAddress!.Host, Client.BaseAddress.Port);
                if (i % 2 == 0)
                {
                    await client.GetStream().WriteAsync("GET /livez HT"u8.ToArray());
                }

                if (i % 256 == 255)
                {
                    Assert.That(await Raw("GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"), Does.StartWith("HTTP/1.1 200"), $"after {i + 1}");
                }
            }

            Assert.That(await ReadToEnd(crowd[0]), Is.EqualTo(""), "the longest idle made room");
            Assert.That(await Status("/readyz"), Is.EqualTo(503), "and a client that keeps its connection is served, too");
            Assert.That(Lines.ToString(), Does.Contain("\"event\":\"http_crowded\"").And.Contains("127.0.0.1"));
        }
        finally
        {
            crowd.ForEach(static c => c.Dispose());
        }
    }

    [Test]
    public async Task Connection_SaysNothing_IsClosedAfterFiveSecondsBehindAHandshakeToo()
    {
        using var authority = new TestAuthority(Folder);
        await Start("--tls-cert", authority.Issue("server"), "--tls-key", Path.Combine(Folder, "server.key"), "--health-http", "127.0.0.1:0");
        using TcpClient plain = await Connect(Surface!.HealthAddress);
        using TcpClient secure = await Connect(Surface.Address);
        await using var tls = new SslStream(secure.GetStream(), false, static (_, _, _, errors) => (errors & SslPolicyErrors.RemoteCertificateNotAvailable) == 0);
        await tls.AuthenticateAsClientAsync("localhost");
        long start = Environment.TickCount64;
        Assert.That(await plain.GetStream().ReadAsync(new byte[1]), Is.Zero);
        Assert.That(Environment.TickCount64 - start, Is.InRange(3_000, 15_000));
        Assert.That(await tls.ReadAsync(new byte[1]), Is.Zero);
        Assert.That(Environment.TickCount64 - start, Is.InRange(3_000, 15_000));
    }

    [Test]
    public async Task HealthListener_BesideMutualTls_ServesHealthAndNothingElse()
    {
        using var authority = new TestAuthority(Folder);
        await Start(
            "--tls-cert", authority.Issue("server"), "--tls-key", Path.Combine(Folder, "server.key"), "--tls-client-ca", authority.CertificateFile, "--health-http", "127.0.0.1:0");
        using var probe = new HttpClient { BaseAddress = new Uri(Surface!.HealthAddress) };
        Assert.That(Surface.HealthAddress, Does.StartWith("http://127.0.0.1:"));
        foreach ((string path, int expected) in new[] { ("/healthz", 200), ("/readyz", 503), ("/metrics", 404), ("/api/players", 404), ("/openapi.json", 404) })
        {
            using HttpResponseMessage response = await probe.GetAsync(path);
            Assert.That((int)response.StatusCode, Is.EqualTo(expected), path);
        }

        using HttpResponseMessage drain = await probe.PostAsync("/drain", null);
        Assert.That((drain.StatusCode, Control.Drain), Is.EqualTo((HttpStatusCode.NotFound, DrainState.Running)));
        using HttpClient friend = authority.Client(Surface.Address, authority.IssueCertificate("friend"));
        friend.DefaultRequestHeaders.Add("X-Forwarded-For", "10.1.2.3");
        Assert.That(await friend.GetStringAsync("/api/players"), Does.Contain("players"), "a certificate of the authority reads from anywhere");
    }

    [TestCase("Forwarded", "for=10.1.2.3")]
    [TestCase("X-Forwarded-For", "10.1.2.3")]
    [TestCase("X-Real-IP", "10.1.2.3")]
    [TestCase("Via", "1.1 proxy")]
    public async Task Request_ThroughAProxyOnThisMachine_IsNotTakenForLocal(string header, string value)
    {
        await Start();
        Assert.That(await Status("/api/players"), Is.EqualTo(200));
        Client.DefaultRequestHeaders.TryAddWithoutValidation(header, value);
        Assert.That((await Post("/drain"), await Post("/api/players/1/kick")), Is.EqualTo((403, 403)));
        Assert.That((await Status("/api/players"), await Status("/api/status"), await Status("/metrics")), Is.EqualTo((403, 403, 403)));
        Assert.That((await Status("/healthz"), await Status("/openapi.json")), Is.EqualTo((200, 200)), "health and the document are everybody's");
        Assert.That(Control.Drain, Is.EqualTo(DrainState.Running));
        Assert.That(Lines.ToString(), Does.Contain("\"event\":\"http_refused\""));
    }

    [Test]
    public async Task Reading_FromElsewhere_NeedsTheTokenAndMetricsMayBeOpened()
    {
        await Start("--admin-token-file", Write("token", "sesame-sesame-sesame"), "--metrics-open");
        Client.DefaultRequestHeaders.Add("X-Forwarded-For", "10.1.2.3");
        Assert.That((await Status("/api/players"), await Status("/api/status"), await Status("/metrics")), Is.EqualTo((401, 401, 200)));
        Client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "sesame-sesame-sesame");
        Assert.That((await Status("/api/players"), await Status("/api/status"), await Post("/drain")), Is.EqualTo((200, 200, 202)));
    }

    [Test]
    public async Task Refusal_ByHostOrOrigin_IsLoggedWithWhatWasAsked()
    {
        await Start();
        Client.DefaultRequestHeaders.Host = "evil.example";
        Assert.That(await Status("/healthz"), Is.EqualTo(400));
        Client.DefaultRequestHeaders.Host = null;
        Client.DefaultRequestHeaders.Add("Origin", "http://page.example");
        Assert.That(await Status("/api/status"), Is.EqualTo(403));
        string[] refused = [.. Lines.ToString().Split('\n').Where(static l => l.Contains("\"event\":\"http_refused\"", StringComparison.Ordinal))];
        Assert.That(refused, Has.Length.EqualTo(2));
        Assert.That(refused[0], Does.Contain("evil.example").And.Contains("/healthz").And.Contains("127.0.0.1"));
        Assert.That(refused[1], Does.Contain("http://page.example"));
    }

    [Test]
    public async Task Head_EveryReadRoute_IsAnsweredWithoutABody()
    {
        await Start();
        foreach (string path in new[] { "/healthz", "/readyz", "/metrics", "/api/status", "/api/players", "/openapi.json" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Head, path);
            using HttpResponseMessage head = await Client.SendAsync(request);
            Assert.That((int)head.StatusCode, Is.EqualTo(path == "/readyz" ? 503 : 200), path);
            Assert.That(head.Content.Headers.ContentLength, Is.GreaterThan(0), path);
            Assert.That(await head.Content.ReadAsByteArrayAsync(), Is.Empty, path);
        }
    }

    [TestCase("gzip", true)]
    [TestCase("br, gzip;q=0.5", true)]
    [TestCase("*", true)]
    [TestCase("gzip;q=0", false)]
    [TestCase("identity", false)]
    public async Task Gzip_WhoTakesIt_GetsIt(string accept, bool expected)
    {
        await Start();
        foreach (string path in new[] { "/metrics", "/openapi.json" })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            request.Headers.TryAddWithoutValidation("Accept-Encoding", accept);
            using HttpResponseMessage response = await Client.SendAsync(request);
            byte[] body = await response.Content.ReadAsByteArrayAsync();
            Assert.That(response.Content.Headers.ContentEncoding.Contains("gzip"), Is.EqualTo(expected));
            Assert.That(response.Headers.Vary, Does.Contain("Accept-Encoding"));
            using var gzip = new GZipStream(new MemoryStream(body), CompressionMode.Decompress);
            using var reader = new StreamReader(expected ? gzip : new MemoryStream(body), Encoding.UTF8);
            string text = await reader.ReadToEndAsync();
            Assert.That(text, Does.Contain(path == "/metrics" ? "gameserver_ready" : "openapi"));
            Assert.That(body, Has.Length.LessThan(expected ? (text.Length / 2) : text.Length + 1));
        }
    }

    private static async Task<TcpClient> Connect(string address)
    {
        var client = new TcpClient();
        await client.ConnectAsync(new Uri(address).Host, new Uri(address).Port);
        return client;
    }

    private static async Task<string> ReadToEnd(TcpClient client)
    {
        try
        {
            using var reader = new StreamReader(client.GetStream(), Encoding.ASCII);
            return await reader.ReadToEndAsync();
        }
        catch (IOException)
        {
            return ""; // cut with a reset
        }
    }
}
