using GameServer.Arena;
using GameServer.Netcode.Game;
using GameServer.Netcode.Messages;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Server;
using GameServer.Netcode.Transport;

namespace GameServer.Tests.Server;

/// <summary>A leave is believed only with the connection's time, which nobody but its two sides knows.</summary>
public class LeaveTests
{
    private const long Time = 639_307_699_266_584_415;
    private readonly byte[] _buffer = new byte[1024];

    [TestCase(Time, true)]
    [TestCase(Time + 1, false)]
    [TestCase(Time - 1, false)]
    [TestCase(0, false)]
    public void Leave_WithAConnectionTime_EndsOnlyTheSessionOfThatTime(long said, bool ends)
    {
        int left = LeaveWith(Connect(), _buffer.AsSpan(0, ControlMessage.WriteLeave(_buffer, said)).ToArray(), out Room room);
        Assert.That((left, room.Drops[DropReason.LeaveMismatch]), Is.EqualTo((ends ? 1 : 0, ends ? 0L : 1L)));
    }

    [Test]
    public void Leave_WithoutATimeOrOfASessionWithoutOne_EndsNothing()
    {
        Assert.That(LeaveWith(Connect(), [0x91, 4], out _), Is.Zero);
        Assert.That(LeaveWith([], [0x92, 4, 0], out _), Is.Zero);
    }

    private static byte[] Connect()
    {
        var connect = new byte[ConnectRecord.HeaderBytes];
        ConnectRecord.Write(connect, PeerAddress.FromIPv4(0x0200000A, 20_000), Time);
        return connect;
    }

    private int LeaveWith(byte[] connect, byte[] leave, out Room room)
    {
        var inbound = new InboundLane(1 << 16, 2);
        var left = new Leavers();
        room = Room.Create(new ArenaGame(), new RoomOptions { PlayersMax = 2, SpectatorsMax = 0, PeersPerThread = 2 }, [inbound], [new SpscRing(1 << 18)], left);
        Put(inbound.Ring, RecordKind.Connect, connect);
        Put(inbound.Ring, RecordKind.Reliable, Join(room));
        Put(inbound.Ring, RecordKind.Reliable, leave);
        room.Drain(0);
        return left.Count;

        byte[] Join(Room of) => _buffer.AsSpan(0, new JoinMessage("arena", 1, of.World.Schema.Hash, "p", false).Write(_buffer)).ToArray();
    }

    private static void Put(SpscRing ring, RecordKind kind, ReadOnlySpan<byte> payload)
    {
        Assert.That(ring.TryClaim(RecordHeader.SizeBytes + payload.Length, 0, out Span<byte> record), Is.True);
        System.Runtime.InteropServices.MemoryMarshal.Write(record, new RecordHeader { Kind = kind, Slot = 0, Generation = 1 });
        payload.CopyTo(record[RecordHeader.SizeBytes..]);
        ring.Publish(RecordHeader.SizeBytes + payload.Length);
    }

    private sealed class Leavers : RoomObserver
    {
        public int Count { get; private set; }

        public override void PlayerLeft(PlayerId player, LeaveReason reason) => Count++;
    }
}
