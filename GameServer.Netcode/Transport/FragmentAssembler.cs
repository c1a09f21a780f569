using System.Buffers.Binary;
using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Transport;

/// <summary>The unfinished fragmented messages of one peer.</summary>
/// <remarks>
/// A message reserves room for all its parts with its first one, so whatever was begun can be finished; buffers are taken as parts
/// arrive, and only kept parts are acknowledged. Owner: one thread. Allocates: no, after construction.
/// </remarks>
internal sealed class FragmentAssembler(BlockPool pool, int bytesMax, int messageBytesMax)
{
    private const int GroupsMax = 16;
    /// <summary>Nobody sends smaller parts but the last one: a LiteNetLib peer whose datagrams are cut to 576 bytes, less headers and a layer, is well above.</summary>
    public const int PartBytesMin = 400;


    private struct Group
    {
        public int Total; // 0: unused
        public int Count;
        public int Bytes;
        public int Head;
        public int Tail;
        public ushort Id;
        public byte ChannelId;
        public long ProgressMicros;
    }

    private readonly Group[] _groups = new Group[GroupsMax];
    private int _reservedBytes;
    private int _groupCount;

    /// <summary>A finished message.</summary>
    public struct Message
    {
        public int Chain;
        public int Bytes;
        public int ReservedBytes;
    }

    /// <summary>When the unfinished message that waits longest made its last progress, or <see cref="long.MaxValue"/>.</summary>
    public long OldestMicros
    {
        get
        {
            long oldest = long.MaxValue;
            for (int i = 0; _groupCount > 0 && i < GroupsMax; i++)
            {
                oldest = _groups[i].Total > 0 ? Math.Min(oldest, _groups[i].ProgressMicros) : oldest;
            }

            return oldest;
        }
    }

    /// <summary>Unfinished messages have that much more time.</summary>
    public void Forgive(long micros, long nowMicros)
    {
        for (int i = 0; _groupCount > 0 && i < GroupsMax; i++)
        {
            _groups[i].ProgressMicros = Math.Min(nowMicros, _groups[i].ProgressMicros + micros);
        }
    }

    /// <summary>Takes one well-formed part; <paramref name="message"/> has a chain when it was the last missing one.</summary>
    public Acceptance Add(ReadOnlySpan<byte> packet, int channelId, long nowMicros, bool canComplete, out Message message, out DropReason refusal)
    {
        message = new Message { Chain = BlockPool.None };
        ushort id = BinaryPrimitives.ReadUInt16LittleEndian(packet[4..]);
        int part = BinaryPrimitives.ReadUInt16LittleEndian(packet[6..]);
        int total = BinaryPrimitives.ReadUInt16LittleEndian(packet[8..]);
        ReadOnlySpan<byte> bytes = packet[10..];
        int index = Find(id, out int free);
        if (index < 0)
        {
            refusal = CheckFirst(part, total, bytes.Length);
            if (refusal != DropReason.None)
            {
                return Acceptance.Ended;
            }
        }
        else if (_groups[index].Total != total || _groups[index].ChannelId != channelId
            || Math.Max(_groups[index].Bytes, 0) + bytes.Length > messageBytesMax)
        {
            refusal = DropReason.FragmentMismatch;
            return Acceptance.Ended;
        }

        refusal = DropReason.FragmentNotTaken;
        bool begins = index < 0;
        bool noRoom = begins && (free < 0 || _reservedBytes + (total * pool.BlockBytes) > bytesMax);
        bool completes = (begins ? 0 : _groups[index].Count) + 1 == total;
        if (noRoom || pool.FreeCount == 0 || (completes && !canComplete))
        {
            return Acceptance.Blocked;
        }

        if (begins)
        {
            index = free;
            _groups[index] = new Group
            {
                Id = id, ChannelId = (byte)channelId, Total = total, Head = BlockPool.None, Tail = BlockPool.None,
            };
            _reservedBytes += total * pool.BlockBytes;
            _groupCount++;
        }

        refusal = DropReason.FragmentMismatch;
        ref Group group = ref _groups[index];
        if (!TryKeep(ref group, part, bytes))
        {
            return Acceptance.Ended;
        }

        refusal = DropReason.None;
        group.ProgressMicros = nowMicros;
        if (group.Count < total)
        {
            return Acceptance.Kept;
        }

        message = new Message { Chain = group.Head, Bytes = group.Bytes, ReservedBytes = total * pool.BlockBytes };
        group = default;
        _groupCount--;
        return Acceptance.Queued;
    }

    /// <summary>A finished message was consumed and its blocks are free again.</summary>
    public void Release(int reservedBytes) => _reservedBytes -= reservedBytes;

    /// <summary>Copies a finished message into one piece.</summary>
    public static void CopyChain(BlockPool pool, int chain, Span<byte> destination)
    {
        for (int block = chain; block != BlockPool.None; block = pool.Next(block))
        {
            Span<byte> bytes = pool.Used(block);
            bytes.CopyTo(destination);
            destination = destination[bytes.Length..];
        }
    }

    /// <summary>Gives everything back.</summary>
    public void Clear()
    {
        for (int i = 0; _groupCount > 0 && i < GroupsMax; i++)
        {
            if (_groups[i].Total > 0)
            {
                pool.ReturnList(_groups[i].Head);
            }
        }

        Array.Clear(_groups, 0, GroupsMax);
        _reservedBytes = 0;
        _groupCount = 0;
    }

    private int Find(ushort id, out int free)
    {
        free = -1;
        for (int i = 0; i < GroupsMax; i++)
        {
            if (_groups[i].Total == 0)
            {
                free = free < 0 ? i : free;
            }
            else if (_groups[i].Id == id)
            {
                return i;
            }
        }

        return -1;
    }

    /// <summary>Whether this part is of a message that cannot be taken, whatever else of it arrives.</summary>
    public bool IsTooLarge(ReadOnlySpan<byte> packet)
    {
        int part = BinaryPrimitives.ReadUInt16LittleEndian(packet[6..]);
        int total = BinaryPrimitives.ReadUInt16LittleEndian(packet[8..]);
        return CheckFirst(part, total, packet.Length - 10) != DropReason.None;
    }

    private DropReason CheckFirst(int part, int total, int bytes)
    {
        long messageBytes = (long)(total - 1) * (part < total - 1 ? bytes : PartBytesMin);
        bool fits = messageBytes <= messageBytesMax && bytes <= messageBytesMax && (long)total * pool.BlockBytes <= bytesMax;
        return fits ? DropReason.None : DropReason.FragmentLimit;
    }

    /// <summary>Adds a part to its group in order of index; false when the group has that part.</summary>
    private bool TryKeep(ref Group group, int part, ReadOnlySpan<byte> bytes)
    {
        int before = BlockPool.None;
        if (group.Tail != BlockPool.None && pool.Tag(group.Tail) < part)
        {
            before = group.Tail;
        }
        else
        {
            for (int block = group.Head; block != BlockPool.None && pool.Tag(block) <= part; block = pool.Next(block))
            {
                before = block;
            }
        }

        if (before != BlockPool.None && pool.Tag(before) == part)
        {
            return false;
        }

        int added = pool.Take();
        bytes.CopyTo(pool.Bytes(added));
        pool.Length(added) = (ushort)bytes.Length;
        pool.Tag(added) = (ushort)part;
        ref int link = ref before == BlockPool.None ? ref group.Head : ref pool.Next(before);
        pool.Next(added) = link;
        link = added;
        if (pool.Next(added) == BlockPool.None)
        {
            group.Tail = added;
        }

        group.Count++;
        group.Bytes += bytes.Length;
        return true;
    }
}
