using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using GameServer.Configuration;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Transport;

namespace GameServer.Hosting;

/// <summary>Tells whether this machine suits a steady tick: the boot report, and lateness measured for some seconds.</summary>
public static class Doctor
{
    private const int WantedSocketBytes = 4 << 20;

    /// <summary>Examines, measures and writes; returns whether everything was good enough.</summary>
    /// <param name="output">Where the text goes.</param>
    /// <param name="affinity">As for the server.</param>
    /// <param name="rateHz">Ticks a second.</param>
    /// <param name="seconds">How long to measure.</param>
    /// <param name="realtime">Asks for SCHED_FIFO.</param>
    /// <param name="isJson">Writes one JSON object instead of text.</param>
    public static bool Run(TextWriter output, CpuAffinity affinity, int rateHz = 128, int seconds = 5, bool realtime = false, bool isJson = false)
    {
        using var placement = new CorePlacement(affinity, networkThreads: 1, realtime);
        var files = new SystemFiles();
        CpuMask hot = placement.Plan.SimulationCore is int core ? new CpuMask(core) : placement.Plan.Allowed;
        var load = new CoreLoad(files, hot, Environment.ProcessId);
        var probe = new TickProbe(rateHz);
        var thread = new Thread(() =>
        {
            placement.EnterSimulation();
            probe.Run(seconds);
        });
        thread.Start();
        thread.Join();

        MachineFacts facts = MachineFacts.Read(files, placement.Plan.SimulationCore, load);
        var report = new BootReport(facts, placement.Plan, placement.Threads, TrySocket());
        if (isJson)
        {
            output.WriteLine(Json(report, probe, rateHz, seconds));
        }
        else
        {
            output.WriteLine(report);
            output.WriteLine();
            output.WriteLine(Figures(probe, rateHz, seconds));
        }

        return !report.Warnings.Any();
    }

    private static string Json(BootReport report, TickProbe probe, int rateHz, int seconds)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteBoolean("ok", !report.Warnings.Any());
            json.WriteStartArray("items");
            foreach (BootItem item in report.Items)
            {
                json.WriteStartObject();
                json.WriteString("name", item.Name);
                json.WriteString("value", item.Value);
                json.WriteBoolean("ok", item.IsOk);
                if (!item.IsOk)
                {
                    json.WriteString("cost", item.Cost);
                    json.WriteString("fix", item.Fix);
                }

                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteStartObject("tickLatenessMicros");
            json.WriteNumber("rateHz", rateHz);
            json.WriteNumber("seconds", seconds);
            json.WriteNumber("runDelay", Math.Round(probe.RunDelayNanos / 1e3, 1));
            Write(json, "pacer", probe.Pacer.All);
            Write(json, "pacerUndisturbed", probe.Pacer.Undisturbed);
            Write(json, "bare", probe.Bare.All);
            Write(json, "bareUndisturbed", probe.Bare.Undisturbed);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    private static void Write(Utf8JsonWriter json, string name, Histogram nanos)
    {
        json.WriteStartObject(name);
        json.WriteNumber("ticks", nanos.Count);
        json.WriteNumber("p50", Math.Round(nanos.Percentile(50) / 1e3, 1));
        json.WriteNumber("p99", Math.Round(nanos.Percentile(99) / 1e3, 1));
        json.WriteNumber("p999", Math.Round(nanos.Percentile(99.9) / 1e3, 1));
        json.WriteNumber("max", Math.Round(nanos.Max / 1e3, 1));
        json.WriteEndObject();
    }

    private static SocketGrant? TrySocket()
    {
        try
        {
            using IDatagramSocket socket = DatagramSocket.Open(new SocketOptions
            {
                Bind = new IPEndPoint(IPAddress.Loopback, 0),
                ReceiveBufferBytes = WantedSocketBytes,
                SendBufferBytes = WantedSocketBytes,
                Filter = true,
            });
            return SocketGrant.Of(socket, WantedSocketBytes);
        }
        catch (SocketOpenException)
        {
            return null;
        }
    }

    private static string Figures(TickProbe probe, int rateHz, int seconds) => string.Join('\n',
        string.Create(CultureInfo.InvariantCulture, $"tick lateness at {rateHz} Hz for {seconds} s, µs; the thread waited {probe.RunDelayNanos / 1e3:0} µs for a processor"),
        "                                 ticks      p50      p99    p99.9      max",
        Row("server's pacer", probe.Pacer.All),
        Row("  system did not disturb", probe.Pacer.Undisturbed),
        Row("bare nanosleep and spin", probe.Bare.All),
        Row("  system did not disturb", probe.Bare.Undisturbed));

    private static string Row(string name, Histogram nanos) => string.Create(
        CultureInfo.InvariantCulture,
        $"  {name,-28} {nanos.Count,7} {nanos.Percentile(50) / 1e3,8:0.0} {nanos.Percentile(99) / 1e3,8:0.0} {nanos.Percentile(99.9) / 1e3,8:0.0} {nanos.Max / 1e3,8:0.0}");
}
