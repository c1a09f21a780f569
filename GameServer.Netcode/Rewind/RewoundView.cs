using System.Numerics;
using GameServer.Netcode.Game;
using GameServer.Netcode.Inputs;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Snapshots;

namespace GameServer.Netcode.Rewind;

/// <summary>The world as one client drew it, rebuilt from the states that it has acknowledged. It never writes.</summary>
/// <remarks>Owner: simulation thread. Allocates: no.</remarks>
internal sealed class RewoundView : View
{
    private readonly Schema _schema;
    private readonly SnapshotHistory _history;
    private readonly Action<EntityId> _judged;
    private SnapshotStream? _stream;
    private ViewStamp _stamp;

    /// <param name="schema">What the game declared.</param>
    /// <param name="history">States of the past.</param>
    /// <param name="judged">Told the target of each ray, or none.</param>
    public RewoundView(Schema schema, SnapshotHistory history, Action<EntityId> judged)
    {
        _schema = schema;
        _history = history;
        _judged = judged;
    }

    /// <summary>True when the view lies beyond the newest snapshot that the client had.</summary>
    public bool IsExtrapolated => _stamp.AgeParts < 0;

    /// <summary>True when the last ray was not held against an entity that was on screen: its state is older than the history, or it has teleported since.</summary>
    public bool LacksState { get; private set; }

    /// <summary>Turns to the view of one client.</summary>
    public void Show(SnapshotStream stream, in ViewStamp stamp)
    {
        _stream = stream;
        _stamp = stamp;
    }

    public override bool Raycast(Vector3 origin, Vector3 direction, float range, out Hit hit)
    {
        var ray = new RayQuery(origin, direction, range);
        SnapshotStream stream = _stream!;
        LacksState = false;
        foreach (int slot in stream.Tracked)
        {
            KindSchema kind = _schema.KindOfSlot(slot);
            ref EntityTrack track = ref stream.Track(slot);
            if (kind.HasHitbox && !track.IsOwned && track.HasBaseline && !IsGone(in track))
            {
                Test(ref ray, kind, slot, in track);
            }
        }

        hit = new Hit(ray.Entity, ray.Distance, ray.Point);
        _judged(ray.Entity);
        return !ray.Entity.IsNone;
    }

    // The client keeps drawing a removed entity until its view reaches the snapshot that removed it.
    private bool IsGone(in EntityTrack track) =>
        track.RemovalAcked && track.RemovalTick <= _stamp.Newest && track.RemovalTick <= _stamp.Tick;

    private void Test(ref RayQuery ray, KindSchema kind, int slot, in EntityTrack track)
    {
        if (!track.TryFindAround(_stamp.Tick, _stamp.Newest, out Tick earlier, out Tick later, out bool hasLater))
        {
            return;
        }

        if (!_history.TryGetSeen(earlier, slot, track.Generation, out SnapshotFrame from))
        {
            LacksState = true;
            return;
        }

        int weight = 0;
        SnapshotFrame to = from;
        if (hasLater && _history.TryGet(later, out to) && to.Generations[slot] == track.Generation)
        {
            var span = new SampleSpan(later, to.ChangedAt[slot], to.PreviousChangedAt[slot]);
            weight = SampleBlend.Weight256(earlier, in span, _stamp.Tick, _stamp.Fraction);
        }
        else
        {
            to = from;
        }

        var id = new EntityId(slot, track.Generation);
        if (HasTeleportedSince(from, slot, track.Generation))
        {
            RayQuery before = ray;
            before.Test(kind, id, _history.Row(from, slot), _history.Row(to, slot), weight);
            LacksState |= before.Entity == id; // he is not there any more, whatever was on screen
            return;
        }

        ray.Test(kind, id, _history.Row(from, slot), _history.Row(to, slot), weight);
    }

    // Column 0 counts teleports. The entity as a whole jumps: what was drawn before lies behind it, even where only the later sample is past it.
    private bool HasTeleportedSince(SnapshotFrame from, int slot, ushort generation)
    {
        SnapshotFrame newest = _history.Newest;
        return newest.Generations[slot] == generation && _history.Row(newest, slot)[0] != _history.Row(from, slot)[0];
    }
}
