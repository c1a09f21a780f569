using System.Diagnostics;

namespace GameServer.Netcode.Transport;

/// <summary>A fixed number of equal buffers, made at start; a free one is used again last in, first out.</summary>
/// <remarks>Owner: one thread. Blocks form lists through <see cref="Next"/>. Allocates: no, after construction.</remarks>
internal sealed class BlockPool
{
    /// <summary>Ends a list, and says that the pool is empty.</summary>
    public const int None = -1;

    private const int ChunkShift = 8; // 256 blocks in one array: no array grows with the number of peers

    private readonly byte[][] _chunks;
    private readonly int[] _next;
    private readonly ushort[] _lengths;
    private readonly ushort[] _tags;
    private int _free;

    public BlockPool(int blockBytes, int count)
    {
        BlockBytes = blockBytes;
        FreeCount = count;
        _next = new int[count];
        _lengths = new ushort[count];
        _tags = new ushort[count];
        for (int i = 0; i < count; i++)
        {
            _next[i] = i + 1 < count ? i + 1 : None;
        }

        _free = count > 0 ? 0 : None;
        _chunks = new byte[(count + (1 << ChunkShift) - 1) >> ChunkShift][];
        for (int i = 0; i < _chunks.Length; i++)
        {
            _chunks[i] = new byte[Math.Min(count - (i << ChunkShift), 1 << ChunkShift) * blockBytes];
        }
    }

    /// <summary>Bytes of each block.</summary>
    public int BlockBytes { get; }

    /// <summary>Blocks that nobody holds.</summary>
    public int FreeCount { get; private set; }

    /// <summary>Takes a block, or <see cref="None"/> when all are in use; its contents are those of its last user.</summary>
    public int Take()
    {
        int block = _free;
        if (block != None)
        {
            _free = _next[block];
            _next[block] = None;
            _lengths[block] = 0;
            FreeCount--;
        }

        return block;
    }

    /// <summary>Gives a block back.</summary>
    public void Return(int block)
    {
        Debug.Assert(block >= 0 && FreeCount < _next.Length, "a block is returned once");
        _next[block] = _free;
        _free = block;
        FreeCount++;
    }

    /// <summary>Gives back a whole list.</summary>
    public void ReturnList(int head)
    {
        while (head != None)
        {
            int next = _next[head];
            Return(head);
            head = next;
        }
    }

    /// <summary>All bytes of a block.</summary>
    public Span<byte> Bytes(int block) =>
        _chunks[block >> ChunkShift].AsSpan((block & ((1 << ChunkShift) - 1)) * BlockBytes, BlockBytes);

    /// <summary>The used bytes of a block.</summary>
    public Span<byte> Used(int block) => Bytes(block)[.._lengths[block]];

    /// <summary>How many bytes of a block are used.</summary>
    public ref ushort Length(int block) => ref _lengths[block];

    /// <summary>A number that the block's user keeps beside it.</summary>
    public ref ushort Tag(int block) => ref _tags[block];

    /// <summary>The block behind this one in its list.</summary>
    public ref int Next(int block) => ref _next[block];
}
