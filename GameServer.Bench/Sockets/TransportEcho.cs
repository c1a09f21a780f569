using GameServer.Netcode.Transport;

namespace GameServer.Bench.Sockets;

/// <summary>Echoes unreliable messages of connected peers through the whole transport.</summary>
internal sealed class TransportEcho : IEcho
{
    // Answers to several batches leave together, which matters when most of what arrives needs none.
    private const int BatchesPerRound = 8;

    private readonly IDatagramSocket _socket;
    private readonly TransportPort _port;

    public TransportEcho(string name, SocketOptions options, int maxPeers)
    {
        Name = name;
        _socket = DatagramSocket.Open(options);
        Endpoint = new TransportEndpoint(
            new TransportOptions { MaxPeers = maxPeers, RequestsPerAddress = 100_000, RequestsPerPrefix = 100_000, EventQueueBytes = 4 << 20, MtuDiscovery = false },
            seed: 1,
            SocketClock.Micros);
        _port = new TransportPort(_socket, Endpoint);
    }

    public string Name { get; }

    public PeerAddress Address => _socket.LocalAddress;

    public TransportEndpoint Endpoint { get; }

    public IDatagramSocket Socket => _socket;

    /// <summary>A peer whose messages are thrown away in place of being echoed.</summary>
    public PeerId Muted { get; set; }

    public int Serve()
    {
        _socket.Wait(0);
        int total = 0;
        int count;
        do
        {
            count = 0;
            for (int i = 0; i < BatchesPerRound && count == i * DatagramBatch.CapacityMax; i++)
            {
                count += _port.Receive();
                Answer();
            }

            Endpoint.Advance(SocketClock.Micros);
            _port.Send();
            total += count;
        }
        while (count == BatchesPerRound * DatagramBatch.CapacityMax);
        return total;
    }

    /// <summary>Sleeps until something is to do.</summary>
    public void Wait()
    {
        long now = SocketClock.Micros;
        _socket.Wait(Math.Clamp(Endpoint.NextTimeoutMicros - now, 0, 100_000));
    }

    public void Wake() => _socket.Wake();

    public void Dispose() => _socket.Dispose();

    private void Answer()
    {
        while (Endpoint.TryPeekEvent(out TransportEvent e, out ReadOnlySpan<byte> payload))
        {
            if (e.Kind == TransportEventKind.Message && e.Peer != Muted)
            {
                _ = Endpoint.Send(e.Peer, e.Method, e.Channel, payload);
            }

            Endpoint.ConsumeEvent();
        }
    }
}
