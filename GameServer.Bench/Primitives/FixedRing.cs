using System.Runtime.InteropServices;

namespace GameServer.Bench.Primitives;

/// <summary>64 bytes, as a record of one small packet.</summary>
[StructLayout(LayoutKind.Sequential, Size = 64)]
public struct Record64
{
    public long Number;
}

/// <summary>What the ring is measured against: slots of one size, the same cached indices, nothing else.</summary>
public sealed class FixedRing
{
    private readonly Record64[] _slots;
    private readonly int _mask;
    private Indices _indices;

    public FixedRing(int capacity)
    {
        _slots = new Record64[capacity];
        _mask = capacity - 1;
    }

    public bool TryWrite(in Record64 record)
    {
        long tail = _indices.Tail;
        if (tail - _indices.CachedHead > _mask)
        {
            // Acquire: the consumer has read the slot before we write to it again.
            _indices.CachedHead = Volatile.Read(ref _indices.Head);
            if (tail - _indices.CachedHead > _mask)
            {
                return false;
            }
        }

        _slots[(int)tail & _mask] = record;

        // Release: the slot is written before the consumer sees the tail beyond it.
        Volatile.Write(ref _indices.Tail, tail + 1);
        return true;
    }

    public bool TryRead(out Record64 record)
    {
        long head = _indices.Head;
        if (head == _indices.CachedTail)
        {
            // Acquire: pairs with the release in TryWrite.
            _indices.CachedTail = Volatile.Read(ref _indices.Tail);
            if (head == _indices.CachedTail)
            {
                record = default;
                return false;
            }
        }

        record = _slots[(int)head & _mask];

        // Release: the slot is read before the producer sees it as free.
        Volatile.Write(ref _indices.Head, head + 1);
        return true;
    }

    [StructLayout(LayoutKind.Explicit, Size = 640)]
    private struct Indices
    {
        [FieldOffset(128)] public long Tail;
        [FieldOffset(256)] public long CachedHead;
        [FieldOffset(384)] public long Head;
        [FieldOffset(512)] public long CachedTail;
    }
}
