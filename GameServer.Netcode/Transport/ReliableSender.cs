using System.Buffers.Binary;
using System.Diagnostics;

namespace GameServer.Netcode.Transport;

/// <summary>The sending half of a reliable channel: a queue of packets, a window of 64 of them in flight, resends (protocol notes §8.4).</summary>
/// <remarks>
/// Resends follow the smoothed round trip with back-off; a packet that three later ones overtook is sent again as soon as the deviation
/// allows. New packets are paced over most of a round trip. Owner: one thread. Allocates: no, after construction.
/// </remarks>
internal sealed class ReliableSender
{
    private const int Window = 64;
    private const int OvertakenBy = 3;
    private const int PaceBurst = 16;
    private const long PaceUnknownRttMicros = 50_000;
    private const long EchoMicrosMin = 1_000;

    private struct Flight
    {
        public int Block; // BlockPool.None once acknowledged
        public int Sends;
        public bool Echoed; // the last transmission is followed by a second copy
        public uint Order; // of its last transmission among all of the channel
        public long FirstMicros;
        public long SentMicros;
        public long DueMicros;
    }

    private readonly Peer _peer;
    private readonly PacketStore _store;
    private readonly int _channelId;
    private readonly Flight[] _flights = new Flight[Window];
    private ushort _start;
    private ushort _next;
    private uint _order;
    private uint _orderAcked;
    private int _timeouts; // resends in a row without any news from the other side: what the back-off counts
    private long _backedOffMicros;
    private long _dueMicros;
    private long _paceMicros;
    private int _candidate; // flight that the next Commit sends again, or −1 for the head of the queue
    private int _queueHead;
    private int _queueTail;
    private int _open; // block that further small messages still join
    private int _openEntries;

    public ReliableSender(Peer peer, PacketStore store, int channelId)
    {
        _peer = peer;
        _store = store;
        _channelId = channelId;
        Clear(returnBlocks: false);
    }

    /// <summary>True when nothing waits and nothing is unacknowledged.</summary>
    public bool IsEmpty => _start == _next && _queueHead == BlockPool.None && _open == BlockPool.None;

    /// <summary>True while the peer has this channel in its list of busy ones.</summary>
    public bool IsListed { get; set; }

    /// <summary>When the oldest unacknowledged packet was first sent, or <see cref="long.MaxValue"/>.</summary>
    public long OldestMicros => _start == _next ? long.MaxValue : _flights[_start % Window].FirstMicros;

    private bool HasNew => _queueHead != BlockPool.None || _open != BlockPool.None;

    private bool WindowOpen => Sequence.Distance(_next, _start) < Window;

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

    /// <summary>The next packet that may leave, or <see cref="BlockPool.None"/>; <see cref="Commit"/> says that it left.</summary>
    public int Peek(long nowMicros)
    {
        if (_dueMicros <= nowMicros)
        {
            for (ushort s = _start; s != _next; s = Sequence.Add(s, 1))
            {
                ref Flight flight = ref _flights[s % Window];
                if (flight.Block != BlockPool.None && flight.DueMicros <= nowMicros)
                {
                    _candidate = s % Window;
                    return flight.Block;
                }
            }
        }

        if (!HasNew || !WindowOpen || PaceDueMicros > nowMicros)
        {
            return BlockPool.None;
        }

        if (_queueHead == BlockPool.None)
        {
            SealOpen();
        }

        _candidate = -1;
        Span<byte> packet = _store.Bytes(_queueHead);
        BinaryPrimitives.WriteUInt16LittleEndian(packet[1..], _next);
        return _queueHead;
    }

    /// <summary>The packet that <see cref="Peek"/> returned left.</summary>
    public void Commit(long nowMicros)
    {
        int index = _candidate;
        if (index < 0)
        {
            index = _next % Window;
            int block = _queueHead;
            _queueHead = _store.Next(block);
            if (_queueHead == BlockPool.None)
            {
                _queueTail = BlockPool.None;
            }

            _store.Next(block) = BlockPool.None;
            _flights[index] = new Flight { Block = block, FirstMicros = nowMicros };
            _next = Sequence.Add(_next, 1);
            _paceMicros = Math.Max(_paceMicros, nowMicros) + PaceIntervalMicros;
            _peer.Stats.ReliablePackets++;
        }
        else
        {
            _peer.Stats.Resends++;
            BackOff(nowMicros);
        }

        ref Flight flight = ref _flights[index];
        flight.Sends++;
        flight.Order = ++_order;
        flight.SentMicros = nowMicros;

        // The window stands still for a packet sent again: a second copy costs little, and another loss would cost a whole round trip.
        flight.Echoed = flight.Sends > 1 && !flight.Echoed && HasNew && !WindowOpen;
        flight.DueMicros = nowMicros + (flight.Echoed ? Math.Max(EchoMicrosMin, _peer.RttMicros / 16) : _peer.ResendMicros(_timeouts));
        _peer.NoteTransmission(_store.Length(flight.Block), flight.Sends);
        FindDue();
    }

    /// <summary>Takes an acknowledgement: window start and 64 bits, bit (sequence mod 64) for each received packet.</summary>
    public bool Acknowledge(ushort windowStart, ulong bits, long nowMicros)
    {
        if (Sequence.Distance(_start, windowStart) is < 0 or >= Window)
        {
            return false;
        }

        for (ushort s = _start; s != _next && Sequence.Distance(s, windowStart) < Window; s = Sequence.Add(s, 1))
        {
            ref Flight flight = ref _flights[s % Window];
            if (flight.Block == BlockPool.None || (bits & (1UL << (s % Window))) == 0)
            {
                continue;
            }

            TakeSample(flight, nowMicros);
            _peer.ReturnReliable(flight.Block);
            flight.Block = BlockPool.None;
        }

        while (_start != _next && _flights[_start % Window].Block == BlockPool.None)
        {
            _start = Sequence.Add(_start, 1);
        }

        HastenOvertaken();
        FindDue();
        return true;
    }

    /// <summary>When this channel has something to send, or <see cref="long.MaxValue"/>.</summary>
    public long NextDueMicros => HasNew && WindowOpen ? Math.Min(_dueMicros, PaceDueMicros) : _dueMicros;

    /// <summary>Forgets everything, for the next connection.</summary>
    public void Clear(bool returnBlocks = true)
    {
        if (returnBlocks)
        {
            for (int i = 0; i < Window; i++)
            {
                Return(_flights[i].Block);
            }

            Return(_open);
            _store.ReturnList(_queueHead);
        }

        for (int i = 0; i < Window; i++)
        {
            _flights[i] = new Flight { Block = BlockPool.None };
        }

        _start = _next = 0;
        _order = _orderAcked = 0;
        _timeouts = 0;
        _backedOffMicros = 0;
        _dueMicros = long.MaxValue;
        _paceMicros = 0;
        _queueHead = _queueTail = _open = BlockPool.None;
        IsListed = false;
    }

    /// <summary>Starts the sequences at <paramref name="sequence"/> instead of 0 (tests of the wrap).</summary>
    internal void StartAt(ushort sequence) => _start = _next = sequence;

    private long PaceIntervalMicros => (_peer.RttMicros > 0 ? _peer.RttMicros : PaceUnknownRttMicros) * 3 / 4 / Window;

    private long PaceDueMicros => _paceMicros - (PaceBurst * PaceIntervalMicros);

    private void Return(int block)
    {
        if (block != BlockPool.None)
        {
            _store.Return(block);
        }
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
        if (_queueTail == BlockPool.None)
        {
            _queueHead = block;
        }
        else
        {
            _store.Next(_queueTail) = block;
        }

        _queueTail = block;
    }

    private void BackOff(long nowMicros)
    {
        if (nowMicros - _backedOffMicros >= _peer.ResendMicros(0))
        {
            _timeouts++;
            _backedOffMicros = nowMicros;
        }
    }

    /// <summary>
    /// Learns from one acknowledged packet. Of one sent again, an answer sooner than any round trip was is for the first copy: leaving it
    /// out would keep just the slow samples out of the estimate, and every late packet would be sent twice for ever.
    /// </summary>
    private void TakeSample(in Flight flight, long nowMicros)
    {
        _timeouts = 0;
        bool lastCopy = flight.Sends == 1 || nowMicros - flight.SentMicros >= _peer.RttMinMicros;
        if (flight.Sends == 1 || (flight.Sends == 2 && !lastCopy))
        {
            _peer.AckRtt.Add(nowMicros - flight.FirstMicros);
        }

        if (lastCopy && (int)(flight.Order - _orderAcked) > 0)
        {
            _orderAcked = flight.Order;
        }
    }

    private void HastenOvertaken()
    {
        long patience = _peer.AckRtt.SmoothedMicros + (4 * _peer.AckRtt.VarianceMicros) + 1_000;
        for (ushort s = _start; s != _next; s = Sequence.Add(s, 1))
        {
            ref Flight flight = ref _flights[s % Window];
            if (flight.Block != BlockPool.None && (int)(_orderAcked - flight.Order) >= OvertakenBy)
            {
                flight.DueMicros = Math.Min(flight.DueMicros, flight.SentMicros + patience);
            }
        }
    }

    private void FindDue()
    {
        _dueMicros = long.MaxValue;
        for (ushort s = _start; s != _next; s = Sequence.Add(s, 1))
        {
            ref Flight flight = ref _flights[s % Window];
            if (flight.Block != BlockPool.None)
            {
                _dueMicros = Math.Min(_dueMicros, flight.DueMicros);
            }
        }
    }
}
