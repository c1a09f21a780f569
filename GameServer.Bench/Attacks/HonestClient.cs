using GameServer.Bench.Sockets;
using GameServer.Netcode.Transport;

namespace GameServer.Bench.Attacks;

/// <summary>An ordinary client: inputs 60 times a second, and one reliable message at a time that comes back.</summary>
internal sealed class HonestClient : IDisposable
{
    private const long PeriodMicros = 16_667;

    private readonly PeerAddress _server;
    private readonly byte[] _input = new byte[40];
    private readonly byte[] _say = new byte[8];
    private IDatagramSocket _socket = null!;
    private TransportPort _port = null!;
    private TransportEndpoint _endpoint;
    private PeerId _peer;
    private long _nextMicros;
    private long _said;
    private long _joinMicros;
    private readonly Func<long> _waitedMicros;
    private readonly long _waitedBefore;
    private bool _answered = true;

    /// <summary>A client that connects at once.</summary>
    /// <param name="server">The server.</param>
    /// <param name="seed">Of its chance.</param>
    /// <param name="waitedMicros">Time that is not counted: in which there was no processor for it or the server.</param>
    public HonestClient(PeerAddress server, ulong seed, Func<long>? waitedMicros = null)
    {
        _waitedMicros = waitedMicros ?? (static () => 0);
        _waitedBefore = _waitedMicros();
        _server = server;
        var options = new TransportOptions
        {
            MaxPeers = 1, Channels = 1, OpenChannels = ChannelSet.Match, AcceptConnections = false, EventQueueBytes = 128 << 10,
            FragmentBytesPerPeer = 128 << 10, MaxReliableQueueBytes = 16 << 10, MaxMessageBytes = 32 << 10,
            UtcTicksAtZero = SocketClock.UtcTicksAtZero,
        };
        _endpoint = new TransportEndpoint(options, seed, SocketClock.Micros);
        Rebind();
        StartedMicros = SocketClock.Micros;
        _peer = _endpoint.Connect(server, new byte[40], StartedMicros);
    }

    public long StartedMicros { get; }

    /// <summary>When the first reliable message came back, which takes a connection that both sides know; 0: not yet.</summary>
    public long JoinedMicros { get; private set; }

    /// <summary>How long it took to join, or takes by now, without the time that is not counted.</summary>
    public long JoinMicros => _joinMicros != 0 ? _joinMicros : SocketClock.Micros - StartedMicros - (_waitedMicros() - _waitedBefore);

    public bool HasEnded { get; private set; }

    public DisconnectReason EndReason { get; private set; }

    public long EndedMicros { get; private set; }

    /// <summary>Reliable messages that came back, in order and unchanged.</summary>
    public long Echoes { get; private set; }

    /// <summary>Reliable messages that came back wrongly.</summary>
    public long Wrong { get; private set; }

    public PeerAddress Address => _socket.LocalAddress;

    internal Peer Peer => _endpoint.PeerOf(_peer);

    /// <summary>Changes to another socket, as behind a router that has forgotten the old one.</summary>
    public void Rebind()
    {
        IDatagramSocket? before = _socket;
        _socket = DatagramSocket.Open(EchoCost.Loopback());
        _port = new TransportPort(_socket, _endpoint, 16);
        before?.Dispose();
    }

    public void Update()
    {
        long now = SocketClock.Micros;
        _port.Receive(4);
        _endpoint.Advance(now);
        TakeEvents(now);
        if (now >= _nextMicros && !HasEnded)
        {
            _nextMicros = now + PeriodMicros;
            _endpoint.Send(_peer, DeliveryMethod.Unreliable, 0, _input);
            byte[] next = BitConverter.GetBytes(_said + 1);
            if (_answered && _endpoint.Send(_peer, DeliveryMethod.ReliableOrdered, 0, next) == SendResult.Queued)
            {
                _said++;
                _answered = false;
            }
        }

        _port.Send();
    }

    public void Dispose() => _socket.Dispose();

    private void TakeEvents(long now)
    {
        while (_endpoint.TryPeekEvent(out TransportEvent e, out ReadOnlySpan<byte> payload))
        {
            if (e.Kind == TransportEventKind.Disconnected)
            {
                (HasEnded, EndReason, EndedMicros) = (true, e.Reason, now);
            }
            else if (e.Kind == TransportEventKind.Message && e.Method == DeliveryMethod.ReliableOrdered)
            {
                if (JoinedMicros == 0)
                {
                    _joinMicros = JoinMicros;
                    JoinedMicros = now;
                }

                bool right = BitConverter.TryWriteBytes(_say, _said) && payload.SequenceEqual(_say);
                Echoes += right ? 1 : 0;
                Wrong += right ? 0 : 1;
                _answered = true;
            }

            _endpoint.ConsumeEvent();
        }
    }
}
