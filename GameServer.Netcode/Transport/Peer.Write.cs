using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Transport;

/// <summary>What leaves: one datagram at a time, acknowledgements first.</summary>
internal sealed partial class Peer
{
    /// <summary>Time between disconnects until one is acknowledged.</summary>
    private const long DisconnectRetryMicros = 300_000;

    /// <summary>How long disconnects are repeated.</summary>
    private const long DisconnectGiveUpMicros = 1_500_000;

    /// <summary>After that long without an acknowledgement of a packet that every path carries, the path is found too small.</summary>
    private const long PathStallMicros = 4_000_000;

    /// <summary>And after that many transmissions of it: at 30 % loss both ways one packet in ten thousand needs more.</summary>
    private const int PathSendsMin = 14;

    /// <summary>Packets up to this size say nothing about a path.</summary>
    private const int PassesAnywayBytes = 256;

    private int _connectAttempts;
    private long _retryMicros;
    private long _flushUntilMicros;
    private long _giveUpMicros;
    private int _payloadBlock = BlockPool.None; // connect data while outgoing, disconnect data while closing

    /// <summary>True once a disconnect left: its acknowledgement ends the connection.</summary>
    public bool DisconnectSent { get; private set; }

    /// <summary>Refusals of the protocol that answered this side's requests.</summary>
    public int ProtocolRefusals { get; set; }

    /// <summary>True when the other side has every reliable message.</summary>
    private bool IsFlushed => _busySenderCount == 0 && _sequencedPending == 0 && _out.IsEmpty;

    /// <summary>Begins to send connect requests.</summary>
    public void StartRequests(ReadOnlySpan<byte> connect, long nowMicros)
    {
        _connectAttempts = 0;
        _retryMicros = nowMicros;
        ProtocolRefusals = 0;
        KeepPayload(connect);
    }

    /// <summary>The request was accepted.</summary>
    public void StopRequests() => ReturnClose();

    /// <summary>Begins to disconnect: what was queued before leaves first, unless <paramref name="flushMicros"/> is 0.</summary>
    public void StartClose(ReadOnlySpan<byte> payload, long flushMicros, long nowMicros)
    {
        State = PeerState.Closing;
        KeepPayload(payload);
        _flushUntilMicros = nowMicros + flushMicros;
        _retryMicros = nowMicros;
        _giveUpMicros = long.MaxValue;
        DisconnectSent = false;
    }

    /// <summary>Writes the next datagram; 0 when there is nothing to send now.</summary>
    public int Write(Span<byte> destination, long nowMicros)
    {
        int length = State switch
        {
            PeerState.Outgoing => WriteRequest(destination, nowMicros),
            PeerState.Connected => WriteConnected(destination, nowMicros),
            PeerState.Closing => WriteClosing(destination, nowMicros),
            _ => 0,
        };
        if (length > 0)
        {
            Stats.DatagramsSent++;
            Stats.BytesSent += length + _endpoint.OverheadBytes;
        }

        return length;
    }

    /// <summary>When <see cref="Write"/> or <see cref="OnTimer"/> have something to do next.</summary>
    public long NextDueMicros()
    {
        if (State == PeerState.Outgoing)
        {
            return _retryMicros;
        }

        if (DisconnectSent)
        {
            return Math.Min(_retryMicros, _giveUpMicros); // nothing else is sent or waited for any more
        }

        long due = Math.Min(_pinger.NextDueMicros, State == PeerState.Connected
            ? Math.Min(_mtu.NextDueMicros, LastReceivedMicros + _options.IdleTimeoutMicros)
            : CloseDueMicros());
        due = Math.Min(due, _ackDueMicros);
        for (int i = 0; i < _busySenderCount; i++)
        {
            due = Math.Min(due, Math.Min(_busySenders[i].NextDueMicros, Later(_busySenders[i].OldestMicros, _options.ReliableStallMicros)));
        }

        for (int i = 0; _sequencedPending > 0 && i < _sequenced.Length; i++)
        {
            due = _sequenced[i].LastBlockPlusOne != 0 ? Math.Min(due, _sequenced[i].DueMicros) : due;
        }

        return Math.Min(due, Later(_fragments.OldestMicros, _options.FragmentTimeoutMicros));
    }

    /// <summary>Why the connection has ended by time, or none.</summary>
    public DisconnectReason OnTimer(long nowMicros)
    {
        if (State == PeerState.Outgoing)
        {
            bool failed = _connectAttempts >= _options.ConnectAttempts && _retryMicros <= nowMicros;
            return !failed ? DisconnectReason.None
                : ProtocolRefusals > 0 ? DisconnectReason.InvalidProtocol : DisconnectReason.ConnectionFailed;
        }

        if (State == PeerState.Closing)
        {
            return nowMicros >= _giveUpMicros ? DisconnectReason.LocalClosed : DisconnectReason.None;
        }

        if (nowMicros >= LastReceivedMicros + _options.IdleTimeoutMicros)
        {
            return DisconnectReason.Timeout;
        }

        if (nowMicros >= Later(_fragments.OldestMicros, _options.FragmentTimeoutMicros))
        {
            Drop(DropReason.FragmentLimit);
            return DisconnectReason.FragmentLimit;
        }

        for (int i = 0; i < _busySenderCount; i++)
        {
            if (nowMicros >= Later(_busySenders[i].OldestMicros, _options.ReliableStallMicros))
            {
                return IsPathTooSmall(_busySenders[i]) ? DisconnectReason.PathTooSmall : DisconnectReason.ReliableStalled;
            }

            if (nowMicros >= Later(_busySenders[i].OldestMicros, PathStallMicros) && IsPathTooSmall(_busySenders[i]))
            {
                return DisconnectReason.PathTooSmall;
            }
        }

        return DisconnectReason.None;
    }

    /// <summary>Small packets have come back all the time, and a larger one of the smallest size that is used has not been acknowledged once.</summary>
    private bool IsPathTooSmall(ReliableSender sender) =>
        IsLargeVanishing(sender) && sender.OldestSends >= PathSendsMin && PingRtt.HasSample
        && _endpoint.NowMicros - LastReceivedMicros < 2 * _options.PingIntervalMicros;

    private bool LargeVanishes()
    {
        for (int i = 0; i < _busySenderCount; i++)
        {
            if (IsLargeVanishing(_busySenders[i]))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsLargeVanishing(ReliableSender sender) => sender.OldestSends >= 3 && sender.OldestBytes > PassesAnywayBytes;

    private static long Later(long micros, long delayMicros) => micros == long.MaxValue ? micros : micros + delayMicros;

    private long CloseDueMicros() => IsFlushed ? _retryMicros : _flushUntilMicros;

    private int WriteRequest(Span<byte> destination, long nowMicros)
    {
        if (_retryMicros > nowMicros || _connectAttempts >= _options.ConnectAttempts)
        {
            return 0;
        }

        _connectAttempts++;
        _retryMicros = nowMicros + _options.ConnectRetryMicros;
        return Wire.WriteRequest(destination, First(PacketKind.ConnectRequest), ConnectionTime, LocalId, Address, Payload());
    }

    private int WriteClosing(Span<byte> destination, long nowMicros)
    {
        if (!DisconnectSent)
        {
            int length = WriteConnected(destination, nowMicros);
            if (length > 0 || (!IsFlushed && nowMicros < _flushUntilMicros))
            {
                return length;
            }

            _giveUpMicros = nowMicros + DisconnectGiveUpMicros;
            _retryMicros = nowMicros;
            DisconnectSent = true;
        }

        if (_retryMicros > nowMicros)
        {
            return 0;
        }

        _retryMicros = nowMicros + DisconnectRetryMicros;
        return Wire.WriteDisconnect(destination, First(PacketKind.Disconnect), ConnectionTime, Payload());
    }

    private int WriteConnected(Span<byte> destination, long nowMicros)
    {
        if (_mtuAnswerBytes > 0)
        {
            int length = _mtuAnswerBytes;
            _mtuAnswerBytes = 0;
            Wire.WriteMtu(destination, First(PacketKind.MtuOk), length);
            return length;
        }

        int bytes = WritePackets(destination, nowMicros);
        if (bytes > 0 || State != PeerState.Connected)
        {
            _mtu.Sent(bytes);
            return bytes;
        }

        int probeBytes = _mtu.TakeProbe(nowMicros);
        if (probeBytes > 0)
        {
            Wire.WriteMtu(destination, First(PacketKind.MtuCheck), probeBytes);
        }

        return probeBytes;
    }

    private int WritePackets(Span<byte> destination, long nowMicros)
    {
        var writer = new DatagramWriter(destination, MtuBytes, First(PacketKind.Merged));
        if (_ackDueMicros <= nowMicros)
        {
            WriteAcks(ref writer);
        }

        WritePings(ref writer, nowMicros);
        if (writer.Length > 0 && LargeVanishes())
        {
            return writer.Length; // what is small shall not vanish along with what is large
        }

        WriteReliable(ref writer, nowMicros);
        WriteSequencedAgain(ref writer, nowMicros);
        while (!_out.IsEmpty)
        {
            ReadOnlySpan<byte> packet = _out.Peek();
            if (!writer.Fits(packet.Length))
            {
                return writer.Length;
            }

            packet.CopyTo(writer.Add(packet.Length));
            _out.Pop();
        }

        if (writer.Length > 0)
        {
            WriteAcks(ref writer); // those that wait for company have found it
        }

        return writer.Length;
    }

    private void WriteAcks(ref DatagramWriter writer)
    {
        while (_ackDueCount > 0)
        {
            int channelId = _acksDue[_ackDueCount - 1];
            bool sequenced = (channelId & 1) != 0;
            int bytes = sequenced ? Wire.SequencedAckBytes : Wire.AckBytes;
            if (!writer.Fits(bytes))
            {
                return;
            }

            _ackDueCount--;
            Span<byte> packet = writer.Add(bytes);
            if (!sequenced)
            {
                Receiver(channelId).WriteAck(packet);
                continue;
            }

            ref SequencedChannel channel = ref SequencedAt(channelId);
            channel.AckDue = false;
            Wire.WriteChannelHeader(packet, First(PacketKind.Ack), channel.Consumed, channelId);
        }

        _ackDueMicros = long.MaxValue;
    }

    private void WritePings(ref DatagramWriter writer, long nowMicros)
    {
        if (_pinger.PongDue && writer.Fits(Wire.PongBytes))
        {
            Wire.WritePong(writer.Add(Wire.PongBytes), First(PacketKind.Pong), _pinger.TakePong(), _endpoint.UtcTicks);
        }

        if (_pinger.NextDueMicros <= nowMicros && writer.Fits(Wire.PingBytes))
        {
            ushort sequence = _pinger.Next(_endpoint.Chance, _options.PingIntervalMicros, nowMicros);
            Wire.WritePing(writer.Add(Wire.PingBytes), First(PacketKind.Ping), sequence);
            if (!_pinger.WasAnswered)
            {
                _endpoint.ClaimUnasked(this);
            }
        }
    }

    private void WriteReliable(ref DatagramWriter writer, long nowMicros)
    {
        for (int i = 0; i < _busySenderCount;)
        {
            ReliableSender sender = _busySenders[i];
            int block;
            while ((block = sender.Peek(nowMicros)) != BlockPool.None)
            {
                Span<byte> packet = _packets.Used(block);
                if (!writer.Fits(packet.Length))
                {
                    return;
                }

                packet.CopyTo(writer.Add(packet.Length));
                sender.Commit(nowMicros);
            }

            if (sender.IsEmpty)
            {
                sender.IsListed = false;
                _busySenders[i] = _busySenders[--_busySenderCount];
            }
            else
            {
                i++;
            }
        }
    }

    private void WriteSequencedAgain(ref DatagramWriter writer, long nowMicros)
    {
        for (int i = 0; _sequencedPending > 0 && i < _sequenced.Length; i++)
        {
            ref SequencedChannel channel = ref _sequenced[i];
            if (channel.LastBlockPlusOne == 0 || channel.DueMicros > nowMicros)
            {
                continue;
            }

            Span<byte> packet = _packets.Used(channel.LastBlockPlusOne - 1);
            if (!writer.Fits(packet.Length))
            {
                return;
            }

            packet.CopyTo(writer.Add(packet.Length));
            channel.DueMicros = nowMicros + ResendMicros(++channel.Sends);
            NoteResend();
        }
    }
}
