using System.Numerics;
using System.Runtime.InteropServices;
using GameServer.Arena;
using GameServer.Netcode.Game;
using GameServer.Netcode.Primitives;
using GameServer.Tests.Support;

namespace GameServer.Tests.Arena;

/// <summary>M1, M2, P1 and D1 of the game alone: whatever inputs say.</summary>
public class ArenaFuzzTests
{
    [TestCase(30, 1u)]
    [TestCase(60, 2u)]
    [TestCase(128, 3u)]
    [TestCase(60, 4u)]
    public void Run_AnyInputBytes_StateStaysFiniteInsideAndBelowTopSpeed(int tickRate, uint seed)
    {
        var game = new GameDriver<ArenaInput>(new ArenaGame(), tickRate, 12, seed, startTick: uint.MaxValue - 500) { SyncTest = true };
        var random = DeterministicRandom.From(seed, 99);
        var players = new List<PlayerId>();
        for (int i = 0; i < 12; i++)
        {
            players.Add(game.Join());
        }

        var windows = players.Select(_ => new Window()).ToArray();
        for (int tick = 0; tick < tickRate * 12; tick++)
        {
            foreach (PlayerId player in players)
            {
                Fuzz(ref game.Input(player), ref random);
            }

            game.Run(1);
            CheckInside(game, tick);
            for (int i = 0; i < players.Count; i++)
            {
                EntityId id = game.World.Players.Avatar(players[i]);
                windows[i].Add(game.World.Get(ArenaGame.Soldiers, id).Position, game.World.Meta(id.Slot).Teleports, tickRate);
            }
        }

        Assert.That(game.World.Commands.Sum(queue => queue.Overflows), Is.Zero);
    }

    [Test]
    public void Run_SameInputsTwice_GiveTheSameHash()
    {
        Assert.That(Play(5), Is.EqualTo(Play(5)));
        Assert.That(Play(5), Is.Not.EqualTo(Play(6)));
    }

    private static ulong Play(uint seed)
    {
        var game = new GameDriver<ArenaInput>(new ArenaGame(), 60, players: 8, seed: seed);
        var random = DeterministicRandom.From(seed, 3);
        for (int i = 0; i < 8; i++)
        {
            game.Join();
        }

        for (int tick = 0; tick < 1200; tick++)
        {
            for (int i = 0; i < 8; i++)
            {
                Fuzz(ref game.Input(new PlayerId(i)), ref random);
            }

            game.Run(1);
        }

        return game.World.Hash();
    }

    // Sometimes any bytes, NaN and infinity among them; else a stick held for a while, so that walls and players are met.
    private static void Fuzz(ref ArenaInput input, ref DeterministicRandom random)
    {
        int kind = random.NextInt(40);
        if (kind == 0)
        {
            foreach (ref byte b in MemoryMarshal.AsBytes(new Span<ArenaInput>(ref input)))
            {
                b = (byte)random.NextUInt();
            }
        }
        else if (kind == 1)
        {
            input.MoveX = random.NextBool(0.5f) ? float.NaN : float.NegativeInfinity;
            input.Aim = new Vector3(float.NaN, float.MaxValue, float.PositiveInfinity);
        }
        else if (kind < 5)
        {
            input.MoveX = random.NextInt(-1, 2);
            input.MoveZ = random.NextInt(-1, 2);
            var aim = new Vector3(random.NextFloat(-1, 1), random.NextFloat(-0.5f, 0.3f), random.NextFloat(-1, 1));
            input.Aim = DeterministicMath.Normalize(aim);
            input.Buttons.Held = (ushort)random.NextUInt();
        }

        input.Buttons.Pressed = (ushort)(random.NextBool(0.1f) ? 2 : 0);
    }

    private static void CheckInside(GameDriver<ArenaInput> game, int tick)
    {
        foreach (EntityId id in game.World.Of(ArenaGame.Soldiers))
        {
            Soldier soldier = game.World.Get(ArenaGame.Soldiers, id);
            Assert.That(ArenaMapTests.DepthInWalls(soldier.Position), Is.LessThan(1e-3f), $"tick {tick}: {soldier.Position}");
            Assert.That(soldier.Position.Y, Is.Zero);
            Assert.That(soldier.Velocity.Length(), Is.LessThanOrEqualTo(ArenaGame.TopSpeed), $"tick {tick}");
            Assert.That(soldier.Aim.Length(), Is.EqualTo(1).Within(1e-5f), $"tick {tick}");
            Assert.That(soldier.Health, Is.InRange(0, Soldier.HealthMax));
            Assert.That(soldier.Rockets, Is.InRange(0, ArenaGame.RocketsMax));
        }

        foreach (EntityId id in game.World.Of(ArenaGame.Rockets))
        {
            Vector3 position = game.World.Get(ArenaGame.Rockets, id).Position;
            bool isInside = position.X is > 0 and < 64 && position.Y is >= 0 and <= ArenaMap.Ceiling && position.Z is > 0 and < 64;
            Assert.That(isInside, Is.True, $"tick {tick}: {position}");
        }
    }

    /// <summary>The way of one player since his last teleport, against M1 over every window of up to a second.</summary>
    private sealed class Window
    {
        private readonly List<Vector3> _positions = [];
        private int _teleports = -1;

        public void Add(Vector3 position, int teleports, int tickRate)
        {
            if (teleports != _teleports)
            {
                _positions.Clear();
                _teleports = teleports;
            }

            _positions.Add(position);
            for (int window = 1; window < Math.Min(_positions.Count, tickRate); window++)
            {
                float way = Vector3.Distance(position, _positions[^(window + 1)]);
                Assert.That(way <= (ArenaGame.TopSpeed * window / tickRate) + 1e-4f, Is.True, $"{way} m in {window} ticks");
            }
        }
    }
}
