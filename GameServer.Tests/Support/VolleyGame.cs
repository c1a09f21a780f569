using System.Numerics;
using GameServer.Netcode.Game;

namespace GameServer.Tests.Support;

internal struct VolleyInput
{
    public Buttons Buttons;
}

internal struct Turret
{
    public Vector3 Position;
    public int Hits;
}

/// <summary>Two turrets that fire many rays in a tick: the first and the last hit the other one, those between hit nothing.</summary>
internal sealed class VolleyGame : Game<VolleyInput>
{
    public static readonly EntityKind<Turret> Turrets = new();

    private readonly int _rays;

    public VolleyGame(int rays) => _rays = rays;

    public override string Name => "volley";

    public override void Define(GameSchema<VolleyInput> schema)
    {
        int rays = _rays;
        schema.DefineInput(e => e.Buttons("buttons", (ref i) => ref i.Buttons, count: 1));
        schema.DefineEntity(Turrets, "turret", 8, e => e
            .Vector("position", (ref t) => ref t.Position, new Vector3(-20, -1, -20), new Vector3(20, 1, 20), precision: 1 / 128f)
            .Owned("hits", (ref t) => ref t.Hits)
            .Hitbox((in t) => Capsule.At(t.Position, 0.5f, 2), reach: 3)
            .Step((ref me, in input, in step) =>
            {
                for (int i = 0; i < rays && input.Buttons.IsHeld(0); i++)
                {
                    Vector3 direction = i == 0 || i == rays - 1 ? new Vector3(me.Position.X < 0 ? 1 : -1, 0, 0) : Vector3.UnitY;
                    me.Hits += step.View.Raycast(me.Position + Vector3.UnitY, direction, 40, out _) ? 1 : 0;
                }
            }));
    }

    public override void PlayerJoined(in TickContext tick, PlayerId player)
    {
        var turret = new Turret { Position = new Vector3(player.Index % 2 == 0 ? -5 : 5, 0, 0) };
        tick.Players.SetAvatar(player, tick.World.Spawn(Turrets, turret, player));
    }

    public override void Tick(in TickContext tick)
    {
    }
}

/// <summary>The first player fires for half a second.</summary>
internal sealed class VolleyLab(int rays) : LabGame<VolleyInput>
{
    public override string Name => "volley";

    public override int Announced => -1;

    public override Game<VolleyInput> CreateGame() => new VolleyGame(rays);

    public override LabPlayer<VolleyInput> CreatePlayer(int index, ulong seed) => new Gunner(index);

    private sealed class Gunner(int index) : LabPlayer<VolleyInput>
    {
        private int _updates;

        public override void Sample(LabClient<VolleyInput> me, ref VolleyInput input) => input.Buttons.Set(0, index == 0 && ++_updates is > 150 and < 180);

        public override int TakeEvents(LabClient<VolleyInput> me) => 0;
    }
}
