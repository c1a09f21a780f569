namespace GameServer.Netcode.Game;

/// <summary>Handle of an entity kind; make it a static readonly field of the game, and declare it in <c>Define</c>.</summary>
/// <typeparam name="T">The component: all state of such an entity.</typeparam>
public sealed class EntityKind<T>
    where T : unmanaged
{
    internal int Index { get; set; } = -1;
}

/// <summary>Handle of a singleton: one replicated component that always exists.</summary>
/// <typeparam name="T">The component.</typeparam>
public sealed class SingletonKind<T>
    where T : unmanaged
{
    internal int Index { get; set; } = -1;
}

/// <summary>Handle of a command that steps post and <c>Tick</c> executes.</summary>
/// <typeparam name="T">The command.</typeparam>
public sealed class CommandKind<T>
    where T : unmanaged
{
    internal int Index { get; set; } = -1;
}

/// <summary>Handle of an event that clients are told once.</summary>
/// <typeparam name="T">The event.</typeparam>
public sealed class EventKind<T>
    where T : unmanaged
{
    internal int Index { get; set; } = -1;
}

/// <summary>One step of an entity: runs on the server, and on the owner's client as prediction.</summary>
/// <remarks>Writes only <paramref name="me"/>; effects on others are posted. Uses only arithmetic that IEEE 754 fixes and <see cref="Primitives.DeterministicMath"/>.</remarks>
public delegate void Step<T, TInput>(ref T me, in TInput input, in StepContext step)
    where T : unmanaged
    where TInput : unmanaged;

/// <summary>Makes the hitbox of an entity from its seen fields.</summary>
public delegate Capsule HitboxOf<T>(in T component)
    where T : unmanaged;
