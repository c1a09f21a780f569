using GameServer.Netcode.Primitives;
using GameServer.Netcode.Transport;

namespace GameServer.Tests.Support;

/// <summary>A connection to the lab's server that has no client behind it: it connects, connects again when it is ended, and sends what a test likes.</summary>
internal sealed class LabStranger
{
    private readonly SimulatedNetwork _network;
    private readonly PeerAddress _server;
    private readonly PeerAddress _address;
    private readonly TransportEndpoint _endpoint;
    private readonly byte[] _buffer = new byte[Limits.DatagramBytesMax];
    private PeerId _peer;

    public LabStranger(SimulatedNetwork network, PeerAddress server, PeerAddress address, long nowMicros)
    {
        _network = network;
        _server = server;
        _address = address;
        _endpoint = new TransportEndpoint(new TransportOptions { MaxPeers = 1, Channels = 1, AcceptConnections = false }, address.Port, nowMicros);
        _peer = _endpoint.Connect(server, new byte[20], nowMicros);
    }

    /// <summary>Messages of the server so far.</summary>
    public List<byte[]> Messages { get; } = [];

    public bool IsConnected { get; private set; }

    public int Connects { get; private set; }

    public SendResult Send(DeliveryMethod method, ReadOnlySpan<byte> message) => _endpoint.Send(_peer, method, 0, message);

    /// <summary>Sends what waits and takes what has arrived.</summary>
    public void Update(long nowMicros)
    {
        while (_network.TryReceive(_address, nowMicros, _buffer, out int length, out PeerAddress from))
        {
            _endpoint.Handle(_buffer.AsSpan(0, length), from, nowMicros);
        }

        _endpoint.Advance(nowMicros);
        while (_endpoint.TryPeekEvent(out TransportEvent e, out ReadOnlySpan<byte> payload))
        {
            Take(in e, payload);
            _endpoint.ConsumeEvent();
        }

        if (_endpoint.PeerCount == 0)
        {
            _peer = _endpoint.Connect(_server, new byte[20], nowMicros);
        }

        while (_endpoint.TryPollDatagram(_buffer, out int length, out PeerAddress to))
        {
            _network.Send(_address, to, _buffer.AsSpan(0, length), nowMicros);
        }
    }

    private void Take(in TransportEvent e, ReadOnlySpan<byte> payload)
    {
        IsConnected = e.Kind is TransportEventKind.Connected or TransportEventKind.Message;
        Connects += e.Kind == TransportEventKind.Connected ? 1 : 0;
        if (e.Kind == TransportEventKind.Message)
        {
            Messages.Add(payload.ToArray());
        }
    }
}
