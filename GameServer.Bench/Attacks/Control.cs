namespace GameServer.Bench.Attacks;

/// <summary>The same honest load at a server that nobody attacks, during the whole run: what it loses, the machine has lost.</summary>
internal sealed class Control : IDisposable
{
    public const int Clients = 8;

    private readonly AttackServer _server = new();
    private readonly HonestCrowd _crowd;

    public Control()
    {
        _crowd = new HonestCrowd(_server, Clients);
        _crowd.AwaitJoins();
    }

    /// <summary>The state at this moment.</summary>
    public CrowdState Read() => _crowd.Read(Clients);

    public void Dispose()
    {
        _crowd.Dispose();
        _server.Dispose();
    }
}

/// <summary>What came of some honest clients so far.</summary>
/// <param name="Ended">Sessions that ended, or to which a message came that was never sent.</param>
/// <param name="Echoes">Messages that came back.</param>
internal readonly record struct CrowdState(int Ended, long Echoes)
{
    public static CrowdState operator -(CrowdState a, CrowdState b) => new(a.Ended - b.Ended, a.Echoes - b.Echoes);
}
