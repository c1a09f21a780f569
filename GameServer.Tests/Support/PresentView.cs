using System.Numerics;
using GameServer.Netcode.Game;

namespace GameServer.Tests.Support;

/// <summary>A view without delay: rays meet hitboxes where they are, by a search that shares no code with the library's.</summary>
internal sealed class PresentView : View
{
    private readonly World _world;

    public PresentView(World world) => _world = world;

    public PlayerId Shooter { get; set; }

    public int Rays { get; private set; }

    public override bool Raycast(Vector3 origin, Vector3 direction, float range, out Hit hit)
    {
        Rays++;
        hit = default;
        float nearest = range;
        for (int slot = 0; slot < _world.Schema.SlotCount; slot++)
        {
            if (!_world.Meta(slot).IsAlive || !_world.Schema.KindOfSlot(slot).HasHitbox || _world.Meta(slot).Owner == Shooter)
            {
                continue;
            }

            Capsule capsule = _world.Schema.KindOfSlot(slot).HitboxAt(ref _world.Component(slot));
            float reach = capsule.Radius + Vector3.Distance(capsule.A, capsule.B) + 0.1f;
            float middle = Vector3.Dot(capsule.A - origin, direction);
            for (float at = MathF.Max(0, middle - reach); capsule.Radius > 0 && at < MathF.Min(nearest, middle + reach); at += 0.02f)
            {
                if (DistanceToSegment(origin + (direction * at), capsule.A, capsule.B) < capsule.Radius)
                {
                    nearest = at;
                    hit = new Hit(_world.IdOf(slot), at, origin + (direction * at));
                }
            }
        }

        return !hit.Entity.IsNone;
    }

    private static float DistanceToSegment(Vector3 point, Vector3 a, Vector3 b)
    {
        Vector3 along = b - a;
        float length = along.LengthSquared();
        float t = length > 0 ? Math.Clamp(Vector3.Dot(point - a, along) / length, 0, 1) : 0;
        return Vector3.Distance(point, a + (along * t));
    }
}
