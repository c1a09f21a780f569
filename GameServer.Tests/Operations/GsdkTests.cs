using System.Collections.Concurrent;
using GameServer.Configuration;
using GameServer.Operations;
using GameServer.Operations.Logging;
using GameServer.Operations.Orchestrators;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;

namespace GameServer.Tests.Operations;

[Category("Socket")]
[Parallelizable(ParallelScope.All)]
public class GsdkTests
{
    [TestCase("""{"operation":"Active"}""", "session", "")]
    [TestCase("""{"operation":"active","sessionConfig":null,"nextScheduledMaintenanceUtc":null}""", "session", "")]
    [TestCase("""{"sessionConfig":{"sessionId":"0f3c0f3c-0000-0000-0000-000000000000","sessionCookie":null,"initialPlayers":["a","b"],"metadata":{}},"operation":"Active"}""", "0f3c0f3c-0000-0000-0000-000000000000", "a,b")]
    public async Task Active_InEachFormOfTheAgent_IsAMatch(string answer, string id, string players)
    {
        await using WebApplication agent = await Agent(_ => answer);
        (GsdkOrchestrator gsdk, ServerControl control, LogOutput log) = Launch(agent);
        using (log)
        using (gsdk)
        {
            MatchRequest? match = null;
            await AgonesTests.Eventually(() => control.TryTakeMatch(out match));
            Assert.That((match!.Id, match.Parameters.GetValueOrDefault("initial-players") ?? ""), Is.EqualTo((id, players)));
            await Task.Delay(100);
            Assert.That(control.TryTakeMatch(out _), Is.False);
            await gsdk.Shutdown();
        }
    }

    [Test]
    public async Task Agent_DeadOrTalkingNonsense_IsLoggedOncePerChangeAndAskedAgain()
    {
        string answer = "nonsense";
        await using WebApplication agent = await Agent(_ => Volatile.Read(ref answer));
        var lines = new StringWriter();
        (GsdkOrchestrator gsdk, ServerControl control, LogOutput log) = Launch(agent, lines);
        using (log)
        using (gsdk)
        {
            await AgonesTests.Eventually(() => lines.ToString().Contains("orchestrator_down", StringComparison.Ordinal));
            Volatile.Write(ref answer, "{\"operation\":\"Terminate\"}");
            await AgonesTests.Eventually(() => control.Drain == DrainState.Draining);
            Assert.That(lines.ToString().Split('\n').Count(static l => l.Contains("orchestrator_down", StringComparison.Ordinal)), Is.EqualTo(1));
            await gsdk.Shutdown();
        }
    }

    private static async Task<WebApplication> Agent(Func<string, string> answer)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(k => k.Listen(System.Net.IPAddress.Loopback, 0));
        WebApplication agent = builder.Build();
        agent.Run(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            await context.Response.WriteAsync(answer(await reader.ReadToEndAsync()));
        });
        await agent.StartAsync();
        return agent;
    }

    private static (GsdkOrchestrator Gsdk, ServerControl Control, LogOutput Log) Launch(WebApplication agent, StringWriter? lines = null)
    {
        string file = Path.GetTempFileName();
        File.WriteAllText(file, "{\"heartbeatEndpoint\":\"" + new Uri(agent.Urls.First()).Authority + "\",\"sessionHostId\":\"s-1\"}");
        var control = new ServerControl(8, 25);
        var log = new LogOutput(lines ?? TextWriter.Null, json: true, LogThreshold.Info, ServerControl.NowMicros);
        var gsdk = new GsdkOrchestrator(GsdkConfig.Read(file), control, log.CreateLogger("GameServer"));
        File.Delete(file);
        gsdk.Started();
        gsdk.Ready();
        return (gsdk, control, log);
    }

    [Test]
    public async Task Life_AgentAllocatesAndTerminates_IsFollowed()
    {
        var beats = new ConcurrentQueue<string>();
        string operation = "{\"operation\":\"Continue\"}";
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(k => k.Listen(System.Net.IPAddress.Loopback, 0));
        await using WebApplication agent = builder.Build();
        agent.Run(async context =>
        {
            using var reader = new StreamReader(context.Request.Body);
            beats.Enqueue($"{context.Request.Method} {context.Request.Path} {await reader.ReadToEndAsync()}");
            await context.Response.WriteAsync(Volatile.Read(ref operation));
        });
        await agent.StartAsync();

        string file = Path.GetTempFileName();
        await File.WriteAllTextAsync(file, "{\"heartbeatEndpoint\":\"" + new Uri(agent.Urls.First()).Authority + "\",\"sessionHostId\":\"s-1\",\"gamePorts\":{\"game\":\"3600\"}}");
        var control = new ServerControl(8, 25);
        using var log = new LogOutput(TextWriter.Null, json: true, LogThreshold.Info, ServerControl.NowMicros);
        using var gsdk = new GsdkOrchestrator(GsdkConfig.Read(file), control, log.CreateLogger("GameServer"));
        File.Delete(file);
        Assert.That(await gsdk.FindPort(), Is.EqualTo(3600));
        gsdk.Started();
        await AgonesTests.Eventually(() => beats.Any(b => b == "PATCH /v1/sessionHosts/s-1 {\"CurrentGameState\":\"Initializing\",\"CurrentGameHealth\":\"Healthy\",\"CurrentPlayers\":[]}"));
        gsdk.PlayerJoined(3);
        gsdk.Ready();
        await AgonesTests.Eventually(() => beats.Any(b => b.Contains("StandingBy", StringComparison.Ordinal) && b.Contains("{\"PlayerId\":\"player-3\"}", StringComparison.Ordinal)));

        Volatile.Write(ref operation, """{"operation":"Active","sessionConfig":{"sessionId":"m-7","sessionCookie":"c","metadata":{"map":"yard"}},"maintenanceSchedule":null}""");
        MatchRequest? match = null;
        await AgonesTests.Eventually(() => control.TryTakeMatch(out match));
        Assert.That((match!.Id, match.Parameters["map"], match.Parameters["session-cookie"]), Is.EqualTo(("m-7", "yard", "c")));
        await AgonesTests.Eventually(() => beats.Any(b => b.Contains("\"Active\"", StringComparison.Ordinal)));
        Assert.That(control.TryTakeMatch(out _), Is.False);

        control.TickAdvanced(1, ServerControl.NowMicros() - 3_000_000);
        await AgonesTests.Eventually(() => beats.Any(b => b.Contains("Unhealthy", StringComparison.Ordinal)));
        Volatile.Write(ref operation, "{\"operation\":\"Terminate\"}");
        await AgonesTests.Eventually(() => control.Drain == DrainState.Draining);
        await gsdk.Shutdown();
        Assert.That(beats.Last(), Does.Contain("Terminating"));
    }
}
