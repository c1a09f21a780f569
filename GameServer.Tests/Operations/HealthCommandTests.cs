using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace GameServer.Tests.Operations;

/// <summary>The commands that a container and a script ask.</summary>
[Category("Socket")]
[Platform("Linux")]
[Parallelizable(ParallelScope.All)]
public class HealthCommandTests
{
    [Test]
    public async Task Health_OfAServer_FollowsItsLife()
    {
        int port;
        using (var probe = new TcpListener(IPAddress.Loopback, 0))
        {
            probe.Start();
            port = ((IPEndPoint)probe.LocalEndpoint).Port;
        }

        (string, string) http = ("GAMESERVER_HTTP", $"0.0.0.0:{port}");
        using var before = new ServerProcess("health", http);
        Assert.That(await before.Exit(withinSeconds: 20), Is.EqualTo(1), before.Everything);
        Assert.That(before.Errors.Single(), Does.StartWith($"error: http://127.0.0.1:{port}/livez: "));

        using var server = new ServerProcess("serve --port 0 --bots 0 --cpu-affinity none", http);
        await server.Ready();
        using var during = new ServerProcess("health", http);
        Assert.That(await during.Exit(withinSeconds: 20), Is.Zero, during.Everything);
        Assert.That(during.Lines.Single(), Does.StartWith("200 ").And.Contains("alive"));
        server.Signal(ServerProcess.Terminate);
        Assert.That(await server.Exit(withinSeconds: 10), Is.Zero, server.Everything);
    }

    [Test]
    public async Task Health_HttpIsOff_IsABadArgument()
    {
        using var health = new ServerProcess("health --http none");
        Assert.That(await health.Exit(withinSeconds: 20), Is.EqualTo(2), health.Everything);
    }

    [Test]
    public async Task Doctor_AsJson_SaysTheSameAsItsCode()
    {
        using var doctor = new ServerProcess("doctor --json --tick-rate 30 --cpu-affinity none");
        int code = await doctor.Exit(withinSeconds: 40);
        using JsonDocument document = JsonDocument.Parse(doctor.Lines.Single());
        JsonElement root = document.RootElement;
        bool isOk = root.GetProperty("ok").GetBoolean();
        Assert.That(code, Is.EqualTo(isOk ? 0 : 3), doctor.Everything);
        JsonElement[] items = [.. root.GetProperty("items").EnumerateArray()];
        Assert.That(items.All(static i => i.GetProperty("ok").GetBoolean() || (i.GetProperty("cost").GetString()!.Length > 0 && i.GetProperty("fix").GetString()!.Length > 0)), Is.True);
        Assert.That(items.All(static i => i.GetProperty("ok").GetBoolean()), Is.EqualTo(isOk));
        Assert.That(root.GetProperty("tickLatenessMicros").GetProperty("pacer").GetProperty("ticks").GetInt64(), Is.GreaterThan(30));
    }
}
