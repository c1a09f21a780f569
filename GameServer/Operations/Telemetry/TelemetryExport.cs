using System.Diagnostics;
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
        // The environment comes last: whoever launches the server may name it.
        ResourceBuilder resource = ResourceBuilder.CreateEmpty()
            .AddService("gameserver", serviceVersion: BuildVersion.Number, serviceInstanceId: $"{Environment.MachineName}-{Environment.ProcessId}")
            .AddTelemetrySdk()
            .AddEnvironmentVariableDetector();
        _prometheus = new PrometheusExporter(withScope, meter.Publish);
        bool disabled = string.Equals(Environment.GetEnvironmentVariable("OTEL_SDK_DISABLED"), "true", StringComparison.OrdinalIgnoreCase);
        bool pushMetrics = !disabled && IsReceiverNamed("METRICS");
        MeterProviderBuilder meters = Sdk.CreateMeterProviderBuilder()
            .SetResourceBuilder(resource)
            .AddMeter(ServerMeter.Name, "System.Runtime")
            // Constants of little use, under names that Prometheus reserves for histograms.
            .AddView("dotnet.assembly.count", MetricStreamConfiguration.Drop)
            .AddView("dotnet.timer.count", MetricStreamConfiguration.Drop)
            .AddView("dotnet.process.cpu.count", MetricStreamConfiguration.Drop)
            .AddReader(new BaseExportingMetricReader(_prometheus) { TemporalityPreference = MetricReaderTemporalityPreference.Cumulative });
        _meters = (pushMetrics ? meters.AddOtlpExporter() : meters).Build();
        if (!disabled && IsReceiverNamed("TRACES"))
        {
            _tracers = Sdk.CreateTracerProviderBuilder().SetResourceBuilder(resource).AddSource(ServerMeter.Name).AddOtlpExporter().Build();
        }

        // Once a second, so that the first scrape after a quiet hour does not carry over an hour at once.
        _publisher = new Timer(_ => meter.Publish(), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
    }

    /// <summary>Whether the environment names a receiver: then nothing may happen before this exists.</summary>
    public static bool IsPushAsked => IsReceiverNamed("METRICS") || IsReceiverNamed("TRACES");

    /// <summary>Where spans come from; without a listener it makes none.</summary>
    public static ActivitySource Spans { get; } = new(ServerMeter.Name, BuildVersion.Number);

    /// <summary>The metrics page of this moment.</summary>
    public byte[] Scrape(ExpositionFormat format) => _prometheus.Scrape(format);

    /// <summary>Pushes what waits, the newest counts included, at most for <paramref name="timeoutMillis"/>.</summary>
    public void Flush(int timeoutMillis)
    {
        _meter.Publish();
        _tracers?.ForceFlush(timeoutMillis);
        _meters.ForceFlush(timeoutMillis);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _publisher.Dispose();
        _tracers?.Dispose();
        _meters.Dispose();
        _meter.Dispose();
    }

    private static bool IsReceiverNamed(string signal) =>
        !string.IsNullOrEmpty(Environment.GetEnvironmentVariable("OTEL_EXPORTER_OTLP_ENDPOINT"))
        || !string.IsNullOrEmpty(Environment.GetEnvironmentVariable($"OTEL_EXPORTER_OTLP_{signal}_ENDPOINT"));
}
