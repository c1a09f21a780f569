using GameServer.Netcode.Game;
using GameServer.Netcode.Messages;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Server;

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

    public List<LeaveReason> Refused { get; } = [];

    public List<string> RefusedTexts { get; } = [];

    /// <summary>Names of those in the room, by seat, and where the event log stood when they joined.</summary>
    public Dictionary<int, (string Name, long EventsAtJoin)> Joined { get; } = [];

    public double CapTicks => options.MaxRewindMillis * options.TickRateHz / 1000.0;

    public override void SnapshotWritten(int bytes)
    {
        SnapshotBytesMax = Math.Max(SnapshotBytesMax, bytes);
        SnapshotBytes += bytes;
        Snapshots++;
    }

    /// <summary>Told of each ray: how far it was rewound, in ticks, and whether it was clamped.</summary>
    public Action<float, bool>? Judged { get; set; }

    public override void RayJudged(float rewindTicks, bool clamped, bool extrapolated, bool hit)
    {
        RewindTicksMax = Math.Max(RewindTicksMax, rewindTicks);
        Judged?.Invoke(rewindTicks, clamped);
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
