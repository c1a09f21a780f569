using System.Collections.Concurrent;
using System.Diagnostics;
using GameServer.Configuration;
using Microsoft.Extensions.Logging;

namespace GameServer.Operations.Logging;

/// <summary>Writes log lines to standard output, as JSON or as text, and holds back events that come too often.</summary>
/// <remarks>
/// Any thread may log but the hot ones, which report through <see cref="EventQueue"/>: a line costs a lock, but never waits for the reader of
/// the output. Each event has <see cref="Burst"/> lines at once and one more every half second; what is held back is counted in its next line.
/// </remarks>
public sealed class LogOutput : ILoggerProvider
{
    /// <summary>Lines of one event that are written without a pause.</summary>
    public const int Burst = 20;

    private const long RefillMicros = 500_000;

    private readonly Func<string, bool> _output;
    private readonly StandardOutput? _standard;
    private readonly Func<long> _nowMicros;
    private readonly bool _json;
    private readonly Dictionary<string, EventBudget> _budgets = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ILogger> _loggers = new(StringComparer.Ordinal);
    private readonly Lock _writing = new();
    private volatile LogLevel _threshold;

    /// <summary>Writes to standard output in the format that the options ask for.</summary>
    public LogOutput(LogFormat format, LogThreshold threshold)
        : this(new StandardOutput(), format == LogFormat.Json || (format == LogFormat.Auto && Console.IsOutputRedirected), threshold)
    {
    }

    internal LogOutput(TextWriter output, bool json, LogThreshold threshold, Func<long> nowMicros)
    {
        (_json, _nowMicros) = (json, nowMicros);
        _output = line =>
        {
            output.Write(line);
            return true;
        };
        SetThreshold(threshold);
    }

    internal LogOutput(StandardOutput output, bool json, LogThreshold threshold)
    {
        (_standard, _output, _json, _nowMicros) = (output, output.TryWrite, json, ServerControl.NowMicros);
        SetThreshold(threshold);
    }

    /// <summary>Changes which levels are written.</summary>
    public void SetThreshold(LogThreshold threshold) => _threshold = (LogLevel)((int)threshold + 1);

    /// <inheritdoc/>
    public ILogger CreateLogger(string categoryName) => _loggers.GetOrAdd(categoryName, static (name, output) => new Category(output, name), this);

    /// <summary>Says how many lines are still held back, and flushes.</summary>
    public void Dispose()
    {
        lock (_writing)
        {
            foreach ((string name, EventBudget budget) in _budgets)
            {
                if (budget.Suppressed > 0)
                {
                    TryWrite(new LogLine(LogLevel.Warning, name, "further lines were held back", null, null, budget.Suppressed));
                    budget.Suppressed = 0;
                }
            }
        }

        _standard?.Dispose();
    }

    private bool IsEnabled(LogLevel level, string category)
    {
        // The web server's own chatter is of use only when one looks for it.
        LogLevel least = category.StartsWith("Microsoft.", StringComparison.Ordinal) && _threshold > LogLevel.Debug ? LogLevel.Warning : _threshold;
        return level >= least && level != LogLevel.None;
    }

    private void Log(LogLevel level, string eventName, string message, IReadOnlyList<KeyValuePair<string, object?>>? values, Exception? exception)
    {
        lock (_writing)
        {
            if (!_budgets.TryGetValue(eventName, out EventBudget? budget))
            {
                _budgets.Add(eventName, budget = new EventBudget { Tokens = Burst, RefilledMicros = _nowMicros() });
            }

            if (budget.TryTake(_nowMicros()))
            {
                bool isWritten = TryWrite(new LogLine(level, eventName, message, values, exception, budget.Suppressed));
                budget.Suppressed = isWritten ? 0 : budget.Suppressed + 1;
            }
        }
    }

    private bool TryWrite(in LogLine line) => _output(_json ? line.ToJson(DateTime.UtcNow, Activity.Current) : line.ToText(DateTime.UtcNow));

    private sealed class EventBudget
    {
        public int Tokens;
        public long RefilledMicros;
        public long Suppressed;

        public bool TryTake(long nowMicros)
        {
            long refills = (nowMicros - RefilledMicros) / RefillMicros;
            if (refills > 0)
            {
                Tokens = (int)Math.Min(Burst, Tokens + refills);
                RefilledMicros += refills * RefillMicros;
            }

            if (Tokens == 0)
            {
                Suppressed++;
                return false;
            }

            Tokens--;
            return true;
        }
    }

    private sealed class Category(LogOutput output, string name) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => output.IsEnabled(logLevel, name);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                output.Log(logLevel, eventId.Name ?? name, formatter(state, exception), state as IReadOnlyList<KeyValuePair<string, object?>>, exception);
            }
        }
    }
}
