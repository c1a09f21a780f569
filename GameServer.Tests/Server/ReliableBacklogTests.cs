using GameServer.Netcode.Messages;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Server;

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

    [TestCase(ReliableBacklog.ChatCapacity - 1, true)]
    [TestCase(ReliableBacklog.ChatCapacity, true)]
    [TestCase(ReliableBacklog.ChatCapacity + 1, false)]
    public void TryAddChat_UpToItsQuarter_IsTakenAndTheRestIsForOthers(int bytes, bool isTaken)
    {
        var backlog = new ReliableBacklog();
        Assert.That(backlog.TryAddChat(new byte[1000]), Is.True);
        Assert.That(backlog.TryAddChat(new byte[bytes - 1004 - 4]), Is.EqualTo(isTaken));
        Assert.That(backlog.TryAdd(new byte[ReliableBacklog.Capacity - backlog.ChatBytes - 4]), Is.True, "what is no chat has all the rest");
        Assert.That(backlog.TryAdd([]), Is.False);
        Assert.That(backlog.IsChatFirst, Is.True);
        backlog.RemoveFirst();
        Assert.That(backlog.ChatBytes, Is.EqualTo(isTaken ? bytes - 1004 : 0), "room for chat again");
        Assert.That(backlog.IsChatFirst, Is.EqualTo(isTaken));
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
        for (int i = 0; i < 12; i++)
        {
            room.Say(0, $"line {i}");
            room.Tick(i < 4 ? 1 : 30);
            Assert.That(room.Chats(1), Is.Empty, "there was no room");
        }

        Assert.That(room.Room.Drops[DropReason.OutboundRingFull], Is.GreaterThan(0), "the ring was never full");
        room.TakeAll();
        room.Tick();
        room.TakeAll();
        room.Say(0, "line 12");
        room.Tick();
        room.TakeAll();
        Assert.That(room.Chats(1), Is.EqualTo(Enumerable.Range(0, 13).Select(i => $"line {i}")));
        Assert.That(room.Chats(0), Is.EqualTo(Enumerable.Range(0, 13).Select(i => $"line {i}")));
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
        for (int i = 0; i < 5000 && room.Left.Count == 0; i++)
        {
            room.Room.BeginDraining(10);
            room.Tick(i % 20 == 0 ? 1 : 0);
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
}
