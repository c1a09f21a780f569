using System.Numerics;
using System.Runtime.CompilerServices;
using GameServer.Netcode.Game;
using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Snapshots;

/// <summary>The events of a room, quantised once and shared by all clients that are told of them.</summary>
/// <remarks>Owner: simulation thread. A ring: an event is gone once <see cref="Capacity"/> newer ones were added. Allocates: only at start.</remarks>
internal sealed class EventLog
{
    public const int Capacity = 4096;

    private readonly Schema _schema;
    private readonly int _columns;
    private readonly int[] _rows;
    private readonly Entry[] _entries = new Entry[Capacity];

    public EventLog(Schema schema)
    {
        _schema = schema;
        foreach (EventSchema e in schema.Events)
        {
            _columns = Math.Max(_columns, e.Fields.Count);
        }

        _rows = new int[Capacity * _columns];
    }

    public struct Entry
    {
        public Tick Tick;
        public PlayerId Owner;
        public Vector3 Position;
        public byte EventIndex;
        public byte Ordinal;
        public bool HasPosition;
    }

    /// <summary>Number of the next event; the newest is one less.</summary>
    public long End { get; private set; }

    public bool Holds(long number) => number < End && End - number <= Capacity;

    public ref readonly Entry this[long number] => ref _entries[number & (Capacity - 1)];

    public ReadOnlySpan<int> Row(long number) => RowSpan(number)[.._schema.Events[_entries[number & (Capacity - 1)].EventIndex].Fields.Count];

    public void Add(int eventIndex, ref byte value, Tick tick, PlayerId owner, byte ordinal)
    {
        EventSchema schema = _schema.Events[eventIndex];
        ref Entry entry = ref _entries[End & (Capacity - 1)];
        entry = new Entry { EventIndex = (byte)eventIndex, Tick = tick, Owner = owner, Ordinal = ordinal };
        if (schema.PositionOffset >= 0)
        {
            entry.HasPosition = true;
            entry.Position = Unsafe.As<byte, Vector3>(ref Unsafe.Add(ref value, schema.PositionOffset));
        }

        schema.Fields.Capture(ref value, 0, RowSpan(End)[..schema.Fields.Count]);
        End++;
    }

    /// <summary>Adds an event of another log.</summary>
    public void Add(in Entry entry, ReadOnlySpan<int> row)
    {
        _entries[End & (Capacity - 1)] = entry;
        row.CopyTo(RowSpan(End));
        End++;
    }

    private Span<int> RowSpan(long number) => _rows.AsSpan((int)(number & (Capacity - 1)) * _columns, _columns);
}
