using GameServer.Netcode.Messages;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Server;
using GameServer.Netcode.Transport;
using GameServer.Tests.Support;

namespace GameServer.Tests.Server;

/// <summary>Every limit of a room and of its queues: at it, one below, one above.</summary>
public sealed class RoomLimitTests
{
    private static readonly (string Name, int Min, int Max, Func<int, RoomOptions> Make)[] Ranges =
    [
        ("TickRateHz", 1, 1000, static v => new RoomOptions { TickRateHz = v }),
        ("PlayersMax", 1, Limits.PlayersMax, static v => new RoomOptions { PlayersMax = v }),
        ("SpectatorsMax", 0, Limits.PlayersMax, static v => new RoomOptions { SpectatorsMax = v }),
        ("BudgetBytes", 256, 16_384, static v => new RoomOptions { BudgetBytes = v }),
        ("MaxRewindMillis", 0, 1000, static v => new RoomOptions { MaxRewindMillis = v }),
        ("IdleTimeoutMillis", 1000, 3_600_000, static v => new RoomOptions { IdleTimeoutMillis = v }),
        ("SpectatorDelayMillis", 0, Limits.SpectatorDelayMillisMax, static v => new RoomOptions { SpectatorDelayMillis = v }),
        ("SeatsPerAddress", 0, Limits.PlayersMax, static v => new RoomOptions { SeatsPerAddress = v }),
        ("LoopbackSeatsMore", 0, Limits.PlayersMax, static v => new RoomOptions { LoopbackSeatsMore = v }),
        ("WaitingMax", 1, 65_535, static v => new RoomOptions { WaitingMax = v }),
        ("NetworkThreads", 1, 64, static v => new RoomOptions { NetworkThreads = v }),
        ("PeersPerThread", 1, 65_535, static v => new RoomOptions { PeersPerThread = v }),
    ];

    [Test]
    public void Options_AtAndWithinTheirLimits_AreTaken() => Assert.Multiple(static () =>
    {
        foreach ((string name, int min, int max, Func<int, RoomOptions> make) in Ranges)
        {
            foreach (int value in new[] { min, min + 1, max - 1, max })
            {
                Assert.That(() => make(value).Check(), Throws.Nothing, $"{name} {value}");
            }
        }
    });

    [Test]
    public void Options_BeyondTheirLimits_AreRefusedByNameWithWhatIsAllowed() => Assert.Multiple(static () =>
    {
        foreach ((string name, int min, int max, Func<int, RoomOptions> make) in Ranges)
        {
            foreach (int value in new[] { min - 1, max + 1 })
            {
                Assert.That(
                    () => make(value).Check(),
                    Throws.TypeOf<ArgumentOutOfRangeException>().With.Message.Contains($"{min} to {max}").And.Message.Contains(name),
                    $"{name} {value}");
            }
        }
    });

    [TestCase(-1, true)]
    [TestCase(0, true)]
    [TestCase(1, false)]
    public void Backlog_OneMessage_FillsItExactly(int beyond, bool taken)
    {
        var backlog = new ReliableBacklog();
        Assert.That(backlog.TryAdd(new byte[ReliableBacklog.Capacity - 4 + beyond]), Is.EqualTo(taken));
        Assert.That(backlog.IsEmpty, Is.EqualTo(!taken));
    }

    [TestCase(-1, true)]
    [TestCase(0, true)]
    [TestCase(1, false)]
    public void Backlog_LastMessage_FillsItExactlyAlsoAfterOthersHaveLeft(int beyond, bool taken)
    {
        var backlog = new ReliableBacklog();
        Assert.That(backlog.TryAdd(new byte[1000]) && backlog.TryAdd([1, 2, 3]), Is.True);
        backlog.RemoveFirst();
        Assert.That(backlog.TryAdd(new byte[ReliableBacklog.Capacity - 7 - 4 + beyond]), Is.EqualTo(taken));
        Assert.That(backlog.Peek().ToArray(), Is.EqualTo(new byte[] { 1, 2, 3 }), "what was there has stayed whole");
    }

    [TestCase(Limits.RecordsPerTick - 1, 0)]
    [TestCase(Limits.RecordsPerTick, 0)]
    [TestCase(Limits.RecordsPerTick + 1, 1)]
    public void Records_OfOnePeerInATick_AreTheLimit(int records, int dropped)
    {
        var room = new RoomRecords(new RoomOptions()) { Acknowledges = false };
        room.Join(0, "a");
        room.Run();
        for (int round = 0; round < 2; round++)
        {
            for (int i = 0; i < records; i++)
            {
                room.Put(RecordKind.Unreliable, 0, [99]);
            }

            room.Run();
        }

        Assert.That(room.Room.Drops[DropReason.RecordsPerPeer], Is.EqualTo(2 * dropped), "the next tick takes as many again");
        Assert.That(room.Room.Drops[DropReason.PacketKindUnknown], Is.EqualTo(2 * (records - dropped)));
    }

    [TestCase(7, true)]
    [TestCase(8, false)]
    public void Peer_SlotBeyondTheTables_IsRefused(int slot, bool taken)
    {
        var room = new RoomRecords(new RoomOptions { PlayersMax = 2, PeersPerThread = 8 });
        room.Connect((ushort)slot, room.JoinOf("a"));
        room.Run();
        Assert.That(room.Joined, Has.Count.EqualTo(taken ? 1 : 0));
        Assert.That(room.Refused, taken ? Is.Empty : Is.EqualTo(new[] { (LeaveReason.Full, LeaveReasonText.Of(LeaveReason.Full)) }));
    }

    [TestCase(29, false)]
    [TestCase(30, true)]
    [TestCase(31, true)]
    public void ConnectRecord_Length_DecidesWhetherThereIsAnAddress(int bytes, bool hasAddress)
    {
        var payload = new byte[bytes];
        payload.AsSpan().Fill(7);
        PeerAddress address = ConnectRecord.Read(payload, out _, out ReadOnlySpan<byte> data);
        Assert.That(address, hasAddress ? Is.Not.EqualTo(default(PeerAddress)) : Is.EqualTo(default(PeerAddress)));
        Assert.That(data.Length, Is.EqualTo(hasAddress ? bytes - ConnectRecord.HeaderBytes : 0));
    }

    [TestCase("127.0.0.1", true)]
    [TestCase("127.255.255.255", true)]
    [TestCase("126.255.255.255", false)]
    [TestCase("128.0.0.0", false)]
    [TestCase("::1", true)]
    [TestCase("::2", false)]
    [TestCase("::", false)]
    public void Address_IsLoopback(string text, bool loopback)
    {
        var address = PeerAddress.From(new System.Net.IPEndPoint(System.Net.IPAddress.Parse(text), 9));
        Assert.That(address.IsLoopback, Is.EqualTo(loopback));
    }

    [TestCase("10.1.2.3", "10.1.2.255", true)]
    [TestCase("10.1.2.3", "10.1.3.3", false)]
    [TestCase("2001:db8:1:2::1", "2001:db8:1:ffff:9::", true)]
    [TestCase("2001:db8:1:2::1", "2001:db8:2:2::1", false)]
    [TestCase("10.1.2.3", "2001:db8:1:2::1", false)]
    public void Address_IsSamePrefix(string one, string other, bool same)
    {
        var a = PeerAddress.From(new System.Net.IPEndPoint(System.Net.IPAddress.Parse(one), 9));
        var b = PeerAddress.From(new System.Net.IPEndPoint(System.Net.IPAddress.Parse(other), 10));
        Assert.That((a.IsSamePrefix(b), b.IsSamePrefix(a)), Is.EqualTo((same, same)));
        Assert.That((a.IsSameHost(b), a.IsSameHost(a)), Is.EqualTo((false, true)));
    }
}
