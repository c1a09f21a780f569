using System.Buffers;
using System.Buffers.Text;
using System.Text;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace GameServer.Operations.Telemetry;

/// <summary>The two text formats that Prometheus reads.</summary>
public enum ExpositionFormat
{
    /// <summary>Prometheus text format 0.0.4.</summary>
    Text,

    /// <summary>OpenMetrics 1.0.0.</summary>
    OpenMetrics,
}

/// <summary>Writes collected metrics as one page in the Prometheus text format 0.0.4 or in OpenMetrics 1.0.0.</summary>
/// <remarks>Families sorted by name and never interleaved; names translated by the OpenTelemetry compatibility rules; no timestamps. Owner: one thread at a time.</remarks>
internal sealed class PrometheusText(bool withScope)
{
    private readonly ArrayBufferWriter<byte> _page = new(32 * 1024);
    private readonly List<(PrometheusFamily Family, Metric Metric)> _families = [];
    private bool _openMetrics;

    public static string ContentType(ExpositionFormat format) => format == ExpositionFormat.OpenMetrics
        ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
        : "text/plain; version=0.0.4; charset=utf-8";

    /// <summary>Writes one page; the memory is valid until the next call.</summary>
    public ReadOnlyMemory<byte> Write(IEnumerable<Metric> metrics, Resource resource, ExpositionFormat format)
    {
        _page.ResetWrittenCount();
        _families.Clear();
        _openMetrics = format == ExpositionFormat.OpenMetrics;
        foreach (Metric metric in metrics)
        {
            if (metric.MetricType != MetricType.ExponentialHistogram) // neither format knows it; none of our instruments uses it
            {
                _families.Add((PrometheusFamily.Of(metric), metric));
            }
        }

        _families.Sort(static (a, b) => string.CompareOrdinal(a.Family.Name, b.Family.Name));
        PrometheusFamily? current = null;
        foreach ((PrometheusFamily family, Metric metric) in _families)
        {
            if (family.Name != current?.Name)
            {
                WriteHead(family, metric.Description);
                current = family;
            }

            // Two meters may bring one name: their samples share a family of one type, and what does not fit it is left out.
            if (family.Type == current.Type)
            {
                WriteSamples(family, metric);
            }
        }

        WriteTarget(resource);
        if (_openMetrics)
        {
            Raw("# EOF\n");
        }

        return _page.WrittenMemory;
    }

    private void WriteHead(PrometheusFamily family, string description)
    {
        string name = _openMetrics ? family.Name : family.TextName;
        Raw("# TYPE ").Raw(name).Raw(" ").Raw(family.Type).Raw("\n");
        if (_openMetrics && family.Unit.Length > 0)
        {
            Raw("# UNIT ").Raw(name).Raw(" ").Raw(family.Unit).Raw("\n");
        }

        Raw("# HELP ").Raw(name).Raw(" ").Escaped(description, quotes: _openMetrics).Raw("\n");
    }

    private void WriteSamples(PrometheusFamily family, Metric metric)
    {
        foreach (ref readonly MetricPoint point in metric.GetMetricPoints())
        {
            switch (metric.MetricType)
            {
                case MetricType.LongSum or MetricType.LongSumNonMonotonic:
                    Sample(family.SampleName, metric, in point).Number(point.GetSumLong()).Raw("\n");
                    break;
                case MetricType.DoubleSum or MetricType.DoubleSumNonMonotonic:
                    Sample(family.SampleName, metric, in point).Number(point.GetSumDouble()).Raw("\n");
                    break;
                case MetricType.LongGauge:
                    Sample(family.SampleName, metric, in point).Number(point.GetGaugeLastValueLong()).Raw("\n");
                    break;
                case MetricType.DoubleGauge:
                    Sample(family.SampleName, metric, in point).Number(point.GetGaugeLastValueDouble()).Raw("\n");
                    break;
                case MetricType.Histogram:
                    WriteHistogram(family, metric, in point);
                    break;
                default:
                    break;
            }
        }
    }

    private void WriteHistogram(PrometheusFamily family, Metric metric, in MetricPoint point)
    {
        long cumulative = 0;
        double below = double.NegativeInfinity;
        foreach (HistogramBucket bucket in point.GetHistogramBuckets())
        {
            cumulative += bucket.BucketCount;
            Sample(family.BucketName, metric, in point, bucket.ExplicitBound).Number(cumulative);
            WriteExemplar(in point, below, bucket.ExplicitBound);
            Raw("\n");
            below = bucket.ExplicitBound;
        }

        Sample(family.SumName, metric, in point).Number(point.GetHistogramSum()).Raw("\n");
        Sample(family.CountName, metric, in point).Number(cumulative).Raw("\n"); // the same number as the bucket +Inf, always
    }

    /// <summary>The trace behind one value of a bucket; only OpenMetrics has a place for it.</summary>
    private void WriteExemplar(in MetricPoint point, double above, double upTo)
    {
        if (!_openMetrics || !point.TryGetExemplars(out ReadOnlyExemplarCollection exemplars))
        {
            return;
        }

        foreach (ref readonly Exemplar exemplar in exemplars)
        {
            if (exemplar.TraceId != default && exemplar.DoubleValue > above && exemplar.DoubleValue <= upTo)
            {
                Raw(" # {trace_id=\"").Raw(exemplar.TraceId.ToHexString()).Raw("\",span_id=\"").Raw(exemplar.SpanId.ToHexString()).Raw("\"} ");
                Number(exemplar.DoubleValue).Raw(" ").Number(exemplar.Timestamp.ToUnixTimeMilliseconds() / 1000.0);
                return;
            }
        }
    }

    private PrometheusText Sample(string name, Metric metric, in MetricPoint point, double? bound = null)
    {
        Raw(name);
        string separator = "{";
        if (withScope)
        {
            Label(ref separator, "otel_scope_name", metric.MeterName);
            Label(ref separator, "otel_scope_version", metric.MeterVersion);
        }

        foreach (KeyValuePair<string, object?> tag in point.Tags)
        {
            Label(ref separator, PrometheusFamily.Clean(tag.Key, colons: false), Convert.ToString(tag.Value, System.Globalization.CultureInfo.InvariantCulture) ?? "");
        }

        if (bound is { } value)
        {
            Raw(separator).Raw("le=\"").Bound(value).Raw("\"");
            separator = ",";
        }

        return Raw(separator == "," ? "} " : " ");
    }

    private void WriteTarget(Resource resource)
    {
        Raw(_openMetrics ? "# TYPE target info\n# HELP target Target metadata\n" : "# TYPE target_info gauge\n# HELP target_info Target metadata\n");
        Raw("target_info");
        string separator = "{";
        foreach (KeyValuePair<string, object> attribute in resource.Attributes)
        {
            Label(ref separator, PrometheusFamily.Clean(attribute.Key, colons: false), Convert.ToString(attribute.Value, System.Globalization.CultureInfo.InvariantCulture) ?? "");
        }

        Raw(separator == "," ? "} 1\n" : " 1\n");
    }

    private void Label(ref string separator, string name, string value)
    {
        Raw(separator).Raw(name).Raw("=\"").Escaped(value, quotes: true).Raw("\"");
        separator = ",";
    }

    private PrometheusText Bound(double value)
    {
        if (_openMetrics && double.IsInteger(value) && Math.Abs(value) < 1e15)
        {
            return Number((long)value).Raw(".0"); // OpenMetrics: "le" is always a float
        }

        return Number(value);
    }

    private PrometheusText Number(long value)
    {
        Utf8Formatter.TryFormat(value, _page.GetSpan(24), out int written);
        _page.Advance(written);
        return this;
    }

    private PrometheusText Number(double value)
    {
        if (!double.IsFinite(value))
        {
            return Raw(double.IsNaN(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf");
        }

        Span<byte> text = _page.GetSpan(32);
        value.TryFormat(text, out int written, "R", System.Globalization.CultureInfo.InvariantCulture);
        text[..written].Replace((byte)'E', (byte)'e'); // as Go writes it
        _page.Advance(written);
        return this;
    }

    private PrometheusText Raw(string text)
    {
        _page.Advance(Encoding.UTF8.GetBytes(text, _page.GetSpan(Encoding.UTF8.GetMaxByteCount(text.Length))));
        return this;
    }

    private PrometheusText Escaped(string text, bool quotes)
    {
        if (text.AsSpan().IndexOfAny('\\', '\n', '"') < 0)
        {
            return Raw(text);
        }

        text = text.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\n", "\\n", StringComparison.Ordinal);
        return Raw(quotes ? text.Replace("\"", "\\\"", StringComparison.Ordinal) : text);
    }
}
