using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using GameServer.Netcode.Game;
using GameServer.Netcode.Inputs;
using GameServer.Netcode.Messages;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Server;
using GameServer.Netcode.Transport;

namespace GameServer.Tests.Vectors;

/// <summary>A room in which two players do the same few things each time: what it writes for the first of them are the vectors.</summary>
internal sealed class VectorRoom
{
    private readonly InboundLane _inbound;
    private readonly SpscRing _outbound = new(1 << 16);
    private readonly Schema _schema = GameSchema<VectorInput>.Of(new VectorGame());
    private readonly byte[] _buffer = new byte[1400];
    private readonly Room _room;
    private long _now;

    private VectorRoom()
    {
        var options = new RoomOptions { Seed = 1, PlayersMax = 2, SpectatorsMax = 0, PeersPerThread = 2, FirstTick = 100, FirstSnapshotSequence = 500 };
        _inbound = new InboundLane(1 << 16, options.PeersPerThread);
        _room = Room.Create(new VectorGame(), options, [_inbound], [_outbound]);
    }

    public static List<(string Name, byte[] Bytes)> Record()
    {
        var room = new VectorRoom();
        var vectors = new List<(string, byte[])>();
        room.Join(0);
        room.Join(1);
        vectors.Add(("full states of an own and another entity", room.Tick()));
        room.Input(0, ack: 500, move: 1, pressed: 0);
        room.Input(1, ack: 500, move: -1, pressed: 0);
        vectors.Add(("deltas against the first snapshot", room.Tick()));
        room.Input(0, ack: 501, move: 1, pressed: 0);
        room.Input(1, ack: 501, move: 0, pressed: 2);
        vectors.Add(("an event of another player", room.Tick()));
        vectors.Add(("inputs made up; the first one's acknowledgement is missing", room.Tick()));
        room.Put(RecordKind.Disconnect, 1, []);
        vectors.Add(("the other entity is gone", room.Tick()));
        return vectors;
    }

    private void Join(ushort slot)
    {
        Put(RecordKind.Connect, slot, []);
        Put(RecordKind.Reliable, slot, _buffer.AsSpan(0, new JoinMessage("vectors", 1, _schema.Hash, $"p{slot}", false).Write(_buffer)));
    }

    private void Input(ushort slot, ushort ack, float move, ushort pressed)
    {
        var packet = new InputPacket(_schema.Input) { HasAck = true, AckSequence = ack };
        var row = new int[_schema.Input.Count];
        var input = new VectorInput { Move = move, Buttons = new Buttons { Held = pressed, Pressed = pressed } };
        _schema.Input.Capture(ref Unsafe.As<VectorInput, byte>(ref input), 0, row);
        packet.Add(_room.NextTick, new ViewStamp(_room.NextTick - 2, 64, _room.NextTick - 1), row);
        Put(RecordKind.Unreliable, slot, _buffer.AsSpan(0, packet.Write(_buffer)));
    }

    // The room runs a tick; what it wrote for the first player is returned.
    private byte[] Tick()
    {
        _now += 16_667;
        _room.NextDeadlineMicros = _now + 25_000;
        _room.Drain(_now);
        _room.Step();
        byte[] snapshot = [];
        while (_outbound.TryPeek(out ReadOnlySpan<byte> record))
        {
            RecordHeader header = MemoryMarshal.Read<RecordHeader>(record);
            if (header.Slot == 0 && header.Kind == RecordKind.Unreliable)
            {
                snapshot = record[RecordHeader.SizeBytes..].ToArray();
            }

            _outbound.Release();
        }

        return snapshot;
    }

    private void Put(RecordKind kind, ushort slot, ReadOnlySpan<byte> payload)
    {
        Assert.That(_inbound.Ring.TryClaim(RecordHeader.SizeBytes + payload.Length, 0, out Span<byte> record), Is.True);
        var header = new RecordHeader { Kind = kind, Slot = slot, Generation = 1, Micros = _now };
        MemoryMarshal.Write(record, in header);
        payload.CopyTo(record[RecordHeader.SizeBytes..]);
        _inbound.Ring.Publish(RecordHeader.SizeBytes + payload.Length);
    }
}
