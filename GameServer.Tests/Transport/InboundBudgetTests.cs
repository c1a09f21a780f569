using System.Runtime.InteropServices;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Transport;

namespace GameServer.Tests.Transport;

/// <summary>
/// How much of what one peer brings is in the ring before the room takes it, and what becomes of the rest: at, one below and one above each
/// limit.
/// </summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class InboundBudgetTests
{
    private const int ShortBytes = 480; // with its header, one byte below the next charge: what a short record is charged is exactly filled
    private const int ExactBytes = Limits.RingBytesPerRecordMin - RecordHeader.SizeBytes - SpscRing.RecordOverheadBytes;

    private static readonly TransportOptions Options = new()
    {
        MaxPeers = 32, MaxMessageBytes = 16 * 1024, RequestsPerAddress = 1000, Channels = 1,
    };

    private readonly Dictionary<int, List<byte[]>> _taken = [];

    [TestCase(Limits.RecordsPerPeer - 1, 0)]
    [TestCase(Limits.RecordsPerPeer, 0)]
    [TestCase(Limits.RecordsPerPeer + 1, 1)]
    [TestCase(Limits.RecordsPerPeer + 9, 9)]
    public void Short_AsManyAsTheBudgetHas_EnterTheRingAndTheNewestOfTheRestIsKept(int messages, int beyond)
    {
        TransportLab lab = New(1, out InboundLane lane, out TransportPump pump);
        Send(lab, pump, 0, [.. Enumerable.Range(0, messages).Select(i => Message(i, 4))]);
        Assert.That(RingOf(lane), Is.EqualTo(Enumerable.Range(0, messages - beyond)));
        Assert.That(NewestOf(lane, 0), beyond > 0 ? Is.EqualTo(messages - 1) : Is.Null);
        Assert.That(lab.Server.Endpoint.Drops[DropReason.UnreliableReplaced], Is.EqualTo(Math.Max(0, beyond - 1)));
    }

    [TestCase(ShortBytes, 1)]
    [TestCase(ExactBytes - 1, 1)]
    [TestCase(ExactBytes, 1)]
    [TestCase(ExactBytes + 1, 0)]
    public void Last_ThatFillsTheBudget_EntersTheRing(int bytes, int enters)
    {
        TransportLab lab = New(1, out InboundLane lane, out TransportPump pump);
        Send(lab, pump, 0, [.. Enumerable.Range(0, Limits.RecordsPerPeer - 1).Select(i => Message(i, 4))]);
        Send(lab, pump, 0, Message(99, bytes));
        Assert.That(RingOf(lane).Count(m => m == 99), Is.EqualTo(enters));
        Assert.That(NewestOf(lane, 0), enters == 0 ? Is.EqualTo(99) : Is.Null);
    }

    [TestCase(Limits.KeptMessageBytesMax - 1, true)]
    [TestCase(Limits.KeptMessageBytesMax, true)]
    [TestCase(Limits.KeptMessageBytesMax + 1, false)]
    public void Newest_OfThatLength_IsKeptOrTheOneBeforeIt(int bytes, bool isKept)
    {
        TransportLab lab = New(1, out InboundLane lane, out TransportPump pump);
        Send(lab, pump, 0, [.. Enumerable.Range(0, Limits.RecordsPerPeer + 1).Select(i => Message(i, 4))]);
        Send(lab, pump, 0, Message(99, bytes));
        Assert.That(NewestOf(lane, 0), Is.EqualTo(isKept ? 99 : Limits.RecordsPerPeer));
        Assert.That(lab.Server.Endpoint.Drops[DropReason.UnreliableOverBudget], Is.EqualTo(isKept ? 0 : 1));
        Assert.That(lab.Server.Endpoint.Drops[DropReason.UnreliableReplaced], Is.EqualTo(isKept ? 1 : 0));
    }

    [Test]
    public void Budget_RoomBeginsToTake_IsFreshAndWhatWasKeptIsTaken()
    {
        TransportLab lab = New(1, out InboundLane lane, out TransportPump pump);
        for (int round = 0; round < 3; round++)
        {
            Send(lab, pump, 0, [.. Enumerable.Range(0, Limits.RecordsPerPeer + 3).Select(i => Message(i, 4))]);
            lane.BeginRound();
            Assert.That(RingOf(lane), Has.Count.EqualTo(Limits.RecordsPerPeer), $"round {round}");
            Assert.That(NewestOf(lane, 0), Is.EqualTo(Limits.RecordsPerPeer + 2));
            Assert.That(NewestOf(lane, 0), Is.Null, "once");
        }
    }

    [Test]
    public void Unjoined_Unreliable_NeverEntersTheRing()
    {
        TransportLab lab = New(1, out InboundLane lane, out TransportPump pump, joined: 0);
        Send(lab, pump, 0, Message(1, 4), Message(2, 4));
        Assert.That(RingOf(lane), Is.Empty);
        Assert.That(NewestOf(lane, 0), Is.EqualTo(2), "which may be its join");
    }

    [Test]
    public void Unjoined_TwentyOfOneAddressFlood_EveryMessageOfTheOthersEntersTheRing(
        [Values(1, 400, 1000)] int bytes, [Values] bool isReliable)
    {
        const int Unjoined = 20;
        const int Joined = 4;
        TransportLab lab = New(Unjoined + Joined, out InboundLane lane, out TransportPump pump, Joined);
        int sent = 0;
        for (int tick = 0; tick < 120; tick++)
        {
            for (int i = 0; i < Joined; i++)
            {
                Queue(lab, i, DeliveryMethod.Unreliable, Message(tick, 100));
                sent++;
            }

            for (int i = Joined; i < Joined + Unjoined; i++)
            {
                for (int n = 0; n < (bytes == 1 ? 300 : 40); n++)
                {
                    Queue(lab, i, isReliable ? DeliveryMethod.ReliableOrdered : DeliveryMethod.Unreliable, new byte[bytes]);
                }
            }

            lab.Run(16_000);
            pump.MoveInbound();
            if (tick % 4 == 3)
            {
                lane.BeginRound(); // the room takes three ticks late, all the time
                Take(lane);
            }
        }

        lab.Run(100_000);
        pump.MoveInbound();
        Take(lane);
        Assert.That(Enumerable.Range(0, Joined).Sum(i => _taken[Slot(lab, i)].Count), Is.EqualTo(sent), string.Join(' ', Drops(lab)));
        Assert.That(lab.Server.Endpoint.Drops[DropReason.InboundRingFull] + lab.Server.Endpoint.Drops[DropReason.EventQueueFull], Is.Zero);
    }

    [TestCase(10)]
    [TestCase(100)]
    public void Joined_OneFloods_NothingOfTheOthersIsLostAndItsNewestArrives(int times)
    {
        const int Joined = 5;
        TransportLab lab = New(Joined, out InboundLane lane, out TransportPump pump, Joined);
        int last = 0;
        for (int tick = 0; tick < 120; tick++)
        {
            for (int i = 0; i < Joined; i++)
            {
                for (int n = 0; n < (i == 0 ? times : 1); n++)
                {
                    Queue(lab, i, DeliveryMethod.Unreliable, Message(i == 0 ? last++ : tick, 300));
                }
            }

            lab.Run(16_000);
            lane.BeginRound();
            pump.MoveInbound();
            Take(lane);
            Assert.That(BitConverter.ToInt32(_taken[Slot(lab, 0)][^1]), Is.EqualTo(last - 1), $"tick {tick}: its newest");
        }

        Assert.That(Enumerable.Range(1, Joined - 1).Select(i => _taken[Slot(lab, i)].Count), Is.All.EqualTo(120));
        Assert.That(_taken[Slot(lab, 0)], Has.Count.AtMost(120 * (Limits.RecordsPerPeer + 1)));
    }

    [Test]
    public void Reliable_BeyondTheBudget_StaysWithThePeerAndArrivesLater()
    {
        TransportLab lab = New(1, out InboundLane lane, out TransportPump pump);
        for (int i = 0; i < 60; i++)
        {
            Queue(lab, 0, DeliveryMethod.ReliableOrdered, Message(i, 900));
        }

        lab.Run(500_000);
        pump.MoveInbound();
        Assert.That(lane.Ring.UsedBytes, Is.LessThanOrEqualTo(Limits.RingBytesPerPeer + 200), "and what connects and paths take");
        var all = new List<int>();
        for (int tick = 0; tick < 300 && all.Count < 60; tick++)
        {
            lane.BeginRound();
            pump.MoveInbound();
            all.AddRange(RingOf(lane));
            lab.Run(16_000);
        }

        Assert.That(all, Is.EqualTo(Enumerable.Range(0, 60)));
    }

    [Test]
    public void Reliable_LargerThanTheBudget_EntersAlone()
    {
        TransportLab lab = New(1, out InboundLane lane, out TransportPump pump);
        Queue(lab, 0, DeliveryMethod.ReliableOrdered, Message(1, 2 * Limits.RingBytesPerPeer));
        lab.Run(200_000);
        pump.MoveInbound();
        Assert.That(RingOf(lane), Is.EqualTo(new[] { 1 }));
    }

    [Test]
    public void Budget_ChargedKeptAndTaken_AllocatesNothing()
    {
        TransportLab lab = New(1, out InboundLane lane, out TransportPump pump);
        InboundWriter writer = lab.Server.Endpoint.Inbound!;
        byte[] message = new byte[300];
        Flood(10_000);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Flood(10_000);
        Assert.That(GC.GetAllocatedBytesForCurrentThread() - before, Is.Zero);
        Assert.That(lab.Server.Endpoint.Drops[DropReason.UnreliableReplaced], Is.GreaterThan(10_000), "several a round");

        void Flood(int rounds)
        {
            var peer = new PeerId(0, 1);
            for (int i = 0; i < rounds; i++)
            {
                for (int n = 0; n < 20; n++)
                {
                    if (writer.HasRoom(peer, 1, message.Length, isReliable: false))
                    {
                        writer.Charge(peer, message.Length);
                    }
                    else
                    {
                        writer.Keep(peer, i, message);
                    }
                }

                pump.MoveInbound();
                lane.BeginRound();
                lane.Newest.TryBegin();
                lane.Newest.TryTake(0, out _);
            }
        }
    }

    private static TransportLab New(int clients, out InboundLane lane, out TransportPump pump, int joined = 1)
    {
        var lab = new TransportLab(1, Options);
        lab.Server.Drains = false;
        lane = new InboundLane(256 * 1024, Options.MaxPeers);
        pump = new TransportPump(lab.Server.Endpoint, lane, new SpscRing(4096), networkThread: 0);
        for (int i = 0; i < clients; i++)
        {
            lab.AddClient();
        }

        lab.Run(500_000);
        pump.MoveInbound();
        for (int i = 0; i < joined; i++)
        {
            lane.SetJoined(Slot(lab, i), 1, hasJoined: true);
        }

        RingOf(lane);
        return lab;
    }

    // The slots are given in the order in which the connects arrive, which is that of the clients.
    private static int Slot(TransportLab lab, int client) => client;

    private static void Queue(TransportLab lab, int client, DeliveryMethod method, byte[] message) =>
        lab.Clients[client].Endpoint.Send(lab.Clients[client].Peer, method, 0, message);

    private static void Send(TransportLab lab, TransportPump pump, int client, params byte[][] messages)
    {
        foreach (byte[] message in messages)
        {
            Queue(lab, client, DeliveryMethod.Unreliable, message);
        }

        lab.Run(50_000);
        pump.MoveInbound();
    }

    private static List<int> RingOf(InboundLane lane)
    {
        var numbers = new List<int>();
        while (lane.Ring.TryPeek(out ReadOnlySpan<byte> record))
        {
            if (MemoryMarshal.Read<RecordHeader>(record).Kind is RecordKind.Unreliable or RecordKind.Reliable)
            {
                numbers.Add(BitConverter.ToInt32(record[RecordHeader.SizeBytes..]));
            }

            lane.Ring.Release();
        }

        return numbers;
    }

    private static int? NewestOf(InboundLane lane, int slot) =>
        lane.Newest.TryTake(slot, out ReadOnlySpan<byte> record) ? BitConverter.ToInt32(record[RecordHeader.SizeBytes..]) : null;

    private static byte[] Message(int number, int bytes)
    {
        byte[] message = new byte[bytes];
        BitConverter.TryWriteBytes(message, number);
        return message;
    }

    private static IEnumerable<string> Drops(TransportLab lab) =>
        Enum.GetValues<DropReason>().Where(r => lab.Server.Endpoint.Drops[r] > 0).Select(r => $"{r} {lab.Server.Endpoint.Drops[r]}");

    private void Take(InboundLane lane)
    {
        while (lane.Ring.TryPeek(out ReadOnlySpan<byte> record))
        {
            Take(record);
            lane.Ring.Release();
        }

        for (int slot = 0; slot < lane.PeersMax; slot++)
        {
            if (lane.Newest.TryTake(slot, out ReadOnlySpan<byte> record))
            {
                Take(record);
            }
        }
    }

    private void Take(ReadOnlySpan<byte> record)
    {
        RecordHeader header = MemoryMarshal.Read<RecordHeader>(record);
        if (header.Kind is RecordKind.Unreliable or RecordKind.Newest)
        {
            if (!_taken.TryGetValue(header.Slot, out List<byte[]>? messages))
            {
                _taken[header.Slot] = messages = [];
            }

            messages.Add(record[RecordHeader.SizeBytes..].ToArray());
        }
    }
}
