using System.Numerics;
using GameServer.Netcode.Game;
using GameServer.Netcode.Primitives;

namespace GameServer.Arena;

// State, events and commands are structs of 4-byte fields: without padding, because bytes are what is compared and hashed.

/// <summary>What a player does in one tick: walks in directions of the world (−1 to 1), looks along a unit vector, presses.</summary>
public struct ArenaInput
{
    /// <summary>Buttons: the rifle fires for as long as it is held, the launcher once per press.</summary>
    public const int Fire = 0, Launch = 1;

    public float MoveX, MoveZ;
    public Vector3 Aim;
    public Buttons Buttons;
}

/// <summary>A player's body. It stays the same entity through death and respawn.</summary>
public struct Soldier
{
    public const float Radius = 0.4f, Height = 1.8f;
    public const int HealthMax = 100;

    // Seen by everybody within interest.
    public Vector3 Position, Aim;
    public int Health, Kills, Deaths;
    public PlayerId Player;

    // Needed by the owner alone, to predict exactly what the server will do.
    public Vector3 Velocity;
    public int Rockets;
    public Tick RifleReady, LauncherReady, RespawnAt;

    public readonly bool IsAlive => Health > 0;
    public readonly Vector3 Eye => new(Position.X, Position.Y + 1.6f, Position.Z);
    public readonly Vector3 Chest => new(Position.X, Position.Y + 1.1f, Position.Z);
}

/// <summary>A rocket in flight; <see cref="IsSpent"/> is 1 once it met a wall, and the rules then let it explode.</summary>
public struct Rocket
{
    public Vector3 Position, Direction;
    public int IsSpent;
}

/// <summary>A thing to fetch, at a fixed place; it comes back some time after it was taken.</summary>
public struct Pickup
{
    public Vector3 Position;
    public int Kind, IsPresent;
    public Tick ReturnsAt;
}

/// <summary>The clock of the match: there is one, and everybody knows it.</summary>
public struct Match
{
    public Tick EndsAt;
    public int Round;
}

/// <summary>Command of a step to the rules: a rifle has hit somebody.</summary>
public struct RifleHit { public EntityId Target; }

/// <summary>Event: a rifle was fired; draw a line.</summary>
public struct Shot { public Vector3 From, To; }

/// <summary>Event: a rocket has exploded.</summary>
public struct Explosion { public Vector3 Position; }

/// <summary>Event: somebody has died; by his own rocket when both are the same.</summary>
public struct Killed { public PlayerId Killer, Victim; }

/// <summary>Event: scores are 0 and everybody starts anew.</summary>
public struct RoundStarted { public int Round; }
