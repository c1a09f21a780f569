using System.Diagnostics.CodeAnalysis;
using GameServer.Hosting;

namespace GameServer.Operations;

/// <summary>How far the end of the server is.</summary>
public enum DrainState
{
    /// <summary>Joins are welcome.</summary>
    Running,

    /// <summary>Joins are refused with the reason "draining"; the match goes on until it ends or the deadline passes.</summary>
    Draining,

    /// <summary>The simulation ends with its current tick.</summary>
    Stopping,
}

/// <summary>A match as an orchestrator or the command line asks for it.</summary>
/// <param name="Id">Its name in logs, spans and results.</param>
/// <param name="Parameters">What it is to be like: map, mode, or whatever the game understands.</param>
public sealed record MatchRequest(string Id, IReadOnlyDictionary<string, string> Parameters);

/// <summary>How far the simulation is.</summary>
public enum SimulationProgress
{
    /// <summary>Its first tick is still to come; a start may take long.</summary>
    Starting,

    /// <summary>Ticks advance.</summary>
    Running,

    /// <summary>Ticks no longer advance.</summary>
    Hanging,

    /// <summary>There are no more ticks.</summary>
    Ended,
}

/// <summary>The wish to end one session.</summary>
/// <param name="PlayerId">Whose.</param>
/// <param name="Reason">A sentence that the player reads, or nothing.</param>
public readonly record struct KickRequest(int PlayerId, string Reason);

/// <summary>What the outside may ask of the server, and what the simulation says about itself: flags and mailboxes between threads.</summary>
/// <remarks>
/// Two sides. Operations (HTTP, signals, orchestrator): any thread, they may wait for each other. Simulation: its one thread, polls once a
/// tick, and never waits, locks or allocates. Times are <see cref="NowMicros"/>.
/// </remarks>
public sealed class ServerControl
{
    /// <summary>Matches that may wait to begin; each of them gets its start and its end.</summary>
    public const int MatchesWaitingMax = 8;

    private readonly Lock _senders = new();
    private readonly TaskCompletionSource _signal = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly KickRequest[] _kicks = new KickRequest[64];
    private long _kicksHead;
    private long _kicksTail;
    private readonly MatchRequest?[] _matches = new MatchRequest?[MatchesWaitingMax];
    private readonly Mailbox<string> _notices = new(8);
    private long _matchesHead;
    private long _matchesTail;
    private MatchRequest? _firstMatch;
    private long _lastTick = -1;
    private long _tickAdvancedMicros; // before the first tick: the start
    private long _drainDeadlineMicros;
    private readonly Func<long> _nowMicros;
    private int _drainTimeoutSeconds;
    private int _state;
    private bool _started;
    private bool _ended;
    private string? _drainReason;
    private MatchRequest _match = new("", new Dictionary<string, string>());
    private string[] _addresses = [];
    private IOwnBots _ownBots = NoBots.Instance;

    /// <param name="playersMax">Seats, spectators included.</param>
    /// <param name="drainTimeoutSeconds">How long a drain may take.</param>
    /// <param name="nowMicros">The clock; null: <see cref="NowMicros"/>.</param>
    public ServerControl(int playersMax, int drainTimeoutSeconds, Func<long>? nowMicros = null)
    {
        Players = new PlayerTable(playersMax);
        _drainTimeoutSeconds = drainTimeoutSeconds;
        _nowMicros = nowMicros ?? NowMicros;
        _tickAdvancedMicros = Now;
    }

    /// <summary>Microseconds of the process's monotonic clock; comparable between threads, not between processes.</summary>
    public static long NowMicros() => MonotonicClock.Micros;

    /// <summary>The players as the simulation last published them.</summary>
    public PlayerTable Players { get; }

    /// <summary>Now, by the clock of this server.</summary>
    public long Now => _nowMicros();

    /// <summary>True while joins are welcome: started, not draining.</summary>
    public bool IsReady => Volatile.Read(ref _started) && Drain == DrainState.Running;

    /// <summary>What players read when a drain begins, with {seconds} in the place of the time that is left; empty: nothing.</summary>
    public string DrainNotice { get; init; } = "";

    /// <summary>How far the end is.</summary>
    public DrainState Drain => (DrainState)Volatile.Read(ref _state);

    /// <summary>Why the drain began, in snake_case; null while running.</summary>
    public string? DrainReason => Volatile.Read(ref _drainReason);

    /// <summary>When the draining server ends at the latest; meaningless while running.</summary>
    public long DrainDeadlineMicros => Volatile.Read(ref _drainDeadlineMicros);

    /// <summary>The tick that was executed last, −1 before the first.</summary>
    public long LastTick => Volatile.Read(ref _lastTick);

    /// <summary>When it was executed; before the first tick, when the server began to start.</summary>
    public long TickAdvancedMicros => Volatile.Read(ref _tickAdvancedMicros);

    /// <summary>The running match.</summary>
    public string MatchId => Match.Id;

    /// <summary>The running match with its parameters; its id is empty before the first.</summary>
    public MatchRequest Match => Volatile.Read(ref _match);

    /// <summary>The addresses that players may connect to, as ADDRESS:PORT with the real port.</summary>
    public IReadOnlyList<string> Addresses => Volatile.Read(ref _addresses);

    /// <summary>The bots of this process, which are no company for anybody. Set before the first of them joins.</summary>
    public IOwnBots OwnBots
    {
        get => Volatile.Read(ref _ownBots);
        set => Volatile.Write(ref _ownBots, value);
    }

    /// <summary>False when the simulation hangs: it has begun, has not ended, and executed no tick within the last <paramref name="withinMicros"/>.</summary>
    public bool IsAlive(long withinMicros = 2_000_000) => Progress(withinMicros) != SimulationProgress.Hanging;

    /// <summary>How far the simulation is; without a tick for <paramref name="withinMicros"/> it hangs.</summary>
    public SimulationProgress Progress(long withinMicros = 2_000_000) =>
        HasEnded ? SimulationProgress.Ended
        : LastTick < 0 ? SimulationProgress.Starting
        : Now - TickAdvancedMicros <= withinMicros ? SimulationProgress.Running : SimulationProgress.Hanging;

    /// <summary>Lets no more players in, and ends the server when the match is over or the drain timeout has passed.</summary>
    /// <returns>False when it is draining already.</returns>
    public bool RequestDrain(string reason)
    {
        lock (_senders)
        {
            if (_state != (int)DrainState.Running)
            {
                return false;
            }

            Volatile.Write(ref _drainReason, reason);
            Volatile.Write(ref _drainDeadlineMicros, Now + (Volatile.Read(ref _drainTimeoutSeconds) * 1_000_000L));
            Volatile.Write(ref _state, (int)DrainState.Draining); // release: who sees the state sees the reason and the deadline
            return true;
        }
    }

    /// <summary>Ends the server with its current tick.</summary>
    public void RequestStop(string reason)
    {
        lock (_senders)
        {
            Volatile.Write(ref _drainReason, _drainReason ?? reason);
            Volatile.Write(ref _state, (int)DrainState.Stopping);
        }
    }

    /// <summary>Signals: one that asks for the end has come.</summary>
    public void NoteSignal() => _signal.TrySetResult();

    /// <summary>Ends when a signal has asked for the end, or after <paramref name="patience"/>.</summary>
    public Task SignalArrived(TimeSpan patience) => Task.WhenAny(_signal.Task, Task.Delay(patience));

    /// <summary>Changes the drain timeout for drains that begin later.</summary>
    public void SetDrainTimeout(int seconds) => Volatile.Write(ref _drainTimeoutSeconds, seconds);

    /// <summary>Asks to end a session; the simulation ignores a player that is not there.</summary>
    /// <returns>False when too many requests wait.</returns>
    /// <exception cref="ArgumentException">The reason is not empty and no line that players may read.</exception>
    public bool RequestKick(int playerId, string reason)
    {
        if (!NoticeText.IsRightReason(reason))
        {
            throw new ArgumentException($"The reason of a kick is not {NoticeText.AllowedReason}.", nameof(reason));
        }

        lock (_senders) // only senders meet here: the simulation reads without it
        {
            if (_kicksTail - Volatile.Read(ref _kicksHead) >= _kicks.Length)
            {
                return false;
            }

            _kicks[_kicksTail % _kicks.Length] = new KickRequest(playerId, reason);
            Volatile.Write(ref _kicksTail, _kicksTail + 1); // release: the request is whole before it may be read
            return true;
        }
    }

    /// <summary>Asks to send a line to all players.</summary>
    /// <returns>False when too many wait.</returns>
    /// <exception cref="ArgumentException">The text is no line that players may read.</exception>
    public bool RequestNotice(string text) => NoticeText.IsRight(text) ? _notices.TryPut(text)
        : throw new ArgumentException($"A notice is not {NoticeText.Allowed}.", nameof(text));

    /// <summary>Asks for a match. Those that wait begin one after the other, so that each has its start and its end.</summary>
    /// <returns>False when too many wait, or the server is about to end.</returns>
    public bool RequestMatch(MatchRequest match)
    {
        lock (_senders)
        {
            if (_state != (int)DrainState.Running || _matchesTail - Volatile.Read(ref _matchesHead) >= _matches.Length)
            {
                return false;
            }

            _matches[_matchesTail % _matches.Length] = match;
            Volatile.Write(ref _matchesTail, _matchesTail + 1); // release: the request is whole before it may be read
            return true;
        }
    }

    /// <summary>Names the match that begins when nobody has asked for another one by then.</summary>
    public void RequestFirstMatch(MatchRequest match) => Volatile.Write(ref _firstMatch, match);

    /// <summary>Host: sockets are bound and the simulation runs.</summary>
    public void Started(params string[] addresses)
    {
        Volatile.Write(ref _addresses, addresses);
        Volatile.Write(ref _started, true);
    }

    /// <summary>True once the simulation has ended: no tick is missed any more.</summary>
    public bool HasEnded => Volatile.Read(ref _ended);

    /// <summary>Simulation: there are no more ticks.</summary>
    public void Ended() => Volatile.Write(ref _ended, true);

    /// <summary>Simulation: a tick was executed.</summary>
    public void TickAdvanced(uint tick, long nowMicros)
    {
        Volatile.Write(ref _tickAdvancedMicros, nowMicros);
        Volatile.Write(ref _lastTick, tick);
    }

    /// <summary>Simulation: the next session to end, if there is one.</summary>
    public bool TryTakeKick(out KickRequest kick)
    {
        if (_kicksHead == Volatile.Read(ref _kicksTail)) // acquire: pairs with the release in RequestKick
        {
            kick = default;
            return false;
        }

        kick = _kicks[_kicksHead % _kicks.Length];
        Volatile.Write(ref _kicksHead, _kicksHead + 1);
        return true;
    }

    /// <summary>Simulation: the next line to send, if there is one.</summary>
    public bool TryTakeNotice([MaybeNullWhen(false)] out string text) => _notices.TryTake(out text);

    /// <summary>Simulation: the next match to begin, if one was asked for.</summary>
    public bool TryTakeMatch(out MatchRequest? match)
    {
        if (_matchesHead == Volatile.Read(ref _matchesTail)) // acquire: pairs with the release in RequestMatch
        {
            match = _firstMatch;
            _firstMatch = null;
            return match is not null;
        }

        _firstMatch = null;
        match = _matches[_matchesHead % _matches.Length];
        _matches[_matchesHead % _matches.Length] = null;
        Volatile.Write(ref _matchesHead, _matchesHead + 1); // release: the slot is read before it may be filled again
        return true;
    }

    /// <summary>Simulation: a match began.</summary>
    public void MatchStarted(MatchRequest match) => Volatile.Write(ref _match, match);

    /// <summary>Simulation: whether to end with this tick.</summary>
    /// <param name="matchOver">True when no match is under way or nobody plays it.</param>
    /// <param name="nowMicros">Now.</param>
    public bool ShouldEnd(bool matchOver, long nowMicros) => Drain switch
    {
        DrainState.Running => false,
        DrainState.Draining => matchOver || nowMicros >= DrainDeadlineMicros,
        _ => true,
    };
}
