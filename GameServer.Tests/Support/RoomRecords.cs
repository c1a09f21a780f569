using System.Runtime.InteropServices;
using GameServer.Arena;
using GameServer.Netcode.Game;
using GameServer.Netcode.Inputs;
using GameServer.Netcode.Messages;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Server;
using GameServer.Netcode.Transport;

namespace GameServer.Tests.Support;

/// <summary>A room of the arena whose records a test writes and reads itself: no transport, no client, ticks on demand.</summary>
internal sealed class RoomRecords : RoomObserver
{
    private readonly InboundLane _inbound;
    private readonly SpscRing _outbound = new(1 << 21);
    private readonly Dictionary<int, ushort> _newest = [];
    private readonly byte[] _buffer = new byte[4096];
    private readonly ulong _schemaHash = GameSchema<ArenaInput>.Of(new ArenaGame()).Hash;

    public RoomRecords(RoomOptions options)
    {
        Options = options;
        _inbound = new InboundLane(1 << 20, options.PeersPerThread);
        Room = Room.Create(new ArenaGame(), options, [_inbound], [_outbound], this);
    }

    public RoomOptions Options { get; }

    /// <summary>Each peer acknowledges every snapshot in the next tick, as a client does; one that never does is ended.</summary>
    public bool Acknowledges { get; init; } = true;

    public Room Room { get; }

    public List<(int Seat, string Name)> Joined { get; } = [];

    public List<(LeaveReason Reason, string Text)> Refused { get; } = [];

    public List<(int Seat, LeaveReason Reason)> Left { get; } = [];

    /// <summary>Reliable messages to each peer, in order.</summary>
    public List<(int Slot, byte[] Message)> Messages { get; } = [];

    /// <summary>Snapshots to each peer, in order.</summary>
    public List<(int Slot, byte[] Payload)> Snapshots { get; } = [];

    /// <summary>Peers that the transport is asked to end, with the byte for the other side.</summary>
    public List<(int Slot, LeaveReason Reason)> Ended { get; } = [];

    public override void PlayerJoined(PlayerId player, string name, bool isSpectator) => Joined.Add((player.Index, name));

    public override void JoinRefused(LeaveReason reason, string text) => Refused.Add((reason, text));

    public override void PlayerLeft(PlayerId player, LeaveReason reason) => Left.Add((player.Index, reason));

    /// <summary>A connection whose time is 1, from an address of its own unless one is given.</summary>
    public void Connect(ushort slot, ReadOnlySpan<byte> data = default, PeerAddress? from = null)
    {
        var payload = new byte[ConnectRecord.HeaderBytes + data.Length];
        ConnectRecord.Write(payload, from ?? PeerAddress.FromIPv4(0x0000000Au | ((uint)slot << 16), 40_000), connectionTime: 1);
        data.CopyTo(payload.AsSpan(ConnectRecord.HeaderBytes));
        Put(RecordKind.Connect, slot, payload);
    }

    public void Say(ushort slot, ReadOnlySpan<byte> message) => Put(RecordKind.Reliable, slot, message);

    public void Join(ushort slot, string name, bool spectator = false, PeerAddress? from = null)
    {
        Connect(slot, default, from);
        Say(slot, JoinOf(name, spectator));
    }

    public byte[] JoinOf(string name, bool spectator = false) => _buffer[..new JoinMessage("arena", 1, _schemaHash, name, spectator).Write(_buffer)];

    /// <summary>The welcome that a peer was sent.</summary>
    public WelcomeMessage WelcomeOf(int slot)
    {
        foreach ((int to, byte[] message) in Messages)
        {
            if (to == slot && WelcomeMessage.TryRead(message, out WelcomeMessage welcome))
            {
                return welcome;
            }
        }

        throw new AssertionException($"peer {slot} was not welcomed");
    }

    /// <summary>Runs ticks and takes what they send.</summary>
    public void Run(int ticks = 1)
    {
        for (int i = 0; i < ticks; i++)
        {
            Room.NextDeadlineMicros += (long)Room.PeriodMicros;
            Acknowledge();
            Room.Drain(Room.NextDeadlineMicros);
            Room.Step();
            Take();
        }
    }

    private void Acknowledge()
    {
        var packet = new InputPacket(Room.World.Schema.Input) { HasAck = true, AckBits = uint.MaxValue };
        foreach ((int slot, ushort newest) in _newest)
        {
            packet.AckSequence = newest;
            Put(RecordKind.Unreliable, (ushort)slot, _buffer.AsSpan(0, packet.Write(_buffer)));
        }

        _newest.Clear();
    }

    public void Take()
    {
        while (_outbound.TryPeek(out ReadOnlySpan<byte> record))
        {
            RecordHeader header = MemoryMarshal.Read<RecordHeader>(record);
            byte[] payload = record[RecordHeader.SizeBytes..].ToArray();
            switch (header.Kind)
            {
                case RecordKind.Reliable or RecordKind.Chat:
                    Messages.Add((header.Slot, payload));
                    break;
                case RecordKind.Unreliable:
                    Snapshots.Add((header.Slot, payload));
                    if (Acknowledges)
                    {
                        _newest[header.Slot] = BitConverter.ToUInt16(payload, 1);
                    }

                    break;
                case RecordKind.Disconnect:
                    Ended.Add((header.Slot, (LeaveReason)payload[0]));
                    break;
            }

            _outbound.Release();
        }
    }

    public void Put(RecordKind kind, ushort slot, ReadOnlySpan<byte> payload, DisconnectReason detail = DisconnectReason.None)
    {
        Assert.That(_inbound.Ring.TryClaim(RecordHeader.SizeBytes + payload.Length, 0, out Span<byte> record), Is.True);
        var header = new RecordHeader { Kind = kind, Slot = slot, Generation = 1, Detail = (byte)detail, Micros = Room.NextDeadlineMicros };
        MemoryMarshal.Write(record, in header);
        payload.CopyTo(record[RecordHeader.SizeBytes..]);
        _inbound.Ring.Publish(RecordHeader.SizeBytes + payload.Length);
    }
}
