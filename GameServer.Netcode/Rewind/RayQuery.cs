using System.Numerics;
using System.Runtime.CompilerServices;
using GameServer.Netcode.Game;
using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Rewind;

/// <summary>A ray on its way through the hitboxes of a view; keeps the nearest hit.</summary>
/// <remarks>The same code on server and client, with arithmetic that IEEE 754 fixes. Allocates: no.</remarks>
internal ref struct RayQuery
{
    private readonly Vector3 _origin;
    private readonly Vector3 _direction;

    public RayQuery(Vector3 origin, Vector3 direction, float range)
    {
        _origin = origin;
        _direction = direction;
        Distance = range;
        Entity = EntityId.None;
    }

    /// <summary>Where the ray begins.</summary>
    public readonly Vector3 Origin => _origin;

    /// <summary>Length of the ray up to the nearest hit so far.</summary>
    public float Distance { get; private set; }

    /// <summary>The nearest entity so far.</summary>
    public EntityId Entity { get; private set; }

    public readonly Vector3 Point => new(
        _origin.X + (_direction.X * Distance), _origin.Y + (_direction.Y * Distance), _origin.Z + (_direction.Z * Distance));

    /// <summary>Tests an entity in the state between two samples; <paramref name="weight256"/> is that of the later one.</summary>
    public void Test(KindSchema kind, EntityId id, ReadOnlySpan<int> earlier, ReadOnlySpan<int> later, int weight256)
    {
        if (kind.HitboxReach == float.PositiveInfinity || kind.PositionColumn < 0 || !PassesBy(kind, earlier, later, weight256))
        {
            TestHitbox(kind, id, earlier, later, weight256);
        }
    }

    // Apart, so that its buffer costs nothing where the ray passes by.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void TestHitbox(KindSchema kind, EntityId id, ReadOnlySpan<int> earlier, ReadOnlySpan<int> later, int weight256)
    {
        Span<byte> component = stackalloc byte[Limits.ComponentBytesMax];
        component[..kind.SizeBytes].Clear();
        ref byte first = ref component[0];
        // Column 0 counts teleports: nothing lies between two states across one.
        if (weight256 is <= 0 or >= 256 || earlier[0] != later[0])
        {
            kind.Seen.Restore(weight256 >= 256 ? later : earlier, ref first);
        }
        else
        {
            kind.Seen.Blend(earlier, later, weight256, ref first);
        }

        Capsule capsule = kind.HitboxAt(ref first);
        if (capsule.Radius > 0 && TryIntersect(in capsule, out float distance) && distance < Distance)
        {
            Distance = distance;
            Entity = id;
        }
    }

    // By the position alone, with a grain of slack for its rounding: most entities are nowhere near the ray.
    private readonly bool PassesBy(KindSchema kind, ReadOnlySpan<int> earlier, ReadOnlySpan<int> later, int weight256)
    {
        ReadOnlySpan<FieldSpec> columns = kind.Seen.Columns.Slice(kind.PositionColumn, 3);
        float weight = weight256 >= 256 ? 1 : weight256 <= 0 || earlier[0] != later[0] ? 0 : weight256 / 256f;
        Vector3 offset = Between(columns, earlier[kind.PositionColumn..], later[kind.PositionColumn..], weight) - _origin;
        float along = DeterministicMath.Dot(offset, _direction);
        along = along < 0 ? 0 : along > Distance ? Distance : along;
        Vector3 away = offset - (_direction * along);
        float reach = kind.HitboxReach + (4 * columns[0].Quantizer.ErrorBound) + 0.01f;
        return DeterministicMath.Dot(away, away) > reach * reach;
    }

    private static Vector3 Between(ReadOnlySpan<FieldSpec> columns, ReadOnlySpan<int> from, ReadOnlySpan<int> to, float weight) => new(
        Between(in columns[0], from[0], to[0], weight),
        Between(in columns[1], from[1], to[1], weight),
        Between(in columns[2], from[2], to[2], weight));

    private static float Between(in FieldSpec column, int from, int to, float weight)
    {
        float start = column.Quantizer.Dequantize(from);
        return start + ((column.Quantizer.Dequantize(to) - start) * weight);
    }

    /// <summary>Distance at which the ray enters a capsule; 0 from inside.</summary>
    private readonly bool TryIntersect(in Capsule capsule, out float distance)
    {
        // The capsule is the union of two spheres and the cylinder between them: the first entry into any of them counts.
        bool hit = TrySphere(capsule.A, capsule.Radius, out distance);
        if (TrySphere(capsule.B, capsule.Radius, out float other) && (!hit || other < distance))
        {
            hit = true;
            distance = other;
        }

        if (TryCylinder(in capsule, out other) && (!hit || other < distance))
        {
            hit = true;
            distance = other;
        }

        return hit;
    }

    private readonly bool TrySphere(Vector3 center, float radius, out float distance)
    {
        Vector3 offset = _origin - center;
        float along = DeterministicMath.Dot(offset, _direction);
        float outside = DeterministicMath.Dot(offset, offset) - (radius * radius);
        distance = 0;
        if (outside <= 0)
        {
            return true;
        }

        float discriminant = (along * along) - outside;
        if (along >= 0 || discriminant < 0)
        {
            return false;
        }

        distance = -along - DeterministicMath.Sqrt(discriminant);
        return distance >= 0;
    }

    private readonly bool TryCylinder(in Capsule capsule, out float distance)
    {
        distance = 0;
        Vector3 axis = capsule.B - capsule.A;
        float length2 = DeterministicMath.Dot(axis, axis);
        if (length2 < 1e-9f)
        {
            return false;
        }

        // Remove the part along the axis from ray and offset: what is left is a ray against a circle.
        Vector3 offset = _origin - capsule.A;
        float rayAlong = DeterministicMath.Dot(_direction, axis) / length2;
        float offsetAlong = DeterministicMath.Dot(offset, axis) / length2;
        Vector3 ray = _direction - (axis * rayAlong);
        Vector3 start = offset - (axis * offsetAlong);
        float a = DeterministicMath.Dot(ray, ray);
        float b = DeterministicMath.Dot(ray, start);
        float c = DeterministicMath.Dot(start, start) - (capsule.Radius * capsule.Radius);
        if (c <= 0)
        {
            return offsetAlong is >= 0 and <= 1; // from inside; a ray that comes in through an end meets its sphere first
        }

        float discriminant = (b * b) - (a * c);
        if (a < 1e-9f || b >= 0 || discriminant < 0)
        {
            return false;
        }

        distance = (-b - DeterministicMath.Sqrt(discriminant)) / a;
        float at = offsetAlong + (rayAlong * distance);
        return at is >= 0 and <= 1;
    }
}
