using System.Buffers.Binary;

namespace GameServer.Netcode.Transport;

/// <summary>Packets that leave once, in order, already laid out as entries of a merged datagram: length (2 bytes) | packet.</summary>
/// <remarks>Owner: one thread. The blocks come from the endpoint's store. Allocates: no.</remarks>
internal struct OutQueue(PacketStore store)
{
    /// <summary>Blocks that one peer may hold.</summary>
    public const int BlocksMax = 32;

    private const int EntryHeaderBytes = 2;

    private int _head = BlockPool.None;
    private int _tail = BlockPool.None;
    private int _offset; // of the first entry not yet sent in the head block
    private int _blocks;

    /// <summary>True when nothing waits.</summary>
    public readonly bool IsEmpty => _head == BlockPool.None;

    /// <summary>Room for a packet of that many bytes, which the caller fills; false when too much waits.</summary>
    public bool TryAppend(int packetBytes, out Span<byte> packet)
    {
        int needed = packetBytes + EntryHeaderBytes;
        if (_tail == BlockPool.None || store.Length(_tail) + needed > PacketStore.LargeBytes)
        {
            int block = _blocks < BlocksMax ? store.TakeLarge() : BlockPool.None;
            if (block == BlockPool.None)
            {
                packet = default;
                return false;
            }

            Link(block);
        }

        ref ushort length = ref store.Length(_tail);
        Span<byte> entry = store.Bytes(_tail).Slice(length, needed);
        BinaryPrimitives.WriteUInt16LittleEndian(entry, (ushort)packetBytes);
        length += (ushort)needed;
        packet = entry[EntryHeaderBytes..];
        return true;
    }

    /// <summary>The oldest packet; the queue is not empty.</summary>
    public readonly ReadOnlySpan<byte> Peek()
    {
        ReadOnlySpan<byte> rest = store.Used(_head)[_offset..];
        return rest.Slice(EntryHeaderBytes, BinaryPrimitives.ReadUInt16LittleEndian(rest));
    }

    /// <summary>Removes the oldest packet.</summary>
    public void Pop()
    {
        _offset += EntryHeaderBytes + Peek().Length;
        if (_offset == store.Length(_head))
        {
            int next = store.Next(_head);
            store.Return(_head);
            _head = next;
            _offset = 0;
            _blocks--;
            if (next == BlockPool.None)
            {
                _tail = BlockPool.None;
            }
        }
    }

    /// <summary>Gives all blocks back.</summary>
    public void Clear()
    {
        store.ReturnList(_head);
        this = new OutQueue(store);
    }

    private void Link(int block)
    {
        if (_tail == BlockPool.None)
        {
            _head = block;
        }
        else
        {
            store.Next(_tail) = block;
        }

        _tail = block;
        _blocks++;
    }
}
