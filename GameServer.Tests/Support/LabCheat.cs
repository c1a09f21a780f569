using GameServer.Arena;
using GameServer.Netcode.Client;
using GameServer.Netcode.Game;
using GameServer.Netcode.Inputs;
using GameServer.Netcode.Messages;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Transport;

namespace GameServer.Tests.Support;

/// <summary>Changes what one input claims to have seen; the index counts inputs since the start.</summary>
internal delegate ViewStamp StampForger(Tick tick, ViewStamp honest);

/// <summary>Is given bytes to look at.</summary>
internal delegate void ReadOnlySpanAction(ReadOnlySpan<byte> bytes);

/// <summary>A whole client whose input packets are forged on their way out: stamps, and which snapshots they acknowledge.</summary>
internal sealed class LabCheat
{
    private const long FrameMicros = 8000;

    private readonly SimulatedNetwork _network;
    private readonly PeerAddress _address = PeerAddress.FromIPv4(0x0400000A, 44_444);
    private readonly TransportEndpoint _endpoint;
    private readonly PeerId _peer;
    private readonly InputPacket _read;
    private readonly InputPacket _forged;
    private readonly Dictionary<uint, ViewStamp> _stampOf = [];
    private readonly byte[] _buffer = new byte[Limits.DatagramBytesMax];
    private readonly byte[] _datagram = new byte[DatagramBatch.BufferBytes];
    private long _nextFrame;
    private ArenaInput _input;
    private long _now;

    public LabCheat(SimulatedNetwork network, PeerAddress server, LinkModel link)
    {
        _network = network;
        _network.SetLink(_address, server, link);
        _network.SetLink(server, _address, link);
        Schema schema = GameSchema<ArenaInput>.Of(new ArenaGame());
        _read = new InputPacket(schema.Input);
        _forged = new InputPacket(schema.Input);
        _endpoint = new TransportEndpoint(new TransportOptions { MaxPeers = 1, Channels = 1, AcceptConnections = false, StartMtuBytes = Limits.DatagramBytesMin }, 99, 0);
        _peer = _endpoint.Connect(in server, [], 0);
        Client = new GameClient<ArenaInput>(new ArenaGame(), Send);
    }

    public GameClient<ArenaInput> Client { get; }

    public StampForger? Stamp { get; set; }

    /// <summary>Changes the acknowledgement: newest sequence and the bits of those before.</summary>
    public Func<ushort, uint, (ushort Newest, uint Bits)>? Ack { get; set; }

    /// <summary>Sends inputs without a word of what has arrived.</summary>
    public bool NeverAcknowledges { get; set; }

    /// <summary>Told of each unreliable payload of the server.</summary>
    public ReadOnlySpanAction? Received { get; set; }

    /// <summary>Told of each input packet as it was before it was forged.</summary>
    public ReadOnlySpanAction? Sent { get; set; }

    public long Forged { get; private set; }

    public void Update(long nowMicros)
    {
        if (nowMicros < _nextFrame)
        {
            return;
        }

        _now = nowMicros;
        _nextFrame = nowMicros + FrameMicros;
        while (_network.TryReceive(in _address, nowMicros, _datagram, out int length, out PeerAddress from))
        {
            _endpoint.Handle(_datagram.AsSpan(0, length), in from, nowMicros);
        }

        _endpoint.Advance(nowMicros);
        while (_endpoint.TryPeekEvent(out TransportEvent e, out ReadOnlySpan<byte> payload))
        {
            Take(in e, payload);
            _endpoint.ConsumeEvent();
        }

        Client.Update(nowMicros, Aim);
        while (_endpoint.TryPollDatagram(_datagram, out int length, out PeerAddress to))
        {
            _network.Send(in _address, in to, _datagram.AsSpan(0, length), nowMicros);
        }
    }

    private void Take(in TransportEvent e, ReadOnlySpan<byte> payload)
    {
        switch (e.Kind)
        {
            case TransportEventKind.Connected:
                Client.Connected("cheat", _now);
                break;
            case TransportEventKind.Message:
                (e.Method == DeliveryMethod.Unreliable ? Received : null)?.Invoke(payload);
                Client.Receive(payload, e.Method != DeliveryMethod.Unreliable, _now);
                break;
            case TransportEventKind.Disconnected:
                Client.Disconnected(LeaveReason.Protocol);
                break;
        }
    }

    // Shoots at the nearest whom he sees, all the time.
    private void Aim(ref ArenaInput input)
    {
        _input.Buttons.Set(ArenaInput.Fire, true);
        if (Client.TryGetOwned(ArenaGame.Soldiers, out Soldier me))
        {
            ViewEntities<Soldier> soldiers = Client.View.Of(ArenaGame.Soldiers);
            float best = float.MaxValue;
            for (int i = 0; i < soldiers.Count; i++)
            {
                float distance = DeterministicMath.Distance(soldiers[i].Chest, me.Eye);
                if (!soldiers.IsOwn(i) && soldiers[i].IsAlive && distance < best)
                {
                    best = distance;
                    _input.Aim = DeterministicMath.Normalize(soldiers[i].Chest - me.Eye);
                }
            }
        }

        input = _input;
    }

    private void Send(ReadOnlySpan<byte> payload, bool isReliable)
    {
        if (isReliable || payload[0] != (byte)PayloadKind.Input || !_read.TryRead(payload))
        {
            _endpoint.Send(_peer, isReliable ? DeliveryMethod.ReliableOrdered : DeliveryMethod.Unreliable, 0, payload);
            return;
        }

        Sent?.Invoke(payload);
        _forged.Clear();
        (ushort newest, uint bits) = Ack?.Invoke(_read.AckSequence, _read.AckBits) ?? (_read.AckSequence, _read.AckBits);
        _forged.HasAck = _read.HasAck && !NeverAcknowledges;
        _forged.AckSequence = newest;
        _forged.AckBits = bits;
        for (int i = 0; i < _read.Count; i++)
        {
            _forged.Add(_read.TickOf(i), Forge(_read.TickOf(i), _read.StampOf(i)), _read.RowOf(i));
        }

        Forged++;
        _endpoint.Send(_peer, DeliveryMethod.Unreliable, 0, _buffer.AsSpan(0, _forged.Write(_buffer)));
    }

    // An input that is sent again claims the same again.
    private ViewStamp Forge(Tick tick, ViewStamp honest)
    {
        if (Stamp is null)
        {
            return honest;
        }

        if (!_stampOf.TryGetValue(tick.Value, out ViewStamp stamp))
        {
            stamp = Stamp(tick, honest);
            _stampOf[tick.Value] = stamp;
        }

        return stamp;
    }
}
