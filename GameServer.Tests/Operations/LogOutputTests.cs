using System.Text.Json;
using System.Text.RegularExpressions;
using GameServer.Configuration;
using GameServer.Operations.Logging;
using Microsoft.Extensions.Logging;

namespace GameServer.Tests.Operations;

public class LogOutputTests
{
    private StringWriter _output = new();
    private long _nowMicros;

    [SetUp]
    public void Clear() => (_output, _nowMicros) = (new StringWriter(), 0);

    [Test]
    public void Json_Event_IsOneObjectWithItsValues()
    {
        using LogOutput log = Open(json: true);
        ServerLog.Joined(log.CreateLogger("GameServer"), 7, "a\n\"b\"\u001b[2J", "m-1");
        string line = Lines().Single();
        using JsonDocument document = JsonDocument.Parse(line);
        JsonElement root = document.RootElement;
        Assert.That(root.GetProperty("time").GetString(), Does.Match(@"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$"));
        Assert.That(root.GetProperty("level").GetString(), Is.EqualTo("info"));
        Assert.That(root.GetProperty("severity").GetInt32(), Is.EqualTo(9));
        Assert.That(root.GetProperty("event").GetString(), Is.EqualTo("joined"));
        Assert.That(root.GetProperty("player_id").GetInt32(), Is.EqualTo(7));
        Assert.That(root.GetProperty("player_name").GetString(), Is.EqualTo("a\n\"b\"\u001b[2J"));
        Assert.That(line, Does.Not.Contain("\u001b"));
    }

    [Test]
    public void Text_NameWithControlCharacters_CannotSteerTheTerminal()
    {
        using LogOutput log = Open(json: false);
        ServerLog.Joined(log.CreateLogger("GameServer"), 7, "a\n\u001b[2J\u202e\u2028", "m-1");
        Assert.That(Lines().Single(), Does.Match(@"^\d\d:\d\d:\d\d\.\d{3} player 7 joined match m-1 as a\?\?\[2J\?\?$"));
    }

    [Test]
    public void Flood_OneEvent_IsHeldBackAndCountedWhileOthersPass()
    {
        using LogOutput log = Open(json: true);
        ILogger logger = log.CreateLogger("GameServer");
        for (int i = 0; i < 100_000; i++)
        {
            ServerLog.JoinRefused(logger, "full", "every seat is taken");
        }

        ServerLog.Listening(logger, "0.0.0.0:9050");
        Assert.That(Lines(), Has.Length.EqualTo(LogOutput.Burst + 1));
        _nowMicros += 1_000_000;
        ServerLog.JoinRefused(logger, "full", "every seat is taken");
        Assert.That(Lines()[^1], Does.Contain($"\"suppressed\":{100_000 - LogOutput.Burst}"));
        ServerLog.JoinRefused(logger, "full", "every seat is taken");
        Assert.That(Lines(), Has.Length.EqualTo(LogOutput.Burst + 3), "two half seconds are two lines");
        ServerLog.JoinRefused(logger, "full", "every seat is taken");
        Assert.That(Lines(), Has.Length.EqualTo(LogOutput.Burst + 3));
    }

    [Test]
    public void Flood_JoinsAndLeavesOfAFullServer_AreAllWritten()
    {
        using LogOutput log = Open(json: true);
        ILogger logger = log.CreateLogger("GameServer");
        for (int i = 0; i < 1_000; i++)
        {
            ServerLog.Joined(logger, i, "a", "m-1");
            ServerLog.Left(logger, i, "left", "the client left", "m-1");
        }

        Assert.That(Lines(), Has.Length.EqualTo(2_000));
        Assert.That(Lines()[0], Does.Contain("\"match_id\":\"m-1\""));
        for (int i = 0; i < 10 * LogOutput.SessionBurst; i++)
        {
            ServerLog.Joined(logger, i, "a", "m-1");
        }

        Assert.That(Lines(), Has.Length.EqualTo(1_000 + LogOutput.SessionBurst), "it is bounded all the same");
        _nowMicros += 1_000_000;
        ServerLog.Joined(logger, 1, "a", "m-1");
        Assert.That(Lines()[^1], Does.Contain("\"suppressed\":"));
    }

    /// <summary>A day of an idle server on a machine that has no time for it: ticks late and skipped, the web server complaining, a status each minute.</summary>
    [Test]
    public void Day_OnAnOverloadedMachine_IsBelowTwoMegabytesAndNothingIsUncounted()
    {
        const int Seconds = 24 * 60 * 60, LateEachSecond = 6;
        using LogOutput log = Open(json: true);
        ILogger logger = log.CreateLogger("GameServer"), kestrel = log.CreateLogger("Microsoft.AspNetCore.Server.Kestrel");
        const string Slow = "As of \"11/25/2026 17:46:00 +00:00\", the heartbeat has been running for \"00:00:01.0123456\" which is longer than \"00:00:01\". This could be caused by thread pool starvation.";
        KeyValuePair<string, object?>[] figures = [.. StatusFigures().Select(static name => new KeyValuePair<string, object?>(name, 1_234_567))];
        for (int second = 0; second < Seconds; second++)
        {
            _nowMicros = second * 1_000_000L;
            for (int late = 0; late < LateEachSecond; late++)
            {
                ServerLog.Overrun(logger, 4_000_000, 123_456, 1_234_567, "publish", 123_456, 123_456);
            }

            ServerLog.TicksSkipped(logger, 12, 4_000_000);
            kestrel.Log(LogLevel.Warning, new EventId(22, "HeartbeatSlow"), Slow, null, static (text, _) => text);
            if (second % 60 == 59)
            {
                ServerLog.Status(logger, figures, "60 s: 3600 ticks, 360 overruns, 60 skipped, 0 players");
            }
        }

        log.Dispose();
        string[] lines = Lines();
        Assert.That(lines.Sum(static l => (long)l.Length + 1), Is.LessThan(2_000_000));
        foreach ((string name, long told) in new[] { ("overrun", Seconds * (long)LateEachSecond), ("ticks_skipped", Seconds), ("dotnet_heartbeat_slow", Seconds), ("status", Seconds / 60) })
        {
            JsonElement[] own = [.. lines.Select(static l => JsonDocument.Parse(l).RootElement).Where(l => l.GetProperty("event").GetString() == name)];
            long held = own.Sum(static l => l.TryGetProperty("suppressed", out JsonElement count) ? count.GetInt64() : 0);
            long last = own[^1].GetProperty("message").GetString()!.Contains("held back", StringComparison.Ordinal) ? 1 : 0;
            Assert.That(own.Length - last + held, Is.EqualTo(told), name);
        }
    }

    private static string[] StatusFigures() =>
    [
        "seconds", "ticks", "tick", "executed", "took_p50_micros", "took_p99_micros", "took_max_micros", "late_p50_micros", "late_p99_micros", "late_max_micros", "overruns", "skipped", "players", "spectators",
        "client_kilobytes_down", "client_kilobytes_up", "snapshot_bytes", "starved", "rewinds_accepted", "rewinds_clamped", "gc0", "gc1", "gc2",
    ];

    [TestCase("Microsoft.AspNetCore.Server.Kestrel", null, "dotnet_kestrel")]
    [TestCase("Microsoft.AspNetCore.Server.Kestrel.Https", "AuthenticationFailed", "dotnet_authentication_failed")]
    [TestCase("System.Net.HTTPThing", "Some.TLSEvent 2", "dotnet_some_tls_event_2")]
    [TestCase("GameServer.Operations", "HttpOff", "http_off")]
    public void Json_Event_IsNamedInSnakeCaseAndTheFrameworksWithAFirstWord(string category, string? name, string expected)
    {
        using LogOutput log = Open(json: true);
        log.CreateLogger(category).Log(LogLevel.Warning, new EventId(7, name), "x", null, static (text, _) => text);
        using JsonDocument document = JsonDocument.Parse(Lines().Single());
        Assert.That(document.RootElement.GetProperty("event").GetString(), Is.EqualTo(expected));
        bool isForeign = document.RootElement.TryGetProperty("category", out JsonElement written);
        Assert.That(isForeign ? written.GetString() : "GameServer.Operations", Is.EqualTo(category));
    }

    [Test]
    public void StandardOutput_NobodyReads_NoWriterWaitsAndTheLossIsCounted()
    {
        using var gate = new ManualResetEventSlim();
        using var stream = new GatedStream(gate);
        using (var log = new LogOutput(new StandardOutput(stream), json: true, LogThreshold.Info))
        {
            ILogger logger = log.CreateLogger("GameServer");
            for (int i = 0; i < 300 * LogOutput.Burst; i++)
            {
                // No event comes too often: what is lost found no room.
                logger.Log(LogLevel.Information, new EventId(i, "event" + (i % 300)), "line", null, static (text, _) => text);
            }

            gate.Set();
            SpinWait.SpinUntil(() => stream.Text.Split('\n').Length > 4_096, 5_000);
        }

        string[] lines = stream.Text.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.That(lines, Has.Length.InRange(4_096 + 300, 4_098 + 300), "a full queue, and one line about what each event lost");
        Assert.That(lines[^1], Does.Contain("\"event299\"").And.Contains("\"suppressed\":7"));
    }

    [Test]
    public void StandardOutput_DiskIsFull_IsPassedOver()
    {
        using var stream = new FullStream();
        using var log = new LogOutput(new StandardOutput(stream), json: true, LogThreshold.Info);
        ServerLog.Listening(log.CreateLogger("GameServer"), "a");
        ServerLog.Listening(log.CreateLogger("GameServer"), "b");
        Assert.That(() => stream.Attempts, Is.EqualTo(2).After(2_000, 10));
    }

    [Test]
    public void Json_ValuesOfForeignEvents_DoNotRepeatAName()
    {
        using LogOutput log = Open(json: true);
        KeyValuePair<string, object?>[] values = [new("message", "m"), new("Level", 3), new("other", true), new("{OriginalFormat}", "x")];
        log.CreateLogger("Other").Log(LogLevel.Warning, new EventId(1, "Foreign"), values, null, static (_, _) => "text");
        using JsonDocument document = JsonDocument.Parse(Lines().Single());
        Assert.That(document.RootElement.EnumerateObject().Select(static p => p.Name), Is.Unique);
        Assert.That(document.RootElement.GetProperty("message").GetString(), Is.EqualTo("text"));
        Assert.That(document.RootElement.GetProperty("message_").GetString(), Is.EqualTo("m"));
    }

    [Test]
    public void Dispose_LinesHeldBack_SaysHowMany()
    {
        using (LogOutput log = Open(json: true))
        {
            for (int i = 0; i < LogOutput.Burst + 5; i++)
            {
                ServerLog.JoinRefused(log.CreateLogger("GameServer"), "full", "every seat is taken");
            }
        }

        Assert.That(Lines()[^1], Does.Contain("\"suppressed\":5"));
    }

    [Test]
    public void Threshold_Raised_HidesWhatIsBelow()
    {
        using LogOutput log = Open(json: false);
        ILogger logger = log.CreateLogger("GameServer");
        log.SetThreshold(LogThreshold.Warn);
        ServerLog.Listening(logger, "a");
        Assert.That(Lines(), Is.Empty);
        ServerLog.StoppingAtOnce(logger);
        Assert.That(Lines().Single(), Does.Contain("warn: "));
    }

    [Test]
    public void WebServerChatter_AtInfo_IsNotWritten()
    {
        using LogOutput log = Open(json: false);
        Assert.That(log.CreateLogger("Microsoft.AspNetCore.Server.Kestrel").IsEnabled(LogLevel.Information), Is.False);
        log.SetThreshold(LogThreshold.Debug);
        Assert.That(log.CreateLogger("Microsoft.AspNetCore.Server.Kestrel").IsEnabled(LogLevel.Debug), Is.True);
    }

    [Test]
    public void Events_AllOfTheServer_HaveUniqueIdsAndNames()
    {
        LoggerMessageAttribute[] events = [.. typeof(ServerLog).GetMethods().SelectMany(m => m.GetCustomAttributes(typeof(LoggerMessageAttribute), false)).Cast<LoggerMessageAttribute>()];
        Assert.That(events, Is.Not.Empty);
        Assert.That(events.Select(e => e.EventId), Is.Unique);
        Assert.That(events.All(e => Regex.IsMatch(e.Message, "^[^A-Z]")), Is.True);
    }

    private sealed class GatedStream(ManualResetEventSlim gate) : MemoryStream
    {
        public string Text
        {
            get
            {
                lock (gate)
                {
                    return System.Text.Encoding.UTF8.GetString(GetBuffer(), 0, (int)Length);
                }
            }
        }

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            gate.Wait();
            lock (gate)
            {
                base.Write(buffer);
            }
        }
    }

    private sealed class FullStream : MemoryStream
    {
        private int _attempts;

        public int Attempts => Volatile.Read(ref _attempts);

        public override void Write(ReadOnlySpan<byte> buffer)
        {
            Interlocked.Increment(ref _attempts);
            throw new IOException("no space left on device");
        }
    }

    private string[] Lines() => _output.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries);

    private LogOutput Open(bool json) => new(_output, json, LogThreshold.Info, () => _nowMicros);
}
