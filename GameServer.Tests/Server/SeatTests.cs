using GameServer.Arena;
using GameServer.Netcode.Game;
using GameServer.Netcode.Inputs;
using GameServer.Netcode.Messages;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Server;
using GameServer.Netcode.Transport;
using GameServer.Tests.Support;

namespace GameServer.Tests.Server;

/// <summary>Who gets a seat, and when: it is taken by the join, and those who only connect hold none.</summary>
public sealed class SeatTests
{
    private const int TickRateHz = 60;

    [Test]
    public void Connect_WithoutJoin_HoldsNoSeat()
    {
        var room = new RoomRecords(new RoomOptions { PlayersMax = 2, SpectatorsMax = 0 });
        for (ushort slot = 0; slot < 40; slot++)
        {
            room.Connect(slot);
        }

        room.Join(40, "a");
        room.Join(41, "b");
        room.Run();
        Assert.That(room.Joined.Select(j => j.Name), Is.EqualTo(new[] { "a", "b" }));
        Assert.That(room.Refused, Is.Empty);
    }

    [TestCase(Limits.WaitingPerAddress - 1, 0)]
    [TestCase(Limits.WaitingPerAddress, 0)]
    [TestCase(Limits.WaitingPerAddress + 1, 1)]
    public void Connect_OneAddress_SoManyMayWait(int connections, int refused)
    {
        var room = new RoomRecords(new RoomOptions());
        for (ushort slot = 0; slot < connections; slot++)
        {
            room.Connect(slot, default, PeerAddress.FromIPv4(0x0700000A, (ushort)(1000 + slot)));
        }

        room.Run();
        Assert.That(room.Refused, Has.Count.EqualTo(refused).And.All.EqualTo((LeaveReason.AddressFull, "too many connections of the address have not joined yet")));
        Assert.That(room.Ended, Has.Count.EqualTo(refused).And.All.EqualTo((Limits.WaitingPerAddress, LeaveReason.AddressFull)));
        room.Say(0, room.JoinOf("first"));
        room.Connect(200, default, PeerAddress.FromIPv4(0x0700000A, 5));
        room.Join(201, "another", from: PeerAddress.FromIPv4(0x0800000A, 5));
        room.Run();
        Assert.That(room.Joined, Has.Count.EqualTo(2), "who joins makes room, and others are not touched");
        Assert.That(room.Refused, Has.Count.EqualTo(refused));
    }

    [TestCase(Limits.WaitingPerPrefix - 1, 0, true)]
    [TestCase(Limits.WaitingPerPrefix, 0, true)]
    [TestCase(Limits.WaitingPerPrefix + 1, 1, true)]
    [TestCase(Limits.WaitingPerPrefix - 1, 0, false)]
    [TestCase(Limits.WaitingPerPrefix, 0, false)]
    [TestCase(Limits.WaitingPerPrefix + 1, 1, false)]
    public void Connect_OneNetwork_SoManyMayWait(int connections, int refused, bool isIPv4)
    {
        var room = new RoomRecords(new RoomOptions());
        for (ushort slot = 0; slot < connections; slot++)
        {
            // The last byte of a /24; the fourth group of a /48 and everything behind it.
            PeerAddress from = isIPv4 ? PeerAddress.FromIPv4(0x0002010A | ((uint)slot << 24), 9) : new PeerAddress(0x0000_3412_B80D_0120 | ((ulong)slot << 56), slot, 9);
            room.Connect(slot, default, from);
        }

        PeerAddress neighbour = isIPv4 ? PeerAddress.FromIPv4(0x0003010A, 9) : new PeerAddress(0x0000_3512_B80D_0120, 1, 9);
        room.Connect(300, default, neighbour);
        room.Run();
        Assert.That(room.Refused, Has.Count.EqualTo(refused).And.All.EqualTo((LeaveReason.AddressFull, "too many connections of the network have not joined yet")));
    }

    [TestCase(-1, true)]
    [TestCase(0, true)]
    [TestCase(1, false)]
    public void Join_UpToTwoSecondsAfterTheConnect_IsTaken(int ticksBeyond, bool taken)
    {
        var room = new RoomRecords(new RoomOptions { TickRateHz = TickRateHz, PlayersMax = 2 });
        room.Connect(0);
        room.Run((Limits.JoinSeconds * TickRateHz) + ticksBeyond);
        room.Say(0, room.JoinOf("late"));
        room.Run();
        Assert.That(room.Joined, Has.Count.EqualTo(taken ? 1 : 0));
        Assert.That(room.Ended, taken ? Is.Empty : Is.EqualTo(new[] { (0, LeaveReason.JoinTimeout) }));
        Assert.That(room.Refused, taken ? Is.Empty : Is.EqualTo(new[] { (LeaveReason.JoinTimeout, LeaveReasonText.Of(LeaveReason.JoinTimeout)) }));
    }

    [Test]
    public void Connect_MoreThanTheRoomKeeps_TheOldestGivesWay()
    {
        var room = new RoomRecords(new RoomOptions { WaitingMax = 3 });
        for (ushort slot = 0; slot < 5; slot++)
        {
            room.Connect(slot);
        }

        room.Run();
        Assert.That(room.Ended, Is.EqualTo(new[] { (0, LeaveReason.JoinTimeout), (1, LeaveReason.JoinTimeout) }));
    }

    [Test]
    public void Join_SixtyFourOfOneAddressInTheConnectData_AllGetIn()
    {
        var room = new RoomRecords(new RoomOptions { PlayersMax = 64, SpectatorsMax = 0 });
        for (ushort slot = 0; slot < 64; slot++)
        {
            room.Connect(slot, room.JoinOf($"bot {slot}"), PeerAddress.FromIPv4(0x0100007F, (ushort)(2000 + slot)));
        }

        room.Run();
        Assert.That(room.Joined, Has.Count.EqualTo(64));
    }

    [TestCase(2, 1)]
    [TestCase(3, 0)]
    [TestCase(4, 0)]
    [TestCase(0, 0)]
    public void Join_SeatsPerAddress_AreTheLimit(int seats, int refused)
    {
        var room = new RoomRecords(new RoomOptions { SeatsPerAddress = seats });
        for (ushort slot = 0; slot < 3; slot++)
        {
            room.Join(slot, $"p{slot}", from: PeerAddress.FromIPv4(0x0700000A, (ushort)(1000 + slot)));
        }

        room.Join(3, "another", from: PeerAddress.FromIPv4(0x0800000A, 1000));
        room.Run();
        Assert.That(room.Joined, Has.Count.EqualTo(4 - refused));
        Assert.That(room.Refused, Has.Count.EqualTo(refused).And.All.EqualTo((LeaveReason.AddressFull, LeaveReasonText.Of(LeaveReason.AddressFull))));
    }

    [Test]
    public void Join_SeatsPerAddressOnLoopback_OwnBotsHaveMore()
    {
        var room = new RoomRecords(new RoomOptions { SeatsPerAddress = 1, LoopbackSeatsMore = 2 });
        for (ushort slot = 0; slot < 4; slot++)
        {
            room.Join(slot, $"p{slot}", from: PeerAddress.FromIPv4(0x0100007F, (ushort)(1000 + slot)));
        }

        room.Run();
        Assert.That((room.Joined.Count, room.Refused.Count), Is.EqualTo((3, 1)));
    }

    [TestCase(-1, false)]
    [TestCase(0, true)]
    [TestCase(1, true)]
    public void Join_FullWithAnIdlePlayer_ThePlayerGivesWayAfterAMinute(int ticksBeyond, bool givesWay)
    {
        var room = new RoomRecords(new RoomOptions { TickRateHz = TickRateHz, PlayersMax = 2, SpectatorsMax = 1 });
        room.Join(0, "active");
        room.Join(1, "idle");
        room.Join(2, "watcher", spectator: true);
        room.Run();
        int ticks = (Limits.IdleSeconds * TickRateHz) + ticksBeyond;
        for (int i = 0; i < ticks; i++)
        {
            SendInput(room, 0, moves: i % 100 == 0);
            SendInput(room, 1, moves: false);
            room.Run();
        }

        room.Join(3, "waiting");
        room.Run();
        Assert.That(room.Left, givesWay ? Is.EqualTo(new[] { (1, LeaveReason.Idle) }) : Is.Empty);
        Assert.That(room.Joined.Select(j => j.Name), givesWay ? Does.Contain("waiting") : Does.Not.Contain("waiting"));
        Assert.That(room.Refused, givesWay ? Is.Empty : Is.EqualTo(new[] { (LeaveReason.Full, LeaveReasonText.Of(LeaveReason.Full)) }));
    }

    [TestCase(0, 40, 20, 0)]
    [TestCase(40, 0, 20, 1)]
    [TestCase(40, 20, 0, 2)]
    [TestCase(20, 0, 0, 1)]
    public void Join_FullWithSeveralIdle_TheOneIdleForTheLongestGivesWay(int first, int second, int third, int gone)
    {
        int[] movesAt = [first, second, third];
        var room = new RoomRecords(new RoomOptions { TickRateHz = TickRateHz, PlayersMax = 3, SpectatorsMax = 0 });
        for (ushort slot = 0; slot < 3; slot++)
        {
            room.Join(slot, $"p{slot}");
        }

        room.Run();
        for (int i = 0; i < (Limits.IdleSeconds * TickRateHz) + 60; i++)
        {
            for (ushort slot = 0; slot < 3; slot++)
            {
                SendInput(room, slot, moves: i > 0 && i == movesAt[slot]);
            }

            room.Run();
        }

        room.Join(3, "waiting");
        room.Run();
        Assert.That(room.Left, Is.EqualTo(new[] { (gone, LeaveReason.Idle) }), "of two who are equal, the one in the lower seat");
    }

    [Test]
    public void Join_NotFull_NobodyGivesWay()
    {
        var room = new RoomRecords(new RoomOptions { TickRateHz = 1, PlayersMax = 3, SpectatorsMax = 0 });
        room.Join(0, "idle");
        room.Run(2 * Limits.IdleSeconds);
        room.Join(1, "next");
        room.Run();
        Assert.That(room.Left, Is.Empty);
        Assert.That(room.Joined, Has.Count.EqualTo(2));
    }

    [TestCase(0, LeaveReason.NoSpectators)]
    [TestCase(1, LeaveReason.Full)]
    public void Join_SpectatorsBeyondTheirSeats_AreRefused(int seats, LeaveReason reason)
    {
        var room = new RoomRecords(new RoomOptions { PlayersMax = 8, SpectatorsMax = seats });
        for (ushort slot = 0; slot <= seats; slot++)
        {
            room.Join(slot, $"w{slot}", spectator: true);
        }

        room.Run();
        Assert.That(room.Joined, Has.Count.EqualTo(seats));
        Assert.That(room.Refused, Is.EqualTo(new[] { (reason, LeaveReasonText.Of(reason)) }));
    }

    [TestCase(63)]
    [TestCase(64)]
    [TestCase(65)]
    public void Join_Players_SeatsAreTheLimit(int players)
    {
        var room = new RoomRecords(new RoomOptions { PlayersMax = 64, SpectatorsMax = 2 });
        for (ushort slot = 0; slot < players; slot++)
        {
            room.Join(slot, $"p{slot}");
        }

        room.Join(100, "watcher", spectator: true);
        room.Run();
        Assert.That(room.Joined, Has.Count.EqualTo(Math.Min(players, 64) + 1), "and a spectator's seat is not a player's");
        Assert.That(room.Refused, Has.Count.EqualTo(Math.Max(0, players - 64)));
    }

    [Test]
    public void Leave_BeforeTheJoin_EndsThePeer()
    {
        var room = new RoomRecords(new RoomOptions());
        var leave = new byte[8];
        room.Connect(0);
        room.Say(0, leave.AsSpan(0, ControlMessage.WriteLeave(leave, connectionTime: 1)));
        room.Run(200);
        Assert.That(room.Ended, Is.EqualTo(new[] { (0, LeaveReason.Left) }));
        Assert.That(room.Refused, Is.Empty, "nothing is left of it that could be late");
    }

    private static void SendInput(RoomRecords room, ushort slot, bool moves)
    {
        Schema schema = room.Room.World.Schema;
        var row = new int[schema.Input.Count];
        var input = new ArenaInput { MoveX = moves ? 1 : 0 };
        schema.Input.Capture(ref System.Runtime.CompilerServices.Unsafe.As<ArenaInput, byte>(ref input), 0, row);
        var packet = new InputPacket(schema.Input);
        packet.Add(room.Room.NextTick, new ViewStamp(room.Room.NextTick - 2, 0, room.Room.NextTick - 1), row);
        var buffer = new byte[256];
        room.Put(RecordKind.Unreliable, slot, buffer.AsSpan(0, packet.Write(buffer)));
    }
}
