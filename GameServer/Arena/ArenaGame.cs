using System.Numerics;
using GameServer.Netcode.Game;

namespace GameServer.Arena;

/// <summary>The sample game: soldiers with rifles and rockets in an arena. Read it as the tutorial.</summary>
/// <remarks>
/// A game is one class without state of its own: handles for what it declares, <see cref="Define"/>, and the rules that the server runs.
/// The state is in the world, what a player does is in <see cref="ArenaSteps"/>. The same class runs on the server and on each client.
/// </remarks>
public sealed class ArenaGame : Game<ArenaInput>
{
    // Handles: by them the game finds its entities, singletons, commands and events.
    public static readonly EntityKind<Soldier> Soldiers = new();
    public static readonly EntityKind<Rocket> Rockets = new();
    public static readonly EntityKind<Pickup> Pickups = new();
    public static readonly SingletonKind<Match> Clock = new();
    public static readonly CommandKind<RifleHit> RifleHits = new();
    public static readonly EventKind<Shot> Shots = new();
    public static readonly EventKind<Explosion> Explosions = new();
    public static readonly EventKind<Killed> Kills = new();
    public static readonly EventKind<RoundStarted> RoundStarts = new();

    // Metres and seconds. Nothing moves a soldier faster than TopSpeed: a push gives less, because the way round a corner is longer.
    public const float WalkSpeed = 6, PushedSpeed = 11.8f, TopSpeed = 12, Acceleration = 45, Friction = 30, PushAcceleration = 90;
    public const float RifleRange = 100, RocketSpeed = 22, RocketReach = 0.9f, SplashRadius = 3.5f, SplashPush = 10;
    public const float RifleSeconds = 0.12f, LauncherSeconds = 0.8f, RespawnSeconds = 3, PickupSeconds = 12, RoundSeconds = 180;
    public const int RifleDamage = 12, RocketDamage = 70, RocketsAtStart = 2, RocketsMax = 6;
    public const int HealthKind = 0, RocketsKind = 1, SoldiersMax = 256, ScoreMax = 999, RoundMax = 65535, RoundSecondsMin = 10, RoundSecondsMax = 3600;

    public override string Name => "arena";

    /// <summary>Whole ticks of a duration: the rules are the same at any tick rate.</summary>
    public static int TicksOf(float seconds, float deltaSeconds) => Math.Max(1, Netcode.Primitives.DeterministicMath.ToInt((seconds / deltaSeconds) + 0.5f));

    public override void Define(GameSchema<ArenaInput> schema)
    {
        // The corners of what can be seen and its grain: 64 m in steps of 1/64 m are 12 bits.
        const float grain = 1 / 64f, coarse = 1 / 16f;
        Vector3 min = Vector3.Zero;
        var max = new Vector3(64 - grain, ArenaMap.Ceiling - grain, 64 - grain);

        schema.DefineInput(e => e
            .Axis("moveX", (ref i) => ref i.MoveX)
            .Axis("moveZ", (ref i) => ref i.MoveZ)
            .Direction("aim", (ref i) => ref i.Aim, bits: 12)
            .Buttons("buttons", (ref i) => ref i.Buttons, count: 2));

        // The first vector of an entity is the position that interest goes by. Owned fields go to the owner only, with all their bits.
        schema.DefineEntity(Soldiers, "soldier", SoldiersMax, e => e
            .Vector("position", (ref s) => ref s.Position, min, max, grain)
            .Direction("aim", (ref s) => ref s.Aim, bits: 9)
            .Int("health", (ref s) => ref s.Health, 0, Soldier.HealthMax)
            .Int("kills", (ref s) => ref s.Kills, 0, ScoreMax)
            .Int("deaths", (ref s) => ref s.Deaths, 0, ScoreMax)
            .Player("player", (ref s) => ref s.Player)
            .Owned("velocity", (ref s) => ref s.Velocity)
            .Owned("rockets", (ref s) => ref s.Rockets)
            .Owned("rifleReady", (ref s) => ref s.RifleReady)
            .Owned("launcherReady", (ref s) => ref s.LauncherReady)
            .Owned("respawnAt", (ref s) => ref s.RespawnAt)
            .Hitbox((in s) => s.IsAlive ? Capsule.At(s.Position, Soldier.Radius, Soldier.Height) : Capsule.None, reach: 2)
            .Step(ArenaSteps.StepSoldier));

        schema.DefineEntity(Rockets, "rocket", capacity: 512, e => e
            .Vector("position", (ref r) => ref r.Position, min, max, grain)
            .Direction("direction", (ref r) => ref r.Direction, bits: 8)
            .Int("isSpent", (ref r) => ref r.IsSpent, 0, 1)
            .Step(ArenaSteps.StepRocket));

        // Nobody owns a pickup: its owned field never leaves the server.
        schema.DefineEntity(Pickups, "pickup", capacity: 16, e => e
            .Vector("position", (ref p) => ref p.Position, min, max, grain)
            .Int("kind", (ref p) => ref p.Kind, HealthKind, RocketsKind)
            .Int("isPresent", (ref p) => ref p.IsPresent, 0, 1)
            .Owned("returnsAt", (ref p) => ref p.ReturnsAt));

        schema.DefineSingleton(Clock, "match", e => e
            .Tick("endsAt", (ref m) => ref m.EndsAt)
            .Int("round", (ref m) => ref m.Round, 0, RoundMax));
        schema.DefineCommand(RifleHits);

        // An event with a vector is told to those who can see that place, any other to everybody.
        schema.DefineEvent(Shots, "shot", e => e
            .Vector("from", (ref s) => ref s.From, min, max, coarse)
            .Vector("to", (ref s) => ref s.To, min, max, coarse));
        schema.DefineEvent(Explosions, "explosion", e => e.Vector("position", (ref x) => ref x.Position, min, max, coarse));
        schema.DefineEvent(Kills, "killed", e => e.Player("killer", (ref k) => ref k.Killer).Player("victim", (ref k) => ref k.Victim).Reliable());
        schema.DefineEvent(RoundStarts, "roundStarted", e => e.Int("round", (ref r) => ref r.Round, 0, RoundMax).Reliable());
        schema.DefineInterest(enter: 24, leave: 28);
        schema.DefineSight(ArenaMap.IsClear); // who has reached cover is safe a moment later
    }

    public override void Start(in TickContext tick)
    {
        foreach (Pickup pickup in ArenaMap.Pickups)
        {
            tick.World.Spawn(Pickups, pickup);
        }

        ArenaRules.StartRound(in tick, round: 1);
    }

    /// <summary>Starts the rounds again. "round-seconds" is the length of the first.</summary>
    public override void BeginMatch(in TickContext tick, IReadOnlyDictionary<string, string> parameters) => ArenaRules.StartRound(
        in tick, round: 1, int.TryParse(parameters.GetValueOrDefault("round-seconds"), out int seconds) && seconds is >= RoundSecondsMin and <= RoundSecondsMax ? seconds : RoundSeconds);

    public override void PlayerJoined(in TickContext tick, PlayerId player)
    {
        tick.Players.SetAvatar(player, tick.World.Spawn(Soldiers, ArenaRules.NewSoldier(in tick, player), player));
    }

    public override int ScoreOf(World world, PlayerId player) =>
        world.Is(world.Players.Avatar(player), Soldiers) ? world.Get(Soldiers, world.Players.Avatar(player)).Kills : 0;

    /// <summary>The rules, after all steps of the tick. Their order is fixed, so the order of players never matters.</summary>
    public override void Tick(in TickContext tick)
    {
        foreach (ref readonly Posted<RifleHit> hit in tick.Commands(RifleHits))
        {
            ArenaRules.Hurt(in tick, hit.Command.Target, hit.Player, RifleDamage);
        }

        ArenaRules.ExplodeRockets(in tick);
        ArenaRules.PushApart(in tick);
        ArenaRules.TakePickups(in tick);
        if (tick.Tick >= tick.World.Get(Clock).EndsAt)
        {
            tick.EndMatch();
            ArenaRules.StartRound(in tick, (tick.World.Get(Clock).Round % RoundMax) + 1);
        }

        ArenaRules.Respawn(in tick);
    }
}
