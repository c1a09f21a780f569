using System.Collections.Concurrent;
using System.Text;
using OpenTelemetry.Metrics;

namespace GameServer.Operations.Telemetry;

/// <summary>How one OpenTelemetry metric is called in the Prometheus formats.</summary>
/// <param name="Name">The family, without the suffix of counters.</param>
/// <param name="Type">counter, gauge or histogram.</param>
/// <param name="Unit">The unit as a word, or nothing.</param>
internal sealed record PrometheusFamily(string Name, string Type, string Unit)
{
    private static readonly ConcurrentDictionary<(string Name, string Unit, MetricType Type), PrometheusFamily> Known = new();

    private static readonly Dictionary<string, string> UnitWords = new(StringComparer.Ordinal)
    {
        ["s"] = "seconds", ["ms"] = "milliseconds", ["us"] = "microseconds", ["ns"] = "nanoseconds", ["min"] = "minutes", ["h"] = "hours", ["d"] = "days",
        ["By"] = "bytes", ["KiBy"] = "kibibytes", ["MiBy"] = "mebibytes", ["GiBy"] = "gibibytes", ["Hz"] = "hertz", ["%"] = "percent", ["Cel"] = "celsius",
    };

    /// <summary>Name of the samples of counters and gauges.</summary>
    public string SampleName { get; } = Type == "counter" ? Name + "_total" : Name;

    /// <summary>Name in the TYPE and HELP lines of the text format.</summary>
    public string TextName => SampleName;

    public string BucketName { get; } = Name + "_bucket";

    public string SumName { get; } = Name + "_sum";

    public string CountName { get; } = Name + "_count";

    public static PrometheusFamily Of(Metric metric) =>
        Known.GetOrAdd((metric.Name, metric.Unit, metric.MetricType), static key => Make(key.Name, key.Unit, key.Type));

    /// <summary>Makes a name of allowed characters: others become one underscore.</summary>
    public static string Clean(string name, bool colons)
    {
        var text = new StringBuilder(name.Length + 1);
        foreach (char c in name)
        {
            bool allowed = char.IsAsciiLetterOrDigit(c) || (colons && c == ':');
            if (allowed && text.Length == 0 && char.IsAsciiDigit(c))
            {
                text.Append('_');
            }

            if (allowed)
            {
                text.Append(c);
            }
            else if (text.Length == 0 || text[^1] != '_')
            {
                text.Append('_');
            }
        }

        return text.ToString();
    }

    private static PrometheusFamily Make(string metric, string unit, MetricType type)
    {
        if (metric == "dotnet.thread_pool.thread.count")
        {
            // "_count" belongs to histograms here.
            return new PrometheusFamily("dotnet_thread_pool_threads", "gauge", "");
        }

        string name = Clean(metric, colons: true);
        string word = UnitWord(unit ?? "");
        if (word.Length > 0 && !name.EndsWith("_" + word, StringComparison.Ordinal))
        {
            name += "_" + word;
        }

        string kind = type switch
        {
            MetricType.Histogram => "histogram",
            MetricType.LongSum or MetricType.DoubleSum => "counter",
            _ => "gauge",
        };
        if (kind == "counter" && name.EndsWith("_total", StringComparison.Ordinal))
        {
            name = name[..^6];
        }

        return new PrometheusFamily(name, kind, word);
    }

    private static string UnitWord(string unit)
    {
        if (unit.Length == 0 || unit == "1" || unit[0] == '{')
        {
            return "";
        }

        if (unit.Split('/') is [var amount, var per] && per.Length > 0)
        {
            string one = UnitWord(per) is { Length: > 0 } word ? word.TrimEnd('s') : Clean(per, colons: false);
            return (UnitWord(amount) + "_per_" + one).TrimStart('_');
        }

        return UnitWords.TryGetValue(unit, out string? known) ? known : Clean(unit, colons: false);
    }
}
