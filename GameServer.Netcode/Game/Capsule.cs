using System.Numerics;

namespace GameServer.Netcode.Game;

/// <summary>What a ray can hit: all points within <see cref="Radius"/> of the segment from <see cref="A"/> to <see cref="B"/>.</summary>
public readonly struct Capsule
{
    /// <summary>One end of the inner segment.</summary>
    public readonly Vector3 A;

    /// <summary>The other end of the inner segment.</summary>
    public readonly Vector3 B;

    /// <summary>Radius; 0 or less cannot be hit.</summary>
    public readonly float Radius;

    /// <summary>A capsule around a segment.</summary>
    public Capsule(Vector3 a, Vector3 b, float radius)
    {
        A = a;
        B = b;
        Radius = radius;
    }

    /// <summary>A capsule that nothing hits.</summary>
    public static Capsule None => default;

    /// <summary>A capsule standing upright (+Y) on <paramref name="feet"/>.</summary>
    public static Capsule At(Vector3 feet, float radius, float height) => new(
        new Vector3(feet.X, feet.Y + radius, feet.Z),
        new Vector3(feet.X, feet.Y + MathF.Max(radius, height - radius), feet.Z),
        radius);

    /// <summary>A sphere.</summary>
    public static Capsule Sphere(Vector3 center, float radius) => new(center, center, radius);
}

/// <summary>What a ray hit.</summary>
public readonly struct Hit
{
    /// <summary>The entity that was hit.</summary>
    public readonly EntityId Entity;

    /// <summary>Distance from the origin of the ray.</summary>
    public readonly float Distance;

    /// <summary>Where.</summary>
    public readonly Vector3 Point;

    internal Hit(EntityId entity, float distance, Vector3 point)
    {
        Entity = entity;
        Distance = distance;
        Point = point;
    }
}

/// <summary>The world as one player saw it when he acted: on the client what is on screen, on the server the same, rebuilt.</summary>
/// <remarks>Holds the entities of others that have a hitbox and that the player knew; never the player's own.</remarks>
public abstract class View
{
    /// <summary>Finds the nearest hitbox along a ray.</summary>
    /// <param name="origin">Start of the ray.</param>
    /// <param name="direction">Unit vector.</param>
    /// <param name="range">Length of the ray.</param>
    /// <param name="hit">The nearest hit.</param>
    /// <remarks>Counts as a shot: the server answers each ray of a step with a verdict to the player.</remarks>
    public abstract bool Raycast(Vector3 origin, Vector3 direction, float range, out Hit hit);
}
