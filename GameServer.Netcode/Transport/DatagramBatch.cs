namespace GameServer.Netcode.Transport;

/// <summary>Fixed buffers for a batch of datagrams, pinned for life.</summary>
/// <remarks>Owner: the thread of the socket that fills or sends it. Each buffer holds <see cref="BufferBytes"/> bytes.</remarks>
public sealed class DatagramBatch
{
    /// <summary>Most datagrams that one system call moves.</summary>
    public const int CapacityMax = 64;

    /// <summary>Bytes of each buffer: the largest datagram and some room, a multiple of a cache line.</summary>
    public const int BufferBytes = 1536;

    private readonly byte[] _bytes;

    /// <summary>A batch of <paramref name="capacity"/> buffers.</summary>
    public DatagramBatch(int capacity = CapacityMax)
    {
        if (capacity is < 1 or > CapacityMax)
        {
            throw new ArgumentOutOfRangeException(nameof(capacity), capacity, $"1 to {CapacityMax} datagrams");
        }

        Capacity = capacity;
#if NETSTANDARD2_1
        _bytes = new byte[capacity * BufferBytes];
#else
        _bytes = GC.AllocateArray<byte>(capacity * BufferBytes, pinned: true);
#endif
        Lengths = new int[capacity];
        Addresses = new PeerAddress[capacity];
        ArrivalMicros = new long[capacity];
    }

    /// <summary>Number of buffers.</summary>
    public int Capacity { get; }

    /// <summary>Bytes used of each buffer.</summary>
    public int[] Lengths { get; }

    /// <summary>Where each datagram came from or goes to.</summary>
    public PeerAddress[] Addresses { get; }

    /// <summary>When each datagram arrived, in microseconds of the socket's clock.</summary>
    public long[] ArrivalMicros { get; }

    /// <summary>All buffers in one array, one after the other.</summary>
    internal byte[] Bytes => _bytes;

#if !NETSTANDARD2_1
    /// <summary>What the kernel needs to fill this batch, made at its first use.</summary>
    internal Linux.ReceiveHeaders? ReceiveHeaders { get; set; }

    /// <summary>What the kernel needs to send this batch, made at its first use.</summary>
    internal Linux.SendHeaders? SendHeaders { get; set; }
#endif

    /// <summary>The whole buffer of datagram <paramref name="index"/>.</summary>
    public Span<byte> Buffer(int index) => _bytes.AsSpan(index * BufferBytes, BufferBytes);

    /// <summary>The used part of the buffer of datagram <paramref name="index"/>.</summary>
    public Span<byte> Datagram(int index) => _bytes.AsSpan(index * BufferBytes, Lengths[index]);
}
