using System.Numerics;
using System.Runtime.CompilerServices;
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
    private int _graceTicks = 1;
    private SnapshotStream? _stream;
    private ViewStamp _stamp;
    private Tick _oldestState;
    private bool _isPresent;

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

    /// <summary>True when the last ray was held against a state that is fresher than the one on screen, which was older than any rewind may be.</summary>
    public bool IsFreshened { get; private set; }

    /// <summary>True when the last ray met an entity on screen that has been behind cover for longer than the game allows.</summary>
    public bool HidesTarget { get; private set; }

    /// <summary>Tick of the oldest state that decided over the last ray's target.</summary>
    public Tick StateTick { get; private set; }

    /// <summary>Turns to the view of one client.</summary>
    /// <param name="stream">What the client has of the world.</param>
    /// <param name="stamp">The view.</param>
    /// <param name="oldestState">No older state decides, unless nothing has changed since.</param>
    /// <param name="graceTicks">How long a target may have been behind cover.</param>
    public void Show(SnapshotStream stream, in ViewStamp stamp, Tick oldestState, int graceTicks)
    {
        _graceTicks = Math.Max(1, graceTicks);
        _stream = stream;
        _stamp = stamp;
        _oldestState = oldestState;
        _isPresent = false;
    }

    /// <summary>Turns to the world as it is, of which only the client's knowledge is asked: which entities it sees.</summary>
    public void ShowPresent(SnapshotStream stream, Tick tick)
    {
        Show(stream, new ViewStamp(tick, 0, tick), tick, 1);
        _isPresent = true;
    }

    public override bool Raycast(Vector3 origin, Vector3 direction, float range, out Hit hit)
    {
        var ray = new RayQuery(origin, direction, range);
        SnapshotStream stream = _stream!;
        LacksState = IsFreshened = HidesTarget = false;
        StateTick = _history.Newest.Tick;
        foreach (int slot in stream.Tracked)
        {
            KindSchema kind = _schema.KindOfSlot(slot);
            ref EntityTrack track = ref stream.Track(slot);
            if (!kind.HasHitbox || track.IsOwned || !track.HasBaseline || IsGone(in track))
            {
                continue;
            }

            if (_isPresent)
            {
                TestPresent(ref ray, kind, slot, in track);
            }
            else
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

        if (earlier < _oldestState && IsStale(slot, track.Generation, earlier, later, hasLater))
        {
            TestFresher(ref ray, kind, slot, in track, earlier, later, hasLater);
            return;
        }

        if (!_history.TryGetSeen(earlier, slot, track.Generation, out SnapshotFrame from))
        {
            LacksState = true;
            return;
        }

        TestBetween(ref ray, kind, slot, in track, from, earlier, later, hasLater);
    }

    // Not all of the way to the later state, and the earlier one has changed before the oldest tick that may decide.
    private bool IsStale(int slot, ushort generation, Tick earlier, Tick later, bool hasLater)
    {
        if (hasLater && _history.TryGet(later, out SnapshotFrame to) && to.Generations[slot] == generation
            && SampleBlend.Weight256(earlier, new SampleSpan(later, to.ChangedAt[slot], to.PreviousChangedAt[slot]), _stamp.Tick, _stamp.Fraction) >= 256)
        {
            return false;
        }

        SnapshotFrame oldest = _history.FirstFrom(_oldestState);
        return oldest.Generations[slot] != generation || oldest.ChangedAt[slot] > earlier;
    }

    // What is on screen is older than any rewind may be: the oldest state that may decide takes its place. What the client no longer sees is not hit at all.
    private void TestFresher(ref RayQuery ray, KindSchema kind, int slot, in EntityTrack track, Tick earlier, Tick later, bool hasLater)
    {
        RayQuery onScreen = ray;
        IsFreshened |= !_history.TryGetSeen(earlier, slot, track.Generation, out SnapshotFrame seen)
            || TryHit(ref onScreen, kind, slot, track.Generation, seen, earlier, later, hasLater, out _);
        SnapshotFrame from = _history.FirstFrom(_oldestState);
        if (track.State == TrackState.Visible && from.Generations[slot] == track.Generation)
        {
            IsFreshened |= TestBetween(ref ray, kind, slot, in track, from, from.Tick, later, hasLater && later > from.Tick);
        }
    }

    private void TestPresent(ref RayQuery ray, KindSchema kind, int slot, in EntityTrack track)
    {
        SnapshotFrame now = _history.Newest;
        if (track.State == TrackState.Visible && now.Generations[slot] == track.Generation)
        {
            ray.Test(kind, new EntityId(slot, track.Generation), _history.Row(now, slot), _history.Row(now, slot), 0);
        }
    }

    private bool TestBetween(
        ref RayQuery ray, KindSchema kind, int slot, in EntityTrack track, SnapshotFrame from, Tick earlier, Tick later, bool hasLater)
    {
        RayQuery before = ray;
        if (!TryHit(ref before, kind, slot, track.Generation, from, earlier, later, hasLater, out int weight))
        {
            return false;
        }

        if (HasTeleportedSince(from, slot, track.Generation))
        {
            LacksState = true; // he is not there any more, whatever was on screen
            return false;
        }

        Tick stateTick = weight >= 256 ? later : earlier;
        if (IsBehindCover(ray.Origin, kind, slot, track.Generation, stateTick))
        {
            HidesTarget = true;
            return false;
        }

        ray = before;
        StateTick = stateTick;
        return true;
    }

    private bool TryHit(
        ref RayQuery ray, KindSchema kind, int slot, ushort generation, SnapshotFrame from, Tick earlier, Tick later, bool hasLater, out int weight)
    {
        weight = 0;
        SnapshotFrame to = from;
        if (hasLater && _history.TryGet(later, out SnapshotFrame found) && found.Generations[slot] == generation)
        {
            to = found;
            var span = new SampleSpan(later, to.ChangedAt[slot], to.PreviousChangedAt[slot]);
            weight = SampleBlend.Weight256(earlier, in span, _stamp.Tick, _stamp.Fraction);
        }

        var id = new EntityId(slot, generation);
        ray.Test(kind, id, _history.Row(from, slot), _history.Row(to, slot), weight);
        return ray.Entity == id;
    }

    // Where it was when the grace began; a state that is younger than that decides without asking.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool IsBehindCover(Vector3 eye, KindSchema kind, int slot, ushort generation, Tick stateTick)
    {
        if (_schema.Sight is not { } isClear)
        {
            return false;
        }

        SnapshotFrame frame = _history.FirstFrom(_history.Newest.Tick + 1 - _graceTicks);
        if (frame.Tick <= stateTick || frame.Generations[slot] != generation)
        {
            return false;
        }

        Span<byte> component = stackalloc byte[Limits.ComponentBytesMax];
        component[..kind.SizeBytes].Clear();
        kind.Seen.Restore(_history.Row(frame, slot), ref component[0]);
        Capsule capsule = kind.HitboxAt(ref component[0]);
        return capsule.Radius > 0 && !SightLine.IsOpen(isClear, eye, in capsule);
    }

    // Column 0 counts teleports. The entity as a whole jumps: what was drawn before lies behind it, even where only the later sample is past it.
    private bool HasTeleportedSince(SnapshotFrame from, int slot, ushort generation)
    {
        SnapshotFrame newest = _history.Newest;
        return newest.Generations[slot] == generation && _history.Row(newest, slot)[0] != _history.Row(from, slot)[0];
    }
}
