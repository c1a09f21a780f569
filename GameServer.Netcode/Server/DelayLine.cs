using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Server;

/// <summary>What a record in a <see cref="DelayLine"/> is about.</summary>
internal enum DelayedKind : byte
{
    /// <summary>An entity as it is now: slot, meta, component.</summary>
    State = 1,

    /// <summary>An entity is gone: slot.</summary>
    Removed = 2,

    /// <summary>An event: entry, row.</summary>
    Event = 3,

    /// <summary>A reliable message.</summary>
    Message = 4,
}

/// <summary>A queue of records with the tick of each.</summary>
/// <remarks>
/// Records lie in blocks of memory that the collector does not count, and the block that was emptied last is the next to be filled: what was never needed
/// was never touched, and takes no memory. Owner: simulation thread. Allocates: in the constructor only.
/// </remarks>
internal sealed unsafe class DelayLine
{
    internal const int BlockBytes = 64 * 1024;

    internal const int HeaderBytes = 12;

    private readonly byte* _bytes;

    // Numbers of blocks in the order in which they were filled, as a ring; of the free ones as a stack.
    private readonly int[] _filled;
    private readonly int[] _free;
    private readonly int[] _ends;
    private int _firstFilled;
    private int _filledCount;
    private int _freeCount;
    private int _readAt;

    /// <param name="capacityBytes">What may wait at a time, headers included; rounded up to whole blocks, at least two and at most <see cref="Limits.DelayedBytesMax"/>.</param>
    public DelayLine(long capacityBytes)
    {
        int blocks = (int)Math.Max(2, (Math.Min(capacityBytes, Limits.DelayedBytesMax) + BlockBytes - 1) / BlockBytes);
        _bytes = (byte*)Marshal.AllocHGlobal(blocks * BlockBytes);
        _filled = new int[blocks];
        _free = new int[blocks];
        _ends = new int[blocks];
        Clear();
    }

    ~DelayLine() => Marshal.FreeHGlobal((IntPtr)_bytes);

    /// <summary>Bytes that wait.</summary>
    public long UsedBytes { get; private set; }

    /// <summary>Bytes that may wait, when records fill their blocks.</summary>
    public long CapacityBytes => (long)_filled.Length * BlockBytes;

    public void Clear()
    {
        UsedBytes = _firstFilled = _filledCount = _readAt = 0;
        _freeCount = _free.Length;
        for (int i = 0; i < _free.Length; i++)
        {
            _free[i] = _free.Length - 1 - i;
        }
    }

    /// <summary>Room for a record, to be filled at once; false when the line is as long as it may be, or the record longer than a block.</summary>
    public bool TryAdd(Tick tick, DelayedKind kind, int sizeBytes, out Span<byte> payload)
    {
        int bytes = HeaderBytes + sizeBytes;
        payload = default;
        if (bytes > BlockBytes || ((_filledCount == 0 || BlockBytes - _ends[Block(_filledCount - 1)] < bytes) && !TryBeginBlock()))
        {
            return false;
        }

        ref int end = ref _ends[Block(_filledCount - 1)];
        Span<byte> record = Bytes(_filledCount - 1).Slice(end, bytes);
        Unsafe.WriteUnaligned(ref record[0], tick.Value);
        Unsafe.WriteUnaligned(ref record[4], sizeBytes);
        record[8] = (byte)kind;
        payload = record.Slice(HeaderBytes);
        end += bytes;
        UsedBytes += bytes;
        return true;
    }

    /// <summary>The oldest record, if it is not newer than a tick; it stays until <see cref="RemoveFirst"/>.</summary>
    public bool TryPeek(Tick until, out DelayedKind kind, out ReadOnlySpan<byte> payload)
    {
        kind = default;
        payload = default;
        if (UsedBytes == 0)
        {
            return false;
        }

        ReadOnlySpan<byte> record = First();
        if (new Tick(MemoryMarshal.Read<uint>(record)) > until)
        {
            return false;
        }

        kind = (DelayedKind)record[8];
        payload = record.Slice(HeaderBytes, MemoryMarshal.Read<int>(record.Slice(4)));
        return true;
    }

    public void RemoveFirst()
    {
        int bytes = HeaderBytes + MemoryMarshal.Read<int>(First().Slice(4));
        _readAt += bytes;
        UsedBytes -= bytes;
        if (_readAt == _ends[Block(0)])
        {
            _free[_freeCount++] = Block(0);
            _firstFilled = (_firstFilled + 1) % _filled.Length;
            _filledCount--;
            _readAt = 0;
        }
    }

    private ReadOnlySpan<byte> First() => Bytes(0).Slice(_readAt);

    private Span<byte> Bytes(int place) => new(_bytes + ((long)Block(place) * BlockBytes), BlockBytes);

    /// <summary>The number of the block that was filled as the first, second, and so on.</summary>
    private int Block(int place) => _filled[(_firstFilled + place) % _filled.Length];

    private bool TryBeginBlock()
    {
        if (_freeCount == 0)
        {
            return false;
        }

        int block = _free[--_freeCount];
        _ends[block] = 0;
        _filled[(_firstFilled + _filledCount) % _filled.Length] = block;
        _filledCount++;
        return true;
    }
}
