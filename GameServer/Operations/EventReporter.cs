using System.Diagnostics;
using GameServer.Hosting;
using GameServer.Operations.Logging;
using GameServer.Operations.Orchestrators;
using GameServer.Operations.Telemetry;
using Microsoft.Extensions.Logging;

namespace GameServer.Operations;

/// <summary>Turns the events of the simulation into log lines, spans and calls to the orchestrator.</summary>
/// <remarks>Owner: operations thread.</remarks>
internal sealed class EventReporter(IOrchestrator orchestrator, ServerControl control, ILogger log)
{
    private const long UnsureMicros = 1_000_000;
    private volatile ServerMeter? _meter;
    private readonly DateTimeOffset _wallAtStart = DateTimeOffset.UtcNow;
    private readonly long _microsAtStart = ServerControl.NowMicros();
    private readonly List<ServerEvent> _unsure = []; // joins of players named like a bot of ours that has not found its seat yet
    private readonly HashSet<int> _ownBots = [];
    private ActivityContext _allocation;
    private string _matchId = ""; // the one that the events tell of, which may be one behind the one that runs

    /// <summary>Whether the match that ended last was one that the orchestrator had asked for.</summary>
    public bool WasLastAskedFor { get; private set; }

    /// <summary>The span of the next match links to the one of whoever asked for it (W3C trace context in the parameter "traceparent").</summary>
    public void LinkMatch(IReadOnlyDictionary<string, string> parameters)
    {
        string? parent = parameters.FirstOrDefault(static p => p.Key == "traceparent" || p.Key.EndsWith("/traceparent", StringComparison.Ordinal)).Value;
        _allocation = ActivityContext.TryParse(parent, null, out ActivityContext found) ? found : default;
    }

    /// <summary>What the game reads of a match's parameters; null: it has not said.</summary>
    public IReadOnlyList<MatchParameter>? MatchParameters { get; init; }

    /// <summary>Where the durations of traced ticks go as exemplars.</summary>
    public void ExemplarsTo(ServerMeter meter) => _meter = meter;

    public void Report(in ServerEvent item)
    {
        switch (item.Kind)
        {
            case ServerEventKind.Joined:
                ServerLog.Joined(log, item.PlayerId, item.Name ?? "", _matchId);
                Announce(in item, isPatient: true);
                Span("join", in item, ActivityKind.Server)?.SetTag("gameserver.player.id", item.PlayerId).Stop();
                break;
            case ServerEventKind.JoinRefused:
                ServerLog.JoinRefused(log, item.Reason ?? "", item.Text ?? "");
                Span("join", in item, ActivityKind.Server)?.SetTag("gameserver.join.refusal", item.Reason).SetStatus(ActivityStatusCode.Error, item.Reason).Stop();
                break;
            case ServerEventKind.Left:
                ServerLog.Left(log, item.PlayerId, item.Reason ?? "", item.Text ?? "", _matchId);
                Withdraw(in item);
                break;
            case ServerEventKind.MatchStarted:
                _matchId = item.Name ?? "";
                ServerLog.MatchStarted(log, _matchId);
                LinkMatch(control.Match.Parameters);
                foreach (MatchParameterProblem problem in MatchParameter.Check(MatchParameters, control.Match.Parameters))
                {
                    ServerLog.MatchParameterIgnored(log, _matchId, problem.Name, problem.Value, problem.Text);
                }

                break;
            case ServerEventKind.MatchEnded:
                ServerLog.MatchEnded(log, item.Name ?? "", (item.EndMicros - item.StartMicros) / 1_000_000);
                Span("match", in item, ActivityKind.Internal)?.Stop();
                _allocation = default;
                WasLastAskedFor = orchestrator.MatchEnded(item.Name ?? "");
                break;
            case ServerEventKind.Overrun:
                ReportOverrun(in item);
                break;
            case ServerEventKind.TicksSkipped:
                ServerLog.TicksSkipped(log, item.Count, item.Tick);
                break;
            case ServerEventKind.EventsTooMany:
                ServerLog.EventsTooMany(log, item.Name ?? "", item.Count, item.LateMicros / 1000, item.Reason ?? "");
                break;
            case ServerEventKind.InputsTooLate:
                ServerLog.InputsTooLate(log, item.PlayerId, item.LateMicros / 1000, item.Count);
                break;
            default:
                break;
        }
    }

    /// <summary>The span of the drain, written when it is over.</summary>
    public void ReportDrain(string reason, long startMicros, long endMicros)
    {
        var item = new ServerEvent { StartMicros = startMicros, EndMicros = endMicros };
        Span("drain", in item, ActivityKind.Internal)?.SetTag("gameserver.drain.reason", reason).Stop();
    }

    /// <summary>Looks again at players of whom it was not clear whether they are bots of this process. Once a round.</summary>
    public void Settle(long nowMicros)
    {
        for (int i = _unsure.Count - 1; i >= 0; i--)
        {
            ServerEvent item = _unsure[i];
            _unsure.RemoveAt(i);
            Announce(in item, isPatient: nowMicros - item.EndMicros < UnsureMicros);
        }
    }

    /// <summary>Orchestrators hear of players: not of those who only watch, and not of this process's own bots.</summary>
    private void Announce(in ServerEvent item, bool isPatient)
    {
        if (item.IsSpectator)
        {
            return;
        }

        switch (control.OwnBots.IsOwn(item.Name ?? "", item.Seat))
        {
            case true:
                _ownBots.Add(item.PlayerId);
                break;
            case null when isPatient:
                _unsure.Add(item);
                break;
            default:
                orchestrator.PlayerJoined(item.PlayerId);
                break;
        }
    }

    private void Withdraw(in ServerEvent item)
    {
        int player = item.PlayerId;
        if (!item.IsSpectator && !_ownBots.Remove(player) && _unsure.RemoveAll(other => other.PlayerId == player) == 0)
        {
            orchestrator.PlayerLeft(player);
        }
    }

    private void ReportOverrun(in ServerEvent item)
    {
        int longest = 0;
        for (int i = 1; i < SimulationTelemetry.PhaseCount; i++)
        {
            longest = item.Phases[i] > item.Phases[longest] ? i : longest;
        }

        ServerLog.Overrun(
            log, item.Tick, item.LateMicros, item.EndMicros - item.StartMicros, SnakeCase.Of(((TickPhase)longest).ToString()), item.Phases[longest], item.WaitMicros);
        if (Span("tick overrun", in item, ActivityKind.Internal) is not { } span)
        {
            return;
        }

        long micros = item.StartMicros;
        for (int i = 0; i < SimulationTelemetry.PhaseCount; i++)
        {
            string phase = SnakeCase.Of(((TickPhase)i).ToString());
            span.SetTag($"gameserver.tick.phase.{phase}", item.Phases[i] / 1e6);
            span.AddEvent(new ActivityEvent(phase, Wall(micros)));
            micros += item.Phases[i];
        }

        span.SetTag("gameserver.tick", item.Tick).SetTag("gameserver.tick.lateness", item.LateMicros / 1e6).SetTag("gameserver.tick.wait", item.WaitMicros / 1e6);
        span.SetStatus(ActivityStatusCode.Error, "overrun");
        _meter?.PublishTick(item.EndMicros - item.StartMicros); // while the span is the current one: it becomes the exemplar
        span.Stop();
    }

    private Activity? Span(string name, in ServerEvent item, ActivityKind kind)
    {
        ActivityLink[]? links = name == "match" && _allocation != default ? [new ActivityLink(_allocation)] : null;
        return TelemetryExport.Spans.StartActivity(name, kind, default(ActivityContext), null, links, Wall(item.StartMicros))
            ?.SetEndTime(Wall(item.EndMicros).UtcDateTime).SetTag("gameserver.match.id", name == "match" ? item.Name : _matchId);
    }

    private DateTimeOffset Wall(long micros) => _wallAtStart.AddMicroseconds(micros - _microsAtStart);
}
