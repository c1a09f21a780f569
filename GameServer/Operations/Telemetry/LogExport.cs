using GameServer.Operations.Logging;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Logs;

namespace GameServer.Operations.Telemetry;

/// <summary>Pushes log events by OTLP, with the names that they have in the JSON lines.</summary>
/// <remarks>Any thread. A bounded queue: what finds no room in it is lost, nobody waits for the receiver.</remarks>
internal sealed class LogExport : IDisposable
{
    private readonly ServiceProvider _services;
    private readonly LoggerProvider _provider;
    private readonly ILoggerFactory _loggers;

    public LogExport()
    {
        _services = new ServiceCollection().AddLogging(static logging => logging.SetMinimumLevel(LogLevel.Trace).AddOpenTelemetry(static options =>
        {
            options.SetResourceBuilder(TelemetryExport.DescribeProcess());
            options.IncludeFormattedMessage = true;
            options.AddOtlpExporter();
        })).BuildServiceProvider();
        _loggers = _services.GetRequiredService<ILoggerFactory>();
        _provider = _services.GetRequiredService<LoggerProvider>();
    }

    /// <summary>Queues one event.</summary>
    public void Push(LogLevel level, EventId id, string? category, string message, IReadOnlyList<KeyValuePair<string, object?>>? values, Exception? exception)
    {
        if (id.Id != ServerLog.TelemetryProblemId) // an event about the export that fails would cause the next export that fails
        {
            KeyValuePair<string, object?>[] attributes = [.. LogLine.Named(values)];
            _loggers.CreateLogger(category ?? ServerMeter.Name).Log(level, id, attributes, exception, (_, _) => message);
        }
    }

    /// <summary>Pushes what waits, at most for <paramref name="timeoutMillis"/>.</summary>
    public void Flush(int timeoutMillis) => _provider.ForceFlush(timeoutMillis);

    public void Dispose() => _services.Dispose();
}
