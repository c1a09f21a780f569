using System.Numerics;
using GameServer.Netcode.Game;
using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Rewind;

/// <summary>Whether anything of a hitbox can be seen from a point.</summary>
internal static class SightLine
{
    // Not the very edge, which rounding would put on either side of a wall.
    private const float Edge = 0.95f;

    /// <summary>True when the middle, an end or a side of the capsule is in sight.</summary>
    public static bool IsOpen(SightTest isClear, Vector3 eye, in Capsule capsule)
    {
        Vector3 middle = (capsule.A + capsule.B) * 0.5f;
        Vector3 axis = DeterministicMath.Normalize(capsule.B - capsule.A);
        axis = axis == default ? Vector3.UnitY : axis;
        Vector3 along = middle - eye;
        var across = new Vector3(
            (axis.Y * along.Z) - (axis.Z * along.Y), (axis.Z * along.X) - (axis.X * along.Z), (axis.X * along.Y) - (axis.Y * along.X));
        Vector3 side = DeterministicMath.Normalize(across) * (capsule.Radius * Edge);
        Vector3 end = axis * (capsule.Radius * Edge);
        return isClear(eye, middle) || isClear(eye, middle + side) || isClear(eye, middle - side)
            || isClear(eye, capsule.B + end) || isClear(eye, capsule.A - end);
    }
}
