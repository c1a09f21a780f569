using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace GameServer.Operations.Telemetry;

/// <summary>Collects when it is asked and keeps the page for a moment, so that many scrapers at once cost one collection.</summary>
/// <remarks>Any thread may call <see cref="Scrape"/>; callers wait for each other, and for none of the hot threads.</remarks>
[ExportModes(ExportModes.Pull)]
internal sealed class PrometheusExporter(bool withScope, Action beforeCollect) : BaseExporter<Metric>, IPullMetricExporter
{
    private const long PageLifeMicros = 300_000;
    private readonly Lock _collecting = new();
    private readonly PrometheusText _text = new(withScope);
    private readonly List<Metric> _metrics = [];
    private readonly (CompressedPage Page, long Micros)[] _pages = [(CompressedPage.Empty, long.MinValue / 2), (CompressedPage.Empty, long.MinValue / 2)];
    private ExpositionFormat _format;

    /// <summary>Set by the reader that this exporter belongs to.</summary>
    public Func<int, bool>? Collect { get; set; }

    /// <summary>The page of this moment, at most 0.3 s old; empty when the collection failed.</summary>
    public CompressedPage Scrape(ExpositionFormat format)
    {
        lock (_collecting)
        {
            ref (CompressedPage Page, long Micros) cached = ref _pages[(int)format];
            long now = ServerControl.NowMicros();
            if (now - cached.Micros >= PageLifeMicros)
            {
                _format = format;
                beforeCollect();
                cached = Collect?.Invoke(5_000) == true ? (cached.Page, now) : (CompressedPage.Empty, now);
            }

            return cached.Page;
        }
    }

    /// <inheritdoc/>
    public override ExportResult Export(in Batch<Metric> batch)
    {
        _metrics.Clear();
        foreach (Metric metric in batch)
        {
            _metrics.Add(metric);
        }

        _pages[(int)_format].Page = new CompressedPage(_text.Write(_metrics, ParentProvider?.GetResource() ?? OpenTelemetry.Resources.Resource.Empty, _format).ToArray());
        return ExportResult.Success;
    }
}
