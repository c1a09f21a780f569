using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using GameServer.Netcode.Game;
using GameServer.Netcode.Messages;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Snapshots;

namespace GameServer.Netcode.Server;

/// <summary>The match as it was some ticks ago, for spectators that see it late: states, events and messages.</summary>
/// <remarks>
/// What each tick changes goes into a <see cref="DelayLine"/> and comes out of it into a second world, from which their snapshots are written like
/// any others, with its ticks. Only what spectators see leaves the live world: who owns an entity does not. Owner: simulation thread. Allocates: at
/// start, room for every entity to change in every tick.
/// </remarks>
internal sealed class DelayedMatch
{
    // Of events, removals and messages.
    private const int OtherBytesPerTick = 8 * 1024;

    // What part of the line chat may have.
    private const int ChatParts = 8;

    private readonly World _live;
    private readonly SnapshotSource _from;
    private readonly DelayLine _line;
    private readonly List<(int Seat, string Name)> _seats = [];
    private readonly string[] _names;
    private readonly SlotSet _recorded;
    private readonly ushort[] _generations;
    private int _chatBytes;
    private long _reliableRecorded;
    private long _briefRecorded;
    private bool _isWhole;
    private Tick _wholeAt;

    public DelayedMatch(SnapshotSource live, RoomOptions options)
    {
        _live = live.World;
        _from = live;
        Ticks = options.SpectatorDelayTicks;
        _line = new DelayLine((Ticks + 2L) * (StateBytes(_live.Schema) + OtherBytesPerTick));
        _names = new string[options.PlayersMax + options.SpectatorsMax];
        _names.AsSpan().Fill(string.Empty);
        var late = new World(_live.Schema, options.PlayersMax + options.SpectatorsMax, seed: 1);
        Source = new SnapshotSource(late, new RoomEvents(_live.Schema, late.Counters, options.TickRateHz, options.IdleTimeoutMillis));
        _recorded = new SlotSet(_live.Schema.SlotCount);
        _generations = new ushort[_live.Schema.SlotCount];
    }

    /// <summary>By how many ticks it is late.</summary>
    public int Ticks { get; }

    public SnapshotSource Source { get; }

    /// <summary>True once there is a tick to show.</summary>
    public bool HasBegun { get; private set; }

    /// <summary>The name of who was in a seat; empty when nobody was.</summary>
    public string NameAt(int seat) => _names[seat];

    /// <summary>Keeps a message for those who are late; false when there is no room for it.</summary>
    public bool TryKeep(Tick tick, ReadOnlySpan<byte> message)
    {
        if (!_line.TryAdd(tick, DelayedKind.Message, message.Length, out Span<byte> payload))
        {
            return false;
        }

        message.CopyTo(payload);
        return true;
    }

    /// <summary>Keeps a line of chat for those who are late; false when chat has its share already.</summary>
    public bool TryKeepChat(Tick tick, ReadOnlySpan<byte> message)
    {
        if (_chatBytes + message.Length > _line.CapacityBytes / ChatParts || !TryKeep(tick, message))
        {
            return false;
        }

        _chatBytes += message.Length;
        return true;
    }

    /// <summary>Takes down what a captured tick has changed, brings the late world to its own tick and tells its spectators what happened there.</summary>
    public void Advance(Tick live, SessionTable sessions, InboundDrain drain)
    {
        bool fits = TryRecordAll(live);
        if (!fits)
        {
            Restart();
        }

        bool hasViewers = sessions.HasDelayed;
        long reliable = Source.Events.Reliable.End;
        long brief = Source.Events.Brief.End;
        BringTo(live - Ticks, sessions, drain);
        if (!hasViewers)
        {
            return;
        }

        foreach (Session session in sessions.Joined)
        {
            if (session.DelayTicks == 0)
            {
                continue;
            }

            session.EndsBy = fits ? session.EndsBy : LeaveReason.Overflow;
            Tell(Source.Events.Reliable, reliable, session.Stream.Events);
            Tell(Source.Events.Brief, brief, session.Stream.BriefEvents);
        }
    }

    private void Tell(EventLog log, long first, EventStream stream)
    {
        for (long number = first; number < log.End; number++)
        {
            if (log.Holds(number))
            {
                stream.Add(number, log[number].EventIndex, Source.Events.Until(in log[number]));
            }
        }
    }

    // More than may wait has happened: nothing is shown until the delay has passed again.
    private void Restart()
    {
        _line.Clear();
        _recorded.Clear();
        Source.World.Alive.Clear();
        _reliableRecorded = _from.Events.Reliable.End;
        _briefRecorded = _from.Events.Brief.End;
        _isWhole = HasBegun = false;
        _chatBytes = 0;
    }

    private void BringTo(Tick due, SessionTable sessions, InboundDrain drain)
    {
        bool hasViewers = sessions.HasDelayed;
        while (_line.TryPeek(due, out DelayedKind kind, out ReadOnlySpan<byte> payload))
        {
            if (kind == DelayedKind.Message)
            {
                TakeMessage(payload, sessions, drain);
            }
            else
            {
                Apply(kind, payload, hasViewers);
            }

            _line.RemoveFirst();
        }

        HasBegun = _isWhole && due >= _wholeAt;
        Source.World.Tick = due;
        if (HasBegun && hasViewers)
        {
            Source.History.Capture(due);
            Source.Grid.Rebuild();
        }
    }

    private bool TryRecordAll(Tick tick)
    {
        bool fits = true;
        for (int slot = NextRecorded(0); slot < _generations.Length && fits; slot = NextRecorded(slot + 1))
        {
            if (!_live.Alive[slot] || _live.Meta(slot).Generation != _generations[slot])
            {
                _recorded.Remove(slot);
                fits = _line.TryAdd(tick, DelayedKind.Removed, sizeof(int), out Span<byte> payload);
                WriteSlot(payload, slot, fits);
            }
        }

        foreach (int slot in _isWhole ? _from.History.Changed : _live.Alive)
        {
            fits = fits && TryRecordState(tick, slot);
        }

        fits = fits && TryRecordEvents(tick, _from.Events.Reliable, ref _reliableRecorded) && TryRecordEvents(tick, _from.Events.Brief, ref _briefRecorded);
        _wholeAt = _isWhole ? _wholeAt : tick;
        _isWhole = fits;
        return fits;
    }

    private int NextRecorded(int slot) => _recorded.NextFrom(slot, _generations.Length);

    private static int StateBytes(int componentBytes) => sizeof(int) + Unsafe.SizeOf<World.EntityMeta>() + componentBytes;

    /// <summary>The states of all entities that a game can have, with the headers of their records.</summary>
    private static long StateBytes(Schema schema)
    {
        long bytes = 0;
        foreach (KindSchema kind in schema.Kinds)
        {
            bytes += (long)kind.Capacity * (DelayLine.HeaderBytes + StateBytes(kind.SizeBytes));
        }

        return bytes;
    }

    private bool TryRecordState(Tick tick, int slot)
    {
        ReadOnlySpan<byte> component = _live.ComponentBytes(slot);
        int metaBytes = Unsafe.SizeOf<World.EntityMeta>();
        if (!_line.TryAdd(tick, DelayedKind.State, StateBytes(component.Length), out Span<byte> payload))
        {
            return false;
        }

        World.EntityMeta meta = _live.Meta(slot);
        meta.Owner = PlayerId.None;
        meta.HasExternal = false;
        WriteSlot(payload, slot, true);
        Unsafe.WriteUnaligned(ref payload[sizeof(int)], meta);
        component.CopyTo(payload.Slice(sizeof(int) + metaBytes));
        _recorded.Add(slot);
        _generations[slot] = meta.Generation;
        return true;
    }

    private bool TryRecordEvents(Tick tick, EventLog log, ref long number)
    {
        for (; number < log.End; number++)
        {
            if (log.Holds(number) && !TryRecordEvent(tick, log, number))
            {
                return false;
            }
        }

        return true;
    }

    private bool TryRecordEvent(Tick tick, EventLog log, long number)
    {
        ReadOnlySpan<int> row = log.Row(number);
        int entryBytes = Unsafe.SizeOf<EventLog.Entry>();
        if (!_line.TryAdd(tick, DelayedKind.Event, entryBytes + (row.Length * sizeof(int)), out Span<byte> payload))
        {
            return false;
        }

        EventLog.Entry entry = log[number];
        entry.Owner = PlayerId.None;
        Unsafe.WriteUnaligned(ref payload[0], entry);
        MemoryMarshal.AsBytes(row).CopyTo(payload.Slice(entryBytes));
        return true;
    }

    private void Apply(DelayedKind kind, ReadOnlySpan<byte> payload, bool hasViewers)
    {
        World world = Source.World;
        switch (kind)
        {
            case DelayedKind.State:
                int changed = MemoryMarshal.Read<int>(payload);
                int metaBytes = Unsafe.SizeOf<World.EntityMeta>();
                world.Meta(changed) = Unsafe.ReadUnaligned<World.EntityMeta>(ref MemoryMarshal.GetReference(payload.Slice(sizeof(int))));
                payload.Slice(sizeof(int) + metaBytes).CopyTo(world.ComponentBytes(changed));
                world.Alive.Add(changed);
                break;
            case DelayedKind.Removed:
                int removed = MemoryMarshal.Read<int>(payload);
                world.Meta(removed).IsAlive = false;
                world.Alive.Remove(removed);
                break;
            case DelayedKind.Event when hasViewers:
                int entryBytes = Unsafe.SizeOf<EventLog.Entry>();
                var entry = Unsafe.ReadUnaligned<EventLog.Entry>(ref MemoryMarshal.GetReference(payload));
                bool isReliable = world.Schema.Events[entry.EventIndex].IsReliable;
                (isReliable ? Source.Events.Reliable : Source.Events.Brief).Add(in entry, MemoryMarshal.Cast<byte, int>(payload.Slice(entryBytes)));
                break;
        }
    }

    private void TakeMessage(ReadOnlySpan<byte> message, SessionTable sessions, InboundDrain drain)
    {
        bool isChat = ControlMessage.TryReadKind(message, out ControlKind kind) && kind == ControlKind.Chat;
        _chatBytes -= isChat ? message.Length : 0;
        foreach (Session session in sessions.Joined)
        {
            if (session.DelayTicks > 0 && isChat)
            {
                drain.SendChat(session, message);
            }
            else if (session.DelayTicks > 0)
            {
                drain.Send(session, message);
            }
        }

        if (!isChat && PlayersMessage.TryRead(message, _seats))
        {
            foreach ((int seat, string name) in _seats)
            {
                _names[seat] = name;
            }
        }
    }

    private static void WriteSlot(Span<byte> payload, int slot, bool fits)
    {
        if (fits)
        {
            Unsafe.WriteUnaligned(ref payload[0], slot);
        }
    }
}
