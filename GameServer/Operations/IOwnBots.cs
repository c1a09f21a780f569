namespace GameServer.Operations;

/// <summary>The bots of this process. They join like any player, and are no player to an orchestrator, a drain or an empty server.</summary>
/// <remarks>Any thread may ask.</remarks>
public interface IOwnBots
{
    /// <summary>Those in the match.</summary>
    int Playing { get; }

    /// <summary>Those in the match or on their way into it.</summary>
    int Present { get; }

    /// <summary>Whether the player with this name in this seat is one of them; null while the bot of that name does not know its seat yet.</summary>
    bool? IsOwn(string name, int seat);
}

/// <summary>A process without bots.</summary>
internal sealed class NoBots : IOwnBots
{
    public static NoBots Instance { get; } = new();

    public int Playing => 0;

    public int Present => 0;

    public bool? IsOwn(string name, int seat) => false;
}
