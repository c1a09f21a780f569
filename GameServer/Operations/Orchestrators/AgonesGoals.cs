namespace GameServer.Operations.Orchestrators;

/// <summary>What the server wants its GameServer to be, what the sidecar shows of it, and which call brings the two together.</summary>
/// <remarks>
/// Nothing here is sent once and hoped for: state, players, capacity and metadata are compared with what was seen, after a sidecar that has
/// forgotten too, and called for until they agree. Only the counter of rooms cannot be: a call that may have happened is not repeated.
/// Bounded by the seats of the server. Owner: whoever holds the orchestrator's lock. Times are microseconds.
/// </remarks>
internal sealed class AgonesGoals(AgonesOptions options)
{
    private const long FirstPauseMicros = 100_000;
    private const long LongestPauseMicros = 5_000_000;
    private const long PatienceForWatchMicros = 1_000_000;
    private const string PlayerPrefix = "player-";

    private readonly Retry[] _retries = [.. Enum.GetValues<AgonesTopic>().Select(static _ => new Retry())];
    private readonly HashSet<string> _players = new(StringComparer.Ordinal);
    private readonly HashSet<string> _listed = new(StringComparer.Ordinal);
    private readonly HashSet<string> _refused = new(StringComparer.Ordinal); // players without room in the list, metadata that is not allowed
    private readonly HashSet<string> _written = new(StringComparer.Ordinal);
    private string _goal = "";
    private string? _allocatedAtGoal;
    private string? _lastAllocated;
    private bool _isOwnAllocationDue; // asked for, and its change of the annotation is still to come
    private int _triesForGoal;
    private long _sightAtTry;
    private long _sights;
    private bool _mustLook;
    private int _capacityWritten = -1;

    /// <summary>What the sidecar showed last; null before the first look.</summary>
    public AgonesGameServer? Seen { get; private set; }

    /// <summary>Whether the last look has shown an allocation from outside.</summary>
    public bool IsAllocation { get; private set; }

    /// <summary>The state that is asked for: Ready, Reserved, Allocated or Shutdown; empty when there is nothing to ask for.</summary>
    public string Goal => _goal;

    /// <summary>Rooms that ended and are not counted down yet.</summary>
    public int RoomsOwed { get; private set; }

    /// <summary>People in the match.</summary>
    public int Players => _players.Count;

    /// <summary>True when the server is beyond all goals but the last.</summary>
    public bool IsOver => Seen is { IsDeleted: true } or { State: "Shutdown" or "Unhealthy" or "Error" };

    public void AddPlayer(int id) => _players.Add(NameOf(id));

    public void RemovePlayer(int id) => _players.Remove(NameOf(id));

    public void OweRoom() => RoomsOwed++;

    /// <summary>Asks for a state from here on, in place of another one.</summary>
    public void Want(string state)
    {
        if (_goal != "Shutdown" && _goal != state)
        {
            _goal = state;
            _triesForGoal = 0;
            _mustLook = false;
            _allocatedAtGoal = Seen?.LastAllocated;
            _retries[(int)AgonesTopic.State].Reset();
        }
    }

    /// <summary>The first look is left to the watch for a while.</summary>
    public void Begin(long nowMicros) => _retries[(int)AgonesTopic.Look].Pause(nowMicros, PatienceForWatchMicros);

    /// <summary>Asks for nothing any more, unless for the end.</summary>
    public void WantNothing() => _goal = _goal == "Shutdown" ? _goal : "";

    /// <summary>The sidecar shows this.</summary>
    /// <param name="server">What it shows.</param>
    /// <param name="isWhole">A first look: what it says about lists and metadata counts, since it may have forgotten. Later ones may be older than our calls.</param>
    public void See(AgonesGameServer server, bool isWhole)
    {
        IsAllocation = Seen is { } before ? IsAllocatedSince(before, server) : server.State == "Allocated";
        _lastAllocated = server.LastAllocated ?? _lastAllocated;
        Seen = server;
        _sights++;
        IsShutdownHeard |= IsShutdownSeen;
        if (isWhole)
        {
            _listed.Clear();
            _listed.UnionWith((server.Players ?? []).Where(static p => p.StartsWith(PlayerPrefix, StringComparison.Ordinal)));
            _written.Clear();
            _refused.Clear();
            _capacityWritten = -1;
        }

        if (IsReached(server))
        {
            _isOwnAllocationDue &= _goal == "Allocated";
            _goal = _goal == "Shutdown" ? _goal : "";
        }
    }

    /// <summary>Whether the sidecar has heard of the end, or shows it.</summary>
    public bool IsShutdownHeard { get; private set; }

    /// <summary>Whether the sidecar shows the end that was asked for.</summary>
    public bool IsShutdownSeen => Seen is { IsDeleted: true } or { State: "Shutdown" };

    /// <summary>The next call; null when there is none before <paramref name="waitMicros"/> have passed or something has changed.</summary>
    public AgonesCall? Next(long nowMicros, out long waitMicros)
    {
        waitMicros = long.MaxValue;
        foreach (AgonesCall? call in new[] { NextRoom(), NextState(), NextCapacity(), NextPlayer(), NextMetadata() })
        {
            if (call is null)
            {
                continue;
            }

            long wait = _retries[(int)call.Topic].NotBeforeMicros - nowMicros;
            if (wait <= 0)
            {
                if (call.Topic == AgonesTopic.State)
                {
                    _triesForGoal++;
                    _sightAtTry = _sights;
                    _isOwnAllocationDue |= _goal == "Allocated";
                }

                return call;
            }

            waitMicros = Math.Min(waitMicros, wait);
        }

        return null;
    }

    /// <summary>How a call ended.</summary>
    public void Done(AgonesCall call, AgonesResult result, string answer, long nowMicros)
    {
        Retry retry = _retries[(int)call.Topic];
        bool isDone = result == AgonesResult.Done;
        switch (call.Topic)
        {
            case AgonesTopic.State when call != CallOf(_goal):
                return; // reached meanwhile, or not wanted any more
            case AgonesTopic.State:
                // Done says that it was heard; whether it has happened, the next sights say. Refused may pass, too. Before it is said again,
                // a look: the server may have been allocated in the meantime.
                IsShutdownHeard |= isDone && _goal == "Shutdown";
                retry.Pause(nowMicros, isDone ? PatienceForWatchMicros : FirstPauseMicros);
                _retries[(int)AgonesTopic.Look].PauseUntil(retry.NotBeforeMicros);
                _mustLook = true;
                return;
            case AgonesTopic.Look:
                _mustLook &= !isDone;
                break;
            case AgonesTopic.Rooms:
                RoomsOwed -= result == AgonesResult.Unreachable ? 0 : 1;
                break;
            case AgonesTopic.Capacity when isDone || result == AgonesResult.Refused:
                _capacityWritten = options.Seats;
                break;
            case AgonesTopic.Players when isDone || IsSo(call, answer):
                ChangeListed(call);
                result = AgonesResult.Done;
                break;
            case AgonesTopic.Players when result == AgonesResult.Refused:
                _ = call.Name == "addValue" ? _refused.Add(call.Subject) : _listed.Remove(call.Subject);
                break;
            case AgonesTopic.Metadata when isDone || result == AgonesResult.Refused:
                _written.Add(call.Subject);
                break;
        }

        if (result is AgonesResult.Done or AgonesResult.Refused)
        {
            retry.Reset();
        }
        else
        {
            retry.Pause(nowMicros, FirstPauseMicros);
        }
    }

    /// <summary>True for the answers that say: it is so already.</summary>
    public static bool IsSo(AgonesCall call, string answer) => call.Topic == AgonesTopic.Players
        && answer.StartsWith(call.Name == "addValue" ? "already exists" : "not found. Value", StringComparison.Ordinal);

    private static string NameOf(int id) => PlayerPrefix + id.ToString(System.Globalization.CultureInfo.InvariantCulture);

    private void ChangeListed(AgonesCall call)
    {
        if (call.Name == "addValue")
        {
            _listed.Add(call.Subject);
        }
        else
        {
            _listed.Remove(call.Subject);
            _refused.Clear(); // who leaves makes room
        }
    }

    private AgonesCall? NextState()
    {
        // Before anything else is said, what there is must be known: a server that is Allocated when it starts must not say Ready.
        bool mustLook = _goal == "Shutdown" ? _mustLook : Seen is null || (_mustLook && _goal.Length > 0);
        return mustLook ? AgonesCall.Look
            : _goal == "Shutdown" ? IsShutdownSeen ? null : CallOf(_goal)
            : IsOver ? null : CallOf(_goal);
    }

    private AgonesCall? CallOf(string goal) => goal switch
    {
        "Ready" => AgonesCall.State("ready"),
        "Allocated" => AgonesCall.State("allocate"),
        "Reserved" => AgonesCall.Reserve(options.ReserveSeconds),
        "Shutdown" => AgonesCall.State("shutdown"),
        _ => null,
    };

    private AgonesCall? NextRoom()
    {
        if (Seen is { HasRooms: false })
        {
            RoomsOwed = 0; // not declared in the fleet
        }

        return RoomsOwed > 0 && Seen is not null ? AgonesCall.RoomEnded : null;
    }

    private AgonesCall? NextCapacity() =>
        Seen is { Players: not null, PlayersCapacity: { } capacity } && options.Seats > 0 && capacity != options.Seats && _capacityWritten != options.Seats
            ? AgonesCall.Capacity(options.Seats) : null;

    private AgonesCall? NextPlayer()
    {
        if (Seen is not { Players: not null })
        {
            return null;
        }

        string? gone = _listed.FirstOrDefault(p => !_players.Contains(p));
        string? come = gone is null ? _players.FirstOrDefault(p => !_listed.Contains(p) && !_refused.Contains(p)) : null;
        return gone is not null ? AgonesCall.Player(gone, isThere: false) : come is not null ? AgonesCall.Player(come, isThere: true) : null;
    }

    private AgonesCall? NextMetadata() => Seen is null ? null : NextMetadata("label", options.Labels) ?? NextMetadata("annotation", options.Annotations);

    private AgonesCall? NextMetadata(string kind, IReadOnlyDictionary<string, string> wanted)
    {
        foreach ((string key, string value) in wanted)
        {
            bool isSo = Seen!.Own.TryGetValue("agones.dev/sdk-" + key, out string? seen) && seen == value;
            if (!isSo && !_written.Contains($"{kind}/{key}"))
            {
                return AgonesCall.Metadata(kind, key, value);
            }
        }

        return null;
    }

    /// <summary>The sidecar changes the annotation for the server's own allocation too; only one from outside brings parameters with it.</summary>
    /// <remarks>What stood there before the first look is an allocation only if it still lasts: a server that was returned keeps the annotation.</remarks>
    private bool IsAllocatedSince(AgonesGameServer before, AgonesGameServer server)
    {
        if (server.LastAllocated is null || server.LastAllocated == _lastAllocated)
        {
            return false;
        }

        bool isSame = before.Parameters.Count == server.Parameters.Count
            && before.Parameters.All(p => server.Parameters.TryGetValue(p.Key, out string? value) && value == p.Value);
        if (!_isOwnAllocationDue || !isSame)
        {
            return true;
        }

        _isOwnAllocationDue = false;
        _allocatedAtGoal = server.LastAllocated; // no reason to forget that Ready is wanted
        return false;
    }

    /// <summary>A state counts as reached only when it was seen after it was asked for.</summary>
    private bool IsReached(AgonesGameServer server) => _triesForGoal > 0 && _sights > _sightAtTry && _goal switch
    {
        "Ready" => server.State == "Ready" || (server.State == "Allocated" && server.LastAllocated != _allocatedAtGoal),
        "Reserved" => server.State is "Reserved" or "Ready" or "Allocated",
        "Allocated" => server.State == "Allocated",
        _ => false,
    };

    private sealed class Retry
    {
        private long _pauseMicros;

        public long NotBeforeMicros { get; private set; }

        public void Reset() => (NotBeforeMicros, _pauseMicros) = (0, 0);

        public void PauseUntil(long micros) => NotBeforeMicros = micros;

        public void Pause(long nowMicros, long leastMicros)
        {
            _pauseMicros = Math.Clamp(_pauseMicros * 2, leastMicros, LongestPauseMicros);
            NotBeforeMicros = nowMicros + _pauseMicros;
        }
    }
}
