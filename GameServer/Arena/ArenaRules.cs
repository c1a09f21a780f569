using System.Numerics;
using GameServer.Netcode.Game;
using GameServer.Netcode.Primitives;

namespace GameServer.Arena;

/// <summary>What only the server decides: damage, explosions, pushes, pickups, respawns, rounds.</summary>
/// <remarks>It may write any entity; an owner whose soldier it changed is told, and predicts on from there.</remarks>
internal static class ArenaRules
{
    /// <summary>Takes health; the last of it scores for the attacker.</summary>
    public static void Hurt(in TickContext tick, EntityId target, PlayerId attacker, int damage)
    {
        Entities<Soldier> soldiers = tick.World.Of(ArenaGame.Soldiers);
        if (!tick.World.Is(target, ArenaGame.Soldiers) || !soldiers[target].IsAlive)
        {
            return;
        }

        ref Soldier victim = ref soldiers[target];
        victim.Health = Math.Max(0, victim.Health - damage);
        if (!victim.IsAlive)
        {
            victim.Velocity = default;
            victim.Deaths = Math.Min(victim.Deaths + 1, ArenaGame.ScoreMax);
            victim.RespawnAt = tick.Tick + ArenaGame.TicksOf(ArenaGame.RespawnSeconds, tick.DeltaSeconds);
            tick.Emit(ArenaGame.Kills, new Killed { Killer = attacker, Victim = victim.Player });
            EntityId killer = tick.Players.Avatar(attacker);
            if (killer != target && tick.World.Is(killer, ArenaGame.Soldiers))
            {
                soldiers[killer].Kills = Math.Min(soldiers[killer].Kills + 1, ArenaGame.ScoreMax);
            }
        }
    }

    /// <summary>Ends the rockets that met a wall in their step, or now meet a soldier.</summary>
    public static void ExplodeRockets(in TickContext tick)
    {
        foreach (EntityId id in tick.World.Of(ArenaGame.Rockets))
        {
            Rocket rocket = tick.World.Get(ArenaGame.Rockets, id);
            PlayerId owner = tick.World.OwnerOf(id);
            bool explodes = rocket.IsSpent != 0;
            foreach (EntityId other in tick.World.Of(ArenaGame.Soldiers))
            {
                ref Soldier soldier = ref tick.World.Get(ArenaGame.Soldiers, other);
                explodes |= soldier.IsAlive && soldier.Player != owner && DeterministicMath.Distance(soldier.Chest, rocket.Position) < ArenaGame.RocketReach;
            }

            if (explodes)
            {
                tick.World.Despawn(id);
                tick.Emit(ArenaGame.Explosions, new Explosion { Position = rocket.Position });
                Splash(in tick, rocket.Position, owner);
            }
        }
    }

    /// <summary>Pushes apart soldiers that stand in each other: the deeper, the harder.</summary>
    public static void PushApart(in TickContext tick)
    {
        Entities<Soldier> soldiers = tick.World.Of(ArenaGame.Soldiers);
        Span<EntityId> others = stackalloc EntityId[ArenaGame.SoldiersMax];
        Span<Vector3> places = stackalloc Vector3[ArenaGame.SoldiersMax];
        int count = 0;
        foreach (EntityId id in soldiers)
        {
            ref Soldier a = ref soldiers[id];
            for (int i = 0; i < count; i++)
            {
                Vector3 apart = places[i] - a.Position;
                float depth = MathF.Abs(apart.X) < 2 * Soldier.Radius ? 1 - (DeterministicMath.Length(apart) / (2 * Soldier.Radius)) : 0;
                if (depth > 0 && a.IsAlive)
                {
                    // Two in the very same place have no direction to part in: any will do, if it is always the same.
                    Vector3 away = depth < 1 ? DeterministicMath.Normalize(apart) : Vector3.UnitX;
                    Vector3 impulse = away * (depth * ArenaGame.PushAcceleration * tick.DeltaSeconds);
                    Push(ref a, -impulse);
                    Push(ref soldiers[others[i]], impulse);
                }
            }

            (others[count], places[count]) = (id, a.Position);
            count += a.IsAlive ? 1 : 0;
        }
    }

    /// <summary>Gives pickups to the living who stand on them and need them, and brings them back after a while.</summary>
    public static void TakePickups(in TickContext tick)
    {
        foreach (EntityId id in tick.World.Of(ArenaGame.Pickups))
        {
            ref Pickup pickup = ref tick.World.Get(ArenaGame.Pickups, id);
            pickup.IsPresent = pickup.IsPresent != 0 || tick.Tick >= pickup.ReturnsAt ? 1 : 0;
            foreach (EntityId taker in tick.World.Of(ArenaGame.Soldiers))
            {
                if (pickup.IsPresent != 0 && TryTake(ref tick.World.Get(ArenaGame.Soldiers, taker), in pickup))
                {
                    pickup.IsPresent = 0;
                    pickup.ReturnsAt = tick.Tick + ArenaGame.TicksOf(ArenaGame.PickupSeconds, tick.DeltaSeconds);
                }
            }
        }
    }

    /// <summary>Sets the clock; everybody loses his score and his life, which is what brings him back anew.</summary>
    public static void StartRound(in TickContext tick, int round, float seconds = ArenaGame.RoundSeconds)
    {
        int ticks = ArenaGame.TicksOf(seconds, tick.DeltaSeconds);
        tick.World.Get(ArenaGame.Clock) = new Match { EndsAt = tick.Tick + ticks, Round = round };
        tick.Emit(ArenaGame.RoundStarts, new RoundStarted { Round = round });
        foreach (EntityId id in tick.World.Of(ArenaGame.Rockets))
        {
            tick.World.Despawn(id);
        }

        foreach (EntityId id in tick.World.Of(ArenaGame.Soldiers))
        {
            ref Soldier soldier = ref tick.World.Get(ArenaGame.Soldiers, id);
            soldier = new Soldier { Player = soldier.Player, Position = soldier.Position, Aim = soldier.Aim, RespawnAt = tick.Tick };
        }
    }

    /// <summary>Brings the dead back after their time.</summary>
    public static void Respawn(in TickContext tick)
    {
        foreach (EntityId id in tick.World.Of(ArenaGame.Soldiers))
        {
            ref Soldier soldier = ref tick.World.Get(ArenaGame.Soldiers, id);
            if (!soldier.IsAlive && tick.Tick >= soldier.RespawnAt)
            {
                soldier = NewSoldier(in tick, soldier.Player) with { Kills = soldier.Kills, Deaths = soldier.Deaths };
                tick.World.Teleport(id); // else others would see him glide across the map
            }
        }
    }

    /// <summary>A soldier at a spawn point. Chance comes from the world, never from the system: a replay chooses the same.</summary>
    public static Soldier NewSoldier(in TickContext tick, PlayerId player) => new()
    {
        Position = ArenaMap.SpawnPoints[tick.Random.NextInt(ArenaMap.SpawnPoints.Count)]
            + new Vector3(tick.Random.NextFloat(-0.5f, 0.5f), 0, tick.Random.NextFloat(-0.5f, 0.5f)),
        Aim = Vector3.UnitX,
        Health = Soldier.HealthMax,
        Player = player,
        Rockets = ArenaGame.RocketsAtStart,
        RifleReady = tick.Tick,
        LauncherReady = tick.Tick,
    };

    private static bool TryTake(ref Soldier taker, in Pickup pickup)
    {
        ref int stock = ref pickup.Kind == ArenaGame.HealthKind ? ref taker.Health : ref taker.Rockets;
        (int amount, int max) = pickup.Kind == ArenaGame.HealthKind ? (50, Soldier.HealthMax) : (3, ArenaGame.RocketsMax);
        bool takes = taker.IsAlive && stock < max && DeterministicMath.Distance(taker.Position, pickup.Position) < 1;
        stock = takes ? Math.Min(stock + amount, max) : stock;
        return takes;
    }

    // Damage and push fall off with distance, and walls protect. It hurts its owner too; one who aims at his feet flies.
    private static void Splash(in TickContext tick, Vector3 center, PlayerId owner)
    {
        foreach (EntityId id in tick.World.Of(ArenaGame.Soldiers))
        {
            ref Soldier soldier = ref tick.World.Get(ArenaGame.Soldiers, id);
            float strength = 1 - (DeterministicMath.Distance(soldier.Chest, center) / ArenaGame.SplashRadius);
            if (soldier.IsAlive && strength > 0 && ArenaMap.IsClear(center, soldier.Chest))
            {
                Push(ref soldier, DeterministicMath.Normalize((soldier.Chest - center) with { Y = 0 }) * (ArenaGame.SplashPush * strength));
                Hurt(in tick, id, owner, DeterministicMath.ToInt(ArenaGame.RocketDamage * strength));
            }
        }
    }

    // An impulse, never a change of position: the soldier's own step makes of it a movement that respects walls.
    private static void Push(ref Soldier soldier, Vector3 impulse)
    {
        Vector3 velocity = soldier.Velocity + impulse;
        float speed = DeterministicMath.Length(velocity);
        soldier.Velocity = speed <= ArenaGame.PushedSpeed ? velocity : velocity * (ArenaGame.PushedSpeed / speed);
    }
}
