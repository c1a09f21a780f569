using System.Diagnostics.Metrics;
using GameServer.Netcode.Game;
using GameServer.Netcode.Primitives;

namespace GameServer.Operations.Telemetry;

/// <summary>The instruments of the server: every number of <see cref="ServerTelemetry"/> and <see cref="ServerControl"/>, named for the outside.</summary>
/// <remarks>
/// Reads what the hot threads publish; nothing flows back to them. Counters and gauges are observed at a collection; histograms are carried
/// over by <see cref="Publish"/>, which somebody calls about once a second and before a collection.
/// </remarks>
public sealed class ServerMeter : IDisposable
{
    /// <summary>Name of the meter and of the activity source.</summary>
    public const string Name = "GameServer";

    private readonly Meter _meter = new(Name, BuildVersion.Number);
    private readonly ServerTelemetry _telemetry;
    private readonly ServerControl _control;
    private readonly List<HistogramFeed> _feeds = [];
    private readonly Lock _publishing = new();
    private HistogramFeed? _tickDuration;

    /// <summary>Creates all instruments.</summary>
    public ServerMeter(ServerTelemetry telemetry, ServerControl control, int tickRateHz, int playersMax)
    {
        (_telemetry, _control) = (telemetry, control);
        AddState(tickRateHz, playersMax);
        AddTicks();
        AddSessions();
        AddInputsAndSnapshots();
        AddNetwork();
        AddProcess();
    }

    /// <summary>False for an instrument of another server in this process.</summary>
    public bool Owns(Instrument instrument) => ReferenceEquals(instrument.Meter, _meter);

    /// <summary>Carries over what the hot threads have recorded in histograms since the last call. Any thread but theirs.</summary>
    public void Publish()
    {
        lock (_publishing)
        {
            foreach (HistogramFeed feed in _feeds)
            {
                feed.Publish();
            }
        }
    }

    /// <summary>Carries the duration of one tick over at once, while its span is the current one: so it becomes the exemplar of its bucket.</summary>
    public void PublishTick(long micros)
    {
        lock (_publishing)
        {
            _tickDuration?.PublishOne(micros);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _meter.Dispose();

    private void AddState(int tickRateHz, int playersMax)
    {
        Gauge("gameserver.ready", "1", "1 while players may join.", () => _control.IsReady ? 1 : 0);
        Gauge("gameserver.alive", "1", "1 while the simulation advanced within the last 2 s.", () => _control.IsAlive() ? 1 : 0);
        Gauge("gameserver.draining", "1", "1 from the begin of a drain on.", () => _control.Drain == DrainState.Running ? 0 : 1);
        _meter.CreateObservableGauge("gameserver.tick.period", () => 1.0 / tickRateHz, "s", "Time that one tick may take.");
        Level("gameserver.players.limit", "{player}", "Most players that may join.", () => playersMax);
    }

    private void AddProcess()
    {
        using var process = System.Diagnostics.Process.GetCurrentProcess();
        double started = (process.StartTime.ToUniversalTime() - DateTime.UnixEpoch).TotalSeconds;
        _meter.CreateObservableGauge("process.start_time", () => started, "s", "When the process began, in seconds since 1970 UTC.");
        KeyValuePair<string, object?>[] build = [new("version", BuildVersion.Number), new("revision", BuildVersion.Revision), new("runtime", Environment.Version.ToString())];
        _meter.CreateObservableGauge("gameserver.build_info", () => new Measurement<int>(1, build), "1", "What was built: version, commit and runtime; always 1.");
        Level("dotnet.thread_pool.thread.count", "{thread}", "Threads of the pool.", static () => ThreadPool.ThreadCount);
        Level("dotnet.thread_pool.queue.length", "{work_item}", "Work that waits for a thread of the pool.", static () => ThreadPool.PendingWorkItemCount);
    }

    private void AddTicks()
    {
        SimulationTelemetry simulation = _telemetry.Simulation;
        Count("gameserver.ticks", "{tick}", "Ticks executed.", () => simulation.Ticks.Value);
        Count("gameserver.tick.overruns", "{tick}", "Ticks that ended after the deadline of the next one.", () => simulation.Overruns.Value);
        Count("gameserver.tick.skipped", "{tick}", "Ticks that were left out to catch up with time.", () => simulation.SkippedTicks.Value);
        Distribution("gameserver.tick.duration", "s", "Time that one tick took.", (simulation.TickDuration, null));
        _tickDuration = _feeds[^1];
        Distribution("gameserver.tick.lateness", "s", "How long after its deadline a tick began.", (simulation.Lateness, null));
        Distribution("gameserver.tick.phase.duration", "s", "Time that one part of a tick took.",
            [.. Enum.GetValues<TickPhase>().Select(p => (simulation.Phases[(int)p], Tag("gameserver.tick.phase", p.ToString())))]);
        Count("gameserver.telemetry.events_dropped", "{event}", "Joins, leaves and overruns that were not traced because too many came at once.", () => _telemetry.Events.Dropped);
    }

    private void AddSessions()
    {
        SimulationTelemetry simulation = _telemetry.Simulation;
        Level("gameserver.players", "{player}", "Players in the match.", () => simulation.Players.Value);
        Level("gameserver.spectators", "{client}", "Joined clients that only watch.", () => simulation.Spectators.Value);
        Level("gameserver.entities", "{entity}", "Living entities.", () => simulation.Entities.Value);
        Count("gameserver.joins.accepted", "{join}", "Joins that were welcomed.", () => simulation.JoinsAccepted.Value);
        Count("gameserver.joins.refused", "{join}", "Joins that were refused, by reason.", Refusals);
        Count("gameserver.leaves", "{session}", "Sessions that ended.", () => simulation.Leaves.Value);
        Count("gameserver.matches", "{match}", "Matches that have ended.", () => simulation.MatchesEnded.Value);
        Count("gameserver.corrections", "{correction}", "Corrections of the prediction that clients reported.",
            [.. Enum.GetValues<CorrectionKind>().Select(k => (Tag("gameserver.correction.kind", k.ToString()), (Func<long>)(() => simulation.Corrections[(int)k].Value)))]);
        Count("gameserver.rollbacks.unexplained", "{rollback}", "Predictions that clients reported to differ, in however little, without a cause.", () => simulation.UnexplainedRollbacks.Value);
        Count("gameserver.shots.fired", "{shot}", "Shots fired.", () => simulation.ShotsFired.Value);
        Count("gameserver.shots.hit", "{shot}", "Shots that hit.", () => simulation.ShotsHit.Value);
        Count("gameserver.rewinds", "{rewind}", "Hit tests in the past, by what the server made of the view tick.",
            (Tag("gameserver.rewind.result", "accepted"), () => simulation.RewindsAccepted.Value),
            (Tag("gameserver.rewind.result", "clamped_age"), () => simulation.RewindsByAge.Value),
            (Tag("gameserver.rewind.result", "clamped_speed"), () => simulation.RewindsBySpeed.Value),
            (Tag("gameserver.rewind.result", "clamped_estimate"), () => simulation.RewindsByEstimate.Value),
            (Tag("gameserver.rewind.result", "clamped_held_acks"), () => simulation.RewindsByHeldAcks.Value),
            (Tag("gameserver.rewind.result", "extrapolated"), () => simulation.RewindsExtrapolated.Value),
            (Tag("gameserver.rewind.result", "hidden"), () => simulation.RewindsHidden.Value));
        Distribution("gameserver.rewind.depth", "s", "How far back hit tests went.", (simulation.RewindDepth, null));
        Distribution("gameserver.client.round_trip", "s", "Round trip time of each client, once a second.", (simulation.RoundTrip, null));
        Distribution("gameserver.client.jitter", "s", "Deviation of the round trip time of each client, once a second.", [.. _telemetry.Network.Select(static n => (n.Jitter, (KeyValuePair<string, object?>?)null))]);
        Distribution("gameserver.client.loss", "1", "Share of lost snapshot datagrams of each client, once a second.", (simulation.Loss, null));
        Level("gameserver.event.backlog", "{event}", "Events that wait for an acknowledgement.", () => simulation.EventBacklog.Value);
    }

    private void AddInputsAndSnapshots()
    {
        SimulationTelemetry simulation = _telemetry.Simulation;
        Count("gameserver.inputs", "{input}", "Inputs by what became of them.",
            (Tag("gameserver.input.result", "executed"), () => simulation.InputsExecuted.Value),
            (Tag("gameserver.input.result", "starved"), () => simulation.InputsStarved.Value),
            (Tag("gameserver.input.result", "late"), () => simulation.InputsLate.Value),
            (Tag("gameserver.input.result", "duplicate"), () => simulation.InputsDuplicate.Value));
        Distribution("gameserver.input.margin", "s", "How long inputs waited for their tick.", (simulation.InputMargin, null));
        Distribution("gameserver.input.latency", "s", "From the arrival of a datagram in the kernel to the tick that executed it.", (simulation.ArrivalToExecution, null));
        Distribution("gameserver.snapshot.size", "By", "Snapshot bytes of one client and tick.", (simulation.SnapshotBytes, null));
        Count("gameserver.snapshot.entities", "{entity}", "Entity updates that were due in snapshots.",
            (Tag("gameserver.snapshot.result", "sent"), () => simulation.EntitiesSent.Value),
            (Tag("gameserver.snapshot.result", "deferred"), () => simulation.EntitiesDeferred.Value),
            (Tag("gameserver.snapshot.result", "own_deferred"), () => simulation.OwnedDeferred.Value));
        Count("gameserver.game.counts", "{count}", "Events of the game, and what did not fit or was out of range, by declaration.", GameCounts);
        Distribution("gameserver.ring.wait", "s", "Time that records spent in the inbound ring.", (simulation.TimeInRing, null));
    }

    private void AddNetwork()
    {
        KeyValuePair<string, object?> inward = Tag("network.io.direction", "receive");
        KeyValuePair<string, object?> outward = Tag("network.io.direction", "transmit");
        Count("gameserver.network.datagrams", "{datagram}", "Datagrams.", (inward, () => Sum(static n => n.DatagramsIn.Value)), (outward, () => Sum(static n => n.DatagramsOut.Value)));
        Count("gameserver.network.io", "By", "UDP payload bytes.", (inward, () => Sum(static n => n.BytesIn.Value)), (outward, () => Sum(static n => n.BytesOut.Value)));
        Count("gameserver.network.drops", "{datagram}", "What was dropped, by reason and class: loss is what somebody misses, noise what nobody does.", Drops);
        Count("gameserver.network.resends", "{packet}", "Reliable packets sent again.", () => Sum(static n => n.Resends.Value));
        Count("gameserver.network.kernel_drops", "{datagram}", "Datagrams that the kernel dropped: no room in the receive buffer, or refused by the socket filter.", () => Sum(static n => n.KernelDrops.Value));
        Level("gameserver.network.peers", "{peer}", "Connected peers.", () => Sum(static n => n.Peers.Value));
        Level("gameserver.network.send_backlog", "{datagram}", "Datagrams that wait for the kernel to take them.", () => Sum(static n => n.SendBacklog.Value));
        Gauge("gameserver.network.filter_active", "1", "1 while the kernel's socket filter is on for every socket.", () => _telemetry.Network.All(n => n.FilterActive.Value == 1) ? 1 : 0);
        _meter.CreateObservableUpDownCounter("gameserver.ring.backlog",
            () => new[] { new Measurement<long>(_telemetry.Simulation.InboundRingBytes.Value, inward), new Measurement<long>(Sum(static n => n.OutboundRingBytes.Value), outward) },
            "By", "Bytes that wait in the rings between network and simulation.");
    }

    private IEnumerable<Measurement<long>> Refusals()
    {
        for (int code = 0; code < SimulationTelemetry.RefusalCodes; code++)
        {
            if (_telemetry.Simulation.JoinsRefused[code].Value is var count && (count > 0 || _telemetry.Refusals.Contains(code)))
            {
                yield return new Measurement<long>(count, Tag("gameserver.join.refusal", _telemetry.RefusalName(code)));
            }
        }
    }

    private IEnumerable<Measurement<long>> Drops()
    {
        foreach (DropReason reason in Enum.GetValues<DropReason>().Where(static r => r != DropReason.None))
        {
            long count = _telemetry.Simulation.Drops[reason] + Sum(n => n.Drops[reason]);
            yield return new Measurement<long>(count, Tag("gameserver.drop.class", DropClass.Of(reason)), Tag("gameserver.drop.reason", reason.ToString()));
        }
    }

    private IEnumerable<Measurement<long>> GameCounts()
    {
        if (_telemetry.Simulation.Game is not { } game)
        {
            yield break;
        }

        foreach (GameCount what in Enum.GetValues<GameCount>())
        {
            IReadOnlyList<string> names = game.NamesOf(what);
            for (int i = 0; i < names.Count; i++)
            {
                yield return new Measurement<long>(game[what, i], Tag("gameserver.game.count", System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(what.ToString())), new KeyValuePair<string, object?>("gameserver.game.name", names[i]));
            }
        }
    }

    private long Sum(Func<NetworkTelemetry, long> value)
    {
        long sum = 0;
        foreach (NetworkTelemetry network in _telemetry.Network)
        {
            sum += value(network);
        }

        return sum;
    }

    private static KeyValuePair<string, object?> Tag(string key, string value) => new(key, SnakeCase.Of(value));

    private void Gauge(string name, string unit, string description, Func<int> value) => _meter.CreateObservableGauge(name, value, unit, description);

    private void Level(string name, string unit, string description, Func<long> value) => _meter.CreateObservableUpDownCounter(name, value, unit, description);

    private void Count(string name, string unit, string description, Func<long> value) => _meter.CreateObservableCounter(name, value, unit, description);

    private void Count(string name, string unit, string description, Func<IEnumerable<Measurement<long>>> values) => _meter.CreateObservableCounter(name, values, unit, description);

    private void Count(string name, string unit, string description, params (KeyValuePair<string, object?> Tag, Func<long> Value)[] series) =>
        Count(name, unit, description, () => series.Select(s => new Measurement<long>(s.Value(), s.Tag)));

    private void Distribution(string name, string unit, string description, params (Distribution Source, KeyValuePair<string, object?>? Tag)[] series)
    {
        Distribution first = series[0].Source;
        double[] bounds = [.. first.Bounds.ToArray().Select(b => b / first.PerUnit)];
        Histogram<double> histogram = _meter.CreateHistogram(name, unit, description, advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = bounds });
        _feeds.AddRange(series.Select(s => new HistogramFeed(s.Source, histogram, s.Tag)));
    }
}
