using System.Numerics;
using System.Runtime.InteropServices;
using GameServer.Hosting;
using GameServer.Netcode.Game;
using GameServer.Netcode.Messages;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Server;
using GameServer.Netcode.Transport;

namespace GameServer.Bench.Rooms;

/// <summary>Sizes of a crowded room.</summary>
/// <param name="Clients">Players.</param>
/// <param name="Entities">Walkers; those beyond the players belong to nobody.</param>
/// <param name="TickRateHz">Ticks per second.</param>
/// <param name="BudgetBytes">Snapshot bytes per client and tick.</param>
/// <param name="AckTicks">Ticks until a snapshot's acknowledgement arrives.</param>
internal sealed record CrowdSizes(int Clients, int Entities, int TickRateHz, int BudgetBytes, int AckTicks);

/// <summary>The real room between its real rings, with cheap clients at the other ends; one thread, no sockets, virtual time.</summary>
internal sealed class CrowdRoom
{
    /// <summary>Ticks by which inputs arrive early.</summary>
    private const int LeadTicks = 2;

    private readonly CrowdSizes _sizes;
    private readonly InboundLane _inbound;
    private readonly SpscRing _outbound;
    private readonly CrowdClient[] _clients;
    private long _ticks;

    public CrowdRoom(CrowdSizes sizes, RoomObserver observer)
    {
        _sizes = sizes;
        _outbound = new SpscRing((int)BitOperations.RoundUpToPowerOf2((uint)(sizes.Clients * 16_384) + (1 << 20)));
        var game = new CrowdGame(sizes.Entities + 8, sizes.Entities - sizes.Clients);
        var options = new RoomOptions
        {
            TickRateHz = sizes.TickRateHz,
            PlayersMax = sizes.Clients,
            SpectatorsMax = 0,
            BudgetBytes = sizes.BudgetBytes,
            PeersPerThread = sizes.Clients,
            Seed = 1,
            NanosClock = static () => MonotonicClock.Nanos,
        };
        _inbound = new InboundLane(1 << 21, options.PeersPerThread);
        Room = Room.Create(game, options, [_inbound], [_outbound], observer);
        Schema schema = Room.World.Schema;
        _clients = [.. Enumerable.Range(0, sizes.Clients).Select(i => new CrowdClient(schema.Input, i, sizes.TickRateHz))];
        Room.NextDeadlineMicros = (long)Room.PeriodMicros;
        Span<byte> join = stackalloc byte[256];
        for (int i = 0; i < sizes.Clients; i++)
        {
            int size = new JoinMessage(game.Name, game.Version, schema.Hash, $"walker {i}", false).Write(join);
            Put(RecordKind.Connect, i, default);
            Put(RecordKind.Reliable, i, join[..size]);
        }
    }

    public Room Room { get; }

    /// <summary>Takes a copy of each snapshot of the first client; null: nobody wants it.</summary>
    public List<byte[]>? Recording { get; init; }

    /// <summary>Snapshot bytes as UDP payload, and datagrams, of all clients since the start.</summary>
    public (long Bytes, long Datagrams) Sent => (_clients.Sum(static c => c.SnapshotBytes), _clients.Sum(static c => c.Datagrams));

    /// <summary>Clients that a snapshot has reached.</summary>
    public int Joined => _clients.Count(static c => c.HasSnapshot);

    /// <summary>What the network does before a tick: the clients' datagrams are in the ring.</summary>
    public void Arrive()
    {
        Span<byte> packet = stackalloc byte[Limits.InputPacketBytesMax];
        Tick next = Room.NextTick;
        for (int i = 0; i < _clients.Length; i++)
        {
            if (_clients[i].HasSnapshot)
            {
                int size = _clients[i].Write(packet, next + LeadTicks, next - _sizes.AckTicks);
                Put(RecordKind.Unreliable, i, packet[..size]);
            }
        }
    }

    /// <summary>The tick: what is measured.</summary>
    public void Tick()
    {
        Room.Drain(Room.NextDeadlineMicros);
        Room.Step();
    }

    /// <summary>What the network does after a tick: the snapshots are out of the ring.</summary>
    public void Depart()
    {
        while (_outbound.TryPeek(out ReadOnlySpan<byte> record))
        {
            RecordHeader header = MemoryMarshal.Read<RecordHeader>(record);
            if (header.Kind == RecordKind.Unreliable && !_clients[header.Slot].Receive(record[RecordHeader.SizeBytes..]))
            {
                throw new InvalidOperationException("a snapshot cannot be read");
            }

            if (header is { Kind: RecordKind.Unreliable, Slot: 0 })
            {
                Recording?.Add(record[RecordHeader.SizeBytes..].ToArray());
            }

            _outbound.Release();
        }

        _ticks++;
        Room.NextDeadlineMicros = (long)((_ticks + 1) * Room.PeriodMicros);
    }

    /// <summary>Runs some ticks, arrivals and departures included.</summary>
    public void Run(int ticks)
    {
        for (int i = 0; i < ticks; i++)
        {
            Arrive();
            Tick();
            Depart();
        }
    }

    private void Put(RecordKind kind, int slot, ReadOnlySpan<byte> payload)
    {
        if (!_inbound.Ring.TryClaim(RecordHeader.SizeBytes + payload.Length, 0, out Span<byte> record))
        {
            throw new InvalidOperationException("the inbound ring is full");
        }

        var header = new RecordHeader { Kind = kind, Slot = (ushort)slot, Generation = 1, Micros = Room.NextDeadlineMicros - 1000 };
        MemoryMarshal.Write(record, in header);
        payload.CopyTo(record[RecordHeader.SizeBytes..]);
        _inbound.Ring.Publish(record.Length);
    }
}
