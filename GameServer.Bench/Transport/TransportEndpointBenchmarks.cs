using BenchmarkDotNet.Attributes;
using GameServer.Netcode.Transport;

namespace GameServer.Bench.Transport;

/// <summary>Both ends of a connection without sockets; figures are per datagram.</summary>
[MemoryDiagnoser]
public class TransportEndpointBenchmarks
{
    private const int Datagrams = 64;

    private static readonly PeerAddress s_serverAddress = PeerAddress.FromIPv4(0x0100007F, 9050);
    private static readonly PeerAddress s_clientAddress = PeerAddress.FromIPv4(0x0100007F, 50_001);

    private readonly byte[] _buffer = new byte[DatagramBatch.BufferBytes];
    private readonly byte[] _message = new byte[60];
    private TransportEndpoint _server = null!;
    private TransportEndpoint _client = null!;
    private PeerId _serverPeer;
    private PeerId _clientPeer;
    private long _nowMicros = 1_000_000;

    [GlobalSetup]
    public void Setup()
    {
        _server = new TransportEndpoint(new TransportOptions { MtuDiscovery = false }, 1, _nowMicros);
        _client = new TransportEndpoint(new TransportOptions { MaxPeers = 1, AcceptConnections = false, MtuDiscovery = false }, 2, _nowMicros);
        _clientPeer = _client.Connect(in s_serverAddress, [], _nowMicros);
        for (int i = 0; i < 100; i++)
        {
            Exchange();
        }

        if (_serverPeer.IsNone)
        {
            throw new InvalidOperationException("not connected");
        }
    }

    /// <summary>An unreliable message: queued, polled, handled, taken.</summary>
    [Benchmark(OperationsPerInvoke = Datagrams)]
    public int Unreliable()
    {
        int taken = 0;
        for (int i = 0; i < Datagrams; i++)
        {
            _client.Send(_clientPeer, DeliveryMethod.Unreliable, 0, _message);
            _nowMicros += 10;
            taken += Move(_client, _server, in s_clientAddress);
        }

        Exchange();
        return taken;
    }

    /// <summary>A reliable message with its acknowledgement: two datagrams.</summary>
    [Benchmark(OperationsPerInvoke = Datagrams)]
    public int ReliableOrdered()
    {
        int taken = 0;
        for (int i = 0; i < Datagrams; i++)
        {
            _client.Send(_clientPeer, DeliveryMethod.ReliableOrdered, 0, _message);
            _nowMicros += 1000;
            taken += Move(_client, _server, in s_clientAddress) + Move(_server, _client, in s_serverAddress);
        }

        return taken;
    }

    private void Exchange()
    {
        _nowMicros += 1000;
        Move(_client, _server, in s_clientAddress);
        Move(_server, _client, in s_serverAddress);
    }

    private int Move(TransportEndpoint from, TransportEndpoint to, in PeerAddress address)
    {
        from.Advance(_nowMicros);
        while (from.TryPollDatagram(_buffer, out int length, out _))
        {
            to.Handle(_buffer.AsSpan(0, length), in address, _nowMicros);
        }

        int messages = 0;
        while (to.TryPeekEvent(out TransportEvent e, out _))
        {
            messages += e.Kind == TransportEventKind.Message ? 1 : 0;
            _serverPeer = to == _server && e.Kind == TransportEventKind.Connected ? e.Peer : _serverPeer;
            to.ConsumeEvent();
        }

        return messages;
    }
}
