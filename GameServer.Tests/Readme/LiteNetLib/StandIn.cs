using System.Net;
using GameServer.Netcode.Transport;

// Shaped like the few types of LiteNetLib that the README's client uses, over our own endpoint: the package is not in every registry.
namespace GameServer.Tests.Readme.LiteNetLib;

internal enum DeliveryMethod
{
    ReliableOrdered = 2,
    Unreliable = 4,
}

internal struct DisconnectInfo;

internal sealed class NetPacketReader(byte[] payload)
{
    private byte[] _payload = payload;

    public byte[] GetRemainingBytes() => _payload;

    public void Recycle() => _payload = [];
}

internal sealed class NetPeer(TransportEndpoint endpoint, PeerId peer)
{
    public void Send(byte[] data, DeliveryMethod method) => endpoint.Send(peer, (Netcode.Transport.DeliveryMethod)method, 0, data);
}

internal sealed class EventBasedNetListener
{
    public event Action<NetPeer>? PeerConnectedEvent;

    public event Action<NetPeer, NetPacketReader, byte, DeliveryMethod>? NetworkReceiveEvent;

    public event Action<NetPeer, DisconnectInfo>? PeerDisconnectedEvent;

    public void Raise(in TransportEvent e, NetPeer peer, byte[] payload)
    {
        switch (e.Kind)
        {
            case TransportEventKind.Connected:
                PeerConnectedEvent?.Invoke(peer);
                break;
            case TransportEventKind.Disconnected:
                PeerDisconnectedEvent?.Invoke(peer, default);
                break;
            case TransportEventKind.Message:
                NetworkReceiveEvent?.Invoke(peer, new NetPacketReader(payload), e.Channel, (DeliveryMethod)e.Method);
                break;
        }
    }
}

internal sealed class NetManager(EventBasedNetListener listener)
{
    private readonly DatagramBatch _batch = new(16);
    private IDatagramSocket? _socket;
    private TransportEndpoint? _endpoint;
    private NetPeer? _peer;

    private static long NowMicros => Environment.TickCount64 * 1000;

    public bool Start()
    {
        _socket = DatagramSocket.Open(new SocketOptions());
        _endpoint = new TransportEndpoint(new TransportOptions { MaxPeers = 1, AcceptConnections = false }, seed: 7, NowMicros);
        return true;
    }

    public NetPeer Connect(string host, int port, string key)
    {
        PeerId peer = _endpoint!.Connect(PeerAddress.From(new IPEndPoint(IPAddress.Parse(host), port)), System.Text.Encoding.UTF8.GetBytes(key), NowMicros);
        return _peer = new NetPeer(_endpoint, peer);
    }

    public void PollEvents()
    {
        int count = _socket!.Receive(_batch);
        for (int i = 0; i < count; i++)
        {
            _endpoint!.Handle(_batch.Datagram(i), in _batch.Addresses[i], NowMicros);
        }

        _endpoint!.Advance(NowMicros);
        while (_endpoint.TryPeekEvent(out TransportEvent e, out ReadOnlySpan<byte> payload))
        {
            byte[] copy = payload.ToArray();
            _endpoint.ConsumeEvent();
            listener.Raise(in e, _peer!, copy);
        }

        while (_endpoint.TryPollDatagram(_batch.Buffer(0), out _batch.Lengths[0], out _batch.Addresses[0]))
        {
            _socket.Send(_batch, 0, 1);
        }
    }

    public void Stop() => _socket!.Dispose();
}
