using System.Net;
using System.Net.Sockets;

namespace GameServer.Tests.Operations;

/// <summary>How the whole process ends when something around it is wrong.</summary>
[Category("Socket")]
[Platform("Linux")]
[Parallelizable(ParallelScope.All)]
public class EndTests
{
    private const string Quick = "serve --port 0 --http 127.0.0.1:0 --cpu-affinity none --drain-timeout 0";

    [TestCase(40)]
    [TestCase(64)]
    [TestCase(120)]
    [TestCase(255)]
    public async Task Handles_TooFew_AreATemporaryFailureInOneLine(int limit)
    {
        using ServerProcess server = ServerProcess.InShell($"ulimit -n {limit};", Quick + " --bots 0");
        Assert.That(await server.Exit(withinSeconds: 30), Is.EqualTo(75), server.Everything);
        Assert.That(server.Errors.Single(static l => l.StartsWith("error: ", StringComparison.Ordinal)), Does.Contain("files"));
    }

    [Test]
    public async Task Handles_JustEnough_Serve()
    {
        using ServerProcess server = ServerProcess.InShell("ulimit -n 260;", Quick + " --bots 2");
        using var client = new HttpClient { BaseAddress = await server.Ready() };
        Assert.That(await client.GetStringAsync("/livez"), Does.Contain("alive"));
        server.Signal(ServerProcess.Terminate);
        Assert.That(await server.Exit(withinSeconds: 10), Is.Zero, server.Everything);
    }

    [Test]
    public async Task Handles_WantedByIdleConnections_AreKeptForTheEnd()
    {
        using ServerProcess server = ServerProcess.InShell("ulimit -n 300;", Quick + " --bots 2");
        Uri address = await server.Ready();
        var crowd = new List<TcpClient>();
        for (int i = 0; i < 250; i++)
        {
            var client = new TcpClient();
            crowd.Add(client);
            await client.ConnectAsync(address.Host, address.Port);
        }

        using (var client = new HttpClient { BaseAddress = address })
        {
            Assert.That(await client.GetStringAsync("/livez"), Does.Contain("alive"));
            Assert.That(Directory.GetFiles($"/proc/{server.Id}/fd"), Has.Length.LessThan(280), "the runtime has room");
        }

        server.Signal(ServerProcess.Terminate);
        Assert.That(await server.Exit(withinSeconds: 10), Is.Zero, server.Everything);
        Assert.That(server.Events("http_accept_failed"), Is.Empty);
        crowd.ForEach(static c => c.Dispose());
    }

    [Test]
    public async Task StandardError_DiskIsFull_TheServerServes()
    {
        using ServerProcess server = ServerProcess.InShell("exec 2>/dev/full;", Quick + " --bots 0");
        using var client = new HttpClient { BaseAddress = await server.Ready() };
        Assert.That(await client.GetStringAsync("/livez"), Does.Contain("alive"));
        server.Signal(ServerProcess.Terminate);
        Assert.That(await server.Exit(withinSeconds: 10), Is.Zero, server.Everything);
    }

    [TestCase(">&-")]
    [TestCase("2>&-")]
    [TestCase(">&- 2>&-")]
    [TestCase("<&- >&- 2>&-")]
    [TestCase("1</dev/null 2</dev/null")]
    public async Task StandardHandles_ClosedOrForReading_TheServerServes(string redirections)
    {
        int port = FreePort();
        using ServerProcess server = ServerProcess.InShell($"exec {redirections};", $"serve --port 0 --http 127.0.0.1:{port} --cpu-affinity none --drain-timeout 0 --bots 2 --status-seconds 1");
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        await AgonesTests.Eventually(() => Metrics(client).Contains("gameserver_players 2\n", StringComparison.Ordinal), seconds: 30);
        server.Signal(ServerProcess.Terminate);
        Assert.That(await server.Exit(withinSeconds: 10), Is.Zero, server.Everything);
    }

    [Test]
    public async Task StandardOutput_ReaderGoesAway_TheServerServes()
    {
        int port = FreePort();
        using ServerProcess server = ServerProcess.InShell(
            "", $"serve --port 0 --http 127.0.0.1:{port} --cpu-affinity none --drain-timeout 0 --bots 0 --status-seconds 1 2>&1 | head -n 1; exit ${{PIPESTATUS[0]}}", shell: "/bin/bash");
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        await AgonesTests.Eventually(() => Metrics(client).Contains("gameserver_ready 1\n", StringComparison.Ordinal), seconds: 30);
        string ticks = Metrics(client);
        await AgonesTests.Eventually(() => Metrics(client) != ticks); // the reader has been gone for some lines
        using HttpResponseMessage _ = await client.PostAsync("/drain", null);
        Assert.That(await server.Exit(withinSeconds: 10), Is.Zero, server.Everything);
        Assert.That(server.Lines, Has.Count.EqualTo(1));
    }

    [TestCase(">&-", "serve --print-config", 74)]
    [TestCase(">&- 2>&-", "serve --tick-rate 0", 2)]
    public async Task Command_StandardHandlesClosed_EndsWithItsCode(string redirections, string arguments, int expected)
    {
        using ServerProcess command = ServerProcess.InShell($"exec {redirections};", arguments);
        Assert.That(await command.Exit(withinSeconds: 20), Is.EqualTo(expected));
    }

    [Test]
    public async Task Arguments_WrongAndStandardErrorFull_EndWithTheirCode()
    {
        using ServerProcess server = ServerProcess.InShell("exec 2>/dev/full;", "serve --tick-rate 0");
        Assert.That(await server.Exit(withinSeconds: 20), Is.EqualTo(2));
        using ServerProcess doctor = ServerProcess.InShell("exec >/dev/full;", "serve --print-config");
        Assert.That(await doctor.Exit(withinSeconds: 20), Is.EqualTo(74), "what was asked for did not arrive");
    }

    [Test]
    public async Task HttpAddress_Taken_EndsBeforeAnybodyIsLetIn()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        using var server = new ServerProcess($"serve --port 0 --http {taken.LocalEndpoint} --bots 4 --cpu-affinity none");
        Assert.That(await server.Exit(withinSeconds: 30), Is.EqualTo(75), server.Everything);
        Assert.That(server.Events("joined"), Is.Empty);
        Assert.That(server.Everything, Does.Not.Contain("   at ").And.Not.Contains("Exception"));
        Assert.That(server.Errors.Count(static l => l.StartsWith("error: ", StringComparison.Ordinal)), Is.EqualTo(1));
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task Receiver_Hangs_TheEndTakesThreeSecondsAndKeepsItsCode(bool signalsTwice)
    {
        using var receiver = new TcpListener(IPAddress.Loopback, 0); // connections are taken by the kernel, and nobody answers
        receiver.Start();
        using var server = new ServerProcess(
            Quick + " --bots 0", ("OTEL_EXPORTER_OTLP_ENDPOINT", $"http://{receiver.LocalEndpoint}"), ("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"));
        await server.Ready();
        long start = Environment.TickCount64;
        server.Signal(ServerProcess.Terminate);
        await server.Event("ended");
        if (signalsTwice)
        {
            server.Signal(ServerProcess.Terminate);
        }

        Assert.That(await server.Exit(withinSeconds: 20), Is.Zero, server.Everything);
        Assert.That(Environment.TickCount64 - start, Is.LessThan(6_000));
        Assert.That(server.Events("telemetry_lost"), Has.Length.EqualTo(1));
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    private static string Metrics(HttpClient client)
    {
        try
        {
            return client.GetStringAsync("/metrics").GetAwaiter().GetResult();
        }
        catch (HttpRequestException)
        {
            return ""; // it does not listen yet
        }
    }
}
