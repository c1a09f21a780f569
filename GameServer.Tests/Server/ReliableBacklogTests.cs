using System.Runtime.InteropServices;
using GameServer.Arena;
using GameServer.Netcode.Game;
using GameServer.Netcode.Messages;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Server;
using GameServer.Netcode.Transport;

namespace GameServer.Tests.Server;

/// <summary>T1 and T5 where the outbound ring is full: reliable messages wait in order, are not lost, and too many end the session with a reason.</summary>
public sealed class ReliableBacklogTests
{
    [Test]
    public void TryAdd_RandomSizesInAndOut_KeepsOrderAndBytesUntilFull()
    {
        var backlog = new ReliableBacklog();
        var random = DeterministicRandom.From(401, 1);
        var expected = new Queue<byte[]>();
        int bytes = 0;
        int refused = 0;
        for (int i = 0; i < 50_000; i++)
        {
            if (random.NextBool(0.52f))
            {
                var message = new byte[random.NextInt(600)];
                foreach (ref byte b in message.AsSpan())
                {
                    b = (byte)random.NextUInt();
                }

                bool taken = backlog.TryAdd(message);
                Assert.That(taken, Is.EqualTo(bytes + 4 + message.Length <= ReliableBacklog.Capacity), "refused although there was room, or taken although there was none");
                refused += taken ? 0 : 1;
                if (taken)
                {
                    expected.Enqueue(message);
                    bytes += 4 + message.Length;
                }
            }
            else if (!backlog.IsEmpty)
            {
                byte[] first = expected.Dequeue();
                Assert.That(backlog.Peek().SequenceEqual(first));
                backlog.RemoveFirst();
                bytes -= 4 + first.Length;
            }

            Assert.That(backlog.IsEmpty, Is.EqualTo(expected.Count == 0));
        }

        Assert.That(refused, Is.GreaterThan(100), "it was never full");
    }

    [Test]
    public void Room_OutboundRingFull_ChatWaitsInOrderAndArrivesOnceThereIsRoom()
    {
        var room = new SmallRoom();
        room.Join(0);
        room.Join(1);
        room.Tick();
        room.TakeAll();
        room.Fill();
        for (int i = 0; i < 60; i++)
        {
            room.Say(0, $"line {i}");
            room.Tick();
            Assert.That(room.Chats(1), Is.Empty, "there was no room");
        }

        Assert.That(room.Room.Drops[DropReason.OutboundRingFull], Is.GreaterThan(0), "the ring was never full");
        room.TakeAll();
        room.Tick();
        room.TakeAll();
        room.Say(0, "line 60");
        room.Tick();
        room.TakeAll();
        Assert.That(room.Chats(1), Is.EqualTo(Enumerable.Range(0, 61).Select(i => $"line {i}")));
        Assert.That(room.Chats(0), Is.EqualTo(Enumerable.Range(0, 61).Select(i => $"line {i}")));
        Assert.That(room.Ended, Is.Empty);
    }

    [Test]
    public void Room_MoreWaitsThanMay_TheSessionEndsWithThatReason()
    {
        var room = new SmallRoom();
        room.Join(0);
        room.Join(1);
        room.Tick();
        room.TakeAll();
        room.Fill();
        string text = new('x', Limits.ChatCharsMax);
        for (int i = 0; i < 200 && room.Left.Count == 0; i++)
        {
            room.Say(0, text);
            room.Tick();
        }

        Assert.That(room.Left, Is.EqualTo(new[] { LeaveReason.Overflow, LeaveReason.Overflow }), "both were told the same");
        room.TakeAll();
        Assert.That(room.Ended, Is.EquivalentTo(new[] { (0, LeaveReason.Overflow), (1, LeaveReason.Overflow) }), "the transport is told, in the room that is kept for it");
        Assert.That(room.Room.Sessions.Joined, Is.Empty);
    }

    [Test]
    public void Room_EvenTheKeptRoomIsFull_ThePeerIsEndedLater()
    {
        var room = new SmallRoom();
        room.Join(0);
        room.Join(1);
        room.Tick();
        room.TakeAll();
        room.Fill(keepFree: 0);
        room.Room.Kick(0, LeaveReason.Kicked);
        room.Join(2);
        room.Join(3);
        room.Join(4); // three seats: nobody else gets in
        room.Tick();
        room.TakeAll();
        room.Tick();
        room.TakeAll();
        Assert.That(room.Ended, Does.Contain((0, LeaveReason.Kicked)));
        Assert.That(room.Ended, Does.Contain((4, LeaveReason.Full)));
    }

    /// <summary>A room on rings of the smallest useful size, which the test empties when it likes.</summary>
    private sealed class SmallRoom : RoomObserver
    {
        private readonly SpscRing _inbound = new(1 << 16);
        private readonly SpscRing _outbound = new(1 << 14);
        private readonly byte[] _buffer = new byte[4096];
        private readonly ulong _schemaHash = GameSchema<ArenaInput>.Of(new ArenaGame()).Hash;
        private readonly List<(int Slot, string Text)> _chats = [];

        public SmallRoom()
        {
            var options = new RoomOptions { Seed = 1, PlayersMax = 3, SpectatorsMax = 0, PeersPerThread = 8 };
            Room = Room.Create(new ArenaGame(), options, [_inbound], [_outbound], this);
        }

        public Room Room { get; }

        public List<LeaveReason> Left { get; } = [];

        public List<(int Slot, LeaveReason Reason)> Ended { get; } = [];

        public IEnumerable<string> Chats(int slot) => _chats.Where(c => c.Slot == slot).Select(c => c.Text);

        public override void PlayerLeft(PlayerId player, LeaveReason reason) => Left.Add(reason);

        public void Connect(ushort slot) => Put(RecordKind.Connect, slot, []);

        public void Join(ushort slot)
        {
            Connect(slot);
            Put(RecordKind.Reliable, slot, _buffer.AsSpan(0, new JoinMessage("arena", 1, _schemaHash, $"p{slot}", false).Write(_buffer)));
        }

        public void Say(ushort slot, string text) => Put(RecordKind.Reliable, slot, _buffer.AsSpan(0, ControlMessage.WriteChat(_buffer, 0, text)));

        public void Tick()
        {
            Room.NextDeadlineMicros += 16_667;
            Room.Drain(Room.NextDeadlineMicros);
            Room.Step();
        }

        /// <summary>Fills the outbound ring with records of nobody, but for what is kept for the ends of peers.</summary>
        public void Fill(int keepFree = 8192)
        {
            foreach (int size in new[] { 1024, 64, 1 })
            {
                while (_outbound.TryClaim(RecordHeader.SizeBytes + size, keepFree, out Span<byte> record))
                {
                    var header = new RecordHeader { Kind = RecordKind.Unreliable, Slot = 7, Generation = 9 };
                    MemoryMarshal.Write(record, in header);
                    _outbound.Publish(RecordHeader.SizeBytes + size);
                }
            }
        }

        public void TakeAll()
        {
            while (_outbound.TryPeek(out ReadOnlySpan<byte> record))
            {
                RecordHeader header = MemoryMarshal.Read<RecordHeader>(record);
                ReadOnlySpan<byte> payload = record[RecordHeader.SizeBytes..];
                if (header.Kind == RecordKind.Reliable && ControlMessage.TryReadChat(payload, out _, out string text))
                {
                    _chats.Add((header.Slot, text));
                }
                else if (header.Kind == RecordKind.Disconnect)
                {
                    Ended.Add((header.Slot, (LeaveReason)payload[0]));
                }

                _outbound.Release();
            }
        }

        private void Put(RecordKind kind, ushort slot, ReadOnlySpan<byte> payload)
        {
            Assert.That(_inbound.TryClaim(RecordHeader.SizeBytes + payload.Length, 0, out Span<byte> record), Is.True);
            var header = new RecordHeader { Kind = kind, Slot = slot, Generation = 1 };
            MemoryMarshal.Write(record, in header);
            payload.CopyTo(record[RecordHeader.SizeBytes..]);
            _inbound.Publish(RecordHeader.SizeBytes + payload.Length);
        }
    }
}
