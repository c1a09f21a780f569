namespace GameServer.Netcode.Client;

/// <summary>How many ticks a client may still simulate again: so many in each update, and no more for more frames.</summary>
/// <remarks>A replay is not split: it may overdraw, and what it took is paid back before the next one. Owner: the client's thread. Allocates: no.</remarks>
internal struct ReplayAllowance(int ticksPerUpdate)
{
    /// <summary>Updates in a second that may each use up what they may replay.</summary>
    private const double FullUpdatesPerSecond = 60;

    private double _left;

    /// <summary>Time has passed; false when nothing may be replayed yet.</summary>
    public bool Refill(long elapsedMicros)
    {
        double updates = Math.Clamp(elapsedMicros * FullUpdatesPerSecond / 1_000_000, 0, 1);
        _left = Math.Min(_left + (ticksPerUpdate * updates), ticksPerUpdate);
        return _left > 0;
    }

    /// <summary>A tick was simulated again.</summary>
    public void Use() => _left--;
}
