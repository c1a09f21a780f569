using System.Collections.Concurrent;
using System.Text;
using GameServer.Configuration;
using GameServer.Operations;
using GameServer.Operations.Http;
using GameServer.Operations.Logging;
using GameServer.Operations.Orchestrators;
using GameServer.Operations.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;

namespace GameServer.Tests.Operations;

[Category("Socket")]
[NonParallelizable]
public class OtlpTests
{
    private static readonly string[] Variables = ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_SERVICE_NAME"];

    [TearDown]
    public void ClearEnvironment()
    {
        foreach (string variable in Variables)
        {
            Environment.SetEnvironmentVariable(variable, null);
        }
    }

    [Test]
    public async Task Push_ReceiverNamed_GetsMetricsAndSpans()
    {
        var received = new ConcurrentQueue<(string Path, byte[] Body)>();
        await using WebApplication receiver = await Receive(received);
        Environment.SetEnvironmentVariable("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.Urls.First());
        Environment.SetEnvironmentVariable("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf");
        Environment.SetEnvironmentVariable("OTEL_SERVICE_NAME", "arena-eu");

        var telemetry = new ServerTelemetry();
        telemetry.Simulation.TickDuration.Record(90);
        using (var meter = new ServerMeter(telemetry, new ServerControl(8, 25), 60, 8))
        using (var export = new TelemetryExport(meter, withScope: false))
        {
            meter.Publish();
            Report();
            await AskOverHttp(telemetry, export);
            export.Flush(5_000);
        }

        string metrics = Text(received, "/v1/metrics"), traces = Text(received, "/v1/traces");
        Assert.That(metrics, Does.Contain("gameserver.tick.duration").And.Contains("arena-eu").And.Contains("dotnet.gc.collections"));
        foreach (string expected in new[] { "join", "match", "drain", "tick overrun", "encode", "gameserver.tick.phase.step", "gameserver.join.refusal", "m-1", "GET /healthz", "arena-eu" })
        {
            Assert.That(traces, Does.Contain(expected));
        }

        byte[] linked = Convert.FromHexString("0af7651916cd43dd8448eb211c80319c");
        Assert.That(received.Where(r => r.Path == "/v1/traces").Any(r => r.Body.AsSpan().IndexOf(linked) >= 0), Is.True, "the match links to who asked for it");
    }

    [Test]
    public void Push_NoReceiver_MakesNoSpans()
    {
        using var meter = new ServerMeter(new ServerTelemetry(), new ServerControl(8, 25), 60, 8);
        using var export = new TelemetryExport(meter, withScope: false);
        using System.Diagnostics.Activity? span = TelemetryExport.Spans.StartActivity("x");
        Assert.That(span, Is.Null);
    }

    [Test]
    public void Push_ReceiverDead_EndsInTime()
    {
        Environment.SetEnvironmentVariable("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1");
        Environment.SetEnvironmentVariable("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf");
        using var meter = new ServerMeter(new ServerTelemetry(), new ServerControl(8, 25), 60, 8);
        long start = ServerControl.NowMicros();
        using (var export = new TelemetryExport(meter, withScope: false))
        {
            Report();
            export.Flush(1_000);
        }

        Assert.That(ServerControl.NowMicros() - start, Is.LessThan(8_000_000));
    }

    private static void Report()
    {
        using var log = new LogOutput(TextWriter.Null, json: true, LogThreshold.Info, ServerControl.NowMicros);
        using var nobody = new NoOrchestrator();
        var reporter = new EventReporter(nobody, new ServerControl(8, 25), log.CreateLogger("GameServer"));
        long now = ServerControl.NowMicros();
        reporter.Report(new ServerEvent { Kind = ServerEventKind.Joined, PlayerId = 4, Name = "Ann", StartMicros = now - 50_000, EndMicros = now });
        reporter.Report(new ServerEvent { Kind = ServerEventKind.JoinRefused, Reason = "full", StartMicros = now - 50_000, EndMicros = now });
        var overrun = new ServerEvent { Kind = ServerEventKind.Overrun, Tick = 9, StartMicros = now - 20_000, EndMicros = now };
        overrun.Phases[(int)TickPhase.Encode] = 15_000;
        reporter.Report(overrun);
        reporter.LinkMatch(new Dictionary<string, string> { ["traceparent"] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" });
        reporter.Report(new ServerEvent { Kind = ServerEventKind.MatchEnded, Name = "m-1", StartMicros = now - 1_000_000, EndMicros = now });
        reporter.ReportDrain("signal", now - 10, now);
    }

    private static async Task AskOverHttp(ServerTelemetry telemetry, TelemetryExport export)
    {
        var options = (ServeOptions)CommandLine.Parse(["--http", "127.0.0.1:0"], new System.Collections.Hashtable(), TextWriter.Null, TextWriter.Null).Options!;
        using var log = new LogOutput(TextWriter.Null, json: true, LogThreshold.Info, ServerControl.NowMicros);
        await using var surface = new HttpSurface(options, telemetry, new ServerControl(8, 25), new Lazy<TelemetryExport>(export), log);
        await surface.Start();
        using var client = new HttpClient();
        Assert.That(await client.GetStringAsync(surface.Address + "/healthz"), Does.Contain("ok"));
    }

    private static async Task<WebApplication> Receive(ConcurrentQueue<(string Path, byte[] Body)> received)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(k => k.Listen(System.Net.IPAddress.Loopback, 0));
        WebApplication receiver = builder.Build();
        receiver.Run(async context =>
        {
            using var body = new MemoryStream();
            await context.Request.Body.CopyToAsync(body);
            if (context.Request.ContentType == "application/x-protobuf")
            {
                received.Enqueue((context.Request.Path.Value!, body.ToArray()));
            }
        });
        await receiver.StartAsync();
        return receiver;
    }

    private static string Text(IEnumerable<(string Path, byte[] Body)> received, string path) =>
        string.Concat(received.Where(r => r.Path == path).Select(r => Encoding.Latin1.GetString(r.Body)));
}
