using GameServer.Netcode.Game;
using GameServer.Netcode.Messages;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Server;
using GameServer.Netcode.Snapshots;

namespace GameServer.Tests.Support;

/// <summary>Counts what the room says.</summary>
internal sealed class LabObserver(RoomOptions options) : RoomObserver
{
    public Room? Room { get; set; }

    public int SnapshotBytesMax { get; private set; }

    public long SnapshotBytes { get; private set; }

    public long Snapshots { get; private set; }

    public float RewindTicksMax { get; private set; }

    public long Diverged { get; private set; }

    public long Reports { get; private set; }

    public List<(string Name, LeaveReason Reason)> Left { get; } = [];

    /// <summary>Players each of whose inputs came too late, as the room said.</summary>
    public List<(int Seat, double RoundTripMillis, int FollowedMillis)> TooLate { get; } = [];

    public List<LeaveReason> Refused { get; } = [];

    public List<string> RefusedTexts { get; } = [];

    /// <summary>Names of those in the room, by seat, and where the event log stood when they joined.</summary>
    public Dictionary<int, (string Name, long EventsAtJoin)> Joined { get; } = [];

    public double CapTicks => options.RewindCap.MaxMillis * options.TickRateHz / 1000.0;

    public override void InputsTooLate(PlayerId player, double roundTripMillis, int followedMillis) => TooLate.Add((player.Index, roundTripMillis, followedMillis));

    public override void SnapshotWritten(int bytes)
    {
        SnapshotBytesMax = Math.Max(SnapshotBytesMax, bytes);
        SnapshotBytes += bytes;
        Snapshots++;
    }

    /// <summary>Told of each ray.</summary>
    public Action<RayVerdict>? Judged { get; set; }

    /// <summary>Hits whose states were older than any rewind may be, though they had changed since; with the first of them.</summary>
    public long StaleHits { get; private set; }

    public RayVerdict FirstStale { get; private set; }

    public override void RayJudged(in RayVerdict ray)
    {
        RewindTicksMax = Math.Max(RewindTicksMax, ray.RewindTicks);
        if (ray.IsHit && IsStale(in ray))
        {
            FirstStale = StaleHits++ == 0 ? ray : FirstStale;
        }

        Judged?.Invoke(ray);
    }

    // Looks the state up by itself, in every frame since: old, and another one by the time up to which a rewind may go back.
    private bool IsStale(in RayVerdict ray)
    {
        Tick oldest = ray.Tick - (int)Math.Ceiling(CapTicks);
        if (ray.StateTick >= oldest || Room is null)
        {
            return false;
        }

        if (!Room.History.TryGet(ray.StateTick, out SnapshotFrame then))
        {
            // Older than the history: the last frame that it may be a state of tells when it had last changed.
            SnapshotFrame last;
            for (Tick tick = oldest; !Room.History.TryGet(tick, out last) && ray.Tick - tick < Limits.HistoryTicks; tick -= 1)
            {
                // skipped by the server
            }

            return last is null || last.ChangedAt[ray.Target.Slot] > ray.StateTick;
        }

        for (Tick tick = ray.StateTick + 1; tick <= oldest; tick += 1)
        {
            if (Room.History.TryGet(tick, out SnapshotFrame frame)
                && (frame.Generations[ray.Target.Slot] != ray.Target.Generation || !Room.History.Row(frame, ray.Target.Slot).SequenceEqual(Room.History.Row(then, ray.Target.Slot))))
            {
                return true;
            }
        }

        return false;
    }

    public override void StepDiverged(EntityId entity, Tick tick) => Diverged++;

    public override void PlayerJoined(PlayerId player, string name, bool isSpectator) => Joined[player.Index] = (name, Room?.Log.End ?? 0);

    public override void PlayerLeft(PlayerId player, LeaveReason reason)
    {
        Left.Add((Joined[player.Index].Name, reason));
        Joined.Remove(player.Index);
    }

    public override void JoinRefused(LeaveReason reason, string text)
    {
        Refused.Add(reason);
        RefusedTexts.Add(text);
    }

    public override void ClientReported(PlayerId player, in ReportMessage report) => Reports++;
}
