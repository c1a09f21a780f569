using GameServer.Arena;
using GameServer.Netcode.Client;
using GameServer.Netcode.Messages;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Server;
using GameServer.Netcode.Snapshots;
using GameServer.Netcode.Transport;
using GameServer.Tests.Support;

namespace GameServer.Tests.Scenarios;

/// <summary>Spectators see the match late: nothing of the present reaches them by any message.</summary>
public sealed class SpectatorDelayTests
{
    private const int DelayMillis = 3000;
    private const int DelayTicks = 180;

    [TestCase(0)]
    [TestCase(10)]
    public void Spectator_WithDelay_SeesExactlyWhatWas(int lossPercent)
    {
        var link = new LinkModel { DelayMicros = 20_000, LossPercent = lossPercent };
        var lab = new Lab(new LabOptions { Clients = 6, SpectatorDelayMillis = DelayMillis, Up = link, Down = link, Checks = false, FirstTick = uint.MaxValue - 400 });
        var was = new Dictionary<(Tick, int), int[]>();
        LabClient watcher = lab.AddClient(new ClientOptions { IsSpectator = true });
        int compared = 0;
        Tick newestBefore = default;
        int kills = 0;
        for (int i = 0; i < 14_000; i++)
        {
            lab.Run(0.001);
            Remember(lab.Server.Room, was);
            if (i == 7000)
            {
                lab.Clients[2].Leave(lab.NowMicros);
                lab.AddClient();
            }

            SnapshotReader reader = watcher.Client.Reader;
            if (!reader.HasNewest || reader.Newest.Tick == newestBefore)
            {
                continue;
            }

            newestBefore = reader.Newest.Tick;
            Assert.That(lab.Server.Room.NextTick - 1 - newestBefore, Is.GreaterThanOrEqualTo(DelayTicks), "a snapshot of the present");
            compared += Compare(reader, was, newestBefore);
            kills = Math.Max(kills, watcher.AnnouncedTaken);
        }

        Assert.That(watcher.Client.State, Is.EqualTo(ClientState.Playing));
        Assert.That(lab.Server.Room.NextTick - 1 - newestBefore, Is.LessThan(DelayTicks + 20), "it keeps up");
        Assert.That(watcher.Client.View.Of(ArenaGame.Soldiers).Count, Is.EqualTo(6));
        Assert.That(compared, Is.GreaterThan(3000));
        Assert.That(kills, Is.GreaterThan(0), "events come along");
        Assert.That(watcher.Client.TryGetOwned(ArenaGame.Soldiers, out _), Is.False);
    }

    [Test]
    public void Chat_ToOneWhoIsLate_ComesWithItsTick()
    {
        RoomRecords room = Watched(DelayMillis, from: null);
        Tick said = Say(room, "behind you");
        while (!Heard(room, 1, "behind you"))
        {
            room.Run();
            Assert.That(room.Room.NextTick - said, Is.LessThan(DelayTicks + 3), "it never came");
        }

        Assert.That(room.Room.NextTick - 1 - said, Is.EqualTo(DelayTicks));
        Assert.That(Heard(room, 0, "behind you"), Is.True, "players hear it at once");
    }

    [Test]
    public void Messages_ToOneWhoIsLate_NameNoTickOfThePresent()
    {
        RoomRecords room = Watched(DelayMillis, from: null);
        Assert.That(room.Room.NextTick - 1 - room.WelcomeOf(1).Tick, Is.EqualTo(DelayTicks));
        room.Run(400);
        Assert.That(room.Snapshots.Where(s => s.Slot == 1).Select(s => TickOf(s.Payload)).Max(), Is.EqualTo(room.Room.NextTick - 1 - DelayTicks));
        ControlKind[] kinds = [.. room.Messages.Where(m => m.Slot == 1).Select(m => ControlMessage.TryReadKind(m.Message, out ControlKind kind) ? kind : default).Distinct()];
        Assert.That(kinds, Is.EquivalentTo(new[] { ControlKind.Welcome, ControlKind.Schema, ControlKind.Players }), "each further kind of message needs its own look");
    }

    [Test]
    public void Names_ToOneWhoIsLate_AreThoseOfThen()
    {
        RoomRecords room = Watched(DelayMillis, from: null);
        room.Put(RecordKind.Disconnect, 0, [], DisconnectReason.RemoteClosed);
        room.Join(2, "next");
        room.Run(DelayTicks - 1);
        Assert.That(NamesTold(room, 1), Is.EqualTo(new[] { (0, "player") }), "the others came later");
        room.Join(3, "second watcher", spectator: true);
        room.Run();
        Assert.That(NamesTold(room, 3).First(), Is.EqualTo((0, "player")), "who joins is told who was there");
        room.Run();
        Assert.That(NamesTold(room, 1), Does.Contain((0, "next")));
    }

    [TestCase(0x0100007Fu, true, 0)]
    [TestCase(0x0100007Fu, false, DelayTicks)]
    [TestCase(0x0100000Au, true, DelayTicks)]
    public void Spectator_OnLoopback_SeesLiveWhereTheServerIsBoundToIt(uint address, bool isBoundToLoopback, int late)
    {
        RoomRecords room = Watched(DelayMillis, PeerAddress.FromIPv4(address, 77), isBoundToLoopback);
        Say(room, "now");
        room.Run(late + 2);
        Assert.That(room.Snapshots.Where(s => s.Slot == 1).Select(s => TickOf(s.Payload)).Max(), Is.EqualTo(room.Room.NextTick - 1 - late));
        Assert.That(Heard(room, 1, "now"), Is.True);
    }

    [Test]
    public void Spectator_SeatOfAPlayerWhoLeft_DoesNotOwnWhatThePlayerHad()
    {
        var room = new RoomRecords(new RoomOptions { PlayersMax = 2, SpectatorsMax = 1, SpectatorDelayMillis = 500 });
        room.Join(0, "player");
        room.Run(40);
        room.Put(RecordKind.Disconnect, 0, [], DisconnectReason.RemoteClosed);
        room.Join(1, "watcher", spectator: true);
        room.Run(20);
        Assert.That(room.Joined.Select(j => j.Seat), Is.EqualTo(new[] { 0, 0 }), "one seat after the other");
        var reader = new SnapshotReader(room.Room.World.Schema, new NoSink(), new DropCounters());
        foreach ((int slot, byte[] payload) in room.Snapshots.Where(s => s.Slot == 1))
        {
            Assert.That(reader.TryRead(payload), Is.True, $"{slot}");
        }

        int soldiers = 0;
        foreach (EntityReplica replica in reader.Replicas.Span)
        {
            soldiers += replica.IsKnown && replica.Kind.Name == "soldier" ? 1 : 0;
            Assert.That(replica.IsKnown && replica.IsOwned, Is.False, "the exact state of another player");
        }

        Assert.That(soldiers, Is.EqualTo(1), "30 ticks ago the player was there");
    }

    [TestCase(0)]
    [TestCase(60_000)]
    public void Delay_AtItsLimits_IsTaken(int millis) => Assert.That(() => new RoomRecords(new RoomOptions { SpectatorDelayMillis = millis }), Throws.Nothing);

    [TestCase(-1)]
    [TestCase(60_001)]
    public void Delay_BeyondItsLimits_IsRefused(int millis) =>
        Assert.That(() => new RoomRecords(new RoomOptions { SpectatorDelayMillis = millis }), Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains("SpectatorDelayMillis"));

    private static RoomRecords Watched(int delayMillis, PeerAddress? from, bool isLiveOnLoopback = false)
    {
        var room = new RoomRecords(new RoomOptions { PlayersMax = 4, SpectatorsMax = 2, SpectatorDelayMillis = delayMillis, IsLiveOnLoopback = isLiveOnLoopback });
        room.Join(0, "player");
        room.Run(300);
        room.Join(1, "watcher", spectator: true, from);
        room.Run();
        return room;
    }

    private static Tick Say(RoomRecords room, string text)
    {
        var buffer = new byte[256];
        Tick said = room.Room.NextTick;
        room.Say(0, buffer.AsSpan(0, ControlMessage.WriteChat(buffer, 0, text)));
        room.Run();
        return said;
    }

    private static bool Heard(RoomRecords room, int slot, string text) =>
        room.Messages.Any(m => m.Slot == slot && ControlMessage.TryReadChat(m.Message, out _, out string heard) && heard == text);

    private static List<(int Seat, string Name)> NamesTold(RoomRecords room, int slot)
    {
        var told = new List<(int, string)>();
        var seats = new List<(int Seat, string Name)>();
        foreach ((int to, byte[] message) in room.Messages)
        {
            if (to == slot && ControlMessage.TryReadKind(message, out ControlKind kind) && kind == ControlKind.Players && PlayersMessage.TryRead(message, seats))
            {
                told.AddRange(seats);
            }
        }

        return told;
    }

    private static Tick TickOf(byte[] snapshot) => new(BitConverter.ToUInt32(snapshot, 3));

    private static void Remember(Room room, Dictionary<(Tick, int), int[]> was)
    {
        SnapshotFrame frame = room.History.Newest;
        foreach (int slot in room.World.Alive)
        {
            was.TryAdd((frame.Tick, slot), room.History.Row(frame, slot).ToArray());
        }
    }

    private static int Compare(SnapshotReader reader, Dictionary<(Tick, int), int[]> was, Tick tick)
    {
        int compared = 0;
        foreach (EntityReplica replica in reader.Replicas.Span)
        {
            if (replica.IsKnown && !replica.IsRemoved && replica.Seen.Count > 0 && replica.Seen.Newest.Tick == tick)
            {
                Assert.That(was.TryGetValue((tick, replica.Slot), out int[]? row), Is.True, $"{replica.Id} did not live at tick {tick}");
                Assert.That(replica.Seen.NewestRow.SequenceEqual(row), Is.True, $"{replica.Id} at tick {tick}");
                compared++;
            }
        }

        return compared;
    }

    private sealed class NoSink : ISnapshotSink
    {
        public void OnEvent(int eventIndex, ushort sequence, Tick tick, byte ordinal, bool ownKey, ReadOnlySpan<int> row) => Assert.That(ownKey, Is.False);

        public void OnVerdict(in ShotVerdict verdict) => Assert.Fail("a verdict is a player's");

        public void OnBegin(EntityReplica replica)
        {
        }

        public void OnRemove(EntityReplica replica)
        {
        }
    }
}
