using System.Runtime.CompilerServices;

namespace GameServer.Operations;

/// <summary>What a <see cref="ServerEvent"/> tells.</summary>
public enum ServerEventKind
{
    /// <summary>A player was welcomed. Start: when its wish arrived; end: its welcome.</summary>
    Joined,

    /// <summary>A join was refused. <see cref="ServerEvent.Reason"/> says why.</summary>
    JoinRefused,

    /// <summary>A session ended. <see cref="ServerEvent.Reason"/> says why.</summary>
    Left,

    /// <summary>A match began. Name: its id.</summary>
    MatchStarted,

    /// <summary>A match ended. Name: its id. Start and end: its own.</summary>
    MatchEnded,

    /// <summary>A tick ended after the deadline of the next one. Start and end: the tick's; <see cref="ServerEvent.Phases"/>: where the time went.</summary>
    Overrun,

    /// <summary>The simulation announced a jump over missed ticks. <see cref="ServerEvent.Count"/> says how many.</summary>
    TicksSkipped,

    /// <summary>The game emits an event more often than clients can be silent for. Name: the event; <see cref="ServerEvent.Count"/>: how many a second; Reason: what a silence of <see cref="ServerEvent.LateMicros"/> costs.</summary>
    EventsTooMany,

    /// <summary>Each input of a player has come too late for five seconds. <see cref="ServerEvent.LateMicros"/>: the round trip; <see cref="ServerEvent.Count"/>: the longest that is followed, in milliseconds.</summary>
    InputsTooLate,
}

/// <summary>Durations of the six <see cref="TickPhase"/>s of one tick, in microseconds.</summary>
[InlineArray(SimulationTelemetry.PhaseCount)]
public struct PhaseMicros
{
    private int _first;
}

/// <summary>Something that happened in the simulation and that is worth a log line or a span.</summary>
/// <remarks>Times are microseconds of <see cref="ServerControl.NowMicros"/>. Strings are ones that exist already: filling one in allocates nothing.</remarks>
public struct ServerEvent
{
    /// <summary>What happened.</summary>
    public ServerEventKind Kind;

    /// <summary>The tick in which it happened.</summary>
    public uint Tick;

    /// <summary>The player, or −1.</summary>
    public int PlayerId;

    /// <summary>The player's seat; only of <see cref="ServerEventKind.Joined"/> and <see cref="ServerEventKind.Left"/>.</summary>
    public int Seat;

    /// <summary>True when the player only watches.</summary>
    public bool IsSpectator;

    /// <summary>How many, where the kind says so; of a match, which round of it: 1 is the one that was asked for.</summary>
    public int Count;

    /// <summary>When it began.</summary>
    public long StartMicros;

    /// <summary>When it ended.</summary>
    public long EndMicros;

    /// <summary>How long after its deadline the tick began (<see cref="ServerEventKind.Overrun"/>), or what the kind says.</summary>
    public long LateMicros;

    /// <summary>How long the thread waited for a processor in the meantime; only of <see cref="ServerEventKind.Overrun"/>.</summary>
    public long WaitMicros;

    /// <summary>Name of the player, or id of the match.</summary>
    public string? Name;

    /// <summary>Why, in snake_case.</summary>
    public string? Reason;

    /// <summary>Why, as a sentence for a person.</summary>
    public string? Text;

    /// <summary>Only of <see cref="ServerEventKind.Overrun"/>.</summary>
    public PhaseMicros Phases;
}

/// <summary>Bounded queue of <see cref="ServerEvent"/>s from the simulation thread to the operations thread.</summary>
/// <remarks>Single producer, single consumer, no locks. Full: the event is dropped and counted. Allocates: no, once made.</remarks>
public sealed class EventQueue
{
    private readonly ServerEvent[] _events;
    private readonly int _mask;
    private long _head; // next to read; written by the consumer
    private long _tail; // next to write; written by the producer
    private Counter _dropped;

    /// <summary>Makes an empty queue.</summary>
    /// <param name="capacity">A power of two.</param>
    public EventQueue(int capacity)
    {
        if (capacity < 2 || !System.Numerics.BitOperations.IsPow2(capacity))
        {
            throw new ArgumentOutOfRangeException(nameof(capacity), capacity, "must be a power of two from 2 on");
        }

        _events = new ServerEvent[capacity];
        _mask = capacity - 1;
    }

    /// <summary>Events that found the queue full.</summary>
    public long Dropped => _dropped.Value;

    /// <summary>Puts one event in. Owner: simulation thread.</summary>
    public bool TryAdd(in ServerEvent item)
    {
        // Acquire: the consumer has copied the slot out before it published its head.
        if (_tail - Volatile.Read(ref _head) > _mask)
        {
            _dropped.Add();
            return false;
        }

        _events[_tail & _mask] = item;
        Volatile.Write(ref _tail, _tail + 1); // release: the slot is filled before the consumer may see it
        return true;
    }

    /// <summary>Takes the oldest event out. Owner: operations thread.</summary>
    public bool TryTake(out ServerEvent item)
    {
        if (_head == Volatile.Read(ref _tail)) // acquire: pairs with the release in TryAdd
        {
            item = default;
            return false;
        }

        ref ServerEvent slot = ref _events[_head & _mask];
        item = slot;
        slot.Name = slot.Reason = slot.Text = null;
        Volatile.Write(ref _head, _head + 1); // release: the slot is copied before the producer may fill it again
        return true;
    }
}
