using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Game;

/// <summary>What a step may know and do besides writing its own entity.</summary>
/// <remarks>Owner: the thread that runs the step. Allocates: no.</remarks>
public readonly ref struct StepContext
{
    private readonly StepScope _scope;

    internal StepContext(StepScope scope, Tick tick, float deltaSeconds, EntityId self, PlayerId owner)
    {
        _scope = scope;
        Tick = tick;
        DeltaSeconds = deltaSeconds;
        Self = self;
        Owner = owner;
    }

    /// <summary>The tick that is being simulated.</summary>
    public Tick Tick { get; }

    /// <summary>Length of a tick in seconds.</summary>
    public float DeltaSeconds { get; }

    /// <summary>The entity that steps; none for a predicted spawn that the server has not confirmed.</summary>
    public EntityId Self { get; }

    /// <summary>Its owner.</summary>
    public PlayerId Owner { get; }

    /// <summary>The world that the player saw when he gave this input.</summary>
    public View View => _scope.View;

    /// <summary>A source of chance that gives the same numbers on server and client: seeded by room, tick and player.</summary>
    /// <remarks>Every client can compute it, for every player and any tick to come. What must stay hidden is drawn by the rules (<see cref="TickContext.SecretRandom"/>).</remarks>
    public DeterministicRandom Random => _scope.Random(Tick, Owner);

    /// <summary>Posts a command for <c>Tick</c> to execute; on a client it is dropped.</summary>
    public void Post<T>(CommandKind<T> kind, in T command)
        where T : unmanaged => _scope.Post(_scope.Schema.IndexOf(kind), Self, Owner, in command);

    /// <summary>Creates an entity of the same owner, which takes its first step in the next tick; predicted on the owner's client.</summary>
    public void Spawn<T>(EntityKind<T> kind, T component)
        where T : unmanaged => _scope.Spawn(_scope.Schema.IndexOf(kind), ref Unsafe.As<T, byte>(ref component));

    /// <summary>Ends the entity that steps after this step; on the owner's client it disappears at once.</summary>
    public void Despawn() => _scope.DespawnSelf();

    /// <summary>Tells an event to everybody within interest; the owner's client shows it at once.</summary>
    public void Emit<T>(EventKind<T> kind, T value)
        where T : unmanaged => _scope.Emit(_scope.Schema.IndexOf(kind), ref Unsafe.As<T, byte>(ref value));

    /// <summary>A replicated singleton; on a client as far as it is known.</summary>
    public T Get<T>(SingletonKind<T> kind)
        where T : unmanaged => Unsafe.As<byte, T>(ref MemoryMarshal.GetReference(_scope.Singleton(_scope.Schema.IndexOf(kind))));
}

/// <summary>What stands behind a <see cref="StepContext"/>: the room on the server, the predictor on a client.</summary>
internal abstract class StepScope
{
    public abstract View View { get; }

    public abstract Schema Schema { get; }

    public abstract CommandQueue[]? Commands { get; }

    public void Post<T>(int index, EntityId self, PlayerId owner, in T command)
        where T : unmanaged => ((CommandQueue<T>?)Commands?[index])?.Add(self, owner, in command);

    public abstract DeterministicRandom Random(Tick tick, PlayerId owner);

    public abstract void Spawn(int kindIndex, ref byte component);

    public abstract void Emit(int eventIndex, ref byte value);

    public abstract void DespawnSelf();

    public abstract ReadOnlySpan<byte> Singleton(int kindIndex);
}
