using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Transport;

namespace GameServer.Tests.Transport;

[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public class TransportPumpTests
{
    private static readonly TransportOptions Options = new() { MaxPeers = 4, MaxMessageBytes = 16 * 1024 };

    private readonly Pair _pair = new(Options) { DrainsServer = false };
    private readonly InboundLane _inbound = new(64 * 1024, peersMax: 4);
    private readonly SpscRing _outbound = new(64 * 1024);
    private TransportPump _pump = null!;
    private PeerId _client;

    [SetUp]
    public void Connect()
    {
        _pump = new TransportPump(_pair.Server, _inbound, _outbound, networkThread: 3);
        _client = _pair.Client.Connect(Pair.ServerAddress, [5], _pair.Now);
        _pair.Run(200_000);
    }

    [Test]
    public void MoveInbound_ConnectMessagesDisconnect_BecomeRecordsInOrder()
    {
        SetJoined();
        _pair.Client.Send(_client, DeliveryMethod.ReliableOrdered, 0, [1]);
        _pair.Client.Send(_client, DeliveryMethod.Unreliable, 0, [2]);
        _pair.Run(50_000);
        _pair.Client.Disconnect(_client, [9]);
        _pair.Run(20_000);

        List<(RecordHeader Header, byte[] Payload)> records = Drain();

        Assert.That(
            records.Select(r => (r.Header.Kind, r.Payload[^1], r.Header.NetworkThread)),
            Is.EqualTo(new[] { (RecordKind.Connect, (byte)5, (byte)3), (RecordKind.Reliable, (byte)1, (byte)3), (RecordKind.Unreliable, (byte)2, (byte)3) }));
        Assert.That(ConnectRecord.Read(records[0].Payload, out _, out ReadOnlySpan<byte> data), Is.EqualTo(_pair.ClientAddress));
        Assert.That(data.ToArray(), Is.EqualTo(new byte[] { 5 }), "the address stands before the connect data");
        _pair.Run(500_000);
        records = Drain();
        Assert.That(records.Select(r => (r.Header.Kind, r.Header.Detail)), Is.EqualTo(new[] { (RecordKind.Disconnect, (byte)DisconnectReason.RemoteClosed) }));
    }

    [Test]
    public void MoveInbound_RingFull_NewestUnreliableIsKeptReliableStaysUnacknowledged()
    {
        Drain();
        SetJoined();
        while (_inbound.Ring.TryClaim(1000, 0, out _))
        {
            _inbound.Ring.Publish(1000); // somebody else's records; nothing is left, not even the reserve
        }

        for (byte i = 7; i < 10; i++)
        {
            _pair.Client.Send(_client, DeliveryMethod.Unreliable, 0, [i]);
            _pair.Run(20_000);
            Assert.That(_pump.MoveInbound(), Is.True);
        }

        Assert.That(_pair.Server.Drops[DropReason.UnreliableReplaced], Is.EqualTo(2));
        Assert.That(TakeNewest(), Is.EqualTo(new byte[] { 9 }));
        _pair.Client.Send(_client, DeliveryMethod.ReliableOrdered, 0, [2]);
        _pair.Run(300_000);
        Assert.That(_pump.MoveInbound(), Is.False);
        Assert.That(_pair.Client.TryGetStats(_client, out PeerStats stats) && stats.ReliableQueueBytes > 0, Is.True, "not acknowledged");

        while (_inbound.Ring.TryPeek(out _))
        {
            _inbound.Ring.Release();
        }

        Assert.That(Drain().Single().Payload, Is.EqualTo(new byte[] { 2 }));
        _pair.Run(300_000);
        Assert.That(_pair.Client.TryGetStats(_client, out stats) && stats.ReliableQueueBytes == 0, Is.True, "acknowledged");
    }

    [Test]
    public void MoveOutbound_Records_ArriveAtTheClientByTheirMethod()
    {
        PeerId peer = Drain().Select(r => new PeerId(r.Header.Slot, r.Header.Generation)).Single();
        Put(peer, RecordKind.Reliable, [1]);
        Put(peer, RecordKind.Unreliable, [2]);
        Put(new PeerId(peer.Slot, (ushort)(peer.Generation + 1)), RecordKind.Unreliable, [3]);
        Put(peer, RecordKind.Disconnect, [4]);
        _pump.MoveOutbound();
        _pair.Run(100_000);

        Assert.That(_pair.ClientEvents.Skip(1).Select(e => (e.Event.Kind, e.Event.Method, e.Payload[0])), Is.EqualTo(new[]
        {
            (TransportEventKind.Message, DeliveryMethod.ReliableOrdered, (byte)1),
            (TransportEventKind.Message, DeliveryMethod.Unreliable, (byte)2),
            (TransportEventKind.Disconnected, (DeliveryMethod)0, (byte)4),
        }));
        Assert.That(_pair.Server.Drops[DropReason.SessionUnknown], Is.EqualTo(1));
    }

    [Test]
    public void MoveOutbound_ReliableQueueFull_EndsTheConnectionWithItsReason()
    {
        PeerId peer = Drain().Select(r => new PeerId(r.Header.Slot, r.Header.Generation)).Single();
        _pair.Loses = (_, _) => true;
        for (int i = 0; i < 200; i++)
        {
            Put(peer, RecordKind.Reliable, new byte[8000]);
            _pump.MoveOutbound();
        }

        (RecordHeader header, _) = Drain().Single();
        Assert.That((header.Kind, header.Detail), Is.EqualTo((RecordKind.Disconnect, (byte)DisconnectReason.QueueOverflow)));
        Assert.That(_pair.Server.PeerCount, Is.Zero);
    }

    [Test]
    public void Constructor_RingSmallerThanAMessage_Throws() => Assert.That(
        () => new TransportPump(_pair.Server, new InboundLane(8192, 4), _outbound, 0), Throws.InstanceOf<ArgumentOutOfRangeException>());

    private void Put(PeerId peer, RecordKind kind, byte[] payload)
    {
        Assert.That(_outbound.TryClaim(RecordHeader.SizeBytes + payload.Length, 0, out Span<byte> record), Is.True);
        Unsafe.WriteUnaligned(ref record[0], new RecordHeader { Kind = kind, Slot = peer.Slot, Generation = peer.Generation });
        payload.CopyTo(record[RecordHeader.SizeBytes..]);
        _outbound.Publish(record.Length);
    }

    [Test]
    public void MoveInbound_PathCarriesMore_IsReportedAfterTheConnectAndWhenItChanges()
    {
        SetJoined();
        List<(RecordHeader Header, byte[] Payload)> records = DrainAll();
        Assert.That(records.Select(r => r.Header.Kind), Is.EqualTo(new[] { RecordKind.Connect, RecordKind.Path }));
        _pair.Run(3_000_000);
        _pair.Client.Send(_client, DeliveryMethod.Unreliable, 0, [1]);
        _pair.Client.Send(_client, DeliveryMethod.Unreliable, 0, [2]);
        _pair.Run(50_000);
        records.AddRange(DrainAll());
        ushort[] sizes = [.. records.Where(r => r.Header.Kind == RecordKind.Path).Select(r => BitConverter.ToUInt16(r.Payload))];
        Assert.That(sizes[^1], Is.EqualTo(_pair.Server.PayloadBytesMax(new PeerId(records[0].Header.Slot, records[0].Header.Generation), DeliveryMethod.Unreliable)).And.EqualTo(Limits.DatagramBytesMax - 1));
        Assert.That(sizes, Is.Unique);
    }

    [Test]
    public void MoveInbound_ReliableWaitsForTheRing_NewerUnreliableIsKeptMeanwhile()
    {
        Drain();
        SetJoined();
        while (_inbound.Ring.TryClaim(1000, 0, out _))
        {
            _inbound.Ring.Publish(1000);
        }

        _pair.Client.Send(_client, DeliveryMethod.ReliableOrdered, 0, [1]);
        _pair.Run(20_000);
        Assert.That(_pump.MoveInbound(), Is.False);
        _pair.Client.Send(_client, DeliveryMethod.Unreliable, 0, [2]);
        _pair.Run(20_000);
        Assert.That(TakeNewest(), Is.EqualTo(new byte[] { 2 }), "although what came before it still waits");
    }

    private void SetJoined() => _inbound.SetJoined(0, 1, hasJoined: true);

    private byte[]? TakeNewest() =>
        _inbound.Newest.TryTake(0, out ReadOnlySpan<byte> record) ? record[RecordHeader.SizeBytes..].ToArray() : null;

    private List<(RecordHeader Header, byte[] Payload)> Drain() => DrainAll().FindAll(r => r.Header.Kind != RecordKind.Path);

    private List<(RecordHeader Header, byte[] Payload)> DrainAll()
    {
        _pump.MoveInbound();
        var records = new List<(RecordHeader, byte[])>();
        while (_inbound.Ring.TryPeek(out ReadOnlySpan<byte> record))
        {
            records.Add((MemoryMarshal.Read<RecordHeader>(record), record[RecordHeader.SizeBytes..].ToArray()));
            _inbound.Ring.Release();
        }

        return records;
    }
}
