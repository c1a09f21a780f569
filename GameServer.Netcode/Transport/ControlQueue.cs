namespace GameServer.Netcode.Transport;

/// <summary>Packets to addresses without a connection, in order.</summary>
/// <remarks>Owner: one thread. Allocates: no, after construction.</remarks>
internal sealed class ControlQueue(int entriesMax, int packetBytesMax)
{
    /// <summary>Longest answer to a stranger.</summary>
    public const int AnswerBytesMax = 64;

    private struct Entry
    {
        public PeerAddress To;
        public ulong SealConnection;
        public int Length;
    }

    private readonly Entry[] _entries = new Entry[entriesMax];
    private readonly byte[] _bytes = new byte[entriesMax * packetBytesMax];
    private int _first;

    /// <summary>Answers that wait.</summary>
    public int Count { get; private set; }

    /// <summary>Adds an answer of that many bytes, which the caller fills; false when too many wait.</summary>
    public bool TryAdd(in PeerAddress to, ulong sealConnection, int bytes, out Span<byte> packet)
    {
        packet = default;
        if (Count == entriesMax)
        {
            return false;
        }

        int index = (_first + Count++) % entriesMax;
        _entries[index] = new Entry { To = to, SealConnection = sealConnection, Length = bytes };
        packet = _bytes.AsSpan(index * packetBytesMax, bytes);
        return true;
    }

    /// <summary>Removes the oldest answer; the queue is not empty.</summary>
    public int Take(Span<byte> destination, out PeerAddress to, out ulong sealConnection)
    {
        ref Entry entry = ref _entries[_first];
        to = entry.To;
        sealConnection = entry.SealConnection;
        _bytes.AsSpan(_first * packetBytesMax, entry.Length).CopyTo(destination);
        _first = (_first + 1) % entriesMax;
        Count--;
        return entry.Length;
    }
}
