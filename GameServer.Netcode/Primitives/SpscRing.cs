using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace GameServer.Netcode.Primitives;

/// <summary>A bounded queue of variable-length records between exactly one producing and one consuming thread, without locks.</summary>
/// <remarks>
/// Each record is one contiguous span: the producer claims it, fills it in place and publishes it; the consumer peeks, uses it in place
/// and releases it. A record takes <see cref="RecordOverheadBytes"/> more than its size, rounded up to 8, and the bytes before the end of
/// the buffer are skipped where it would not fit in one piece. A full ring refuses at once and never waits.
/// Owner: <see cref="TryClaim"/>, <see cref="Publish"/> and <see cref="FreeBytes"/> belong to the producer; <see cref="TryPeek"/> and
/// <see cref="Release"/> to the consumer. Allocates: in the constructor only.
/// </remarks>
public sealed class SpscRing
{
    /// <summary>Bytes that each record takes beyond its own, before rounding up to 8: its length word and the alignment of it.</summary>
    public const int RecordOverheadBytes = 8;

    private const int CapacityBytesMin = 4096;
    private const int CapacityBytesMax = 1 << 30;

    // Keeps the array's length word, which both threads read, and its neighbours on the heap off the lines that records are written to.
    private const int GuardBytes = 128;

    // A length that tells the consumer to go on at the start of the buffer.
    private const int SkipToStart = -1;

    private const int PageBytes = 4096;

    private readonly byte[] _buffer;
    private readonly int _mask;
    private Indices _indices;

    /// <summary>An empty ring.</summary>
    /// <param name="capacityBytes">A power of two from 4096 to 2^30.</param>
    public SpscRing(int capacityBytes)
    {
        if (capacityBytes is < CapacityBytesMin or > CapacityBytesMax || (capacityBytes & (capacityBytes - 1)) != 0)
        {
            throw new ArgumentOutOfRangeException(
                nameof(capacityBytes), capacityBytes, $"a power of two from {CapacityBytesMin} to {CapacityBytesMax}");
        }

        Capacity = capacityBytes;
        _mask = capacityBytes - 1;
        _buffer = new byte[GuardBytes + capacityBytes + GuardBytes];
        for (int i = 0; i < _buffer.Length; i += PageBytes)
        {
            _buffer[i] = 0; // the system gives a page when it is first written: now, not in the middle of a tick
        }

        _indices.ClaimedBytes = -1;
    }

    /// <summary>Size of the ring in bytes.</summary>
    public int Capacity { get; }

    /// <summary>Largest record that fits at every position of an empty ring; <see cref="TryClaim"/> always refuses larger ones.</summary>
    public int RecordBytesMax => (Capacity / 2) - RecordOverheadBytes;

    /// <summary>Bytes that the producer may still fill, overhead of the records included. Owner: producer.</summary>
    public int FreeBytes
    {
        get
        {
            // Acquire: the consumer's last read of the bytes it gave back comes before our next write to them.
            _indices.CachedHead = Volatile.Read(ref _indices.Head);
            return Capacity - (int)(_indices.Tail - _indices.CachedHead);
        }
    }

    /// <summary>Bytes between producer and consumer, overhead included; any thread may ask, the answer is a moment old.</summary>
    public int UsedBytes
    {
        get
        {
            // Acquire on the head, so that the tail read after it is the younger of the two and the difference is never negative.
            long head = Volatile.Read(ref _indices.Head);
            long tail = Volatile.Read(ref _indices.Tail);
            return (int)Math.Min(tail - head, Capacity);
        }
    }

    /// <summary>Claims a record to fill; nothing is visible to the consumer until <see cref="Publish"/>. Owner: producer.</summary>
    /// <param name="sizeBytes">Most bytes that the record will hold; 0 is a record too.</param>
    /// <param name="keepFreeBytes">Bytes that must still be free after it: room reserved for records that must not be refused.</param>
    /// <param name="record">The record, with whatever it held before; empty on failure.</param>
    /// <returns>False when it does not fit now, or is larger than <see cref="RecordBytesMax"/>. A claim not published is forgotten.</returns>
    public bool TryClaim(int sizeBytes, int keepFreeBytes, out Span<byte> record)
    {
        Debug.Assert(sizeBytes >= 0 && keepFreeBytes >= 0, "sizes are not negative");
        long start = _indices.Tail;
        int offset = (int)start & _mask;
        long spanBytes = SpanOf(sizeBytes);
        int skipBytes = offset + spanBytes > Capacity ? Capacity - offset : 0;
        if ((uint)sizeBytes > (uint)RecordBytesMax || !HasRoom(start + skipBytes + spanBytes + keepFreeBytes))
        {
            _indices.ClaimedBytes = -1;
            record = default;
            return false;
        }

        if (skipBytes != 0)
        {
            LengthAt(offset) = SkipToStart;
            offset = 0;
        }

        _indices.ClaimStart = start + skipBytes;
        _indices.ClaimedBytes = sizeBytes;
        record = new Span<byte>(_buffer, GuardBytes + offset + RecordOverheadBytes, sizeBytes);
        return true;
    }

    /// <summary>Makes the first <paramref name="sizeBytes"/> bytes of the claimed record visible to the consumer. Owner: producer.</summary>
    /// <exception cref="ArgumentOutOfRangeException">More than was claimed, or nothing is claimed.</exception>
    public void Publish(int sizeBytes)
    {
        if ((uint)sizeBytes > (uint)_indices.ClaimedBytes || _indices.ClaimedBytes < 0)
        {
            ThrowNotClaimed(sizeBytes);
        }

        long start = _indices.ClaimStart;
        LengthAt((int)start & _mask) = sizeBytes;
        _indices.ClaimedBytes = -1;

        // Release: the record, its length and the skip mark before it are written before the consumer can see the tail beyond them.
        Volatile.Write(ref _indices.Tail, start + SpanOf(sizeBytes));
    }

    /// <summary>Gives the oldest record that is not released; the same one again until then. Owner: consumer.</summary>
    /// <param name="record">The record in place, valid until <see cref="Release"/>; empty on failure.</param>
    /// <returns>False when the ring is empty; all released space then is the producer's again.</returns>
    public bool TryPeek(out ReadOnlySpan<byte> record)
    {
        long read = _indices.Read;
        if (read == _indices.CachedTail && !TryRefill(read))
        {
            record = default;
            return false;
        }

        int offset = (int)read & _mask;
        int sizeBytes = LengthAt(offset);
        if (sizeBytes == SkipToStart)
        {
            read += Capacity - offset;
            _indices.Read = read;
            offset = 0;
            sizeBytes = LengthAt(0);
        }

        _indices.PeekEnd = read + SpanOf(sizeBytes);
        record = new ReadOnlySpan<byte>(_buffer, GuardBytes + offset + RecordOverheadBytes, sizeBytes);
        return true;
    }

    /// <summary>Ends the use of the record of the last <see cref="TryPeek"/>. Owner: consumer.</summary>
    /// <remarks>Space returns to the producer in batches of an eighth of the ring, and whenever <see cref="TryPeek"/> has to look for more.</remarks>
    public void Release()
    {
        Debug.Assert(_indices.PeekEnd > _indices.Read, "release follows a peek");
        _indices.Read = _indices.PeekEnd;
        if (_indices.Read - _indices.Head >= Capacity / 8)
        {
            GiveBack();
        }
    }

    // The length word and the record, rounded up so that every length word is aligned and fits before the end of the buffer.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static long SpanOf(int sizeBytes) => ((long)sizeBytes + RecordOverheadBytes + 7) & ~7L;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref int LengthAt(int offset) => ref Unsafe.As<byte, int>(ref _buffer[GuardBytes + offset]);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool HasRoom(long end) => end - _indices.CachedHead <= Capacity || HasRoomAfterRefresh(end);

    private bool HasRoomAfterRefresh(long end)
    {
        // Acquire: the consumer's last read of the bytes it gave back comes before our next write to them.
        _indices.CachedHead = Volatile.Read(ref _indices.Head);
        return end - _indices.CachedHead <= Capacity;
    }

    // Everything known was read: hand the space back, then look once how far the producer has come since.
    private bool TryRefill(long read)
    {
        if (_indices.Head != read)
        {
            GiveBack();
        }

        // Acquire: pairs with the release in Publish, so that the records before this tail are whole when we read them.
        _indices.CachedTail = Volatile.Read(ref _indices.Tail);
        return _indices.CachedTail != read;
    }

    // Release: our reads of the records before this position are done before the producer can see the space as free.
    private void GiveBack() => Volatile.Write(ref _indices.Head, _indices.Read);

    private void ThrowNotClaimed(int sizeBytes) => throw new ArgumentOutOfRangeException(
        nameof(sizeBytes), sizeBytes, $"0 to the bytes of the current claim ({_indices.ClaimedBytes}; -1: none)");

    /// <summary>
    /// Positions count bytes since the start and never wrap. What both threads touch and what one keeps to itself lie on lines of their
    /// own (two each, because processors fetch lines in pairs), so that neither thread disturbs the other except to hand something over.
    /// </summary>
    [StructLayout(LayoutKind.Explicit, Size = 640)]
    private struct Indices
    {
        /// <summary>End of what is published. Written by the producer, read by both.</summary>
        [FieldOffset(128)] public long Tail;

        /// <summary>The producer's last sight of <see cref="Head"/>.</summary>
        [FieldOffset(256)] public long CachedHead;

        /// <summary>Where the claimed record begins.</summary>
        [FieldOffset(264)] public long ClaimStart;

        /// <summary>Bytes claimed and not published; -1 when none.</summary>
        [FieldOffset(272)] public int ClaimedBytes;

        /// <summary>Start of what the producer must not touch. Written by the consumer, read by both.</summary>
        [FieldOffset(384)] public long Head;

        /// <summary>The consumer's last sight of <see cref="Tail"/>.</summary>
        [FieldOffset(512)] public long CachedTail;

        /// <summary>Start of the next record to read.</summary>
        [FieldOffset(520)] public long Read;

        /// <summary>End of the record that was peeked last.</summary>
        [FieldOffset(528)] public long PeekEnd;
    }
}
