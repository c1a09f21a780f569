using GameServer.Netcode.Primitives;
using GameServer.Netcode.Transport;

namespace GameServer.Tests.Transport;

/// <summary>A1: nothing is allocated per datagram once a connection runs.</summary>
public class TransportAllocationTests
{
    private readonly byte[] _buffer = new byte[Limits.DatagramBytesMax];
    private readonly byte[] _message = new byte[60];
    private readonly byte[] _large = new byte[5000];
    private long _now;
    private int _consumed;

    [TestCase(ProtocolLine.LiteNetLib1, false)]
    [TestCase(ProtocolLine.LiteNetLib2, false)]
    [TestCase(ProtocolLine.LiteNetLib2, true)]
    public void HandleAndPoll_SteadyState_AllocateNothing(ProtocolLine line, bool crc)
    {
        Pair pair = new Pair(new TransportOptions { Crc32c = crc }, new TransportOptions { Line = line, Crc32c = crc, MaxPeers = 1 }).Connect();
        _now = pair.Now;
        PeerId client = pair.ClientPeer, server = pair.ServerPeer;
        Exchange(pair, client, server, 1000);
        _consumed = 0;
        long least = long.MaxValue;
        for (int i = 0; i < 3; i++)
        {
            // The least of three: the runtime's own work, as when it compiles a loop anew, may fall into one of them.
            long before = GC.GetAllocatedBytesForCurrentThread();
            Exchange(pair, client, server, 1000);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.That(_consumed, Is.GreaterThan(30_000));
        Assert.That(least, Is.Zero);
    }

    [Test]
    public void Handle_GarbageFromStrangers_AllocatesNothing()
    {
        var server = new TransportEndpoint(new TransportOptions(), 1, 0);
        var random = DeterministicRandom.From(3, 3);
        Flood(server, ref random, 500);
        long least = long.MaxValue;
        for (int i = 0; i < 3; i++)
        {
            // The least of three, as above.
            long before = GC.GetAllocatedBytesForCurrentThread();
            Flood(server, ref random, 20_000);
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        Assert.That(least, Is.Zero);
        Assert.That(server.Drops.Total, Is.GreaterThan(20_000));
    }

    private void Flood(TransportEndpoint server, ref DeterministicRandom random, int count)
    {
        for (int i = 0; i < count; i++)
        {
            Span<byte> datagram = _buffer.AsSpan(0, 1 + random.NextInt(60));
            foreach (ref byte value in datagram)
            {
                value = (byte)random.NextUInt();
            }

            server.Handle(datagram, PeerAddress.FromIPv4(random.NextUInt(), 99), i);
        }
    }

    private void Exchange(Pair pair, PeerId client, PeerId server, int rounds)
    {
        for (int round = 0; round < rounds; round++)
        {
            _now += 10_000;
            for (int method = 0; method < 5; method++)
            {
                byte channel = (byte)(method == 4 ? 0 : round & 1);
                pair.Client.Send(client, (DeliveryMethod)method, channel, _message);
                pair.Server.Send(server, (DeliveryMethod)method, channel, _message);
            }

            if (round % 10 == 0)
            {
                pair.Server.Send(server, DeliveryMethod.ReliableOrdered, 0, _large);
            }

            Move(pair.Client, pair.Server, pair.ClientAddress);
            Move(pair.Server, pair.Client, Pair.ServerAddress);
            Consume(pair.Server);
            Consume(pair.Client);
        }
    }

    private void Move(TransportEndpoint from, TransportEndpoint to, PeerAddress address)
    {
        from.Advance(_now);
        while (from.TryPollDatagram(_buffer, out int length, out _))
        {
            to.Handle(_buffer.AsSpan(0, length), address, _now);
        }
    }

    private void Consume(TransportEndpoint endpoint)
    {
        while (endpoint.TryPeekEvent(out _, out ReadOnlySpan<byte> payload))
        {
            _consumed += payload.Length > 0 ? 1 : 0;
            endpoint.ConsumeEvent();
        }
    }
}
