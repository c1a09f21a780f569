using System.Runtime.CompilerServices;
using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Game;

/// <summary>Takes the events that the rules emit.</summary>
internal interface IEventSink
{
    void Emit(int eventIndex, ref byte value);
}

/// <summary>What the rules of the server work with in one tick.</summary>
/// <remarks>Owner: simulation thread.</remarks>
public readonly struct TickContext
{
    private readonly IEventSink _events;

    internal TickContext(World world, IEventSink events, Tick tick, float deltaSeconds)
    {
        World = world;
        _events = events;
        Tick = tick;
        DeltaSeconds = deltaSeconds;
    }

    /// <summary>All state.</summary>
    public World World { get; }

    /// <summary>The tick that is being simulated.</summary>
    public Tick Tick { get; }

    /// <summary>Length of a tick in seconds.</summary>
    public float DeltaSeconds { get; }

    /// <summary>Who is in the room.</summary>
    public PlayerTable Players => World.Players;

    /// <summary>The rules' source of chance; its state is part of the world, its seed never leaves the server.</summary>
    /// <remarks>Who sees enough of its numbers can compute the next: what a player may gain by foretelling comes from <see cref="SecretRandom"/>.</remarks>
    public ref DeterministicRandom Random => ref World.Random;

    /// <summary>Chance that nobody can foretell, whatever he has seen of it: cards, loot.</summary>
    public SecretRandom SecretRandom => World.SecretRandom;

    /// <summary>What the steps of this tick posted, in the order of players.</summary>
    public ReadOnlySpan<Posted<T>> Commands<T>(CommandKind<T> kind)
        where T : unmanaged => ((CommandQueue<T>)World.Commands[World.Schema.IndexOf(kind)]).Items;

    /// <summary>Says that a match is over and the next one begins: a server that is about to stop ends here.</summary>
    public void EndMatch() => World.MatchesEnded++;

    /// <summary>Tells an event to everybody within interest.</summary>
    public void Emit<T>(EventKind<T> kind, T value)
        where T : unmanaged => _events.Emit(World.Schema.IndexOf(kind), ref Unsafe.As<T, byte>(ref value));
}
