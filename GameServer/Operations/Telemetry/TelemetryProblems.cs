using System.Diagnostics.Tracing;
using System.Globalization;
using GameServer.Operations.Logging;
using Microsoft.Extensions.Logging;

namespace GameServer.Operations.Telemetry;

/// <summary>Logs what the OpenTelemetry SDK and its exporters complain about, which they do on event sources that nobody listens to.</summary>
/// <remarks>Any thread. The same complaint once in ten minutes: an export fails every few seconds while its receiver is away.</remarks>
internal sealed class TelemetryProblems : EventListener
{
    private const int CharsMax = 300;
    private const long PauseMicros = 600_000_000;

    private readonly Dictionary<(string Source, int Id), long> _said = [];
    private readonly ILogger? _log;

    public TelemetryProblems(ILogger log) => _log = log;

    protected override void OnEventSourceCreated(EventSource eventSource)
    {
        if (eventSource.Name.StartsWith("OpenTelemetry", StringComparison.Ordinal))
        {
            EnableEvents(eventSource, EventLevel.Warning);
        }
    }

    protected override void OnEventWritten(EventWrittenEventArgs eventData)
    {
        // The base class may call before the constructor has run.
        if (_log is null || _said is null)
        {
            return;
        }

        long now = ServerControl.NowMicros();
        (string, int) key = (eventData.EventSource.Name, eventData.EventId);
        lock (_said)
        {
            if (_said.TryGetValue(key, out long before) && now - before < PauseMicros)
            {
                return;
            }

            _said[key] = now;
        }

        ServerLog.TelemetryProblem(_log, eventData.EventSource.Name, Text(eventData));
    }

    private static string Text(EventWrittenEventArgs eventData)
    {
        object?[] payload = [.. (eventData.Payload ?? (IEnumerable<object?>)[]).Select(static p => p is string text ? text.Split('\n')[0].Trim() : p)];
        string message = eventData.Message is { } format ? string.Format(CultureInfo.InvariantCulture, format, payload) : string.Join(", ", payload);
        return message.Length > CharsMax ? message[..CharsMax] : message;
    }
}
