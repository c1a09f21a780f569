using System.Diagnostics;
using System.Diagnostics.Metrics;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace GameServer.Operations.Telemetry;

/// <summary>The OpenTelemetry side: collects for <c>/metrics</c>, and pushes metrics and traces by OTLP when the environment names a receiver.</summary>
/// <remarks>Settings of the push are OpenTelemetry's own variables (OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_METRIC_EXPORT_INTERVAL, OTEL_SERVICE_NAME …).</remarks>
public sealed class TelemetryExport : IDisposable
{
    private readonly ServerMeter _meter;
    private readonly PrometheusExporter _prometheus;
    private readonly MeterProvider _meters;
    private readonly TracerProvider? _tracers;
    private readonly Timer _publisher;

    /// <summary>Starts collecting and, where asked for, pushing.</summary>
    /// <param name="meter">The server's instruments; disposed of with this.</param>
    /// <param name="withScope">Whether the Prometheus page carries the otel_scope labels.</param>
    public TelemetryExport(ServerMeter meter, bool withScope)
    {
        _meter = meter;
        ResourceBuilder resource = DescribeProcess();
        _prometheus = new PrometheusExporter(withScope, meter.Publish);
        var settings = TelemetrySettings.Read(Environment.GetEnvironmentVariables());
        MeterProviderBuilder meters = Sdk.CreateMeterProviderBuilder()
            .SetResourceBuilder(resource)
            .AddMeter(ServerMeter.Name, "System.Runtime")
            .AddView(instrument => IsOfUse(instrument) ? null : MetricStreamConfiguration.Drop)
            .SetExemplarFilter(ExemplarFilterType.TraceBased)
            .AddReader(new BaseExportingMetricReader(_prometheus) { TemporalityPreference = MetricReaderTemporalityPreference.Cumulative });
        _meters = (settings.Metrics ? meters.AddOtlpExporter() : meters).Build();
        if (settings.Traces)
        {
            _tracers = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(resource).AddSource(ServerMeter.Name).AddOtlpExporter().Build();
        }

        // Once a second, so that the first scrape after a quiet hour does not carry over an hour at once.
        _publisher = new Timer(_ => meter.Publish(), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
    }

    /// <summary>Where spans come from; without a listener it makes none.</summary>
    public static ActivitySource Spans { get; } = new(ServerMeter.Name, BuildVersion.Number);

    /// <summary>The metrics page of this moment.</summary>
    public byte[] Scrape(ExpositionFormat format) => ScrapePage(format).Plain;

    /// <summary>The same, for clients that take it compressed.</summary>
    internal CompressedPage ScrapePage(ExpositionFormat format) => _prometheus.Scrape(format);

    /// <summary>Pushes what waits, the newest counts included, at most for <paramref name="timeoutMillis"/>.</summary>
    public void Flush(int timeoutMillis)
    {
        _meter.Publish();
        // Both at once: a receiver that hangs takes the time of one.
        Task traces = Task.Run(() => _tracers?.ForceFlush(timeoutMillis));
        _meters.ForceFlush(timeoutMillis);
        traces.Wait();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _publisher.Dispose();
        _tracers?.Dispose();
        _meters.Dispose();
        _meter.Dispose();
    }

    /// <summary>Who pushes. The environment comes last: whoever launches the server may name it.</summary>
    internal static ResourceBuilder DescribeProcess() => ResourceBuilder.CreateEmpty()
        .AddService("gameserver", serviceVersion: BuildVersion.Number, serviceInstanceId: $"{Environment.MachineName}-{Environment.ProcessId}")
        .AddTelemetrySdk()
        .AddEnvironmentVariableDetector();

    // Another server in this process has a meter of the same name, and a page of its own.
    private bool IsOfUse(Instrument instrument) => instrument.Meter.Name == ServerMeter.Name ? _meter.Owns(instrument) : instrument.Name switch
    {
        // Constants of little use, under names that Prometheus reserves for histograms.
        "dotnet.assembly.count" or "dotnet.timer.count" or "dotnet.process.cpu.count" => false,
        // Levels that the runtime declares as counters: ours have the same names and the right kind.
        "dotnet.thread_pool.thread.count" or "dotnet.thread_pool.queue.length" => false,
        _ => true,
    };
}
