using System.Numerics;
using GameServer.Arena;
using GameServer.Netcode.Game;
using GameServer.Netcode.Primitives;
using GameServer.Tests.Support;

namespace GameServer.Tests.Arena;

public class ArenaGameTests
{
    private static readonly int[] TickRates = [30, 60, 128];

    // A place with open floor around and towards +X and +Z.
    private static readonly Vector3 Open = new(12, 0, 23);

    [TestCaseSource(nameof(TickRates))]
    public void Step_StickHeld_ReachesWalkSpeedAndStopsByFriction(int tickRate)
    {
        var game = new GameDriver<ArenaInput>(new ArenaGame(), tickRate);
        PlayerId player = game.Join();
        Place(game, player, Open);
        game.Input(player).MoveX = 1;
        game.Run(tickRate / 2);
        Assert.That(Me(game, player).Velocity.X, Is.EqualTo(ArenaGame.WalkSpeed).Within(1e-3f));

        // Half a second: speed grows by Acceleration until WalkSpeed, whatever the tick rate, to a tick's way.
        float accelerating = ArenaGame.WalkSpeed / ArenaGame.Acceleration;
        float way = ArenaGame.WalkSpeed * (0.5f - (accelerating / 2));
        Assert.That(Me(game, player).Position.X - Open.X, Is.EqualTo(way).Within(ArenaGame.WalkSpeed / tickRate));

        game.Input(player).MoveX = 0;
        game.Run((int)(tickRate * ArenaGame.WalkSpeed / ArenaGame.Friction) + 2);
        Assert.That(Me(game, player).Velocity, Is.EqualTo(Vector3.Zero));
    }

    [Test]
    public void Step_DiagonalStick_IsNotFaster()
    {
        var game = new GameDriver<ArenaInput>(new ArenaGame());
        PlayerId player = game.Join();
        Place(game, player, Open);
        game.Input(player) = new ArenaInput { MoveX = 1, MoveZ = -1 };
        game.Run(30);
        Assert.That(DeterministicMath.Length(Me(game, player).Velocity), Is.EqualTo(ArenaGame.WalkSpeed).Within(1e-3f));
    }

    [TestCaseSource(nameof(TickRates))]
    public void Rifle_Held_FiresOncePerCooldown(int tickRate)
    {
        var game = new GameDriver<ArenaInput>(new ArenaGame(), tickRate);
        PlayerId player = game.Join();
        game.Input(player).Buttons.Set(ArenaInput.Fire, true);
        game.Run(tickRate * 2);
        int perShot = ArenaGame.TicksOf(ArenaGame.RifleSeconds, game.DeltaSeconds);
        Assert.That(game.EventsOf(ArenaGame.Shots), Has.Count.EqualTo(((tickRate * 2) + perShot - 1) / perShot));
    }

    [Test]
    public void Rifle_OnTarget_HurtsAndKills_AndTheDeadDoNotFire()
    {
        var game = new GameDriver<ArenaInput>(new ArenaGame());
        (PlayerId shooter, PlayerId victim) = Duel(game, distance: 8);
        game.Input(shooter).Buttons.Set(ArenaInput.Fire, true);
        game.Run(1);
        Assert.That(Me(game, victim).Health, Is.EqualTo(Soldier.HealthMax - ArenaGame.RifleDamage));

        game.Run(70);
        Assert.That(Me(game, victim).Health, Is.Zero);
        Assert.That(Me(game, victim).Deaths, Is.EqualTo(1));
        Assert.That(Me(game, shooter).Kills, Is.EqualTo(1));
        Assert.That(game.EventsOf(ArenaGame.Kills).Single().Victim, Is.EqualTo(victim));

        // The body is no target and does not act.
        game.Input(shooter).Buttons = default;
        game.Input(victim).MoveX = 1;
        game.Input(victim).Buttons.Set(ArenaInput.Fire, true);
        Vector3 body = Me(game, victim).Position;
        game.Run(30);
        Assert.That(game.EventsOf(ArenaGame.Shots), Is.Empty);
        Assert.That(Me(game, victim).Position, Is.EqualTo(body));
        Soldier dead = Me(game, victim);
        KindSchema kind = game.World.Schema.Kinds.ToArray().Single(k => k.Name == "soldier");
        Assert.That(kind.HitboxAt(ref System.Runtime.CompilerServices.Unsafe.As<Soldier, byte>(ref dead)).Radius, Is.Zero);
    }

    [Test]
    public void Rifle_BehindWall_DoesNotHit()
    {
        var game = new GameDriver<ArenaInput>(new ArenaGame());
        PlayerId shooter = game.Join(), victim = game.Join();

        // The wall of cell (10, 2) lies between them.
        Place(game, shooter, new Vector3(18, 0, 5));
        Place(game, victim, new Vector3(24, 0, 5));
        game.Input(shooter).Aim = Vector3.UnitX;
        game.Input(shooter).Buttons.Set(ArenaInput.Fire, true);
        game.Run(60);
        Assert.That(Me(game, victim).Health, Is.EqualTo(Soldier.HealthMax));
        Assert.That(game.EventsOf(ArenaGame.Shots)[0].To.X, Is.EqualTo(20).Within(1e-4f));
    }

    [TestCaseSource(nameof(TickRates))]
    public void Death_RespawnsTheSameEntityAfterItsTime(int tickRate)
    {
        var game = new GameDriver<ArenaInput>(new ArenaGame(), tickRate);
        (PlayerId shooter, PlayerId victim) = Duel(game, distance: 8);
        EntityId body = game.World.Players.Avatar(victim);
        game.Input(shooter).Buttons.Set(ArenaInput.Fire, true);
        int deadSince = RunUntil(game, () => Me(game, victim).Health == 0, tickRate * 5);
        game.Input(shooter) = default;
        byte teleports = game.World.Meta(body.Slot).Teleports;
        int waited = RunUntil(game, () => Me(game, victim).Health > 0, tickRate * 5);
        Assert.That(deadSince, Is.GreaterThan(0));
        Assert.That(waited, Is.EqualTo(ArenaGame.TicksOf(ArenaGame.RespawnSeconds, game.DeltaSeconds)));
        Assert.That(game.World.Players.Avatar(victim), Is.EqualTo(body));
        Assert.That(game.World.IsAlive(body), Is.True);
        Assert.That(game.World.Meta(body.Slot).Teleports, Is.EqualTo((byte)(teleports + 1)));
        Assert.That(Me(game, victim).Deaths, Is.EqualTo(1), "the score survives");
    }

    [TestCaseSource(nameof(TickRates))]
    public void Rocket_Fired_FliesAndExplodesOnASoldier(int tickRate)
    {
        var game = new GameDriver<ArenaInput>(new ArenaGame(), tickRate);
        (PlayerId shooter, PlayerId victim) = Duel(game, distance: 10);
        Press(game, shooter, ArenaInput.Launch);
        Assert.That(Count(game, ArenaGame.Rockets), Is.EqualTo(1));
        Assert.That(Me(game, shooter).Rockets, Is.EqualTo(ArenaGame.RocketsAtStart - 1));
        int ticks = RunUntil(game, () => Count(game, ArenaGame.Rockets) == 0, tickRate * 2);
        Assert.That(ticks / (float)tickRate, Is.EqualTo((10 - ArenaGame.RocketReach) / ArenaGame.RocketSpeed).Within(2.5f / tickRate));
        Assert.That(Me(game, victim).Health, Is.InRange(Soldier.HealthMax - ArenaGame.RocketDamage, Soldier.HealthMax - 30));
        Assert.That(Me(game, victim).Velocity.X, Is.GreaterThan(3), "pushed away");
        Assert.That(Me(game, shooter).Health, Is.EqualTo(Soldier.HealthMax), "out of the splash");
    }

    [Test]
    public void Rocket_AtTheFeet_PushesAndHurtsItsOwner_AndNeedsAmmunition()
    {
        var game = new GameDriver<ArenaInput>(new ArenaGame());
        PlayerId player = game.Join();
        Place(game, player, Open);
        game.Input(player).Aim = DeterministicMath.Normalize(new Vector3(0.5f, -1, 0));
        Press(game, player, ArenaInput.Launch);
        game.Run(10);
        Assert.That(Me(game, player).Health, Is.LessThan(Soldier.HealthMax));
        Assert.That(Me(game, player).Velocity.X, Is.LessThan(-0.5f));
        Soldier dry = Me(game, player) with { Rockets = 0, Health = Soldier.HealthMax };
        Me(game, player) = dry;
        game.Run(60);
        Press(game, player, ArenaInput.Launch);
        Assert.That(Count(game, ArenaGame.Rockets), Is.Zero);
    }

    [Test]
    public void Rocket_OfAKilledOwner_GoesOn()
    {
        var game = new GameDriver<ArenaInput>(new ArenaGame());
        (PlayerId shooter, PlayerId victim) = Duel(game, distance: 12);
        Press(game, shooter, ArenaInput.Launch);
        Me(game, shooter) = Me(game, shooter) with { Health = 0, RespawnAt = game.World.Tick + 60 };
        RunUntil(game, () => Count(game, ArenaGame.Rockets) == 0, 120);
        Assert.That(Me(game, victim).Health, Is.LessThan(Soldier.HealthMax));
    }

    [Test]
    public void Soldiers_InTheSamePlace_ArePushedApart()
    {
        var game = new GameDriver<ArenaInput>(new ArenaGame());
        PlayerId a = game.Join(), b = game.Join();
        Place(game, a, Open);
        Place(game, b, Open);
        game.Run(60);
        float distance = Vector3.Distance(Me(game, a).Position, Me(game, b).Position);
        Assert.That(distance, Is.InRange((2 * Soldier.Radius) - 0.05f, 2));

        // One who walks into another moves him.
        Place(game, a, Open);
        Place(game, b, Open + new Vector3(1, 0, 0));
        game.Input(a).MoveX = 1;
        game.Run(60);
        Assert.That(Me(game, b).Position.X, Is.GreaterThan(Open.X + 2));
    }

    [Test]
    public void Pickup_Needed_IsTakenAndComesBack()
    {
        var game = new GameDriver<ArenaInput>(new ArenaGame());
        PlayerId player = game.Join();
        Pickup health = ArenaMap.Pickups.First(p => p.Kind == ArenaGame.HealthKind);
        Place(game, player, health.Position);
        game.Run(5);
        Assert.That(PresentAt(game, health.Position), Is.EqualTo(1), "who is whole leaves it");
        Me(game, player) = Me(game, player) with { Health = 20 };
        game.Run(1);
        Assert.That(Me(game, player).Health, Is.EqualTo(70));
        Assert.That(PresentAt(game, health.Position), Is.Zero);
        Place(game, player, Open);
        int waited = RunUntil(game, () => PresentAt(game, health.Position) == 1, 2000);
        Assert.That(waited, Is.EqualTo(ArenaGame.TicksOf(ArenaGame.PickupSeconds, game.DeltaSeconds)));

        Pickup rockets = ArenaMap.Pickups.First(p => p.Kind == ArenaGame.RocketsKind);
        Place(game, player, rockets.Position);
        game.Run(1);
        Assert.That(Me(game, player).Rockets, Is.EqualTo(ArenaGame.RocketsAtStart + 3));
    }

    [TestCase(60, 1000u)]
    [TestCase(30, uint.MaxValue - 100)]
    public void Round_TimeIsUp_StartsAnewWithScoresOfZero(int tickRate, uint startTick)
    {
        var game = new GameDriver<ArenaInput>(new ArenaGame(), tickRate, startTick: startTick);
        (PlayerId shooter, PlayerId victim) = Duel(game, distance: 8);
        game.Input(shooter).Buttons.Set(ArenaInput.Fire, true);
        RunUntil(game, () => Me(game, victim).Deaths == 1, tickRate * 5);
        game.Input(shooter) = default;
        EntityId body = game.World.Players.Avatar(victim);
        int left = game.World.Get(ArenaGame.Clock).EndsAt - game.World.Tick;
        game.Run(left - 5);
        Assert.That(game.World.Get(ArenaGame.Clock).Round, Is.EqualTo(1));
        Me(game, shooter) = Me(game, shooter) with { Rockets = 1 };
        Press(game, shooter, ArenaInput.Launch);
        game.Run(4);
        Assert.That(game.World.Get(ArenaGame.Clock).Round, Is.EqualTo(2));
        int round = ArenaGame.TicksOf(ArenaGame.RoundSeconds, game.DeltaSeconds);
        Assert.That(game.World.Get(ArenaGame.Clock).EndsAt - game.World.Tick, Is.EqualTo(round));
        Assert.That(game.EventsOf(ArenaGame.RoundStarts).Single().Round, Is.EqualTo(2));
        Assert.That(Me(game, shooter).Kills + Me(game, victim).Deaths, Is.Zero);
        Assert.That(Me(game, shooter).Health, Is.EqualTo(Soldier.HealthMax));
        Assert.That(game.World.Players.Avatar(victim), Is.EqualTo(body));
        Assert.That(Count(game, ArenaGame.Rockets), Is.Zero);
    }

    [Test]
    public void Player_Leaves_TakesHisEntitiesAlong()
    {
        var game = new GameDriver<ArenaInput>(new ArenaGame());
        (PlayerId shooter, PlayerId victim) = Duel(game, distance: 12);
        Press(game, shooter, ArenaInput.Launch);
        game.Leave(shooter);
        game.Run(60);
        Assert.That(Count(game, ArenaGame.Soldiers), Is.EqualTo(1));
        Assert.That(Count(game, ArenaGame.Rockets), Is.Zero);
        Assert.That(Me(game, victim).Health, Is.EqualTo(Soldier.HealthMax));
    }

    internal static ref Soldier Me(GameDriver<ArenaInput> game, PlayerId player) =>
        ref game.World.Get(ArenaGame.Soldiers, game.World.Players.Avatar(player));

    private static void Place(GameDriver<ArenaInput> game, PlayerId player, Vector3 position)
    {
        ref Soldier soldier = ref Me(game, player);
        soldier.Position = position;
        soldier.Velocity = default;
    }

    // Two players on open floor, the first looks at the second.
    private static (PlayerId Shooter, PlayerId Victim) Duel(GameDriver<ArenaInput> game, float distance)
    {
        PlayerId shooter = game.Join(), victim = game.Join();
        Place(game, shooter, Open);
        Place(game, victim, Open + new Vector3(distance, 0, 0));
        game.Input(shooter).Aim = DeterministicMath.Normalize(Me(game, victim).Chest - Me(game, shooter).Eye);
        return (shooter, victim);
    }

    private static void Press(GameDriver<ArenaInput> game, PlayerId player, int button)
    {
        game.Input(player).Buttons.Pressed |= (ushort)(1 << button);
        game.Run(1);
        game.Input(player).Buttons.Pressed = 0;
    }

    private static int RunUntil(GameDriver<ArenaInput> game, Func<bool> holds, int ticksMax)
    {
        int ticks = 0;
        while (!holds() && ticks < ticksMax)
        {
            game.Run(1);
            ticks++;
        }

        Assert.That(holds(), Is.True, $"not within {ticksMax} ticks");
        return ticks;
    }

    private static int Count<T>(GameDriver<ArenaInput> game, EntityKind<T> kind)
        where T : unmanaged
    {
        int count = 0;
        foreach (EntityId _ in game.World.Of(kind))
        {
            count++;
        }

        return count;
    }

    private static int PresentAt(GameDriver<ArenaInput> game, Vector3 place)
    {
        foreach (EntityId id in game.World.Of(ArenaGame.Pickups))
        {
            if (game.World.Get(ArenaGame.Pickups, id).Position == place)
            {
                return game.World.Get(ArenaGame.Pickups, id).IsPresent;
            }
        }

        return -1;
    }
}
