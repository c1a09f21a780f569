using System.Numerics;
using System.Runtime.CompilerServices;
using GameServer.Netcode.Game;
using GameServer.Netcode.Primitives;

namespace GameServer.Tests.Support;

internal struct FleetInput
{
    public float MoveX, MoveZ;
    public Buttons Buttons;
}

[InlineArray(51)]
internal struct Cargo
{
    private uint _first;
}

/// <summary>216 bytes, of which every one changes in every tick.</summary>
internal struct Ship
{
    public Vector3 Position;
    public Cargo Cargo;
}

internal struct Buoy
{
    public Vector3 Position;
}

internal struct Missile
{
    public Vector3 Position;
    public Tick Launched;
}

/// <summary>Each player has a fleet of large entities that change all the time; buoys of nobody drift; a button launches a missile.</summary>
internal sealed class FleetGame : Game<FleetInput>
{
    public static readonly EntityKind<Ship> Ships = new();
    public static readonly EntityKind<Buoy> Buoys = new();
    public static readonly EntityKind<Missile> Missiles = new();

    private static readonly Vector3 Min = new(-500, -1, -500);
    private static readonly Vector3 Max = new(500, 1, 500);

    private readonly int _shipsPerPlayer;
    private readonly int _buoys;
    private readonly bool _isAdrift;

    public FleetGame(int shipsPerPlayer, int buoys = 12, bool isAdrift = false)
    {
        _shipsPerPlayer = shipsPerPlayer;
        _buoys = buoys;
        _isAdrift = isAdrift;
    }

    public override string Name => "fleet";

    public override void Define(GameSchema<FleetInput> schema)
    {
        schema.DefineInput(e => e
            .Axis("moveX", (ref i) => ref i.MoveX).Axis("moveZ", (ref i) => ref i.MoveZ)
            .Buttons("buttons", (ref i) => ref i.Buttons, count: 1));
        schema.DefineEntity(Ships, "ship", 1100, e => e
            .Vector("position", (ref s) => ref s.Position, Min, Max, precision: 1 / 64f)
            .Owned("cargo", (ref s) => ref s.Cargo)
            .Step(StepShip));
        schema.DefineEntity(Buoys, "buoy", 64, e => e.Vector("position", (ref b) => ref b.Position, Min, Max, precision: 1 / 64f));
        schema.DefineEntity(Missiles, "missile", 16, e => e
            .Vector("position", (ref m) => ref m.Position, Min, Max, precision: 1 / 64f)
            .Owned("launched", (ref m) => ref m.Launched)
            .Step(StepMissile));
    }

    public override void Start(in TickContext tick)
    {
        for (int i = 0; i < _buoys; i++)
        {
            tick.World.Spawn(Buoys, new Buoy { Position = new Vector3(i, 0, 0) });
        }
    }

    public override void PlayerJoined(in TickContext tick, PlayerId player)
    {
        for (int i = 0; i < _shipsPerPlayer; i++)
        {
            EntityId ship = tick.World.Spawn(Ships, new Ship { Position = new Vector3(i * 2, 0, player.Index * 10) }, player);
            if (i == 0)
            {
                tick.Players.SetAvatar(player, ship);
            }
        }
    }

    public override void Tick(in TickContext tick)
    {
        Entities<Buoy> all = tick.World.Of(Buoys);
        foreach (EntityId id in all)
        {
            all[id].Position.X = (tick.Tick.Value + id.Slot) % 400;
        }

        if (_isAdrift && tick.Tick.Value % 7 == 0)
        {
            // A current that no client can foretell takes hold of one ship.
            Entities<Ship> ships = tick.World.Of(Ships);
            uint index = tick.Tick.Value / 7 % (uint)_shipsPerPlayer;
            foreach (EntityId id in ships)
            {
                if (index-- == 0)
                {
                    ships[id].Position.Z += 1;
                    break;
                }
            }
        }
    }

    private static void StepShip(ref Ship me, in FleetInput input, in StepContext step)
    {
        me.Position.X = Math.Clamp(me.Position.X + input.MoveX, Min.X, Max.X);
        me.Position.Z = Math.Clamp(me.Position.Z + input.MoveZ, Min.Z, Max.Z);
        if (input.MoveX == 0 && input.MoveZ == 0)
        {
            return;
        }

        uint seed = step.Tick.Value * 2654435761u;
        for (int i = 0; i < 51; i++)
        {
            me.Cargo[i] = (me.Cargo[i] * 1664525u) + seed + (uint)i;
        }

        if (step.Self.Slot % 64 == 0 && input.Buttons.IsPressed(0))
        {
            step.Spawn(Missiles, new Missile { Position = me.Position, Launched = step.Tick });
        }
    }

    private static void StepMissile(ref Missile me, in FleetInput input, in StepContext step)
    {
        me.Position.X += 2;
        if (step.Tick - me.Launched > 40)
        {
            step.Despawn();
        }
    }
}
