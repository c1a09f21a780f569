using System.Numerics;
using GameServer.Arena;
using GameServer.Netcode.Client;
using GameServer.Netcode.Game;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Server;

namespace GameServer.Tests.Support;

/// <summary>The sample game in the lab.</summary>
internal sealed class ArenaLab : LabGame<ArenaInput>
{
    private readonly Dictionary<EntityId, (Vector3 Position, byte Teleports)> _bodies = [];

    public override string Name => "arena";

    public override int Announced => ArenaGame.Kills.Index;

    public override Game<ArenaInput> CreateGame() => new ArenaGame();

    public override LabPlayer<ArenaInput> CreatePlayer(int index, ulong seed) => new Player(index, seed);

    public override void CheckWorld(LabInvariants<ArenaInput> invariants, Room room, Tick tick)
    {
        float reach = (ArenaGame.TopSpeed * (float)(room.PeriodMicros / 1e6) * 1.001f) + 1e-4f;
        foreach (EntityId id in room.World.Of(ArenaGame.Soldiers))
        {
            Vector3 p = room.World.Get(ArenaGame.Soldiers, id).Position;
            invariants.Require(float.IsFinite(p.X + p.Y + p.Z) && p.X is >= 0 and <= 64 && p.Z is >= 0 and <= 64, "M2", $"soldier {id} at {p} in tick {tick}");
            byte teleports = room.World.Meta(id.Slot).Teleports;
            bool known = _bodies.TryGetValue(id, out (Vector3 Position, byte Teleports) before) && before.Teleports == teleports;
            invariants.Require(!known || Vector3.Distance(p, before.Position) <= reach, "M1", $"soldier {id} went from {before.Position} to {p} in tick {tick}");
            _bodies[id] = (p, teleports);
        }
    }

    /// <summary>Walks about, aims at whom they see, shoots.</summary>
    private sealed class Player(int index, ulong seed) : LabPlayer<ArenaInput>
    {
        private DeterministicRandom _random = DeterministicRandom.From(seed, (ulong)index + 100);
        private ArenaInput _input;
        private int _untilTurn;

        public override void Sample(LabClient<ArenaInput> me, ref ArenaInput input)
        {
            if (me.IsIdle)
            {
                _input.MoveX = _input.MoveZ = 0;
                _input.Buttons.Held = 0;
                input = _input;
                return;
            }

            if (--_untilTurn <= 0)
            {
                _untilTurn = 20 + _random.NextInt(60);
                float angle = _random.NextFloat(0, 6.28f);
                DeterministicMath.SinCos(angle, out _input.MoveX, out _input.MoveZ);
            }

            if (me.Client.TryGetOwned(ArenaGame.Soldiers, out Soldier soldier))
            {
                _input.Aim = AimFrom(me, in soldier, out bool sees);
                _input.Buttons.Set(ArenaInput.Fire, sees && !me.HoldsFire);
                _input.Buttons.Set(ArenaInput.Launch, !me.HoldsFire && _random.NextBool(0.02f));
            }

            input = _input;
        }

        public override int TakeEvents(LabClient<ArenaInput> me)
        {
            while (me.Client.TryTakeEvent(ArenaGame.Shots, out _) || me.Client.TryTakeEvent(ArenaGame.Explosions, out _) || me.Client.TryTakeEvent(ArenaGame.RoundStarts, out _))
            {
            }

            int kills = 0;
            while (me.Client.TryTakeEvent(ArenaGame.Kills, out _))
            {
                kills++;
            }

            return kills;
        }

        private Vector3 AimFrom(LabClient<ArenaInput> client, in Soldier me, out bool sees)
        {
            ViewEntities<Soldier> soldiers = client.Client.View.Of(ArenaGame.Soldiers);
            float best = 1000;
            Vector3 aim = me.Aim;
            for (int i = 0; i < soldiers.Count; i++)
            {
                ref readonly Soldier other = ref soldiers[i];
                if (soldiers.IsOwn(i) || !other.IsAlive)
                {
                    continue;
                }

                float distance = DeterministicMath.Distance(other.Chest, me.Eye);
                if (distance < best)
                {
                    best = distance;
                    aim = DeterministicMath.Normalize(other.Chest - me.Eye + new Vector3(_random.NextFloat(-0.5f, 0.5f), 0, _random.NextFloat(-0.5f, 0.5f)));
                }
            }

            sees = best < 1000;
            return aim;
        }
    }
}
