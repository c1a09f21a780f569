using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Threading.Channels;
using GameServer.Netcode.Primitives;

namespace GameServer.Bench.Primitives;

/// <summary>The same two calls on every queue; implemented by structs, so that nothing is called through an interface.</summary>
internal interface IRecordQueue
{
    bool TryWrite(in Record64 record);

    bool TryRead(out Record64 record);
}

internal readonly struct FixedRingQueue(FixedRing ring) : IRecordQueue
{
    public bool TryWrite(in Record64 record) => ring.TryWrite(in record);

    public bool TryRead(out Record64 record) => ring.TryRead(out record);
}

internal readonly struct SpscRingQueue(SpscRing ring) : IRecordQueue
{
    public bool TryWrite(in Record64 record)
    {
        if (!ring.TryClaim(Unsafe.SizeOf<Record64>(), 0, out Span<byte> claimed))
        {
            return false;
        }

        MemoryMarshal.Write(claimed, in record);
        ring.Publish(claimed.Length);
        return true;
    }

    public bool TryRead(out Record64 record)
    {
        if (!ring.TryPeek(out ReadOnlySpan<byte> peeked))
        {
            record = default;
            return false;
        }

        record = MemoryMarshal.Read<Record64>(peeked);
        ring.Release();
        return true;
    }
}

/// <summary>It has no bound of its own, so the producer looks now and then and waits while too much is queued.</summary>
internal readonly struct ConcurrentQueueQueue(ConcurrentQueue<Record64> queue, int capacity) : IRecordQueue
{
    public bool TryWrite(in Record64 record)
    {
        if ((record.Number & 1023) == 0 && queue.Count > capacity)
        {
            return false;
        }

        queue.Enqueue(record);
        return true;
    }

    public bool TryRead(out Record64 record) => queue.TryDequeue(out record);
}

internal readonly struct ChannelQueue(Channel<Record64> channel) : IRecordQueue
{
    public bool TryWrite(in Record64 record) => channel.Writer.TryWrite(record);

    public bool TryRead(out Record64 record) => channel.Reader.TryRead(out record);
}
