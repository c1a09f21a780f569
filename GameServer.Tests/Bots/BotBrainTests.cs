using System.Numerics;
using GameServer.Arena;
using GameServer.Bots;
using GameServer.Netcode.Game;
using GameServer.Netcode.Primitives;
using GameServer.Tests.Support;

namespace GameServer.Tests.Bots;

public class BotBrainTests
{
    [TestCase(30, 8, 1u)]
    [TestCase(60, 8, 2u)]
    [TestCase(128, 8, 3u)]
    [TestCase(60, 24, 4u)]
    public void Decide_MatchOfBots_IsLively(int tickRate, int bots, uint seed)
    {
        var match = new BotMatch(tickRate, bots, seed);
        match.Run(seconds: 60);
        TestContext.Out.WriteLine(
            $"{bots} bots at {tickRate} Hz for 60 s: {match.Kills} kills, {match.Suicides} suicides, {match.Shots} shots, {match.Hits} hits, " +
            $"{match.Rockets} rockets, {match.Taken} pickups, {match.MetresWalked / bots / 60:F2} m/s, idle {match.IdleSeconds / bots:F1} s");
        Assert.That(match.Kills, Is.GreaterThan(bots));
        Assert.That(match.Suicides, Is.LessThan(match.Kills / 3));
        Assert.That(match.Hits / (float)match.Shots, Is.InRange(0.15f, 0.8f));
        Assert.That(match.Rockets, Is.GreaterThan(bots));
        Assert.That(match.Taken, Is.GreaterThan(bots / 2));
        Assert.That(match.MetresWalked / bots / 60, Is.GreaterThan(3));
        Assert.That(match.IdleSeconds / bots, Is.LessThan(5), "alive and not from the spot for a second");
        Assert.That(match.TurnMax, Is.LessThan(10), "radians per second, both axes together");
    }

    [Test]
    public void Decide_SameSeed_PlaysTheSameMatch()
    {
        ulong Play(uint seed)
        {
            var match = new BotMatch(60, 6, seed);
            match.Run(seconds: 10);
            return match.Hash;
        }

        Assert.That(Play(1), Is.EqualTo(Play(1)));
        Assert.That(Play(1), Is.Not.EqualTo(Play(2)));
    }

    [Test]
    public void Decide_WarmedUp_AllocatesNothing()
    {
        var brain = new BotBrain(1, 60);
        Soldier[] others = [new() { Position = new Vector3(20, 0, 23), Health = 100, Player = new PlayerId(1), Aim = Vector3.UnitX }];
        EntityId[] ids = [new(3, 1)];
        var me = new Soldier { Position = new Vector3(12, 0, 23), Health = 100, Player = new PlayerId(0), Aim = Vector3.UnitX };
        void Play(int ticks)
        {
            for (int i = 0; i < ticks; i++)
            {
                others[0].Health = i / 100 % 2 * 100;
                me.Health = 30 + (i / 50 % 60);
                ArenaInput input = brain.Decide(in me, others, ids, []);
                var velocity = new Vector3(input.MoveX, 0, input.MoveZ) * ArenaGame.WalkSpeed;
                me.Position = ArenaMap.Slide(me.Position, ref velocity, 1 / 60f);
            }
        }

        Play(2000);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Play(2000);
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
    }

    /// <summary>A match of bots without network: each sees what is within interest, as it was some ticks ago.</summary>
    private sealed class BotMatch
    {
        private const int ViewDelayTicks = 6;

        private readonly GameDriver<ArenaInput> _game;
        private readonly BotBrain[] _brains;
        private readonly Queue<Soldier[]> _past = new();
        private readonly EntityId[] _ids;
        private readonly int[] _presentBefore = new int[64];
        private readonly Vector3[] _markedAt;
        private readonly int _tickRate;

        public BotMatch(int tickRate, int bots, uint seed)
        {
            _tickRate = tickRate;
            _game = new GameDriver<ArenaInput>(new ArenaGame(), tickRate, bots, seed);
            _brains = [.. Enumerable.Range(0, bots).Select(i => new BotBrain(seed + ((ulong)i * 1000), tickRate))];
            _ids = [.. Enumerable.Range(0, bots).Select(_ => _game.World.Players.Avatar(_game.Join()))];
            _markedAt = new Vector3[bots];
        }

        public int Kills { get; private set; }

        public int Suicides { get; private set; }

        public int Shots { get; private set; }

        public int Hits { get; private set; }

        public int Rockets { get; private set; }

        public int Taken { get; private set; }

        public float MetresWalked { get; private set; }

        public float IdleSeconds { get; private set; }

        public float TurnMax { get; private set; }

        public ulong Hash => _game.World.Hash();

        public void Run(int seconds)
        {
            for (int tick = 0; tick < seconds * _tickRate; tick++)
            {
                RunTick(tick);
            }
        }

        private void RunTick(int tick)
        {
            Soldier[] present = [.. _ids.Select(id => _game.World.Get(ArenaGame.Soldiers, id))];
            _past.Enqueue(present);
            Soldier[] seen = _past.Count > ViewDelayTicks ? _past.Dequeue() : _past.Peek();
            var pickups = new List<Pickup>();
            foreach (EntityId id in _game.World.Of(ArenaGame.Pickups))
            {
                pickups.Add(_game.World.Get(ArenaGame.Pickups, id));
                Taken += _presentBefore[pickups.Count] == 1 && pickups[^1].IsPresent == 0 ? 1 : 0;
                _presentBefore[pickups.Count] = pickups[^1].IsPresent;
            }

            for (int i = 0; i < _ids.Length; i++)
            {
                Decide(i, present[i], seen, [.. pickups]);
            }

            _game.Run();
            Shots += _game.EventsOf(ArenaGame.Shots).Count;
            Kills += _game.EventsOf(ArenaGame.Kills).Count(k => k.Killer != k.Victim);
            Suicides += _game.EventsOf(ArenaGame.Kills).Count(k => k.Killer == k.Victim);
            for (int i = 0; i < _ids.Length; i++)
            {
                Measure(i, in present[i], _game.World.Get(ArenaGame.Soldiers, _ids[i]), tick);
            }
        }

        private void Decide(int bot, Soldier me, Soldier[] seen, Pickup[] pickups)
        {
            int[] near = [.. Enumerable.Range(0, seen.Length).Where(i => Vector3.Distance(seen[i].Position, me.Position) < 24)];
            ref ArenaInput input = ref _game.Input(new PlayerId(bot));
            Buttons before = input.Buttons;
            input = _brains[bot].Decide(in me, [.. near.Select(i => seen[i])], [.. near.Select(i => _ids[i])], pickups);
            input.Buttons.Pressed = (ushort)(input.Buttons.Held & ~before.Held);
        }

        private void Measure(int bot, in Soldier before, in Soldier after, int tick)
        {
            Hits += after.Health < before.Health && after.Health > 0 ? 1 : 0;
            Rockets += after.Rockets == before.Rockets - 1 ? 1 : 0;
            if (before.IsAlive && after.IsAlive)
            {
                MetresWalked += Vector3.Distance(before.Position, after.Position);
                float turn = DeterministicMath.Acos(Math.Min(1, Vector3.Dot(before.Aim, after.Aim)));
                TurnMax = MathF.Max(TurnMax, turn * _tickRate);
            }

            if (tick % _tickRate == 0)
            {
                IdleSeconds += after.IsAlive && before.IsAlive && Vector3.Distance(after.Position, _markedAt[bot]) < 0.2f ? 1 : 0;
                _markedAt[bot] = after.Position;
            }
        }
    }
}
