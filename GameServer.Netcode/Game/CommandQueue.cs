namespace GameServer.Netcode.Game;

/// <summary>A command with who posted it.</summary>
public readonly struct Posted<T>
    where T : unmanaged
{
    internal Posted(EntityId source, PlayerId player, in T command)
    {
        Source = source;
        Player = player;
        Command = command;
    }

    /// <summary>The entity whose step posted it.</summary>
    public EntityId Source { get; }

    /// <summary>The owner of that entity.</summary>
    public PlayerId Player { get; }

    /// <summary>What was posted.</summary>
    public T Command { get; }
}

/// <summary>What the steps of one tick posted, in the order of players.</summary>
public abstract class CommandQueue
{
    private protected CommandQueue()
    {
    }

    /// <summary>Commands that did not fit since the start.</summary>
    public long Overflows { get; private protected set; }

    /// <summary>Of them, those of this tick.</summary>
    internal int Refused { get; set; }

    internal int Count { get; private protected set; }

    internal void Clear() => Count = 0;
}

/// <summary>The typed queue. Owner: simulation thread.</summary>
internal sealed class CommandQueue<T> : CommandQueue
    where T : unmanaged
{
    private readonly Posted<T>[] _items;

    public CommandQueue(int capacity) => _items = new Posted<T>[capacity];

    public ReadOnlySpan<Posted<T>> Items => _items.AsSpan(0, Count);

    public void Add(EntityId source, PlayerId player, in T command)
    {
        if (Count == _items.Length)
        {
            Overflows++;
            Refused++;
            return;
        }

        _items[Count++] = new Posted<T>(source, player, in command);
    }
}
