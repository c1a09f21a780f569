using System.Diagnostics;

namespace GameServer.Netcode.Transport;

/// <summary>What happened and was not consumed yet, in order, with the payloads in a ring of bytes.</summary>
/// <remarks>Owner: one thread. Some entries stay reserved for disconnects. Allocates: no, after construction.</remarks>
internal sealed class EventQueue(int entriesMax, int bytesMax, int reservedEntries)
{
    /// <summary>One event with what its consumption settles.</summary>
    public struct Entry
    {
        public TransportEvent Event;
        public long BytesEnd; // where the byte ring is free up to once this entry is consumed
        public int Offset;
        public int Length;
        public int Chain; // fragment blocks that make up the payload, or BlockPool.None
        public ushort Sequence;
        public byte ChannelId;
        public bool Acknowledges; // consumption acknowledges Sequence of ChannelId
        public bool Void; // the peer was disconnected by this side: nobody shall see it
    }

    private readonly Entry[] _entries = new Entry[entriesMax + reservedEntries];
    private readonly byte[] _bytes = new byte[bytesMax];
    private int _first;
    private long _bytesHead;
    private long _bytesTail;

    /// <summary>Events that wait.</summary>
    public int Count { get; private set; }

    /// <summary>The oldest event.</summary>
    public ref Entry First => ref _entries[_first];

    /// <summary>The event <paramref name="index"/> places behind the oldest.</summary>
    public ref Entry this[int index] => ref _entries[(_first + index) % _entries.Length];

    /// <summary>True when that many events with that many bytes in all fit beside the reserve.</summary>
    public bool HasRoom(int events, int bytes) =>
        Count + events <= _entries.Length - reservedEntries
        && _bytesTail - _bytesHead + bytes + Math.Min(bytes, Primitives.Limits.DatagramBytesMax) <= _bytes.Length;

    /// <summary>True when that many events with that many bytes in all leave half of the queue free.</summary>
    public bool HasHalfRoom(int events, int bytes) =>
        Count + events <= (_entries.Length - reservedEntries) / 2 && _bytesTail - _bytesHead + bytes <= _bytes.Length / 2;

    /// <summary>Adds an event; room was checked before.</summary>
    public ref Entry Add(scoped in TransportEvent e, scoped ReadOnlySpan<byte> payload)
    {
        Debug.Assert(Count < _entries.Length, "room was checked");
        int offset = (int)(_bytesTail % _bytes.Length);
        if (offset + payload.Length > _bytes.Length)
        {
            _bytesTail += _bytes.Length - offset; // a payload lies in one piece: skip the rest
            offset = 0;
        }

        payload.CopyTo(_bytes.AsSpan(offset));
        _bytesTail += payload.Length;
        ref Entry entry = ref _entries[(_first + Count++) % _entries.Length];
        entry.Event = e;
        entry.BytesEnd = _bytesTail;
        entry.Offset = offset;
        entry.Length = payload.Length;
        entry.Chain = BlockPool.None;
        entry.Sequence = 0;
        entry.ChannelId = 0;
        entry.Acknowledges = false;
        entry.Void = false;
        return ref entry;
    }

    /// <summary>The payload of an entry that lies in the byte ring.</summary>
    public ReadOnlySpan<byte> Payload(in Entry entry) => _bytes.AsSpan(entry.Offset, entry.Length);

    /// <summary>Removes the oldest event.</summary>
    public void RemoveFirst()
    {
        _bytesHead = First.BytesEnd;
        _first = (_first + 1) % _entries.Length;
        if (--Count == 0)
        {
            _bytesHead = _bytesTail = _first = 0; // the entries and bytes just used are the ones still in the cache
        }
    }
}
