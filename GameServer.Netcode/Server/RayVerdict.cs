using GameServer.Netcode.Game;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Rewind;

namespace GameServer.Netcode.Server;

/// <summary>How a ray of a step was judged.</summary>
/// <param name="Shooter">Whose step it was.</param>
/// <param name="Target">What was hit, or none.</param>
/// <param name="Tick">The tick at hand.</param>
/// <param name="RewindTicks">How far back the view lay.</param>
/// <param name="StateTick">Tick of the oldest state of the target that decided; the tick at hand when nothing was hit.</param>
/// <param name="Outcome">What became of the claimed view.</param>
/// <param name="IsExtrapolated">The view lay beyond the newest snapshot that the client had.</param>
public readonly record struct RayVerdict(
    PlayerId Shooter, EntityId Target, Tick Tick, float RewindTicks, Tick StateTick, ViewOutcome Outcome, bool IsExtrapolated)
{
    /// <summary>True when something was hit.</summary>
    public bool IsHit => !Target.IsNone;

    /// <summary>True when another view was used than the client claimed.</summary>
    public bool IsClamped => Outcome != ViewOutcome.Accepted;
}
