using System.Buffers.Binary;
using System.Diagnostics;

namespace GameServer.Netcode.Transport;

/// <summary>Reliable packets of one channel that wait for the window, and how messages become packets.</summary>
/// <remarks>
/// Small messages to a peer that can take it share a packet until it is full or leaves (protocol notes §10.2); large ones are split.
/// Owner: one thread. Allocates: no.
/// </remarks>
internal struct ReliableQueue(Peer peer, PacketStore store, int channelId)
{
    private readonly Peer _peer = peer;
    private readonly PacketStore _store = store;
    private readonly int _channelId = channelId;
    private int _head = BlockPool.None;
    private int _tail = BlockPool.None;
    private int _open = BlockPool.None; // block that further small messages still join
    private int _openEntries;

    /// <summary>True when nothing waits.</summary>
    public readonly bool IsEmpty => _head == BlockPool.None && _open == BlockPool.None;

    /// <summary>Queues one message.</summary>
    public SendResult Enqueue(ReadOnlySpan<byte> message)
    {
        if (message.Length + Wire.ChannelHeaderBytes > _peer.MtuBytes)
        {
            return EnqueueFragments(message);
        }

        if (TryJoinOpen(message))
        {
            return SendResult.Queued;
        }

        bool opens = _peer.Line.MergesReliable && message.Length > 0 && message.Length + Wire.ChannelHeaderBytes + 2 <= _peer.MtuBytes;
        int bytes = opens ? PacketStore.LargeBytes : message.Length + Wire.ChannelHeaderBytes;
        int block = _peer.TakeReliable(bytes);
        if (block == BlockPool.None)
        {
            return SendResult.QueueFull;
        }

        SealOpen();
        if (opens)
        {
            _open = block;
            _openEntries = 0;
            _store.Length(block) = Wire.ChannelHeaderBytes;
            TryJoinOpen(message);
            return SendResult.Queued;
        }

        Span<byte> packet = _store.Bytes(block);
        Wire.WriteChannelHeader(packet, _peer.First(PacketKind.Channeled), 0, _channelId);
        message.CopyTo(packet[Wire.ChannelHeaderBytes..]);
        _store.Length(block) = (ushort)bytes;
        Link(block);
        return SendResult.Queued;
    }

    /// <summary>The packet that waits longest; the queue is not empty.</summary>
    public int Peek()
    {
        if (_head == BlockPool.None)
        {
            SealOpen();
        }

        return _head;
    }

    /// <summary>Takes the packet that waits longest out of the queue; its block becomes the caller's.</summary>
    public int Take()
    {
        int block = Peek();
        _head = _store.Next(block);
        if (_head == BlockPool.None)
        {
            _tail = BlockPool.None;
        }

        _store.Next(block) = BlockPool.None;
        return block;
    }

    /// <summary>Gives all blocks back.</summary>
    public void Clear()
    {
        _store.ReturnList(_head);
        if (_open != BlockPool.None)
        {
            _store.Return(_open);
        }

        _head = _tail = _open = BlockPool.None;
    }

    private SendResult EnqueueFragments(ReadOnlySpan<byte> message)
    {
        int partBytes = _peer.MtuBytes - Wire.ChannelHeaderBytes - Wire.FragmentHeaderBytes;
        int parts = (message.Length + partBytes - 1) / partBytes;
        if (parts > ushort.MaxValue)
        {
            return SendResult.TooLarge;
        }

        if (!_peer.HasReliableRoom(parts))
        {
            return SendResult.QueueFull;
        }

        SealOpen();
        ushort id = ++_peer.FragmentId;
        for (int part = 0; part < parts; part++)
        {
            ReadOnlySpan<byte> bytes = message.Slice(part * partBytes, Math.Min(partBytes, message.Length - (part * partBytes)));
            int block = _peer.TakeReliable(PacketStore.LargeBytes);
            Debug.Assert(block != BlockPool.None, "room was checked");
            Span<byte> packet = _store.Bytes(block);
            Wire.WriteChannelHeader(packet, (byte)(_peer.First(PacketKind.Channeled) | WireLine.FragmentedBit), 0, _channelId);
            BinaryPrimitives.WriteUInt16LittleEndian(packet[4..], id);
            BinaryPrimitives.WriteUInt16LittleEndian(packet[6..], (ushort)part);
            BinaryPrimitives.WriteUInt16LittleEndian(packet[8..], (ushort)parts);
            bytes.CopyTo(packet[10..]);
            _store.Length(block) = (ushort)(10 + bytes.Length);
            Link(block);
        }

        return SendResult.Queued;
    }

    private bool TryJoinOpen(ReadOnlySpan<byte> message)
    {
        if (_open == BlockPool.None || message.Length == 0)
        {
            return false; // an empty entry would cost its receiver the rest of the packet (protocol notes §10.2)
        }

        ref ushort length = ref _store.Length(_open);
        if (length + 2 + message.Length > _peer.MtuBytes)
        {
            return false;
        }

        Span<byte> entry = _store.Bytes(_open)[length..];
        BinaryPrimitives.WriteUInt16LittleEndian(entry, (ushort)message.Length);
        message.CopyTo(entry[2..]);
        length += (ushort)(2 + message.Length);
        _openEntries++;
        return true;
    }

    /// <summary>Ends the packet that messages join: with one message it is a plain channeled packet, which is 2 bytes shorter.</summary>
    private void SealOpen()
    {
        if (_open == BlockPool.None)
        {
            return;
        }

        int block = _open;
        _open = BlockPool.None;
        Span<byte> packet = _store.Used(block);
        if (_openEntries == 1)
        {
            packet[(Wire.ChannelHeaderBytes + 2)..].CopyTo(packet[Wire.ChannelHeaderBytes..]);
            packet = packet[..^2];
            _store.Length(block) = (ushort)packet.Length;
        }

        PacketKind kind = _openEntries == 1 ? PacketKind.Channeled : PacketKind.ReliableMerged;
        Wire.WriteChannelHeader(packet, _peer.First(kind), 0, _channelId);
        Link(_peer.ShrinkReliable(block));
    }

    private void Link(int block)
    {
        if (_tail == BlockPool.None)
        {
            _head = block;
        }
        else
        {
            _store.Next(_tail) = block;
        }

        _tail = block;
    }
}
