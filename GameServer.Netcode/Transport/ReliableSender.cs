using System.Buffers.Binary;

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
    private readonly Flight[] _flights = new Flight[Window];
    private ushort _start;
    private ushort _next;
    private ReliableQueue _queue;
    private uint _order;
    private uint _orderAcked;
    private int _timeouts; // resends in a row without any news from the other side: what the back-off counts
    private long _backedOffMicros;
    private long _dueMicros;
    private long _paceMicros;
    private int _candidate; // flight that the next Commit sends again, or −1 for the head of the queue

    public ReliableSender(Peer peer, PacketStore store, int channelId)
    {
        _peer = peer;
        _store = store;
        _queue = new ReliableQueue(peer, store, channelId);
        Clear(returnBlocks: false);
    }

    /// <summary>True when nothing waits and nothing is unacknowledged.</summary>
    public bool IsEmpty => _start == _next && _queue.IsEmpty;

    /// <summary>True while the peer has this channel in its list of busy ones.</summary>
    public bool IsListed { get; set; }

    /// <summary>When the oldest unacknowledged packet was first sent, or <see cref="long.MaxValue"/>.</summary>
    public long OldestMicros => _start == _next ? long.MaxValue : _flights[_start % Window].FirstMicros;

    /// <summary>Bytes of that packet; only while there is one.</summary>
    public int OldestBytes => _store.Length(_flights[_start % Window].Block);

    /// <summary>How often that packet was sent.</summary>
    public int OldestSends => _start == _next ? 0 : _flights[_start % Window].Sends;

    private bool HasNew => !_queue.IsEmpty;

    private bool WindowOpen => Sequence.Distance(_next, _start) < Window;

    /// <summary>Queues one message.</summary>
    public SendResult Enqueue(ReadOnlySpan<byte> message) => _queue.Enqueue(message);

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

        _candidate = -1;
        int block = _queue.Peek();
        BinaryPrimitives.WriteUInt16LittleEndian(_store.Bytes(block)[1..], _next);
        return block;
    }

    /// <summary>The packet that <see cref="Peek"/> returned left.</summary>
    public void Commit(long nowMicros)
    {
        int index = _candidate;
        if (index < 0)
        {
            index = _next % Window;
            _flights[index] = new Flight { Block = _queue.Take(), FirstMicros = nowMicros };
            _next = Sequence.Add(_next, 1);
            _paceMicros = Math.Max(_paceMicros, nowMicros) + PaceIntervalMicros;
        }
        else
        {
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
            _peer.NoteArrival(_store.Length(flight.Block));
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

    /// <summary>What is in flight has that much more time to be acknowledged.</summary>
    public void Forgive(long micros, long nowMicros)
    {
        for (ushort s = _start; s != _next; s = Sequence.Add(s, 1))
        {
            ref Flight flight = ref _flights[s % Window];
            flight.FirstMicros = Math.Min(nowMicros, flight.FirstMicros + micros);
        }
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

            _queue.Clear();
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
        _peer.NoteLosses(Math.Max(0, flight.Sends - (lastCopy ? 1 : 2)));
        bool unmeasured = !_peer.AckRtt.HasSample && !_peer.PingRtt.HasSample; // then one that is too long is better than none
        if (flight.Sends == 1 || (flight.Sends == 2 && !lastCopy) || unmeasured)
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
