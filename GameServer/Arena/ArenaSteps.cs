using System.Numerics;
using GameServer.Netcode.Game;
using GameServer.Netcode.Primitives;

namespace GameServer.Arena;

/// <summary>What a soldier and a rocket do in one tick. Runs on the server, and on the owner's client as prediction.</summary>
/// <remarks>A step writes only its own entity; it reads that, input, map and view, so both sides agree. The rest it posts.</remarks>
internal static class ArenaSteps
{
    public static void StepSoldier(ref Soldier me, in ArenaInput input, in StepContext step)
    {
        if (!me.IsAlive)
        {
            return;
        }

        // A client may send any bytes: Normalize gives zero for what has no direction, and then he looks where he looked before.
        Vector3 aim = DeterministicMath.Normalize(input.Aim);
        me.Aim = aim == default ? me.Aim : aim;

        me.Velocity = Accelerate(me.Velocity, in input, step.DeltaSeconds);
        me.Position = ArenaMap.Slide(me.Position, ref me.Velocity, step.DeltaSeconds);

        if (input.Buttons.IsHeld(ArenaInput.Fire) && step.Tick >= me.RifleReady)
        {
            me.RifleReady = step.Tick + ArenaGame.TicksOf(ArenaGame.RifleSeconds, step.DeltaSeconds);
            FireRifle(in me, in step);
        }

        if (input.Buttons.IsPressed(ArenaInput.Launch) && step.Tick >= me.LauncherReady && me.Rockets > 0)
        {
            me.LauncherReady = step.Tick + ArenaGame.TicksOf(ArenaGame.LauncherSeconds, step.DeltaSeconds);
            me.Rockets--;

            // The client creates the same rocket at once; the server's one takes its place when it arrives.
            step.Spawn(ArenaGame.Rockets, new Rocket { Position = me.Eye, Direction = me.Aim });
        }
    }

    public static void StepRocket(ref Rocket me, in ArenaInput input, in StepContext step)
    {
        if (me.IsSpent == 0)
        {
            // It ends a little before the wall, so that the wall does not shield anybody from the explosion.
            float reach = ArenaGame.RocketSpeed * step.DeltaSeconds, free = ArenaMap.Raycast(me.Position, me.Direction, reach + 0.1f) - 0.1f;
            me.IsSpent = free < reach ? 1 : 0;
            me.Position += me.Direction * MathF.Max(0, MathF.Min(free, reach));
        }
    }

    // Velocity nears the wished one at a bounded rate; without a wish that is friction. Never faster than the faster of the two.
    private static Vector3 Accelerate(Vector3 velocity, in ArenaInput input, float seconds)
    {
        // No stick reaches further than 1 in any direction; NaN fails the comparison and becomes zero.
        var stick = new Vector3(input.MoveX, 0, input.MoveZ);
        stick = DeterministicMath.Length(stick) <= 1 ? stick : DeterministicMath.Normalize(stick);
        Vector3 change = (stick * ArenaGame.WalkSpeed) - velocity;
        float length = DeterministicMath.Length(change), most = (stick == default ? ArenaGame.Friction : ArenaGame.Acceleration) * seconds;
        return velocity + (length <= most ? change : change * (most / length));
    }

    // The ray goes through the world as this player saw it when he fired; the library rebuilds that on the server.
    private static void FireRifle(in Soldier me, in StepContext step)
    {
        float reach = ArenaMap.Raycast(me.Eye, me.Aim, ArenaGame.RifleRange);
        if (step.View.Raycast(me.Eye, me.Aim, reach, out Hit hit))
        {
            reach = hit.Distance;
            step.Post(ArenaGame.RifleHits, new RifleHit { Target = hit.Entity });
        }

        step.Emit(ArenaGame.Shots, new Shot { From = me.Eye, To = me.Eye + (me.Aim * reach) });
    }
}
