namespace GameServer.Netcode.Transport;

/// <summary>Buffers for outgoing and held packets in two sizes, so that a small message does not hold a large buffer.</summary>
/// <remarks>Owner: one thread. Handles of small blocks carry <see cref="SmallBit"/>. Allocates: no, after construction.</remarks>
internal sealed class PacketStore(int largeCount, int smallCount)
{
    /// <summary>Bytes of a large block: the largest packet and its merge header.</summary>
    public const int LargeBytes = 1472;

    /// <summary>Bytes of a small block.</summary>
    public const int SmallBytes = 160;

    private const int SmallBit = 1 << 30;

    private readonly BlockPool _large = new(LargeBytes, largeCount);
    private readonly BlockPool _small = new(SmallBytes, smallCount);

    /// <summary>Blocks that nobody holds, of both sizes.</summary>
    public int FreeCount => _large.FreeCount + _small.FreeCount;

    /// <summary>Large blocks that nobody holds.</summary>
    public int LargeFreeCount => _large.FreeCount;

    /// <summary>Takes a block of at least <paramref name="bytes"/>, or <see cref="BlockPool.None"/>.</summary>
    public int Take(int bytes)
    {
        if (bytes <= SmallBytes)
        {
            int small = _small.Take();
            if (small != BlockPool.None)
            {
                return small | SmallBit;
            }
        }

        return _large.Take();
    }

    /// <summary>Takes a large block, or <see cref="BlockPool.None"/>.</summary>
    public int TakeLarge() => _large.Take();

    /// <summary>Gives a block back.</summary>
    public void Return(int block) => PoolOf(block).Return(block & ~SmallBit);

    /// <summary>Gives back a whole list.</summary>
    public void ReturnList(int head)
    {
        while (head != BlockPool.None)
        {
            int next = Next(head);
            Return(head);
            head = next;
        }
    }

    /// <summary>What a block counts against a quota in bytes.</summary>
    public static int CostOf(int block) => (block & SmallBit) != 0 ? SmallBytes : LargeBytes;

    /// <summary>All bytes of a block.</summary>
    public Span<byte> Bytes(int block) => PoolOf(block).Bytes(block & ~SmallBit);

    /// <summary>The used bytes of a block.</summary>
    public Span<byte> Used(int block) => PoolOf(block).Used(block & ~SmallBit);

    /// <summary>How many bytes of a block are used.</summary>
    public ref ushort Length(int block) => ref PoolOf(block).Length(block & ~SmallBit);

    /// <summary>The block behind this one in its list.</summary>
    public ref int Next(int block) => ref PoolOf(block).Next(block & ~SmallBit);

    private BlockPool PoolOf(int block) => (block & SmallBit) != 0 ? _small : _large;
}
