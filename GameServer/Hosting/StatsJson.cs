using System.Buffers;
using System.Text.Json;
using GameServer.Netcode.Primitives;

namespace GameServer.Hosting;

/// <summary>Writes the figures of a run as one JSON file.</summary>
internal static class StatsJson
{
    private static readonly JsonWriterOptions Indented = new() { Indented = true };

    /// <summary>Why the file cannot be written, found out by writing another one beside it; null when it can. A full disk is found out too.</summary>
    public static string? Problem(string path)
    {
        bool isDevice = IsDevice(path);
        string probe = isDevice ? path : $"{path}.{Environment.ProcessId}.probe";
        try
        {
            using var file = new FileStream(probe, isDevice ? FileMode.Open : FileMode.Create, FileAccess.Write, FileShare.ReadWrite, 1, isDevice ? FileOptions.None : FileOptions.DeleteOnClose);
            if (!isDevice)
            {
                file.WriteByte(0);
                file.Flush(flushToDisk: true);
            }

            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return e.Message;
        }
    }

    /// <summary>The figures as a value for a log event.</summary>
    public static JsonElement ToElement(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }

        using JsonDocument document = JsonDocument.Parse(buffer.WrittenMemory);
        return document.RootElement.Clone();
    }

    /// <summary>Writes the file whole or not at all, unless it is a device; false says why not.</summary>
    public static bool TryWrite(string path, Action<Utf8JsonWriter> write, out string? problem)
    {
        // A device (/dev/stdout) is written to, not replaced.
        string temporary = IsDevice(path) ? path : path + ".part";
        try
        {
            using (FileStream file = File.Create(temporary))
            {
                using (var json = new Utf8JsonWriter(file, Indented))
                {
                    json.WriteStartObject();
                    write(json);
                    json.WriteEndObject();
                }

                file.Flush(flushToDisk: temporary != path);
            }

            if (temporary != path)
            {
                File.Move(temporary, path, overwrite: true);
            }

            problem = null;
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problem = e.Message;
            return false;
        }
    }

    private static bool IsDevice(string path) => path.StartsWith("/dev/", StringComparison.Ordinal);

    /// <summary>Percentiles of a histogram, divided by <paramref name="perUnit"/>.</summary>
    public static void WritePercentiles(Utf8JsonWriter json, string name, Histogram histogram, double perUnit)
    {
        json.WriteStartObject(name);
        json.WriteNumber("p50", Round(histogram.Percentile(50) / perUnit));
        json.WriteNumber("p99", Round(histogram.Percentile(99) / perUnit));
        json.WriteNumber("p999", Round(histogram.Percentile(99.9) / perUnit));
        json.WriteNumber("max", Round(histogram.Max / perUnit));
        json.WriteEndObject();
    }

    /// <summary>Three decimals are enough for everything that is measured here.</summary>
    public static double Round(double value) => Math.Round(value, 3);
}
