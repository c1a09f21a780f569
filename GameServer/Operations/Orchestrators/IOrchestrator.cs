namespace GameServer.Operations.Orchestrators;

/// <summary>Whoever launched this server and wants to know how it is doing.</summary>
/// <remarks>
/// Calls come from the operations thread and return at once; what takes time happens on the implementation's own tasks. A dead or slow
/// orchestrator costs nobody anything: it is asked again, and logged once per change. What it wants (a match, the end) goes to
/// <see cref="ServerControl"/>.
/// </remarks>
public interface IOrchestrator : IDisposable
{
    /// <summary>Its name in the log.</summary>
    string Name { get; }

    /// <summary>True while the server stands in a pool that its launcher takes servers from: such a server is not empty, it waits.</summary>
    bool IsPooled { get; }

    /// <summary>The UDP port that it chose for the game, or null; may wait for it, at most half a minute.</summary>
    Task<int?> FindPort();

    /// <summary>The process runs; health is reported from here on.</summary>
    void Started();

    /// <summary>Players may join.</summary>
    void Ready();

    /// <summary>A player joined; bots of this process and clients that only watch are none.</summary>
    void PlayerJoined(int playerId);

    /// <summary>A player left.</summary>
    void PlayerLeft(int playerId);

    /// <summary>A match ended, or another one replaced it.</summary>
    /// <returns>True when it was a match that the orchestrator had asked for.</returns>
    bool MatchEnded(string matchId);

    /// <summary>Nobody may join any more; the server ends within <paramref name="secondsLeft"/>.</summary>
    void Draining(int secondsLeft);

    /// <summary>The server has ended; tells so, at most for some seconds. The last call but that of Dispose.</summary>
    Task Shutdown();
}

/// <summary>Nobody launched this server, or nobody who wants to hear of it.</summary>
internal sealed class NoOrchestrator : IOrchestrator
{
    public string Name => "none";

    public bool IsPooled => false;

    public Task<int?> FindPort() => Task.FromResult<int?>(null);

    public void Started()
    {
    }

    public void Ready()
    {
    }

    public void PlayerJoined(int playerId)
    {
    }

    public void PlayerLeft(int playerId)
    {
    }

    public bool MatchEnded(string matchId) => false;

    public void Draining(int secondsLeft)
    {
    }

    public Task Shutdown() => Task.CompletedTask;

    public void Dispose()
    {
    }
}
