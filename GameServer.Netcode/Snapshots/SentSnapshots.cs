using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Snapshots;

/// <summary>What one record of a sent snapshot told.</summary>
internal enum SentKind : byte
{
    State = 0,
    Removal = 1,
    Event = 2,
    BriefEvent = 3,
}

/// <summary>One record of a sent snapshot: which slot or event, in which visibility epoch.</summary>
internal readonly record struct SentRecord(ushort Index, byte Epoch, SentKind Kind);

/// <summary>Which snapshots one client was sent, and what was in them, until he has acknowledged or missed them.</summary>
/// <remarks>
/// A client never goes back: once it has acknowledged a snapshot, an older one that it has not is lost for good. So snapshots are settled in
/// order, each once. Owner: simulation thread. Allocates: only at start.
/// </remarks>
internal sealed class SentSnapshots
{
    private const int SnapshotCount = 256;
    private const int RecordCount = 16384;

    private readonly Entry[] _entries = new Entry[SnapshotCount];
    private readonly SentRecord[] _records = new SentRecord[RecordCount];
    private long _recordEnd;
    private ushort _oldest;

    private struct Entry
    {
        public Tick Tick;
        public long RecordStart;
        public int RecordCount;
    }

    /// <summary>Sequence of the next snapshot.</summary>
    public ushort NextSequence { get; private set; }

    public void Clear(ushort firstSequence)
    {
        _recordEnd = 0;
        HasGap = false;
        NextSequence = _oldest = firstSequence;
    }

    /// <summary>A snapshot counted as lost for want of word from the client: it may have arrived. Cleared by whoever takes note.</summary>
    public bool HasGap { get; set; }

    /// <summary>Reads what the next acknowledgement and the next snapshot will.</summary>
    public int Touch()
    {
        ref Entry oldest = ref _entries[_oldest & (SnapshotCount - 1)];
        return _entries[NextSequence & (SnapshotCount - 1)].RecordCount
            + _records[oldest.RecordStart & (RecordCount - 1)].Index + _records[_recordEnd & (RecordCount - 1)].Index;
    }

    /// <summary>Adds a record to the snapshot being written.</summary>
    public void Add(in SentRecord record) => _records[_recordEnd++ & (RecordCount - 1)] = record;

    /// <summary>Where the records of the snapshot being written begin; to be given to <see cref="Commit"/>.</summary>
    public long RecordPosition => _recordEnd;

    /// <summary>Takes back the last record.</summary>
    public void RemoveLast() => _recordEnd--;

    /// <summary>Closes the snapshot being written.</summary>
    public void Commit(Tick tick, long recordStart)
    {
        if ((ushort)(NextSequence - _oldest) >= SnapshotCount)
        {
            _oldest++; // never settled: its records are forgotten and count as lost once sent again
            HasGap = true;
        }

        _entries[NextSequence & (SnapshotCount - 1)] = new Entry
        {
            Tick = tick,
            RecordStart = recordStart,
            RecordCount = (int)(_recordEnd - recordStart),
        };
        NextSequence++;
    }

    /// <summary>True when the sequence was sent: what a client acknowledges must have been, however long ago.</summary>
    public bool WasSent(ushort sequence) => (short)(NextSequence - sequence) > 0;

    /// <summary>Tick of a snapshot that is still held.</summary>
    public bool TryGetTick(ushort sequence, out Tick tick)
    {
        tick = _entries[sequence & (SnapshotCount - 1)].Tick;
        return (short)(NextSequence - sequence) is > 0 and <= SnapshotCount;
    }

    /// <summary>The next snapshot to settle, up to the newest acknowledged one.</summary>
    /// <param name="newest">The newest acknowledged sequence.</param>
    /// <param name="bits">Bit n: newest − 1 − n has arrived.</param>
    /// <param name="arrived">Whether the settled snapshot has arrived.</param>
    /// <param name="tick">Its tick.</param>
    /// <param name="records">Its records, in two parts where the ring wraps.</param>
    /// <param name="more">The second part.</param>
    public bool TrySettle(ushort newest, uint bits, out bool arrived, out Tick tick, out ReadOnlySpan<SentRecord> records, out ReadOnlySpan<SentRecord> more)
    {
        arrived = false;
        tick = default;
        records = more = default;
        if ((short)(newest - _oldest) < 0)
        {
            return false;
        }

        ushort sequence = _oldest++;
        int back = (ushort)(newest - sequence);
        HasGap |= back > 32;
        arrived = back == 0 || (back <= 32 && (bits & (1u << (back - 1))) != 0);
        ref Entry entry = ref _entries[sequence & (SnapshotCount - 1)];
        tick = entry.Tick;
        if (_recordEnd - entry.RecordStart <= RecordCount)
        {
            int start = (int)(entry.RecordStart & (RecordCount - 1));
            int first = Math.Min(entry.RecordCount, RecordCount - start);
            records = _records.AsSpan(start, first);
            more = _records.AsSpan(0, entry.RecordCount - first);
        }

        return true;
    }
}
