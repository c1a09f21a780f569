using System.Numerics;
using System.Runtime.CompilerServices;
using GameServer.Arena;
using GameServer.Netcode.Game;
using GameServer.Netcode.Messages;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Server;
using GameServer.Netcode.Snapshots;

namespace GameServer.Bench.Cheats;

/// <summary>What one player's rays came to.</summary>
internal struct RayCounts
{
    public long Rays;
    public long Hits;

    /// <summary>Hits on somebody who, at the verdict, stood where the shooter could not see him.</summary>
    public long Blind;

    /// <summary>Hits on somebody who had been out of sight for longer than the game allows.</summary>
    public long Hidden;

    public long Clamped;

    /// <summary>Sum of how far back the views of hits lay, in ticks.</summary>
    public double RewindTicks;

    /// <summary>Hits by the age of the state that decided, in ticks.</summary>
    public long StateAgeMax;
}

/// <summary>Looks at every verdict of the room as a victim would: could he have been seen when he was hit?</summary>
internal sealed class CheatObserver(int seats) : RoomObserver
{
    /// <summary>The arena's 50 ms at 60 Hz; the round trip is more here.</summary>
    private const int GraceTicks = 3;

    private readonly RayCounts[] _counts = new RayCounts[seats];

    public Room Room { get; set; } = null!;

    public bool IsCounting { get; set; }

    public List<(int Seat, LeaveReason Reason)> Left { get; } = [];

    public ref readonly RayCounts Of(PlayerId player) => ref _counts[player.Index];

    public override void PlayerLeft(PlayerId player, LeaveReason reason) => Left.Add((player.Index, reason));

    public override void RayJudged(in RayVerdict ray)
    {
        if (!IsCounting)
        {
            return;
        }

        ref RayCounts counts = ref _counts[ray.Shooter.Index];
        counts.Rays++;
        counts.Clamped += ray.IsClamped ? 1 : 0;
        if (ray.IsHit)
        {
            counts.Hits++;
            counts.RewindTicks += ray.RewindTicks;
            counts.Blind += IsBlind(in ray) ? 1 : 0;
            counts.Hidden += IsHidden(in ray) ? 1 : 0;
            counts.StateAgeMax = Math.Max(counts.StateAgeMax, ray.Tick - ray.StateTick);
        }
    }

    private bool IsBlind(in RayVerdict ray)
    {
        World world = Room.World;
        EntityId shooter = world.Players.Avatar(ray.Shooter);
        return world.Is(shooter, ArenaGame.Soldiers) && world.Is(ray.Target, ArenaGame.Soldiers)
            && !CanSee(in world.Get(ArenaGame.Soldiers, shooter), in world.Get(ArenaGame.Soldiers, ray.Target));
    }

    // Where the victim was when the grace of the game began, if an older state of his decided.
    private bool IsHidden(in RayVerdict ray)
    {
        World world = Room.World;
        Tick at = ray.Tick - Math.Max(GraceTicks, (int)(Room.Sessions.All[ray.Shooter.Index].RoundTripTicks + 0.5f));
        EntityId shooter = world.Players.Avatar(ray.Shooter);
        if (ray.StateTick >= at || !world.Is(shooter, ArenaGame.Soldiers) || !Room.History.TryGet(at, out SnapshotFrame frame)
            || frame.Generations[ray.Target.Slot] != ray.Target.Generation)
        {
            return false;
        }

        var victim = default(Soldier);
        Span<int> row = Room.History.Row(frame, ray.Target.Slot);
        world.Schema.KindOfSlot(ray.Target.Slot).Seen.Restore(row, ref Unsafe.As<Soldier, byte>(ref victim));
        return victim.IsAlive && !CanSee(in world.Get(ArenaGame.Soldiers, shooter), in victim);
    }

    // Chest, both shoulders, head, feet: one that is not behind a wall is enough.
    private static bool CanSee(in Soldier shooter, in Soldier victim)
    {
        Vector3 along = DeterministicMath.Normalize((victim.Chest - shooter.Eye) with { Y = 0 });
        Vector3 side = new Vector3(-along.Z, 0, along.X) * (Soldier.Radius * 0.95f);
        return ArenaMap.IsClear(shooter.Eye, victim.Chest) || ArenaMap.IsClear(shooter.Eye, victim.Chest + side) || ArenaMap.IsClear(shooter.Eye, victim.Chest - side)
            || ArenaMap.IsClear(shooter.Eye, victim.Position with { Y = Soldier.Height - 0.05f }) || ArenaMap.IsClear(shooter.Eye, victim.Position with { Y = 0.1f });
    }
}
