using System.Runtime.InteropServices;
using GameServer.Arena;
using GameServer.Netcode.Game;
using GameServer.Netcode.Inputs;
using GameServer.Netcode.Messages;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Server;
using GameServer.Netcode.Transport;
using GameServer.Tests.Support;

namespace GameServer.Tests.Server;

/// <summary>A room on rings of the smallest useful size, which the test empties when it likes.</summary>
internal sealed class SmallRoom : RoomObserver
{
    private readonly InboundLane _inbound = new(1 << 16, 8);
    private readonly SpscRing _outbound = new(1 << 14);
    private readonly byte[] _buffer = new byte[4096];
    private readonly ulong _schemaHash;
    private readonly string _game;
    private readonly List<(int Slot, string Text)> _chats = [];
    private readonly Dictionary<ushort, ushort> _newest = [];

    public SmallRoom(int spectatorDelayMillis = 0)
    {
        _game = "arena";
        _schemaHash = GameSchema<ArenaInput>.Of(new ArenaGame()).Hash;
        var options = new RoomOptions { PlayersMax = 3, SpectatorsMax = spectatorDelayMillis > 0 ? 1 : 0, PeersPerThread = 8, SpectatorDelayMillis = spectatorDelayMillis };
        Room = Room.Create(new ArenaGame(), options, [_inbound], [_outbound], this);
    }

    public SmallRoom(Game<TagInput> game, ulong schemaHash)
    {
        _game = game.Name;
        _schemaHash = schemaHash;
        Room = Room.Create(game, new RoomOptions { PlayersMax = 3, SpectatorsMax = 0, PeersPerThread = 8 }, [_inbound], [_outbound], this);
    }

    public Room Room { get; }

    public List<LeaveReason> Left { get; } = [];

    public List<(int Slot, LeaveReason Reason)> Ended { get; } = [];

    public IEnumerable<string> Chats(int slot) => _chats.Where(c => c.Slot == slot).Select(c => c.Text);

    public override void PlayerLeft(PlayerId player, LeaveReason reason) => Left.Add(reason);

    public void Connect(ushort slot)
    {
        Span<byte> payload = stackalloc byte[ConnectRecord.HeaderBytes];
        ConnectRecord.Write(payload, PeerAddress.FromIPv4(0x0000000Au | ((uint)slot << 16), 40_000), connectionTime: 1);
        Put(RecordKind.Connect, slot, payload);
    }

    public void Join(ushort slot, bool isSpectator = false)
    {
        Connect(slot);
        Put(RecordKind.Reliable, slot, _buffer.AsSpan(0, new JoinMessage(_game, 1, _schemaHash, $"p{slot}", isSpectator).Write(_buffer)));
    }

    public void Say(ushort slot, string text) => Put(RecordKind.Reliable, slot, _buffer.AsSpan(0, ControlMessage.WriteChat(_buffer, 0, text)));

    public void Tick(int count = 1)
    {
        for (int i = 0; i < count; i++)
        {
            Room.NextDeadlineMicros += 16_667;
            Room.Drain(Room.NextDeadlineMicros);
            Room.Step();
        }
    }

    /// <summary>Fills the outbound ring with records of nobody, but for what is kept for the ends of peers.</summary>
    public void Fill(int keepFree = 8192)
    {
        foreach (int size in new[] { 1024, 64, 1 })
        {
            while (_outbound.TryClaim(RecordHeader.SizeBytes + size, keepFree, out Span<byte> record))
            {
                var header = new RecordHeader { Kind = RecordKind.Unreliable, Slot = 7, Generation = 9 };
                MemoryMarshal.Write(record, in header);
                _outbound.Publish(RecordHeader.SizeBytes + size);
            }
        }
    }

    /// <summary>Reads what was sent, and acknowledges the newest snapshot of each peer.</summary>
    public void TakeAll()
    {
        while (_outbound.TryPeek(out ReadOnlySpan<byte> record))
        {
            RecordHeader header = MemoryMarshal.Read<RecordHeader>(record);
            ReadOnlySpan<byte> payload = record[RecordHeader.SizeBytes..];
            if (header.Kind == RecordKind.Chat && ControlMessage.TryReadChat(payload, out _, out string text))
            {
                _chats.Add((header.Slot, text));
            }
            else if (header.Kind == RecordKind.Disconnect)
            {
                Ended.Add((header.Slot, (LeaveReason)payload[0]));
            }
            else if (header.Kind == RecordKind.Unreliable && header.Generation == 1)
            {
                _newest[header.Slot] = BitConverter.ToUInt16(payload[1..]);
            }

            _outbound.Release();
        }

        var packet = new InputPacket(Room.World.Schema.Input) { HasAck = true, AckBits = uint.MaxValue };
        foreach ((ushort slot, ushort newest) in _newest)
        {
            packet.AckSequence = newest;
            Put(RecordKind.Unreliable, slot, _buffer.AsSpan(0, packet.Write(_buffer)));
        }

        _newest.Clear();
    }

    private void Put(RecordKind kind, ushort slot, ReadOnlySpan<byte> payload)
    {
        Assert.That(_inbound.Ring.TryClaim(RecordHeader.SizeBytes + payload.Length, 0, out Span<byte> record), Is.True);
        var header = new RecordHeader { Kind = kind, Slot = slot, Generation = 1 };
        MemoryMarshal.Write(record, in header);
        payload.CopyTo(record[RecordHeader.SizeBytes..]);
        _inbound.Ring.Publish(RecordHeader.SizeBytes + payload.Length);
    }
}
