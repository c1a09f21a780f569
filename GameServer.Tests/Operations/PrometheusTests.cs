using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using GameServer.Netcode.Primitives;
using GameServer.Operations;
using GameServer.Operations.Telemetry;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace GameServer.Tests.Operations;

public class PrometheusTests
{
    [Test]
    public void Scrape_KnownInstruments_IsThePageByteForByte()
    {
        (PrometheusExporter exporter, MeterProvider provider) = Export("golden", withScope: false);
        using MeterProvider _ = provider;
        using var meter = new Meter("golden");
        meter.CreateCounter<long>("b.requests", "{request}", "Line\nwith \\ and \"quotes\".").Add(3, new KeyValuePair<string, object?>("a.path", "x\"\\\ny"));
        meter.CreateUpDownCounter<long>("a.size", "By", "Level.").Add(-2);
        Histogram<double> histogram = meter.CreateHistogram("c.time", "s", "Time.", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [5e-6, 0.5, 1] });
        foreach (double value in new[] { 5e-6, 0.25, 0.5, 7 })
        {
            histogram.Record(value);
        }

        meter.CreateObservableGauge("d.ratio", () => double.NaN, "1", "Nothing.");
        const string expected =
            "# TYPE a_size_bytes gauge\n# HELP a_size_bytes Level.\na_size_bytes -2\n" +
            "# TYPE b_requests_total counter\n# HELP b_requests_total Line\\nwith \\\\ and \"quotes\".\nb_requests_total{a_path=\"x\\\"\\\\\\ny\"} 3\n" +
            "# TYPE c_time_seconds histogram\n# HELP c_time_seconds Time.\n" +
            "c_time_seconds_bucket{le=\"5e-06\"} 1\nc_time_seconds_bucket{le=\"0.5\"} 3\nc_time_seconds_bucket{le=\"1\"} 3\nc_time_seconds_bucket{le=\"+Inf\"} 4\n" +
            "c_time_seconds_sum 7.750005\nc_time_seconds_count 4\n" +
            "# TYPE d_ratio gauge\n# HELP d_ratio Nothing.\nd_ratio NaN\n" +
            "# TYPE target_info gauge\n# HELP target_info Target metadata\ntarget_info 1\n";
        Assert.That(Encoding.UTF8.GetString(exporter.Scrape(ExpositionFormat.Text).Plain), Is.EqualTo(expected));
    }

    [Test]
    public void Scrape_OpenMetrics_NamesUnitsAndEnds()
    {
        (PrometheusExporter exporter, MeterProvider provider) = Export("golden-open", withScope: true);
        using MeterProvider _ = provider;
        using var meter = new Meter("golden-open");
        meter.CreateCounter<long>("b.io", "By", "Bytes.").Add(3);
        meter.CreateHistogram("c.time", "s", "T.", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [1] }).Record(0.5);
        const string expected =
            "# TYPE b_io_bytes counter\n# UNIT b_io_bytes bytes\n# HELP b_io_bytes Bytes.\nb_io_bytes_total{otel_scope_name=\"golden-open\",otel_scope_version=\"\"} 3\n" +
            "# TYPE c_time_seconds histogram\n# UNIT c_time_seconds seconds\n# HELP c_time_seconds T.\n" +
            "c_time_seconds_bucket{otel_scope_name=\"golden-open\",otel_scope_version=\"\",le=\"1.0\"} 1\n" +
            "c_time_seconds_bucket{otel_scope_name=\"golden-open\",otel_scope_version=\"\",le=\"+Inf\"} 1\n" +
            "c_time_seconds_sum{otel_scope_name=\"golden-open\",otel_scope_version=\"\"} 0.5\nc_time_seconds_count{otel_scope_name=\"golden-open\",otel_scope_version=\"\"} 1\n" +
            "# TYPE target info\n# HELP target Target metadata\ntarget_info 1\n# EOF\n";
        Assert.That(Encoding.UTF8.GetString(exporter.Scrape(ExpositionFormat.OpenMetrics).Plain), Is.EqualTo(expected));
    }

    [Test]
    public void Scrape_WholeServer_HoldsWhatPromtoolDoesNotCheck()
    {
        string page = ScrapeServer(ExpositionFormat.Text, out _);
        Assert.That(page, Does.EndWith("\n").And.Not.Contain("\r").And.Not.Contain("\n\n"));
        var seen = new HashSet<string>();
        string family = "", type = "";
        var samples = new HashSet<string>();
        var buckets = new Dictionary<string, double>();
        foreach (string line in page.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.StartsWith("# TYPE ", StringComparison.Ordinal))
            {
                (family, type) = (line.Split(' ')[2], line.Split(' ')[3]);
                Assert.That(seen.Add(family), Is.True, family + " comes twice: interleaved");
                Assert.That(family.EndsWith("_total", StringComparison.Ordinal), Is.EqualTo(type == "counter"), family + " is a " + type);
                continue;
            }

            if (line.StartsWith('#'))
            {
                Assert.That(line, Does.Match($"^# HELP {family} .+"));
                continue;
            }

            Match sample = Regex.Match(line, @"^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(\{(?<labels>.*)\})? (?<value>\S+)$");
            Assert.That(sample.Success, Is.True, line);
            string name = sample.Groups["name"].Value, labels = sample.Groups["labels"].Value;
            Assert.That(labels, Does.Match("^([a-zA-Z_][a-zA-Z0-9_]*=\"([^\"\\\\]|\\\\[\"\\\\n])*\"(,(?=.)|$))*$"), "names, quotes and escapes");
            Assert.That(samples.Add(name + "{" + labels), Is.True, "twice: " + line);
            Assert.That(name, type == "histogram" ? Does.Match($"^{family}_(bucket|sum|count)$") : Is.EqualTo(family));
            double value = double.Parse(sample.Groups["value"].Value, CultureInfo.InvariantCulture);
            if (name.EndsWith("_bucket", StringComparison.Ordinal))
            {
                string series = family + Regex.Replace(labels, ",?le=\"[^\"]*\"", "");
                Assert.That(value, Is.GreaterThanOrEqualTo(buckets.GetValueOrDefault(series)), "cumulative: " + line);
                buckets[series] = value;
                if (labels.Contains("le=\"+Inf\"", StringComparison.Ordinal))
                {
                    buckets["inf " + series] = value;
                }
            }
            else if (name.EndsWith("_count", StringComparison.Ordinal) && type == "histogram")
            {
                Assert.That(buckets["inf " + family + labels], Is.EqualTo(value), "+Inf is the count: " + line);
            }
        }
    }

    [Test]
    public void Scrape_WholeServer_CarriesOverExactCountsAndSums()
    {
        string page = ScrapeServer(ExpositionFormat.Text, out _);
        Assert.That(page, Does.Contain("gameserver_tick_duration_seconds_count 3\n"));
        Assert.That(page, Does.Contain("gameserver_tick_duration_seconds_sum 0.0011\n"));
        Assert.That(page, Does.Contain("gameserver_tick_duration_seconds_bucket{le=\"0.0001\"} 2\n"));
        Assert.That(page, Does.Contain("gameserver_tick_phase_duration_seconds_count{gameserver_tick_phase=\"encode\"} 1\n"));
        Assert.That(page, Does.Contain("gameserver_joins_refused_total{gameserver_join_refusal=\"full\"} 2\n"));
        Assert.That(page, Does.Contain("gameserver_network_drops_total{gameserver_drop_class=\"loss\",gameserver_drop_reason=\"input_late\"} 5\n"));
        Assert.That(page, Does.Contain("gameserver_network_io_bytes_total{network_io_direction=\"receive\"} 30\n"));
        Assert.That(page, Does.Contain("gameserver_players 7\n"));
        Assert.That(page, Does.Contain("# TYPE dotnet_thread_pool_threads gauge\n"));
        Assert.That(page, Does.Contain("# TYPE dotnet_thread_pool_queue_length gauge\n").And.Not.Contain("queue_length_total"));
        Assert.That(page, Does.Contain("gameserver_drop_class=\"noise\",gameserver_drop_reason=\"stranger_packet\"").And.Contains("gameserver_drop_class=\"loss\",gameserver_drop_reason=\"inbound_ring_full\""));
        Assert.That(page, Does.Match("(?m)^gameserver_build_info\\{revision=\"[0-9a-z]+\",runtime=\"10[0-9.]+\",version=\"[0-9.]+\"\\} 1$"));
        Assert.That(double.Parse(Regex.Match(page, "(?m)^process_start_time_seconds (.*)$").Groups[1].Value, CultureInfo.InvariantCulture),
            Is.EqualTo((Process.GetCurrentProcess().StartTime.ToUniversalTime() - DateTime.UnixEpoch).TotalSeconds).Within(0.1));
        Assert.That(page, Does.Match("target_info\\{.*service_name=\"gameserver\".*\\} 1\n"));
    }

    [Test]
    public void Scrape_ManyAtOnce_AllGetAPage()
    {
        var control = new ServerControl(8, 25);
        using var meter = new ServerMeter(new ServerTelemetry(), control, 60, 8);
        using var export = new TelemetryExport(meter, withScope: false);
        Parallel.For(0, 32, i => Assert.That(export.Scrape((ExpositionFormat)(i % 2)), Has.Length.GreaterThan(1000)));
    }

    [Test]
    public void Scrape_TwoServersInOneProcess_EachHasItsOwnFigures()
    {
        ServerTelemetry first = new(), second = new();
        first.Simulation.Players.Set(3);
        second.Simulation.Players.Set(5);
        using var export = new TelemetryExport(new ServerMeter(first, new ServerControl(8, 25), 60, 8), withScope: false);
        using var other = new TelemetryExport(new ServerMeter(second, new ServerControl(8, 25), 60, 8), withScope: false);
        foreach ((TelemetryExport asked, int players) in new[] { (export, 3), (other, 5) })
        {
            string page = Encoding.UTF8.GetString(asked.Scrape(ExpositionFormat.Text));
            Assert.That(Regex.Matches(page, "(?m)^gameserver_players (.*)$").Select(static m => m.Groups[1].Value), Is.EqualTo(new[] { $"{players}" }));
        }
    }

    [Test]
    public void Promtool_WholeServer_FindsNothing()
    {
        if (!File.Exists("/usr/bin/promtool"))
        {
            Assert.Ignore("promtool is not installed");
        }

        using Process promtool = Process.Start(new ProcessStartInfo("/usr/bin/promtool", "check metrics") { RedirectStandardInput = true, RedirectStandardError = true, RedirectStandardOutput = true })!;
        promtool.StandardInput.Write(ScrapeServer(ExpositionFormat.Text, out _));
        promtool.StandardInput.Close();
        string said = promtool.StandardError.ReadToEnd() + promtool.StandardOutput.ReadToEnd();
        promtool.WaitForExit();
        Assert.That(promtool.ExitCode, Is.Zero, said);
    }

    /// <summary>The page of a server that has counted a little of everything.</summary>
    internal static string ScrapeServer(ExpositionFormat format, out ServerTelemetry telemetry)
    {
        telemetry = new ServerTelemetry(networkThreads: 2) { RefusalName = static _ => "Full" };
        SimulationTelemetry simulation = telemetry.Simulation;
        simulation.Players.Set(7);
        simulation.TickDuration.Record(90);
        simulation.TickDuration.Record(10);
        simulation.TickDuration.Record(1_000);
        simulation.Phases[(int)TickPhase.Encode].Record(4);
        simulation.JoinsRefused[3].Add(2);
        simulation.Drops.Add(DropReason.InputLate, 3);
        telemetry.Network[1].Drops.Add(DropReason.InputLate, 2);
        telemetry.Network[0].BytesIn.Add(10);
        telemetry.Network[1].BytesIn.Add(20);
        foreach (Distribution distribution in new[] { simulation.Lateness, simulation.InputMargin, simulation.RoundTrip, simulation.Loss, simulation.SnapshotBytes, simulation.RewindDepth, simulation.ArrivalToExecution, simulation.TimeInRing, telemetry.Network[0].Jitter })
        {
            distribution.Record(100);
        }

        var control = new ServerControl(8, 25);
        using var meter = new ServerMeter(telemetry, control, 60, 8);
        using var export = new TelemetryExport(meter, withScope: false);
        return Encoding.UTF8.GetString(export.Scrape(format));
    }

    private static (PrometheusExporter Exporter, MeterProvider Provider) Export(string meter, bool withScope)
    {
        var exporter = new PrometheusExporter(withScope, static () => { });
        MeterProvider provider = Sdk.CreateMeterProviderBuilder()
            .SetResourceBuilder(OpenTelemetry.Resources.ResourceBuilder.CreateEmpty())
            .AddMeter(meter)
            .AddReader(new BaseExportingMetricReader(exporter) { TemporalityPreference = MetricReaderTemporalityPreference.Cumulative })
            .Build();
        return (exporter, provider);
    }
}
