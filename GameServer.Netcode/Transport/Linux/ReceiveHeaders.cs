namespace GameServer.Netcode.Transport.Linux;

/// <summary>The message headers through which the kernel fills one batch, pointing into its pinned buffers.</summary>
/// <remarks>Owner: the owner of the batch. The arrays are pinned, so the pointers between them hold for the life of this object.</remarks>
internal sealed unsafe class ReceiveHeaders
{
    private const int ControlBytes = 64; // a time stamp (32) and a drop counter (24)
    private const uint DataOffset = 16;

    private readonly MultiMessageHeader[] _messages;
    private readonly BufferDescriptor[] _buffers;
    private readonly SocketAddressBytes[] _names;
    private readonly byte[] _control;
    private readonly byte[] _bytes;
    private readonly MultiMessageHeader* _first;

    public ReceiveHeaders(DatagramBatch batch)
    {
        int capacity = batch.Capacity;
        _messages = GC.AllocateArray<MultiMessageHeader>(capacity, pinned: true);
        _buffers = GC.AllocateArray<BufferDescriptor>(capacity, pinned: true);
        _names = GC.AllocateArray<SocketAddressBytes>(capacity, pinned: true);
        _control = GC.AllocateArray<byte>(capacity * ControlBytes, pinned: true);
        _bytes = batch.Bytes;
        fixed (MultiMessageHeader* messages = _messages)
        fixed (BufferDescriptor* buffers = _buffers)
        fixed (SocketAddressBytes* names = _names)
        fixed (byte* control = _control, bytes = _bytes)
        {
            _first = messages;
            for (int i = 0; i < capacity; i++)
            {
                buffers[i].Start = bytes + (i * DatagramBatch.BufferBytes);
                buffers[i].Length = DatagramBatch.BufferBytes;
                messages[i].Name = names + i;
                messages[i].Buffers = buffers + i;
                messages[i].BufferCount = 1;
                messages[i].Control = control + (i * ControlBytes);
                Reset(messages + i);
            }
        }
    }

    /// <summary>The first header; as many follow as the batch has buffers.</summary>
    public MultiMessageHeader* First => _first;

    /// <summary>Sets again what the kernel overwrites in a header that it used.</summary>
    public static void Reset(MultiMessageHeader* message)
    {
        message->NameLength = SocketAddressBytes.SizeBytes;
        message->ControlLength = ControlBytes;
    }

    /// <summary>When the kernel took the datagram in, in nanoseconds of its real-time clock; 0 when it does not say.</summary>
    public static long ArrivalNanos(MultiMessageHeader* message)
    {
        // The kernel writes the time stamp first (sock_recv_timestamp comes before sock_recv_drops).
        ControlHeader* header = (ControlHeader*)message->Control;
        bool stamped = message->ControlLength >= DataOffset + (nuint)sizeof(TimeSpec)
            && header->Level == Libc.LevelSocket && header->Type == Libc.TimestampNanos;
        return stamped ? ((TimeSpec*)(message->Control + DataOffset))->TotalNanos : 0;
    }

    /// <summary>The socket's count of drops before this datagram; it is there only once something was dropped.</summary>
    public static bool TryReadDrops(MultiMessageHeader* message, out uint drops)
    {
        byte* control = message->Control;
        nuint left = message->ControlLength;
        while (left >= DataOffset + sizeof(uint))
        {
            ControlHeader* header = (ControlHeader*)control;
            if (header->Level == Libc.LevelSocket && header->Type == Libc.ReceiveQueueOverflow)
            {
                drops = *(uint*)(control + DataOffset);
                return true;
            }

            nuint step = (header->Length + 7) & ~(nuint)7;
            if (step < DataOffset || step > left)
            {
                break;
            }

            control += step;
            left -= step;
        }

        drops = 0;
        return false;
    }
}
