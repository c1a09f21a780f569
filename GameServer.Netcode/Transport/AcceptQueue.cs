namespace GameServer.Netcode.Transport;

/// <summary>Accepts that leave a moment after their requests, each followed by the question that proves the address.</summary>
/// <remarks>
/// The library sends its request before it enters the peer into its table: an accept that arrives in between is lost, and the next request
/// comes half a second later. Owner: one thread. Allocates: no, after construction.
/// </remarks>
internal sealed class AcceptQueue(int entriesMax)
{
    /// <summary>How long an accept waits.</summary>
    public const long DelayMicros = 4_000;

    /// <summary>One accept.</summary>
    public struct Entry
    {
        public PeerAddress To;
        public Handshake Handshake;
        public int Id;
        public int Questions; // how often the address is asked for its claim
        public long DueMicros;
        public bool IsAccepted; // the accept has left
    }

    private readonly Entry[] _entries = new Entry[entriesMax];
    private int _first;

    /// <summary>Accepts that wait.</summary>
    public int Count { get; private set; }

    /// <summary>When the next one leaves; <see cref="long.MaxValue"/> for none.</summary>
    public long NextMicros => Count == 0 ? long.MaxValue : _entries[_first].DueMicros;

    /// <summary>Adds an accept; false when too many wait.</summary>
    public bool TryAdd(in Entry entry)
    {
        if (Count == _entries.Length)
        {
            return false;
        }

        _entries[(_first + Count++) % _entries.Length] = entry;
        return true;
    }

    /// <summary>Writes the next packet, which is due; returns its length.</summary>
    public int Take(Span<byte> destination, out PeerAddress to, out ulong sealConnection)
    {
        ref Entry entry = ref _entries[_first];
        Handshake handshake = entry.Handshake;
        to = entry.To;
        sealConnection = handshake.SealConnection;
        int length = 1;
        if (!entry.IsAccepted)
        {
            byte first = handshake.Line.First(PacketKind.ConnectAccept, 0);
            length = Wire.WriteAccept(destination, first, handshake.Time, handshake.Number, 0, entry.Id);
            entry.IsAccepted = true;
        }
        else
        {
            destination[0] = handshake.Line.First(PacketKind.PeerNotFound, 0);
            entry.Questions--;
        }

        if (entry.Questions == 0)
        {
            _first = (_first + 1) % _entries.Length;
            Count--;
        }

        return length;
    }
}
