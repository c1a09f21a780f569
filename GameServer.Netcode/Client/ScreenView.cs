using System.Numerics;
using GameServer.Netcode.Game;
using GameServer.Netcode.Inputs;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Rewind;
using GameServer.Netcode.Snapshots;

namespace GameServer.Netcode.Client;

/// <summary>The world as it is on the client's screen at a view tick; the server rebuilds the same (<see cref="RewoundView"/>).</summary>
/// <remarks>Owner: the client's thread. Allocates: no.</remarks>
internal sealed class ScreenView : View
{
    private readonly List<EntityReplica> _others;
    private readonly ShotClaims _claims;
    private ViewStamp _stamp;
    private Tick _tick;
    private int _ordinal;

    public ScreenView(List<EntityReplica> others, ShotClaims claims)
    {
        _others = others;
        _claims = claims;
    }

    /// <summary>Turns to what the player saw when he gave the input of a tick.</summary>
    public void Show(Tick tick, in ViewStamp stamp)
    {
        _tick = tick;
        _stamp = stamp;
        _ordinal = 0;
    }

    public override bool Raycast(Vector3 origin, Vector3 direction, float range, out Hit hit)
    {
        var ray = new RayQuery(origin, direction, range);
        foreach (EntityReplica replica in _others)
        {
            if (replica.Kind.HasHitbox && IsOnScreen(replica, in _stamp)
                && TryFind(replica, in _stamp, out ReadOnlySpan<int> earlier, out ReadOnlySpan<int> later, out int weight))
            {
                ray.Test(replica.Kind, replica.Id, earlier, later, weight);
            }
        }

        hit = new Hit(ray.Entity, ray.Distance, ray.Point);
        _claims.Add(_tick, _ordinal++, ray.Entity, _stamp.AgeParts < 0);
        return !ray.Entity.IsNone;
    }

    /// <summary>An entity that was removed stays on screen until the view gets to the snapshot that removed it.</summary>
    public static bool IsOnScreen(EntityReplica replica, in ViewStamp stamp) =>
        !(replica.IsRemoved && replica.RemovedAt <= stamp.Newest && replica.RemovedAt <= stamp.Tick);

    /// <summary>The states that an entity is drawn from.</summary>
    public static bool TryFind(EntityReplica replica, in ViewStamp stamp, out ReadOnlySpan<int> earlierRow, out ReadOnlySpan<int> laterRow, out int weight)
    {
        weight = 0;
        if (!replica.Seen.TryFindAround(stamp.Tick, stamp.Newest, out earlierRow, out Tick earlier, out laterRow, out SampleSpan later))
        {
            return false;
        }

        if (laterRow.IsEmpty)
        {
            laterRow = earlierRow;
        }
        else
        {
            weight = SampleBlend.Weight256(earlier, in later, stamp.Tick, stamp.Fraction);
        }

        return true;
    }
}
