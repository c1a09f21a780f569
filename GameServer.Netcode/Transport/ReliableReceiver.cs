using System.Buffers.Binary;
using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Transport;

/// <summary>What became of a reliable packet that was offered to the layers above.</summary>
internal enum Acceptance
{
    /// <summary>No room: it is as if it had not arrived.</summary>
    Blocked,

    /// <summary>It is kept or needs nobody: acknowledge it.</summary>
    Kept,

    /// <summary>It is in the event queue: its consumption acknowledges it.</summary>
    Queued,

    /// <summary>It ended the connection.</summary>
    Ended,
}

/// <summary>The receiving half of a reliable channel: order, duplicates, acknowledgements (protocol notes §8.5).</summary>
/// <remarks>Nothing that was acknowledged is dropped while the connection lives. Owner: one thread. Allocates: no, after construction.</remarks>
internal sealed class ReliableReceiver(Peer peer, PacketStore store, int channelId)
{
    private const int Window = 64;

    /// <summary>So many packets are acknowledged together; what the sender waits for is acknowledged at once.</summary>
    private const int PacketsPerAck = 3;

    /// <summary>Early packets that one channel may hold: all of the window but the one that is missing.</summary>
    public const int HeldMax = Window - 1;

    private readonly int[] _held = NewHeld();
    private readonly bool _ordered = (DeliveryMethod)(channelId & 3) == DeliveryMethod.ReliableOrdered;
    private ushort _expected;
    private ushort _windowStart;
    private ulong _received; // bit (sequence mod 64), for sequences from the window start on
    private ulong _acknowledged;
    private int _heldBytes;
    private int _unacknowledged; // packets that the next acknowledgement is the first to name

    /// <summary>Which channel this is.</summary>
    public int ChannelId => channelId;

    /// <summary>True while an acknowledgement waits to be sent.</summary>
    public bool AckDue { get; set; }

    /// <summary>True while a packet waits here only because the layers above have no room.</summary>
    public bool IsBlocked => _ordered && _held[_expected % Window] != BlockPool.None;

    /// <summary>Takes one packet of this channel.</summary>
    public void Receive(ReadOnlySpan<byte> packet, PacketKind kind)
    {
        ushort sequence = Wire.SequenceOf(packet);
        if (sequence >= Sequence.Modulus)
        {
            peer.Drop(DropReason.SequenceInvalid);
            return;
        }

        int ahead = Sequence.Distance(sequence, _expected);
        int offset = Sequence.Distance(sequence, _windowStart);
        if (ahead >= Window)
        {
            peer.Drop(DropReason.SequenceAhead);
        }
        else if (offset < 0)
        {
            peer.Drop(DropReason.SequenceOld);
        }
        else if (offset < Window && (_received & Bit(sequence)) != 0)
        {
            peer.Drop(DropReason.ReliableDuplicate);
            peer.MarkAckDue(this, atOnce: true);
        }
        else if (IsWellFormed(packet, kind))
        {
            Accept(packet, sequence, ahead);
        }
    }

    /// <summary>The messages of a packet were consumed.</summary>
    public void Consumed(ushort sequence)
    {
        if (Sequence.Distance(sequence, _windowStart) is >= 0 and < Window)
        {
            Acknowledge(sequence);
        }
    }

    /// <summary>Offers what was held back again; false while there is still no room.</summary>
    public bool Resume()
    {
        while (IsBlocked)
        {
            int block = _held[_expected % Window];
            Acceptance acceptance = peer.Accept(channelId, _expected, store.Used(block), isHeld: true);
            if (acceptance == Acceptance.Blocked)
            {
                return false;
            }

            if (acceptance == Acceptance.Ended)
            {
                return true;
            }

            ReturnHeld(_expected % Window);
            _expected = Sequence.Add(_expected, 1);
            peer.MarkAckDue(this, atOnce: true); // a gap is closed: the sender's window moves on
        }

        return true;
    }

    /// <summary>Writes the acknowledgement; returns its length.</summary>
    public int WriteAck(Span<byte> destination)
    {
        AckDue = false;
        _unacknowledged = 0;
        return Wire.WriteAck(destination, peer.First(PacketKind.Ack), _windowStart, channelId, _acknowledged);
    }

    /// <summary>Forgets everything, for the next connection.</summary>
    public void Clear()
    {
        for (int i = 0; i < Window; i++)
        {
            if (_held[i] != BlockPool.None)
            {
                ReturnHeld(i);
            }
        }

        StartAt(0);
        AckDue = false;
        _unacknowledged = 0;
    }

    /// <summary>Starts the sequences at <paramref name="sequence"/> instead of 0 (tests of the wrap).</summary>
    internal void StartAt(ushort sequence)
    {
        _expected = _windowStart = sequence;
        _received = _acknowledged = 0;
    }

    private static int[] NewHeld()
    {
        var held = new int[Window];
        Array.Fill(held, BlockPool.None);
        return held;
    }

    private static ulong Bit(ushort sequence) => 1UL << (sequence % Window);

    private void Accept(ReadOnlySpan<byte> packet, ushort sequence, int ahead)
    {
        if (_ordered && ahead > 0)
        {
            Hold(packet, sequence);
            return;
        }

        Acceptance acceptance = peer.Accept(channelId, sequence, packet, isHeld: false);
        if (acceptance is Acceptance.Blocked or Acceptance.Ended)
        {
            return;
        }

        Mark(sequence);
        if (acceptance == Acceptance.Kept)
        {
            Acknowledge(sequence);
        }

        if (ahead != 0)
        {
            return;
        }

        _expected = Sequence.Add(_expected, 1);
        if (_ordered)
        {
            if (!Resume())
            {
                peer.MarkBlocked();
            }

            return;
        }

        while (Sequence.Distance(_expected, _windowStart) < Window && (_received & Bit(_expected)) != 0)
        {
            _expected = Sequence.Add(_expected, 1);
        }
    }

    private void Hold(ReadOnlySpan<byte> packet, ushort sequence)
    {
        int block = TakeHeld(packet.Length);
        if (block == BlockPool.None)
        {
            peer.Drop(DropReason.HeldFull);
            return;
        }

        packet.CopyTo(store.Bytes(block));
        store.Length(block) = (ushort)packet.Length;
        _held[sequence % Window] = block;
        Mark(sequence);
        Acknowledge(sequence);
    }

    private void Acknowledge(ushort sequence)
    {
        _acknowledged |= Bit(sequence);
        peer.MarkAckDue(this, atOnce: ++_unacknowledged >= PacketsPerAck);
    }

    private int TakeHeld(int bytes)
    {
        int block = store.Take(bytes);
        if (block == BlockPool.None)
        {
            return block;
        }

        int cost = PacketStore.CostOf(block);
        if (!peer.Held.TryTake(_heldBytes, cost))
        {
            store.Return(block);
            return BlockPool.None;
        }

        _heldBytes += cost;
        return block;
    }

    private void ReturnHeld(int index)
    {
        int cost = PacketStore.CostOf(_held[index]);
        store.Return(_held[index]);
        _held[index] = BlockPool.None;
        peer.Held.Return(_heldBytes, cost);
        _heldBytes -= cost;
    }

    /// <summary>Moves the window so that it ends at the newest sequence, and marks the sequence received.</summary>
    private void Mark(ushort sequence)
    {
        int beyond = Sequence.Distance(sequence, _windowStart) - (Window - 1);
        for (; beyond > 0; beyond--)
        {
            _received &= ~Bit(_windowStart);
            _acknowledged &= ~Bit(_windowStart);
            _windowStart = Sequence.Add(_windowStart, 1);
        }

        _received |= Bit(sequence);
    }

    private bool IsWellFormed(ReadOnlySpan<byte> packet, PacketKind kind)
    {
        if (kind == PacketKind.ReliableMerged)
        {
            for (int i = Wire.ChannelHeaderBytes; i < packet.Length;)
            {
                i += packet.Length - i < 2 ? 2 : 2 + BinaryPrimitives.ReadUInt16LittleEndian(packet[i..]);
                if (i > packet.Length)
                {
                    peer.NoteMalformed(DropReason.ReliableMergedMalformed);
                    return false;
                }
            }

            return true;
        }

        if ((packet[0] & WireLine.FragmentedBit) == 0)
        {
            return true;
        }

        bool ok = packet.Length > 10
            && BinaryPrimitives.ReadUInt16LittleEndian(packet[6..]) < BinaryPrimitives.ReadUInt16LittleEndian(packet[8..]);
        if (!ok)
        {
            peer.NoteMalformed(DropReason.FragmentMalformed);
        }
        else if (peer.IsTooLarge(packet))
        {
            peer.NoteMalformed(DropReason.FragmentLimit, DisconnectReason.FragmentLimit);
            return false;
        }

        return ok;
    }
}
