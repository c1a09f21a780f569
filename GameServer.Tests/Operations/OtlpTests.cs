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
    private static readonly string[] Variables = ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_PROTOCOL", "OTEL_SERVICE_NAME", "OTEL_TRACES_EXPORTER"];

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
            Report(meter);
            await AskOverHttp(telemetry, export);
            string page = Encoding.UTF8.GetString(export.Scrape(ExpositionFormat.OpenMetrics));
            Assert.That(page, Does.Match("(?m)^gameserver_tick_duration_seconds_bucket\\{le=\"0\\.033\"\\} 2 # \\{trace_id=\"[0-9a-f]{32}\",span_id=\"[0-9a-f]{16}\"\\} 0\\.02 [0-9.]+$"), "the traced tick is the exemplar");
            Assert.That(page, Does.Contain("gameserver_tick_duration_seconds_count 2\n"));
            Assert.That(Encoding.UTF8.GetString(export.Scrape(ExpositionFormat.Text)), Does.Not.Contain("trace_id"));
            export.Flush(5_000);
        }

        string metrics = Text(received, "/v1/metrics"), traces = Text(received, "/v1/traces");
        Assert.That(metrics, Does.Contain("gameserver.tick.duration").And.Contains("arena-eu").And.Contains("dotnet.gc.collections"));
        foreach (string expected in new[] { "join", "match", "drain", "tick overrun", "encode", "gameserver.tick.phase.step", "gameserver.join.refusal", "m-1", "GET /healthz", "arena-eu", "gameserver.tick.lateness", "gameserver.tick.wait" })
        {
            Assert.That(traces, Does.Contain(expected));
        }

        Assert.That(CountOf(traces, "gameserver.match.id"), Is.EqualTo(6), "on every span: two joins, the tick, the match, the drain, the request");
        byte[] linked = Convert.FromHexString("0af7651916cd43dd8448eb211c80319c");
        Assert.That(received.Where(r => r.Path == "/v1/traces").Any(r => r.Body.AsSpan().IndexOf(linked) >= 0), Is.True, "the match links to who asked for it");
    }

    /// <summary>Field by field, by the numbers of opentelemetry-proto 1.x (metrics.proto, trace.proto, logs.proto, common.proto).</summary>
    [Test]
    public async Task Push_Bytes_AreTheMessagesOfTheProtocol()
    {
        var received = new ConcurrentQueue<(string Path, byte[] Body)>();
        await using WebApplication receiver = await Receive(received);
        Environment.SetEnvironmentVariable("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.Urls.First());
        Environment.SetEnvironmentVariable("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf");
        Environment.SetEnvironmentVariable("OTEL_SERVICE_NAME", "arena-eu");
        var telemetry = new ServerTelemetry();
        telemetry.Simulation.TickDuration.Record(90);
        telemetry.Simulation.Ticks.Add(7);
        using (var meter = new ServerMeter(telemetry, new ServerControl(8, 25), 60, 8))
        using (var export = new TelemetryExport(meter, withScope: false))
        using (var logs = new LogExport())
        using (var log = new LogOutput(TextWriter.Null, json: true, LogThreshold.Info, ServerControl.NowMicros))
        {
            meter.Publish();
            Report(meter);
            log.PushTo(logs);
            ServerLog.Joined(log.CreateLogger("GameServer"), 7, "Ann", "m-1");
            export.Flush(5_000);
            logs.Flush(5_000);
        }

        byte[][] spans = CheckSpans(Decode(received, "/v1/traces"));
        CheckMetrics(Decode(received, "/v1/metrics"), spans);
        CheckLogs(Decode(received, "/v1/logs"));
    }

    private static byte[][] CheckSpans(ProtobufMessage[] requests)
    {
        ProtobufMessage[] spans = [.. requests.SelectMany(static r => r.All(1, 2, 2))];
        Assert.That(spans.Select(static s => s.Text(5)).Order(), Is.EqualTo(new[] { "drain", "join", "join", "match", "tick overrun" }));
        foreach (ProtobufMessage span in spans)
        {
            Assert.That((span.Raw(1).Length, span.Raw(2).Length), Is.EqualTo((16, 8)), "trace and span id");
            Assert.That(span.Long(7), Is.InRange(1UL, span.Long(8)), "it begins before it ends");
            Assert.That(span.Attributes(9), Does.ContainKey("gameserver.match.id"));
        }

        ProtobufMessage overrun = spans.Single(static s => s.Text(5) == "tick overrun");
        Assert.That(overrun.All(11).Select(static e => e.Text(2)), Does.Contain("encode"));
        Assert.That(overrun.Attributes(9)["gameserver.tick.phase.encode"], Is.EqualTo("0.015"));
        Assert.That(overrun.One(15).Number(3), Is.EqualTo(2), "STATUS_CODE_ERROR");
        Assert.That(spans.Single(static s => s.Text(5) == "match").One(13).Raw(1), Is.EqualTo(Convert.FromHexString("0af7651916cd43dd8448eb211c80319c")));
        return [.. spans.Select(static s => s.Raw(2))];
    }

    private static void CheckMetrics(ProtobufMessage[] requests, byte[][] spans)
    {
        Assert.That(requests.SelectMany(static r => r.All(1, 1)).Select(static r => r.Attributes(1)["service.name"]), Is.All.EqualTo("arena-eu"));
        ILookup<string, ProtobufMessage> metrics = requests.SelectMany(static r => r.All(1, 2, 2)).ToLookup(static m => m.Text(1));
        ProtobufMessage ticks = metrics["gameserver.ticks"].Last();
        Assert.That((ticks.Text(3), ticks.One(7).Number(2), ticks.One(7).Number(3)), Is.EqualTo(("{tick}", 2UL, 1UL)), "cumulative and monotonic");
        Assert.That(ticks.One(7).One(1).Long(6), Is.EqualTo(7));
        Assert.That(metrics["gameserver.players"].Last().Numbers, Does.Contain(7).Or.Contain(5));
        ProtobufMessage duration = metrics["gameserver.tick.duration"].Last();
        Assert.That((duration.Text(3), duration.One(9).Number(2)), Is.EqualTo(("s", 2UL)));
        ProtobufMessage point = duration.One(9).One(1);
        ulong[] buckets = point.Longs(6);
        Assert.That((point.Long(4), buckets.Aggregate(0UL, static (sum, b) => sum + b)), Is.EqualTo((2UL, 2UL)), "the count is that of the buckets");
        Assert.That(point.Longs(7), Has.Length.EqualTo(buckets.Length - 1), "a bound between two buckets");
        Assert.That(point.Double(5), Is.EqualTo(0.02009).Within(1e-9));
        ProtobufMessage exemplar = requests.SelectMany(static r => r.All(1, 2, 2)).Where(static m => m.Text(1) == "gameserver.tick.duration").SelectMany(static m => m.All(9, 1, 8)).First();
        Assert.That(exemplar.Double(3), Is.EqualTo(0.02).Within(1e-9));
        Assert.That(exemplar.Raw(5), Has.Length.EqualTo(16));
        Assert.That(spans, Has.Some.EqualTo(exemplar.Raw(4)), "the exemplar is the span of that tick");
    }

    private static void CheckLogs(ProtobufMessage[] requests)
    {
        ProtobufMessage record = requests.SelectMany(static r => r.All(1, 2, 2)).Single();
        Assert.That((record.Number(2), record.One(5).Text(1)), Is.EqualTo((9UL, "player 7 joined match m-1 as Ann")), "INFO, and the text");
        Assert.That(record.Attributes(6), Is.SupersetOf(new Dictionary<string, string> { ["player_id"] = "7", ["player_name"] = "Ann", ["match_id"] = "m-1" }));
        Assert.That(record.Long(1), Is.GreaterThan(0));
    }

    private static ProtobufMessage[] Decode(IEnumerable<(string Path, byte[] Body)> received, string path)
    {
        ProtobufMessage[] requests = [.. received.Where(r => r.Path == path).Select(static r => new ProtobufMessage(r.Body))];
        Assert.That(requests, Is.Not.Empty, path);
        Assert.That(requests.SelectMany(static r => r.Numbers), Is.All.EqualTo(1), "a request holds resources, and nothing else");
        return requests;
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

    [Test]
    public async Task Push_LogEvents_HaveTheNamesOfTheLines()
    {
        var received = new ConcurrentQueue<(string Path, byte[] Body)>();
        await using WebApplication receiver = await Receive(received);
        Environment.SetEnvironmentVariable("OTEL_EXPORTER_OTLP_ENDPOINT", receiver.Urls.First());
        Environment.SetEnvironmentVariable("OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf");
        Environment.SetEnvironmentVariable("OTEL_SERVICE_NAME", "arena-eu");
        using (var export = new LogExport())
        using (var log = new LogOutput(TextWriter.Null, json: true, LogThreshold.Info, ServerControl.NowMicros))
        {
            log.PushTo(export);
            ServerLog.Joined(log.CreateLogger("GameServer"), 7, "Ann", "m-1");
            ServerLog.TelemetryProblem(log.CreateLogger("GameServer"), "exporter", "would cause the next one");
            export.Flush(5_000);
        }

        string logs = Text(received, "/v1/logs");
        foreach (string expected in new[] { "player 7 joined match m-1 as Ann", "joined", "player_id", "match_id", "m-1", "arena-eu" })
        {
            Assert.That(logs, Does.Contain(expected));
        }

        Assert.That(logs, Does.Not.Contain("would cause"));
    }

    [Test]
    public void Push_ExporterNone_MakesNoSpans()
    {
        Environment.SetEnvironmentVariable("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:1");
        Environment.SetEnvironmentVariable("OTEL_TRACES_EXPORTER", "none");
        using var meter = new ServerMeter(new ServerTelemetry(), new ServerControl(8, 25), 60, 8);
        var settings = TelemetrySettings.Read(Environment.GetEnvironmentVariables());
        Assert.That((settings.Metrics, settings.Traces, settings.Logs), Is.EqualTo((true, false, true)));
        Environment.SetEnvironmentVariable("OTEL_EXPORTER_OTLP_ENDPOINT", "127.0.0.1:1");
        settings = TelemetrySettings.Read(Environment.GetEnvironmentVariables());
        Assert.That((settings.Metrics, settings.Traces, settings.Logs), Is.EqualTo((false, false, false)), "to where nobody knows, nothing is pushed");
        using var export = new TelemetryExport(meter, withScope: false);
        using System.Diagnostics.Activity? span = TelemetryExport.Spans.StartActivity("x");
        Assert.That(span, Is.Null);
    }

    private static int CountOf(string text, string part) => text.Split(part).Length - 1;

    private static void Report(ServerMeter? meter = null)
    {
        using var log = new LogOutput(TextWriter.Null, json: true, LogThreshold.Info, ServerControl.NowMicros);
        using var nobody = new NoOrchestrator();
        var reporter = new EventReporter(nobody, new ServerControl(8, 25), log.CreateLogger("GameServer"));
        if (meter is not null)
        {
            reporter.ExemplarsTo(meter);
        }

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
