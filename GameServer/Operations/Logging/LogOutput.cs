using System.Collections.Concurrent;
using System.Diagnostics;
using GameServer.Configuration;
using GameServer.Operations.Telemetry;
using Microsoft.Extensions.Logging;

namespace GameServer.Operations.Logging;

/// <summary>Writes log lines to standard output, as JSON or as text, and holds back events that come too often.</summary>
/// <remarks>
/// Any thread may log but the hot ones, which report through <see cref="EventQueue"/>: a line costs a lock, but never waits for the reader of
/// the output. Each event has <see cref="Burst"/> lines at once and one more every half second; what is held back is counted in its next line.
/// Sessions and matches are what an operator looks for afterwards: they have <see cref="SessionBurst"/> lines at once and 200 a second. Ticks that come too
/// late, and what the framework reports of a machine that is too slow for it, have one every five minutes.
/// </remarks>
public sealed class LogOutput : ILoggerProvider
{
    /// <summary>Lines of one event that are written without a pause.</summary>
    public const int Burst = 20;

    /// <summary>Lines of one event about a session or a match that are written without a pause: every seat may leave and come back several times.</summary>
    public const int SessionBurst = 2_048;

    private const long RefillMicros = 500_000;
    private const long SessionRefillMicros = 5_000;
    private const long OverloadRefillMicros = 300_000_000;
    private const string ForeignPrefix = "Dotnet.";

    private static readonly string[] SessionEvents =
        [nameof(ServerLog.Joined), nameof(ServerLog.Left), nameof(ServerLog.MatchStarted), nameof(ServerLog.MatchEnded)];

    // On a machine that others use they come all day long, and the metrics count every one.
    private static readonly string[] OverloadEvents = [nameof(ServerLog.Overrun), nameof(ServerLog.TicksSkipped), nameof(ServerLog.HttpCrowded)];

    private readonly Func<string, bool> _output;
    private readonly StandardOutput? _standard;
    private readonly Func<long> _nowMicros;
    private readonly bool _json;
    private readonly Dictionary<string, EventBudget> _budgets = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, ILogger> _loggers = new(StringComparer.Ordinal);
    private readonly Lock _writing = new();
    private volatile LogLevel _threshold;
    private volatile LogExport? _export;

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

    /// <summary>True when lines are JSON objects.</summary>
    public bool IsJson => _json;

    /// <summary>Pushes each event that is written from here on to a receiver too.</summary>
    internal void PushTo(LogExport? export) => _export = export;

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
        if (category.StartsWith("Microsoft.Extensions.Hosting", StringComparison.Ordinal))
        {
            return _threshold <= LogLevel.Debug; // a stack trace for an address that is taken; what it means is logged by whoever asked for it
        }

        LogLevel least = category.StartsWith("Microsoft.", StringComparison.Ordinal) && _threshold > LogLevel.Debug ? LogLevel.Warning : _threshold;
        return level >= least && level != LogLevel.None;
    }

    private void Log(LogLevel level, EventId id, string eventName, string? category, string message, IReadOnlyList<KeyValuePair<string, object?>>? values, Exception? exception)
    {
        lock (_writing)
        {
            if (!_budgets.TryGetValue(eventName, out EventBudget? budget))
            {
                _budgets.Add(eventName, budget = EventBudget.Of(eventName, _nowMicros()));
            }

            if (!budget.TryTake(_nowMicros()))
            {
                return;
            }

            bool isWritten = TryWrite(new LogLine(level, eventName, message, values, exception, budget.Suppressed, category));
            budget.Suppressed = isWritten ? 0 : budget.Suppressed + 1;
        }

        _export?.Push(level, new EventId(id.Id, SnakeCase.Of(eventName)), category, message, values, exception);
    }

    private bool TryWrite(in LogLine line) => _output(_json ? line.ToJson(DateTime.UtcNow, Activity.Current) : line.ToText(DateTime.UtcNow));

    private sealed class EventBudget
    {
        private readonly int _burst;
        private readonly long _refillMicros;
        private int _tokens;
        private long _refilledMicros;

        private EventBudget(int burst, long refillMicros, long nowMicros) =>
            (_burst, _refillMicros, _tokens, _refilledMicros) = (burst, refillMicros, burst, nowMicros);

        public long Suppressed { get; set; }

        public static EventBudget Of(string eventName, long nowMicros) =>
            Array.IndexOf(SessionEvents, eventName) >= 0 ? new EventBudget(SessionBurst, SessionRefillMicros, nowMicros)
            : Array.IndexOf(OverloadEvents, eventName) >= 0 || eventName.StartsWith(ForeignPrefix, StringComparison.Ordinal) ? new EventBudget(Burst, OverloadRefillMicros, nowMicros)
            : new EventBudget(Burst, RefillMicros, nowMicros);

        public bool TryTake(long nowMicros)
        {
            long refills = (nowMicros - _refilledMicros) / _refillMicros;
            if (refills > 0)
            {
                _tokens = (int)Math.Min(_burst, _tokens + refills);
                _refilledMicros += refills * _refillMicros;
            }

            if (_tokens == 0)
            {
                Suppressed++;
                return false;
            }

            _tokens--;
            return true;
        }
    }

    private sealed class Category(LogOutput output, string name) : ILogger
    {
        // What the framework says has names of the framework: they get a first word by which they cannot be taken for ours.
        private readonly string? _foreign = name.StartsWith("GameServer", StringComparison.Ordinal) ? null : name;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => output.IsEnabled(logLevel, name);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
            {
                string eventName = _foreign is null ? eventId.Name ?? name : ForeignPrefix + (eventId.Name ?? name[(name.LastIndexOf('.') + 1)..]);
                output.Log(logLevel, eventId, eventName, _foreign, formatter(state, exception), state as IReadOnlyList<KeyValuePair<string, object?>>, exception);
            }
        }
    }
}
