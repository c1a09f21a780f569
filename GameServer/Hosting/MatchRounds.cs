using GameServer.Operations;

namespace GameServer.Hosting;

/// <summary>Which match a room plays: reports the start and the end of each exactly once, every round under a name of its own.</summary>
/// <remarks>Owner: simulation thread. Allocates: at the start of a round only.</remarks>
internal sealed class MatchRounds(ServerControl control, ServerTelemetry telemetry)
{
    private MatchRequest _match = new("", new Dictionary<string, string>());
    private long _startMicros;
    private int _round;

    /// <summary>True from the start of a match to its end.</summary>
    public bool IsOpen { get; private set; }

    /// <summary>A match that was asked for begins; one that it replaces ends, since whoever asked for that one waits for its end, too.</summary>
    public void Begin(MatchRequest match, uint tick)
    {
        End(tick);
        (_match, _round) = (match, 1);
        Open(match, tick, ServerControl.NowMicros());
    }

    /// <summary>The game has gone on after the end of a match and somebody plays: another round of it, with its number in the name.</summary>
    public void BeginNext(uint tick)
    {
        _round++;
        Open(_match with { Id = $"{_match.Id}.{_round}" }, tick, _startMicros);
    }

    /// <summary>The match is over; does nothing when none is open.</summary>
    public void End(uint tick)
    {
        if (IsOpen)
        {
            IsOpen = false;
            telemetry.Simulation.MatchesEnded.Add();
            long now = ServerControl.NowMicros();
            Report(ServerEventKind.MatchEnded, tick, now);
            _startMicros = now;
        }
    }

    private void Open(MatchRequest match, uint tick, long startMicros)
    {
        _startMicros = startMicros;
        IsOpen = true;
        control.MatchStarted(match);
        Report(ServerEventKind.MatchStarted, tick, startMicros);
    }

    private void Report(ServerEventKind kind, uint tick, long endMicros) => telemetry.Events.TryAdd(new ServerEvent
    {
        Kind = kind,
        Tick = tick,
        PlayerId = -1,
        Count = _round,
        Name = control.MatchId,
        StartMicros = _startMicros,
        EndMicros = endMicros,
    });
}
