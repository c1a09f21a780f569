using System.Buffers;
using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace GameServer.Operations.Logging;

/// <summary>One log line in its two forms.</summary>
internal readonly record struct LogLine(
    LogLevel Level, string Event, string Message, IReadOnlyList<KeyValuePair<string, object?>>? Values, Exception? Exception, long Suppressed, string? Category = null)
{
    // Other people's events bring values of any name; an object has each name once.
    private static readonly string[] Taken = ["time", "level", "severity", "event", "message", "category", "trace_id", "span_id", "suppressed", "exception"];
    private static readonly JsonWriterOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    /// <summary>One JSON object: time (RFC 3339, UTC), level, severity (OpenTelemetry's number), event, message, then the event's own values.</summary>
    public string ToJson(DateTime utcNow, Activity? span)
    {
        var buffer = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(buffer, Json))
        {
            json.WriteStartObject();
            json.WriteString("time", utcNow.ToString("yyyy-MM-dd'T'HH:mm:ss.ffffff'Z'", CultureInfo.InvariantCulture));
            json.WriteString("level", Name());
            json.WriteNumber("severity", ((int)Level * 4) + 1);
            json.WriteString("event", SnakeCase.Of(Event));
            json.WriteString("message", Message);
            if (Category is not null)
            {
                json.WriteString("category", Category);
            }

            foreach ((string name, object? value) in Named(Values))
            {
                WriteValue(json, Array.IndexOf(Taken, name) >= 0 ? name + "_" : name, value);
            }

            if (span is not null)
            {
                json.WriteString("trace_id", span.TraceId.ToHexString());
                json.WriteString("span_id", span.SpanId.ToHexString());
            }

            if (Suppressed > 0)
            {
                json.WriteNumber("suppressed", Suppressed);
            }

            if (Exception is not null)
            {
                json.WriteString("exception", Exception.ToString());
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan) + "\n";
    }

    /// <summary>Time of day, level where it is not plain information, message.</summary>
    public string ToText(DateTime utcNow)
    {
        var text = new StringBuilder(128);
        text.Append(utcNow.ToString("HH:mm:ss.fff", CultureInfo.InvariantCulture)).Append(' ');
        if (Level != LogLevel.Information)
        {
            text.Append(Name()).Append(": ");
        }

        Span<char> units = stackalloc char[2];
        foreach (Rune rune in Message.EnumerateRunes())
        {
            // Names come from clients: none of them may steer the terminal, or turn the order of what is read.
            Rune shown = NoticeText.Steers(rune) ? new Rune('?') : rune;
            text.Append(units[..shown.EncodeToUtf16(units)]);
        }

        if (Suppressed > 0)
        {
            text.Append(CultureInfo.InvariantCulture, $" ({Suppressed} more of these before)");
        }

        return text.Append(Exception is null ? "" : Environment.NewLine + Exception).Append('\n').ToString();
    }

    /// <summary>The values of an event by the names that leave the process; the text that they were put into is not among them.</summary>
    public static IEnumerable<KeyValuePair<string, object?>> Named(IReadOnlyList<KeyValuePair<string, object?>>? values) =>
        (values ?? []).Where(static v => v.Key != "{OriginalFormat}").Select(static v => new KeyValuePair<string, object?>(SnakeCase.Of(v.Key), v.Value));

    private static void WriteValue(Utf8JsonWriter json, string name, object? value)
    {
        switch (value)
        {
            case null:
                json.WriteNull(name);
                break;
            case JsonElement element:
                json.WritePropertyName(name);
                element.WriteTo(json);
                break;
            case bool flag:
                json.WriteBoolean(name, flag);
                break;
            case sbyte or byte or short or ushort or int or uint or long:
                json.WriteNumber(name, Convert.ToInt64(value, CultureInfo.InvariantCulture));
                break;
            case ulong number:
                json.WriteNumber(name, number);
                break;
            case float or double when double.IsFinite(Convert.ToDouble(value, CultureInfo.InvariantCulture)):
                json.WriteNumber(name, Convert.ToDouble(value, CultureInfo.InvariantCulture));
                break;
            default:
                json.WriteString(name, Convert.ToString(value, CultureInfo.InvariantCulture));
                break;
        }
    }

    private string Name() => Level switch
    {
        LogLevel.Trace => "trace",
        LogLevel.Debug => "debug",
        LogLevel.Information => "info",
        LogLevel.Warning => "warn",
        LogLevel.Error => "error",
        _ => "fatal",
    };
}
