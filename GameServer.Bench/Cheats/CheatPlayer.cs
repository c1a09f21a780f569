using GameServer.Arena;
using GameServer.Bots;
using GameServer.Netcode.Client;
using GameServer.Netcode.Game;
using GameServer.Netcode.Inputs;
using GameServer.Netcode.Messages;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Transport;

namespace GameServer.Bench.Cheats;

/// <summary>A whole client in virtual time: an honest bot's, or a cheat's, whose input packets are forged on their way out.</summary>
internal sealed class CheatPlayer
{
    private readonly SimulatedNetwork _network;
    private readonly PeerAddress _address;
    private readonly TransportEndpoint _endpoint;
    private readonly PeerId _peer;
    private readonly Cheat? _cheat;
    private readonly ArenaBot _bot;
    private readonly InputPacket _read;
    private readonly InputPacket _forged;
    private readonly InputSampler<ArenaInput> _sample;
    private readonly byte[] _buffer = new byte[Limits.DatagramBytesMax];
    private readonly byte[] _datagram = new byte[DatagramBatch.BufferBytes];
    private readonly Dictionary<uint, ViewStamp> _sent = [];
    private readonly Queue<(long Due, byte[] Payload)> _kept = [];
    private Tick _decided;
    private ArenaInput _input;
    private long _nowMicros;

    public CheatPlayer(SimulatedNetwork network, in PeerAddress server, Schema schema, int index, ulong seed, Cheat? cheat)
    {
        _network = network;
        _cheat = cheat;
        _bot = new ArenaBot(seed + (ulong)index);
        _address = PeerAddress.FromIPv4(0x0200000A + ((uint)index << 16), (ushort)(20_000 + index)); // each from a network of its own
        _read = new InputPacket(schema.Input);
        _forged = new InputPacket(schema.Input);
        _sample = Sample;
        Name = cheat?.Name ?? "honest";
        NextFrameMicros = index * 700;
        _endpoint = new TransportEndpoint(new TransportOptions { MaxPeers = 1, Channels = 1, AcceptConnections = false }, seed + (ulong)index + 1, 0);
        _peer = _endpoint.Connect(in server, [], 0);
        Client = new GameClient<ArenaInput>(new ArenaGame(), Send);
    }

    public string Name { get; }

    public GameClient<ArenaInput> Client { get; }

    public long NextFrameMicros { get; set; }

    /// <summary>Deaths that this client was told of.</summary>
    public List<Killed> Kills { get; } = [];

    public void Update(long nowMicros)
    {
        _nowMicros = nowMicros;
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

        Client.Update(_nowMicros, _sample);
        TakeEvents();
        while (_kept.TryPeek(out (long Due, byte[] Payload) kept) && kept.Due <= nowMicros)
        {
            _endpoint.Send(_peer, DeliveryMethod.Unreliable, 0, _kept.Dequeue().Payload);
        }

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
                Client.Connected(Name, _nowMicros);
                break;
            case TransportEventKind.Message:
                Client.Receive(payload, e.Method != DeliveryMethod.Unreliable, _nowMicros);
                break;
            case TransportEventKind.Disconnected:
                Client.Disconnected(payload, LeaveReason.Protocol);
                break;
        }
    }

    private void TakeEvents()
    {
        while (Client.TryTakeEvent(ArenaGame.Kills, out Killed killed))
        {
            Kills.Add(killed);
        }

        while (Client.TryTakeEvent(ArenaGame.Shots, out _) || Client.TryTakeEvent(ArenaGame.Explosions, out _) || Client.TryTakeEvent(ArenaGame.RoundStarts, out _))
        {
        }
    }

    private void Sample(ref ArenaInput input)
    {
        if (Client.Tick == _decided)
        {
            input = _input;
            return;
        }

        _decided = Client.Tick;
        if (_cheat is null)
        {
            _bot.Decide(Client, ref _input);
        }
        else
        {
            _cheat.Decide(Client, ref _input);
        }

        input = _input;
    }

    private void Send(ReadOnlySpan<byte> payload, bool isReliable)
    {
        if (isReliable || _cheat is null || payload[0] != (byte)PayloadKind.Input || !_read.TryRead(payload))
        {
            _endpoint.Send(_peer, isReliable ? DeliveryMethod.ReliableOrdered : DeliveryMethod.Unreliable, 0, payload);
            return;
        }

        Forge(ahead: 0);
        if (_cheat.SendsTwice)
        {
            Forge(ahead: _read.Count);
        }
    }

    private void Forge(int ahead)
    {
        _forged.Clear();
        _forged.HasAck = _read.HasAck;
        (_forged.AckSequence, _forged.AckBits) = _cheat!.Acknowledge(_read.AckSequence, _read.AckBits, Client.Tick);
        for (int i = 0; i < _read.Count; i++)
        {
            _forged.Add(_read.TickOf(i) + ahead, StampOf(_read.TickOf(i), _read.StampOf(i)), _read.RowOf(i));
        }

        long held = _cheat.HoldsMicros(_nowMicros);
        int size = _forged.Write(_buffer);
        if (held == 0)
        {
            _endpoint.Send(_peer, DeliveryMethod.Unreliable, 0, _buffer.AsSpan(0, size));
        }
        else if (held > 0)
        {
            _kept.Enqueue((_nowMicros + held, _buffer.AsSpan(0, size).ToArray()));
        }
    }

    // An input that is sent again claims the same again.
    private ViewStamp StampOf(Tick tick, ViewStamp honest)
    {
        if (!_sent.TryGetValue(tick.Value, out ViewStamp stamp))
        {
            _cheat!.Note(tick, honest);
            stamp = _cheat.Forge(tick, honest);
            _sent[tick.Value] = stamp;
            _sent.Remove(tick.Value - 256);
        }

        return stamp;
    }
}
