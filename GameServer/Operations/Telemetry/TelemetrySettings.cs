using System.Collections;
using System.Globalization;
using GameServer.Configuration;

namespace GameServer.Operations.Telemetry;

/// <summary>What OpenTelemetry's own variables ask for, and what is wrong with them.</summary>
/// <remarks>The SDK passes over a value that it cannot read and goes on with its default, in silence; here each is named.</remarks>
/// <param name="Metrics">Whether metrics are pushed.</param>
/// <param name="Traces">Whether spans are pushed.</param>
/// <param name="Logs">Whether log events are pushed.</param>
/// <param name="Problems">What is ignored, each in a line that names the variable, the value and what is allowed.</param>
internal sealed record TelemetrySettings(bool Metrics, bool Traces, bool Logs, IReadOnlyList<string> Problems)
{
    private static readonly string[] Signals = ["METRICS", "TRACES", "LOGS"];
    private static readonly string[] Protocols = ["grpc", "http/protobuf"];
    private static readonly string[] Compressions = ["gzip", "none"];
    private static readonly string[] Temporalities = ["cumulative", "delta", "lowmemory"];
    private static readonly string[] Samplers = ["always_on", "always_off", "traceidratio", "parentbased_always_on", "parentbased_always_off", "parentbased_traceidratio"];
    private static readonly string[] Filters = ["always_on", "always_off", "trace_based"];

    private static readonly string[] Millis =
    [
        "OTEL_METRIC_EXPORT_INTERVAL", "OTEL_METRIC_EXPORT_TIMEOUT", "OTEL_BSP_SCHEDULE_DELAY", "OTEL_BSP_EXPORT_TIMEOUT", "OTEL_BSP_MAX_QUEUE_SIZE",
        "OTEL_BSP_MAX_EXPORT_BATCH_SIZE", "OTEL_BLRP_SCHEDULE_DELAY", "OTEL_BLRP_EXPORT_TIMEOUT", "OTEL_BLRP_MAX_QUEUE_SIZE", "OTEL_BLRP_MAX_EXPORT_BATCH_SIZE",
    ];

    private static readonly string[] Others =
    [
        "OTEL_SDK_DISABLED", "OTEL_SERVICE_NAME", "OTEL_RESOURCE_ATTRIBUTES", "OTEL_TRACES_SAMPLER", "OTEL_TRACES_SAMPLER_ARG", "OTEL_METRICS_EXEMPLAR_FILTER",
        "OTEL_EXPORTER_OTLP_CERTIFICATE", "OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", "OTEL_EXPORTER_OTLP_CLIENT_KEY", "OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE",
    ];

    /// <summary>Reads the variables.</summary>
    public static TelemetrySettings Read(IDictionary environment)
    {
        var problems = new List<string>();
        string Of(string name) => (environment[name] as string)?.Trim() ?? "";
        string disabled = Of("OTEL_SDK_DISABLED");
        Check("OTEL_SDK_DISABLED", disabled, "true or false", bool.TryParse(disabled, out bool isOff), problems);
        bool[] pushed = [.. Signals.Select(signal => IsPushed(signal, Of, problems) && !isOff)];
        foreach (string name in Millis)
        {
            Check(name, Of(name), "a whole number above 0", IsAboveZero(Of(name)), problems);
        }

        Check("OTEL_RESOURCE_ATTRIBUTES", Of("OTEL_RESOURCE_ATTRIBUTES"), "key=value pairs, separated by commas", ArePairs(Of("OTEL_RESOURCE_ATTRIBUTES")), problems);
        CheckChoice("OTEL_TRACES_SAMPLER", Of, Samplers, problems);
        CheckChoice("OTEL_METRICS_EXEMPLAR_FILTER", Of, Filters, problems);
        CheckChoice("OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE", Of, Temporalities, problems);
        AddMisspelt(environment.Keys.Cast<string>(), problems);
        return new TelemetrySettings(pushed[0], pushed[1], pushed[2], problems);
    }

    private static bool IsPushed(string signal, Func<string, string> of, List<string> problems)
    {
        bool isRight = true;
        string exporter = $"OTEL_{signal}_EXPORTER";
        isRight &= Check(exporter, of(exporter), "otlp or none", of(exporter).ToLowerInvariant() is "otlp" or "none", problems);
        bool isNamed = false;
        // The variable of the signal comes before the common one, and what is wrong with one that is not used disturbs nobody.
        foreach ((string suffix, string allowed, Func<string, bool> check) in new (string, string, Func<string, bool>)[]
        {
            ("ENDPOINT", "an http or https URL", IsUrl), ("PROTOCOL", "grpc or http/protobuf", static t => Array.IndexOf(Protocols, t) >= 0),
            ("TIMEOUT", "a whole number of milliseconds above 0", IsAboveZero), ("HEADERS", "key=value pairs, separated by commas", ArePairs),
            ("COMPRESSION", "gzip or none", static t => Array.IndexOf(Compressions, t) >= 0),
        })
        {
            string own = $"OTEL_EXPORTER_OTLP_{signal}_{suffix}";
            string name = of(own).Length > 0 ? own : "OTEL_EXPORTER_OTLP_" + suffix;
            isNamed |= suffix == "ENDPOINT" && of(name).Length > 0;
            bool isFine = Check(name, of(name), allowed, check(of(name)), problems);
            isRight &= isFine || suffix is not ("ENDPOINT" or "PROTOCOL"); // to where and how nobody can guess; the rest has a default
        }

        return isNamed && isRight && !string.Equals(of(exporter), "none", StringComparison.OrdinalIgnoreCase);
    }

    private static void CheckChoice(string name, Func<string, string> of, string[] allowed, List<string> problems) =>
        Check(name, of(name), "one of " + string.Join(", ", allowed), Array.IndexOf(allowed, of(name).ToLowerInvariant()) >= 0, problems);

    private static bool Check(string name, string text, string allowed, bool isRight, List<string> problems)
    {
        if (text.Length == 0 || isRight)
        {
            return true;
        }

        // Headers carry secrets.
        string shown = name.EndsWith("HEADERS", StringComparison.Ordinal) ? "***" : text;
        string problem = $"environment {name} \"{shown}\" is ignored; allowed: {allowed}";
        if (!problems.Contains(problem))
        {
            problems.Add(problem);
        }

        return false;
    }

    private static void AddMisspelt(IEnumerable<string> names, List<string> problems)
    {
        string[] suffixes = ["ENDPOINT", "PROTOCOL", "TIMEOUT", "HEADERS", "COMPRESSION"];
        HashSet<string> known =
        [
            .. Millis, .. Others, .. Signals.Select(static s => $"OTEL_{s}_EXPORTER"), .. suffixes.Select(static s => "OTEL_EXPORTER_OTLP_" + s),
            .. Signals.SelectMany(signal => suffixes.Select(suffix => $"OTEL_EXPORTER_OTLP_{signal}_{suffix}")),
        ];
        foreach (string name in names.Where(n => n.StartsWith("OTEL_", StringComparison.Ordinal) && !known.Contains(n)).Order(StringComparer.Ordinal))
        {
            // Others may be meant for other programs: only what looks like a slip is named.
            if (NearestName.Hint(name, known) is { Length: > 0 } hint)
            {
                problems.Add($"environment {name} is not a setting and is ignored.{hint}");
            }
        }
    }

    private static bool IsUrl(string text) => Uri.TryCreate(text, UriKind.Absolute, out Uri? url) && url.Scheme is "http" or "https" && url.Host.Length > 0;

    private static bool IsAboveZero(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number > 0;

    private static bool ArePairs(string text) => text.Split(',').All(static part => part.IndexOf('=', StringComparison.Ordinal) > 0);
}
