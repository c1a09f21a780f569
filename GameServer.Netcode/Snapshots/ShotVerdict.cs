using GameServer.Netcode.Game;
using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Snapshots;

/// <summary>How the server judged one ray of a player's step. Frozen by a test.</summary>
public enum VerdictReason : byte
{
    /// <summary>Judged in the world as the client's samples showed it.</summary>
    Exact = 0,

    /// <summary>The view lay beyond what the client is known to have had, or showed a state older than the history or than a teleport.</summary>
    Extrapolated = 1,

    /// <summary>The claimed view was not acceptable; the nearest acceptable one was used.</summary>
    Clamped = 2,

    /// <summary>The input was missing, so the ray is the server's own.</summary>
    Starved = 3,

    /// <summary>Somebody on screen was not hit, because he had been behind cover for longer than the game allows.</summary>
    Hidden = 4,
}

/// <summary>The server's answer to one ray of a player's step.</summary>
/// <param name="Tick">Tick of the input.</param>
/// <param name="Ordinal">Number of the ray within the tick.</param>
/// <param name="Target">What was hit, or none.</param>
/// <param name="Reason">In which world it was judged.</param>
public readonly record struct ShotVerdict(Tick Tick, byte Ordinal, EntityId Target, VerdictReason Reason);
