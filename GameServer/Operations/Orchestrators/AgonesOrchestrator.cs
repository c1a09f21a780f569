using System.Threading.Channels;
using GameServer.Operations.Logging;
using Microsoft.Extensions.Logging;

namespace GameServer.Operations.Orchestrators;

/// <summary>Talks to the Agones sidecar: health while ticks advance, readiness, allocations, players, rooms, the end.</summary>
/// <remarks>
/// Three tasks: pings, the watch, and one queue of calls in order. The sidecar may come after us and may go away: everything that did not
/// reach it is tried again, what it refuses is logged and dropped. Only a call that certainly did not happen is repeated when it counts.
/// </remarks>
internal sealed class AgonesOrchestrator(Uri address, ServerControl control, ILogger log) : IOrchestrator
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan PatienceForDeletion = TimeSpan.FromSeconds(3);

    private readonly AgonesRest _rest = new(address);
    private readonly Reachability _reachability = new("agones", log);
    private readonly CancellationTokenSource _end = new();
    private readonly Channel<Call> _calls = Channel.CreateUnbounded<Call>(new UnboundedChannelOptions { SingleReader = true });
    private readonly HashSet<int> _players = [];
    private readonly TaskCompletionSource<AgonesGameServer> _firstSight = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task[] _tasks = [];
    private string? _lastAllocated;
    private bool _isSeen;
    private int _allocatedMatches; // begun by an allocation and not ended
    private bool _returnWhenEmpty;

    public string Name => "agones";

    public async Task<int?> FindPort()
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        TimeSpan pause = FirstPause;
        while (!limit.IsCancellationRequested)
        {
            (AgonesResult result, string answer) = await _rest.Get("gameserver", limit.Token);
            if (result == AgonesResult.Done)
            {
                return AgonesGameServer.Read(answer)?.Port;
            }

            _reachability.Down(answer);
            await Pause(pause, limit.Token);
            pause = Longer(pause);
        }

        return null;
    }

    public void Started() => _tasks = [Task.Run(Ping), Task.Run(Watch), Task.Run(MakeCalls)];

    public void Ready() => Enqueue(new Call("ready", () => _rest.Post("ready", _end.Token), Repeatable: true));

    public void PlayerJoined(int playerId)
    {
        _players.Add(playerId);
        ChangeList(playerId, "addValue");
    }

    public void PlayerLeft(int playerId)
    {
        _players.Remove(playerId);
        ChangeList(playerId, "removeValue");
        ReturnWhenEmpty();
    }

    public void MatchEnded()
    {
        // The allocator counted the room up when it allocated; counting down is ours. Matches that nobody allocated were not counted.
        if (Volatile.Read(ref _allocatedMatches) > 0)
        {
            Interlocked.Decrement(ref _allocatedMatches);
            _returnWhenEmpty = true;
            Enqueue(new Call("rooms", () => _rest.Patch("v1beta1/counters/rooms", "{\"countDiff\":\"-1\"}", _end.Token), Repeatable: false, static server => server.HasRooms));
            ReturnWhenEmpty();
        }
    }

    public void Draining(int secondsLeft)
    {
        // Nothing to say: an allocated server is left alone until it says shutdown, and a ready one ends within a tick.
    }

    public async Task Shutdown()
    {
        if (_tasks.Length > 0)
        {
            _calls.Writer.TryComplete();
            await Task.WhenAny(_tasks[2], Task.Delay(TimeSpan.FromSeconds(2)));
            (AgonesResult result, string answer) = await _rest.Post("shutdown", CancellationToken.None);
            if (result != AgonesResult.Done)
            {
                ServerLog.OrchestratorRefuses(log, Name, "shutdown", answer);
            }
            else if (control.DrainReason != "signal")
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
        _rest.Dispose();
        _end.Dispose();
    }

    /// <summary>Back to the pool only once the match has ended and nobody is left: a Ready server may be deleted at any moment.</summary>
    private void ReturnWhenEmpty()
    {
        if (_returnWhenEmpty && _players.Count == 0 && control.IsReady && Volatile.Read(ref _allocatedMatches) == 0)
        {
            _returnWhenEmpty = false;
            Ready();
        }
    }

    private void ChangeList(int playerId, string verb) =>
        Enqueue(new Call(verb, () => _rest.Post("v1beta1/lists/players:" + verb, _end.Token, $"{{\"value\":\"player-{playerId}\"}}"), Repeatable: true, static server => server.HasPlayers));

    private void Enqueue(Call call) => _calls.Writer.TryWrite(call);

    /// <summary>At half the period, and only when a tick was executed since the last ping; while the server still loads, always.</summary>
    private async Task Ping()
    {
        long pinged = -1;
        TimeSpan period = TimeSpan.FromSeconds(1);
        while (!_end.IsCancellationRequested)
        {
            long tick = control.LastTick;
            if (tick < 0 || tick != pinged)
            {
                (AgonesResult result, string answer) = await _rest.Post("health", _end.Token);
                pinged = result == AgonesResult.Done ? tick : pinged;
                Note(result, "health", answer);
            }

            if (_firstSight.Task.IsCompletedSuccessfully && _firstSight.Task.Result.HealthPeriodSeconds is var seconds)
            {
                if (seconds == 0)
                {
                    return;
                }

                period = TimeSpan.FromSeconds(seconds / 2.0);
            }

            await Pause(period, _end.Token);
        }
    }

    private async Task Watch()
    {
        TimeSpan pause = FirstPause;
        while (!_end.IsCancellationRequested)
        {
            try
            {
                await foreach (string line in _rest.Watch(_end.Token))
                {
                    pause = FirstPause;
                    _reachability.Up();
                    if (AgonesGameServer.Read(line) is { } server)
                    {
                        See(server);
                    }
                }
            }
            catch (Exception e) when (!_end.IsCancellationRequested)
            {
                _reachability.Down(e.Message); // a try that took too long to connect ends as cancelled, too
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
    private void See(AgonesGameServer server)
    {
        _firstSight.TrySetResult(server);
        // What stood there before the first look is an allocation of ours only if it still lasts: a server that was returned keeps the annotation.
        bool isNews = server.LastAllocated is not null && server.LastAllocated != _lastAllocated && (_isSeen || server.State == "Allocated");
        (_isSeen, _lastAllocated) = (true, server.LastAllocated ?? _lastAllocated);
        if (isNews)
        {
            Interlocked.Increment(ref _allocatedMatches);
            MatchRequest match = server.ToMatch();
            ServerLog.Allocated(log, Name, match.Id);
            control.RequestMatch(match);
        }
    }

    private async Task MakeCalls()
    {
        await foreach (Call call in _calls.Reader.ReadAllAsync(CancellationToken.None))
        {
            TimeSpan pause = FirstPause;
            while (!_end.IsCancellationRequested)
            {
                if (call.AppliesTo is not null && !(_firstSight.Task.IsCompletedSuccessfully ? call.AppliesTo(_firstSight.Task.Result) : await WaitForSight(call.AppliesTo)))
                {
                    break; // not declared in the fleet
                }

                (AgonesResult result, string answer) = await call.Make();
                Note(result, call.Name, answer);
                if (result is AgonesResult.Done or AgonesResult.Refused || (result == AgonesResult.Unknown && !call.Repeatable))
                {
                    break;
                }

                if (_calls.Reader.Completion.IsCompleted)
                {
                    return;
                }

                await Pause(pause, _end.Token);
                pause = Longer(pause);
            }
        }
    }

    private async Task<bool> WaitForSight(Func<AgonesGameServer, bool> appliesTo)
    {
        try
        {
            return appliesTo(await _firstSight.Task.WaitAsync(_end.Token));
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private void Note(AgonesResult result, string call, string answer)
    {
        if (result == AgonesResult.Refused)
        {
            ServerLog.OrchestratorRefuses(log, Name, call, answer);
        }
        else if (result == AgonesResult.Done)
        {
            _reachability.Up();
        }
        else if (!_end.IsCancellationRequested)
        {
            _reachability.Down(answer);
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

    private sealed record Call(string Name, Func<Task<(AgonesResult Result, string Answer)>> Make, bool Repeatable, Func<AgonesGameServer, bool>? AppliesTo = null);
}
