using System.Numerics;
using GameServer.Arena;
using GameServer.Netcode.Game;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Snapshots;

namespace GameServer.Tests.Snapshots;

/// <summary>S1, S2, S4 and S5 of writer and reader alone: whatever is lost on either way, for however long.</summary>
public sealed class SnapshotPairTests
{
    [Test]
    public void S2_AnyLossOfSnapshotsAndAcks_NeverAWrongStateAndEqualInTheEnd([Range(1, 40)] int seed)
    {
        var pair = new Pair((ulong)seed, firstTick: seed % 3 == 0 ? uint.MaxValue - 400 : 500, firstSequence: (ushort)(seed % 2 == 0 ? 65_300 : 0));
        pair.Run(1500);
        pair.Settle();
        Assert.That(pair.Checked, Is.GreaterThan(500));
        Assert.That(pair.Taken, Is.GreaterThan(200));
    }

    [Test]
    public void S1_TicksAreSkipped_NeverAWrongStateAndEqualInTheEnd(
        [Values(1, 31, 63, 64, 127, 128, 129, 255, 256, 257, 384, 1024)] int skipped, [Range(1, 3)] int seed)
    {
        var pair = new Pair((ulong)seed, firstTick: 500, firstSequence: 0);
        for (int i = 0; i < 40; i++)
        {
            pair.Run(5 + (i % 7));
            pair.Skip(skipped - 1);
        }

        pair.Run(300);
        pair.Settle();
        Assert.That(pair.Checked, Is.GreaterThan(100));
    }

    private sealed class Pair : ISnapshotSink
    {
        private static readonly PlayerId Me = new(0);

        private readonly Schema _schema = GameSchema<ArenaInput>.Of(new ArenaGame());
        private readonly World _world;
        private readonly SnapshotHistory _history;
        private readonly InterestGrid _grid;
        private readonly SnapshotStream _stream;
        private readonly SnapshotWriter _writer;
        private readonly SnapshotReader _reader;
        private readonly byte[] _buffer = new byte[1231];
        private readonly Queue<(int Due, byte[] Bytes)> _down = [];
        private readonly Queue<(int Due, ushort Sequence, uint Bits)> _up = [];
        private readonly Dictionary<(uint Tick, int Slot), (ushort Generation, int[] Row, int[] Words)> _truth = [];
        private readonly List<EntityId> _others = [];
        private EntityId _avatar;
        private DeterministicRandom _random;
        private Tick _tick;
        private int _now;
        private int _downDeadUntil;
        private int _upDeadUntil;
        private bool _isLossy = true;

        public Pair(ulong seed, uint firstTick, ushort firstSequence)
        {
            _random = DeterministicRandom.From(seed, 301);
            _tick = new Tick(firstTick);
            _world = new World(_schema, 4, seed) { Tick = _tick };
            _history = new SnapshotHistory(_world);
            _grid = new InterestGrid(_world);
            _stream = new SnapshotStream(_world);
            _writer = new SnapshotWriter(_world, _history, new EventLog(_schema), new EventLog(_schema));
            _reader = new SnapshotReader(_schema, this, Drops);
            _world.Players.Take(Me, "me", spectator: false);
            _avatar = _world.Spawn(ArenaGame.Soldiers, new Soldier { Position = new Vector3(32, 0, 32), Health = 100 }, Me);
            _world.Players.SetAvatar(Me, _avatar);
            _stream.Start(Me, isSpectator: false, firstSequence);
            for (int i = 0; i < 12; i++)
            {
                _others.Add(Spawn());
            }
        }

        public DropCounters Drops { get; } = new();

        public int Checked { get; private set; }

        public int Taken { get; private set; }

        public void Run(int ticks)
        {
            for (int i = 0; i < ticks; i++)
            {
                Disturb();
                Step();
            }
        }

        /// <summary>Leaves ticks out, as a server does that stood still; the client gets and acknowledges what is under way.</summary>
        public void Skip(int ticks)
        {
            _tick += ticks;
            for (int i = 0; i < ticks; i++)
            {
                _now++;
                Receive();
            }
        }

        /// <summary>Nothing is lost and nothing changes any more: what the client has becomes what there is, and then nothing is sent.</summary>
        public void Settle()
        {
            _isLossy = false;
            _upDeadUntil = _downDeadUntil = 0;
            for (int i = 0; i < 120; i++)
            {
                Step(moves: false);
            }

            foreach (int slot in _stream.Tracked)
            {
                ref EntityTrack track = ref _stream.Track(slot);
                EntityReplica replica = _reader.Replicas.Span[slot];
                Assert.That(track.State is TrackState.Visible or TrackState.Unknown, $"slot {slot} is still {track.State}");
                if (track.State == TrackState.Visible)
                {
                    Assert.That((replica.IsKnown, replica.Generation), Is.EqualTo((true, track.Generation)), $"slot {slot}");
                    ReadOnlySpan<int> row = track.IsOwned ? replica.Owned!.NewestRow : replica.Seen.NewestRow;
                    ReadOnlySpan<int> real = track.IsOwned ? _history.Words(_history.Newest, slot) : _history.Row(_history.Newest, slot);
                    Assert.That(row.SequenceEqual(real), $"slot {slot} differs at rest");
                }
            }

            foreach (EntityReplica replica in _reader.Replicas.Span)
            {
                Assert.That(!replica.IsKnown || _stream.Track(replica.Slot).State == TrackState.Visible, $"{replica.Id} is still there");
            }

            long sent = _writer.EntitiesSent;
            Step(moves: false);
            Assert.That(_writer.EntitiesSent, Is.EqualTo(sent), "something is still sent at rest");
        }

        public void OnEvent(int eventIndex, ushort sequence, Tick tick, byte ordinal, bool ownKey, ReadOnlySpan<int> row)
        {
        }

        public void OnVerdict(in ShotVerdict verdict)
        {
        }

        public void OnBegin(EntityReplica replica)
        {
        }

        public void OnRemove(EntityReplica replica)
        {
        }

        private void Disturb()
        {
            switch (_random.NextInt(400))
            {
                case 0:
                    _upDeadUntil = _now + _random.NextInt(400); // longer than the acknowledged bits, the sent snapshots and the history
                    break;
                case 1:
                    _downDeadUntil = _now + _random.NextInt(300);
                    break;
                case 2 or 3 or 4:
                    int index = _random.NextInt(_others.Count);
                    _world.Despawn(_others[index]);
                    _others[index] = Spawn();
                    break;
            }
        }

        private EntityId Spawn() =>
            _world.Spawn(ArenaGame.Soldiers, new Soldier { Position = new Vector3(_random.NextFloat(0, 64), 0, _random.NextFloat(0, 64)), Health = _random.NextInt(100) });

        private void Step(bool moves = true)
        {
            _now++;
            _tick += 1;
            _world.Tick = _tick;
            if (moves)
            {
                Move();
            }

            while (_up.TryPeek(out (int Due, ushort Sequence, uint Bits) ack) && ack.Due <= _now)
            {
                _up.Dequeue();
                Assert.That(_stream.Acknowledge(ack.Sequence, ack.Bits, _tick));
            }

            _history.Capture(_tick);
            Remember();
            Send();
            Receive();
        }

        // Few move at once, many stand for long, and some go back to where they were: A, B, A.
        private void Move()
        {
            foreach (EntityId id in _others)
            {
                if (_random.NextInt(1 + (id.Slot * 6)) < 2)
                {
                    ref Soldier soldier = ref _world.Get(ArenaGame.Soldiers, id);
                    soldier.Health = _random.NextInt(3);
                    soldier.Position = new Vector3(_random.NextInt(5) * 15, 0, soldier.Position.Z);
                }
            }

            if (_random.NextBool(0.1f))
            {
                ref Soldier me = ref _world.Get(ArenaGame.Soldiers, _avatar);
                me.Health = _random.NextInt(3);
                me.Position = new Vector3(_random.NextBool(0.5f) ? 20 : 44, 0, 32);
            }
        }

        private void Remember()
        {
            for (int slot = 0; slot < _schema.SlotCount; slot++)
            {
                if (_world.Meta(slot).IsAlive)
                {
                    _truth[(_tick.Value, slot)] = (_world.Meta(slot).Generation, _history.Row(_history.Newest, slot).ToArray(), _history.Words(_history.Newest, slot).ToArray());
                }
            }
        }

        private void Send()
        {
            _grid.Rebuild();
            _stream.UpdateInterest(_grid, _history.Changed, _tick);
            _writer.Build(_stream, 400);
            SnapshotHeader header = default;
            int size = _writer.Write(_buffer.AsSpan(0, 400), _stream, ref header);
            _writer.Complete();
            _world.OwnerChanged.Clear();
            if (_now >= _downDeadUntil && !(_isLossy && _random.NextBool(0.15f)))
            {
                _down.Enqueue((_now + 6, _buffer[..size]));
            }
        }

        private void Receive()
        {
            while (_down.TryPeek(out (int Due, byte[] Bytes) snapshot) && snapshot.Due <= _now)
            {
                _down.Dequeue();
                if (_reader.TryRead(snapshot.Bytes))
                {
                    Taken++;
                    Check();
                }

                Assert.That(Drops[DropReason.SnapshotMalformed] + Drops[DropReason.SnapshotBaselineMissing] + Drops[DropReason.SnapshotEntityUnknown], Is.Zero);
            }

            if (_reader.HasNewest && _now >= _upDeadUntil && !(_isLossy && _random.NextBool(0.15f)))
            {
                _up.Enqueue((_now + 6, _reader.AckSequence, _reader.AckHistory));
            }
        }

        private void Check()
        {
            Tick tick = _reader.Newest.Tick;
            foreach (EntityReplica replica in _reader.Replicas.Span)
            {
                if (!replica.IsKnown)
                {
                    continue;
                }

                bool tellsAllOwned = replica.IsOwned && _reader.HasNewestOwned && _reader.NewestOwned.Tick == tick;
                if (tellsAllOwned || (!replica.IsOwned && replica.Seen.Newest.Tick == tick))
                {
                    Checked++;
                    Assert.That(_truth.TryGetValue((tick.Value, replica.Slot), out (ushort Generation, int[] Row, int[] Words) truth), $"{replica.Id} does not live in tick {tick}");
                    Assert.That(replica.Generation, Is.EqualTo(truth.Generation));
                    ReadOnlySpan<int> row = replica.IsOwned ? replica.Owned!.NewestRow : replica.Seen.NewestRow;
                    Assert.That(row.SequenceEqual(replica.IsOwned ? truth.Words : truth.Row), $"{replica.Id} differs in tick {tick}, {_now} ticks in");
                }
            }
        }
    }
}
