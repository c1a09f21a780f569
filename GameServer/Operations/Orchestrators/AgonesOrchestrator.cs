using GameServer.Operations.Logging;
using Microsoft.Extensions.Logging;

namespace GameServer.Operations.Orchestrators;

/// <summary>Talks to the Agones sidecar: health while ticks advance, readiness, allocations, players, rooms, the end.</summary>
/// <remarks>
/// Three tasks: pings, the watch, and the calls that bring what the sidecar shows and what <see cref="AgonesGoals"/> want together. The sidecar
/// may come after us, go away, forget, refuse, or send anything at all; the match never waits for it.
/// </remarks>
internal sealed class AgonesOrchestrator(Uri address, AgonesOptions options, ServerControl control, ILogger log) : IOrchestrator
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan PatienceForPort = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan PatienceForShutdown = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan PatienceForDeletion = TimeSpan.FromSeconds(3);

    private readonly AgonesRest _rest = new(address);
    private readonly CallLog _answers = new("agones", log);
    private readonly CancellationTokenSource _end = new();
    private readonly Lock _changing = new();
    private readonly SemaphoreSlim _changed = new(0, 1);
    private readonly AgonesGoals _goals = new(options);
    private readonly HashSet<string> _allocatedMatches = new(StringComparer.Ordinal); // begun by an allocation and not ended
    private Task[] _tasks = [];
    private string _lastMatchId = "";
    private int _sameMatchId;
    private string _endState = "";
    private long _drainAtMicros = long.MaxValue;
    private bool _isAllocatedByItself;
    private bool _returnsWhenEmpty;

    public string Name => "agones";

    public bool IsPooled
    {
        get
        {
            lock (_changing)
            {
                return _allocatedMatches.Count == 0 && !_isAllocatedByItself;
            }
        }
    }

    public async Task<int?> FindPort()
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_end.Token);
        limit.CancelAfter(PatienceForPort);
        TimeSpan pause = FirstPause;
        while (!limit.IsCancellationRequested)
        {
            (AgonesResult result, string answer) = await _rest.Get("gameserver", limit.Token);
            AgonesGameServer? server = result == AgonesResult.Done ? AgonesGameServer.Read(answer) : null;
            if (server?.Port is int port)
            {
                _answers.Up("port");
                return port;
            }

            // Ports are given to a server after it was made: the first answers may be without.
            _answers.Down(server is not null ? "it has no port yet" : result == AgonesResult.Done ? "the answer is no GameServer" : answer, "port");
            await Pause(pause, limit.Token);
            pause = Longer(pause);
        }

        return null;
    }

    public void Started()
    {
        _goals.Begin(ServerControl.NowMicros());
        _tasks = [Task.Run(Ping), Task.Run(Watch), Task.Run(MakeCalls)];
    }

    public void Ready() => Change(() =>
    {
        // Allocated before the start was over: it keeps its match, and Ready would throw it away.
        if (_allocatedMatches.Count == 0 && !_goals.IsOver)
        {
            _goals.Want(options.ReserveSeconds > 0 ? "Reserved" : "Ready");
        }
    });

    public void PlayerJoined(int playerId) => Change(() =>
    {
        _goals.AddPlayer(playerId);
        if (options.SelfAllocate && _allocatedMatches.Count == 0 && !_isAllocatedByItself && control.IsReady)
        {
            _isAllocatedByItself = true;
            _goals.Want("Allocated");
        }
    });

    public void PlayerLeft(int playerId) => Change(() =>
    {
        _goals.RemovePlayer(playerId);
        ReturnWhenEmpty();
    });

    public bool MatchEnded(string matchId)
    {
        bool isOurs = false;
        Change(() =>
        {
            isOurs = _allocatedMatches.Remove(matchId);
            if (isOurs)
            {
                // The allocator counted the room up when it allocated; counting down is ours. Matches that nobody allocated were not counted.
                _goals.OweRoom();
                _drainAtMicros = _allocatedMatches.Count == 0 ? long.MaxValue : _drainAtMicros;
                _returnsWhenEmpty = true;
                ReturnWhenEmpty();
            }
        });
        return isOurs;
    }

    public void Draining(int secondsLeft) => Change(() =>
    {
        // Nobody may be sent here any more. An allocated server is left alone until it says shutdown; one in the pool with players leaves it.
        _returnsWhenEmpty = false;
        _goals.WantNothing();
        if (_goals is { Players: > 0, Seen.State: "Ready" or "Reserved" } && control.DrainReason != "signal")
        {
            _goals.Want("Allocated");
        }
    });

    public async Task Shutdown()
    {
        if (_tasks.Length > 0)
        {
            Change(() => _goals.Want("Shutdown"));
            await WaitForShutdownSeen();
            if (Locked(() => _goals.IsShutdownHeard) && control.DrainReason != "signal")
            {
                // Before 1.56 a container that ends by itself counts as crashed: the SIGTERM of the deletion should come first.
                await control.SignalArrived(PatienceForDeletion);
            }
        }

        await _end.CancelAsync();
        await Task.WhenAll(_tasks);
    }

    public void Dispose()
    {
        _end.Cancel();
        _rest.Dispose();
    }

    /// <summary>Back to the pool only once the match has ended and nobody is left: a Ready server may be deleted at any moment.</summary>
    private void ReturnWhenEmpty()
    {
        if ((_returnsWhenEmpty || _isAllocatedByItself) && _goals.Players == 0 && _allocatedMatches.Count == 0 && control.IsReady)
        {
            _returnsWhenEmpty = _isAllocatedByItself = false;
            _goals.Want("Ready");
        }
    }

    private void Change(Action change)
    {
        lock (_changing)
        {
            change();
        }

        Wake();
    }

    private void Wake()
    {
        try
        {
            _changed.Release();
        }
        catch (SemaphoreFullException)
        {
            // It is awake already.
        }
    }

    /// <summary>At half the period, and only when a tick was executed since the last ping; while the server still loads, always.</summary>
    private async Task Ping()
    {
        long pinged = -1;
        while (!_end.IsCancellationRequested)
        {
            long tick = control.LastTick;
            if (tick < 0 || tick != pinged || control.HasEnded)
            {
                (AgonesResult result, string answer) = await _rest.Post("health", _end.Token);
                pinged = result == AgonesResult.Done ? tick : pinged;
                Note(result, "health", answer, "health");
            }

            int? period = Locked(() => _goals.Seen?.HealthPeriodSeconds);
            if (period == 0)
            {
                return; // health is disabled
            }

            await Pause(TimeSpan.FromSeconds(period / 2.0 ?? 1), _end.Token);
        }
    }

    private async Task Watch()
    {
        TimeSpan pause = FirstPause;
        while (!_end.IsCancellationRequested)
        {
            bool isFirst = true;
            try
            {
                await foreach (string line in _rest.Watch(_end.Token))
                {
                    AgonesGameServer server = AgonesGameServer.Read(line) ?? throw new InvalidDataException("a line of the watch is no GameServer");
                    See(server, isWhole: isFirst);
                    isFirst = false;
                    pause = FirstPause;
                    _answers.Up("watch");
                }
            }
            catch (Exception e) when (!_end.IsCancellationRequested)
            {
                _answers.Down(e is OperationCanceledException ? "the watch does not begin" : e.Message, "watch");
            }
            catch (OperationCanceledException)
            {
                return;
            }

            await Pause(pause, _end.Token);
            pause = Longer(pause);
        }
    }

    /// <summary>Repeats are normal: the current state comes first after each connect, and updates may come twice.</summary>
    private void See(AgonesGameServer server, bool isWhole)
    {
        Change(() =>
        {
            _goals.See(server, isWhole);
            if (_goals.IsAllocation)
            {
                Allocate(server);
            }

            Heed(server);
        });
    }

    private void Allocate(AgonesGameServer server)
    {
        MatchRequest match = Unique(server.ToMatch());
        ServerLog.Allocated(log, Name, match.Id);
        if (!control.RequestMatch(match))
        {
            ServerLog.AllocationLost(log, Name, match.Id, control.DrainReason is { } reason ? $"the server is draining ({reason})" : "too many matches wait");
            _goals.OweRoom();
            return;
        }

        _allocatedMatches.Add(match.Id);
        (_isAllocatedByItself, _returnsWhenEmpty) = (false, false);
        _goals.WantNothing(); // least of all Ready
        if (options.AllocationLifetimeSeconds > 0)
        {
            _drainAtMicros = ServerControl.NowMicros() + (options.AllocationLifetimeSeconds * 1_000_000L);
        }
    }

    /// <summary>An allocation that brings no name of its own leaves that of the one before in its annotations.</summary>
    private MatchRequest Unique(MatchRequest match)
    {
        _sameMatchId = match.Id == _lastMatchId ? _sameMatchId + 1 : 1;
        _lastMatchId = match.Id;
        return _sameMatchId == 1 ? match : match with { Id = $"{match.Id}-{_sameMatchId}" };
    }

    /// <summary>Nothing leads back from these states: the server is deleted, and its players are better off with the time of a drain than without.</summary>
    private void Heed(AgonesGameServer server)
    {
        if (_goals.IsOver && _goals.Goal != "Shutdown")
        {
            string state = server.IsDeleted ? "Shutdown" : server.State;
            if (_endState != state)
            {
                _endState = state;
                ServerLog.OrchestratorEnds(log, Name, state);
            }

            control.RequestDrain("agones_" + state.ToLowerInvariant());
        }
    }

    private async Task MakeCalls()
    {
        while (!_end.IsCancellationRequested)
        {
            (AgonesCall? call, long waitMicros) = Locked(() =>
            {
                AgonesCall? next = _goals.Next(ServerControl.NowMicros(), out long wait);
                return (next, wait);
            });
            if (call is null)
            {
                await WaitForChange(waitMicros);
                continue;
            }

            (AgonesResult result, string answer) = await call.Make(_rest, _end.Token);
            if (call.Topic == AgonesTopic.Look && result == AgonesResult.Done)
            {
                if (AgonesGameServer.Read(answer) is { } server)
                {
                    See(server, isWhole: true);
                }
                else
                {
                    (result, answer) = (AgonesResult.Unknown, "the answer is no GameServer");
                }
            }

            lock (_changing)
            {
                _goals.Done(call, result, answer, ServerControl.NowMicros());
            }

            Note(AgonesGoals.IsSo(call, answer) ? AgonesResult.Done : result, call.Name, answer, "calls");
        }
    }

    private async Task WaitForChange(long waitMicros)
    {
        long now = ServerControl.NowMicros();
        if (now >= Volatile.Read(ref _drainAtMicros))
        {
            control.RequestDrain("allocation_lifetime");
            Volatile.Write(ref _drainAtMicros, long.MaxValue);
        }

        long micros = Math.Min(waitMicros, Math.Min(Volatile.Read(ref _drainAtMicros) - now, 60_000_000));
        try
        {
            await _changed.WaitAsync(TimeSpan.FromMicroseconds(Math.Max(micros, 1_000)), _end.Token);
        }
        catch (OperationCanceledException)
        {
            // The caller looks at the token.
        }
    }

    private async Task WaitForShutdownSeen()
    {
        long until = ServerControl.NowMicros() + (long)PatienceForShutdown.TotalMicroseconds;
        while (!Locked(() => _goals.IsShutdownSeen) && ServerControl.NowMicros() < until)
        {
            await Task.Delay(20);
        }
    }

    private T Locked<T>(Func<T> read)
    {
        lock (_changing)
        {
            return read();
        }
    }

    private void Note(AgonesResult result, string call, string answer, string part)
    {
        if (!_end.IsCancellationRequested)
        {
            _answers.Add(result, call, answer, part);
        }
    }

    private static TimeSpan Longer(TimeSpan pause) => pause * 2 < LongestPause ? pause * 2 : LongestPause;

    private static async Task Pause(TimeSpan length, CancellationToken end)
    {
        try
        {
            await Task.Delay(length, end);
        }
        catch (OperationCanceledException)
        {
            // The caller looks at the token.
        }
    }
}
