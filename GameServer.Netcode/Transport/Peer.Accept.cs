using System.Buffers.Binary;
using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Transport;

/// <summary>From packets to events, and from consumed events to acknowledgements.</summary>
internal sealed partial class Peer
{
    /// <summary>How long the acknowledgement of a packet waits for company: a third of what a library peer lets one wait.</summary>
    private const long AckDelayMicros = 5_000;

    /// <summary>Events that a peer may have waiting whatever others have; more only while half of the queue is free.</summary>
    private const int EventsShare = 256;

    /// <summary>Offers the messages of a reliable packet to the event queue: all of them or none.</summary>
    public Acceptance Accept(int channelId, ushort sequence, ReadOnlySpan<byte> packet, bool isHeld)
    {
        PacketKind kind = Line.KindOf(packet[0]);
        ReadOnlySpan<byte> content = packet[Wire.ChannelHeaderBytes..];
        if (kind == PacketKind.ReliableMerged)
        {
            return AcceptMerged(channelId, sequence, content, isHeld);
        }

        if ((packet[0] & WireLine.FragmentedBit) != 0)
        {
            return AcceptFragment(channelId, sequence, packet, isHeld);
        }

        if (!MayBring(1, content.Length, out DropReason refusal))
        {
            return Refuse(refusal, isHeld);
        }

        PushReliable(channelId, sequence, content, acknowledges: !isHeld);
        return Acceptance.Queued;
    }

    /// <summary>An event of this peer was consumed.</summary>
    public void Consumed(in EventQueue.Entry entry)
    {
        QueuedEvents--;
        if (!entry.Acknowledges)
        {
            return;
        }

        if ((entry.ChannelId & 1) == 0)
        {
            Receiver(entry.ChannelId).Consumed(entry.Sequence);
            return;
        }

        ref SequencedChannel channel = ref SequencedAt(entry.ChannelId);
        channel.Consumed = entry.Sequence;
        if ((DeliveryMethod)(entry.ChannelId & 3) == DeliveryMethod.ReliableSequenced)
        {
            MarkSequencedAckDue(ref channel, entry.ChannelId);
        }
    }

    /// <summary>The blocks of a finished fragmented message are free again.</summary>
    public void ReleaseFragments(int reservedBytes) => _fragments.Release(reservedBytes);

    /// <summary>Offers held packets again; false while some still wait.</summary>
    public bool ResumeBlocked()
    {
        foreach (ReliableReceiver? receiver in _receivers)
        {
            if (receiver is { IsBlocked: true } && !receiver.Resume())
            {
                return false;
            }
        }

        return true;
    }

    public void MarkBlocked() => _endpoint.MarkBlocked(this);

    /// <summary>Something of that channel is to be acknowledged: at once, or with what leaves within <see cref="AckDelayMicros"/>.</summary>
    public void MarkAckDue(ReliableReceiver receiver, bool atOnce)
    {
        if (!receiver.AckDue)
        {
            receiver.AckDue = true;
            _acksDue[_ackDueCount++] = (byte)receiver.ChannelId;
        }

        long dueMicros = atOnce ? 0 : _endpoint.NowMicros + AckDelayMicros;
        if (dueMicros < _ackDueMicros)
        {
            _ackDueMicros = dueMicros;
            _endpoint.MarkReady(this);
        }
    }

    private void MarkSequencedAckDue(ref SequencedChannel channel, int channelId)
    {
        if (!channel.AckDue)
        {
            channel.AckDue = true;
            _acksDue[_ackDueCount++] = (byte)channelId;
            _ackDueMicros = 0;
            _endpoint.MarkReady(this);
        }
    }

    private bool HasEventRoom(int events, int bytes, bool isReliable)
    {
        if (_endpoint.Inbound is { } inbound && !inbound.HasRoom(Id, events, bytes, isReliable))
        {
            return false;
        }

        int queued = QueuedEvents == 0 ? 0 : QueuedEvents + events;
        return queued <= Math.Min(EventsShare, _options.EventsPerPeerMax)
            ? _endpoint.Events.HasRoom(events, bytes)
            : queued <= _options.EventsPerPeerMax && _endpoint.Events.HasHalfRoom(events, bytes);
    }

    /// <summary>Whether that many reliable messages may become events now; a rate beyond the limit waits like a full queue.</summary>
    private bool MayBring(int messages, int bytes, out DropReason refusal)
    {
        int perSecond = _options.ReliableMessagesPerSecond;
        bool slow = perSecond == 0 || _allowanceMicros <= _endpoint.NowMicros;
        refusal = slow ? DropReason.ReliableNotTaken : DropReason.ReliableTooFast;
        return slow && HasEventRoom(messages, bytes, isReliable: true);
    }

    private ref EventQueue.Entry Push(DeliveryMethod method, int channelId, ReadOnlySpan<byte> message, long nowMicros)
    {
        QueuedEvents++;
        _endpoint.Inbound?.Charge(Id, message.Length);
        ref EventQueue.Entry entry = ref _endpoint.Events.Add(
            new TransportEvent
            {
                Kind = TransportEventKind.Message,
                Peer = Id,
                Method = method,
                Channel = (byte)(channelId >> 2),
                ArrivalMicros = nowMicros,
                Address = Address,
            },
            message);
        entry.ChannelId = (byte)channelId;
        return ref entry;
    }

    private void PushReliable(int channelId, ushort sequence, ReadOnlySpan<byte> message, bool acknowledges)
    {
        ref EventQueue.Entry entry = ref Push((DeliveryMethod)(channelId & 3), channelId, message, _endpoint.NowMicros);
        entry.Sequence = sequence;
        entry.Acknowledges = acknowledges;
        if (_options.ReliableMessagesPerSecond > 0)
        {
            // A bucket that holds a quarter of a second, kept as the time at which it is no longer overdrawn.
            long floor = _endpoint.NowMicros - 250_000;
            _allowanceMicros = Math.Max(_allowanceMicros, floor) + (1_000_000 / _options.ReliableMessagesPerSecond);
        }
    }

    private Acceptance AcceptMerged(int channelId, ushort sequence, ReadOnlySpan<byte> content, bool isHeld)
    {
        int count = 0;
        for (int i = 0; i < content.Length; i += 2 + BinaryPrimitives.ReadUInt16LittleEndian(content[i..]))
        {
            count++;
        }

        if (count == 0)
        {
            return Acceptance.Kept;
        }

        if (!MayBring(count, content.Length, out DropReason refusal))
        {
            return Refuse(refusal, isHeld);
        }

        for (int i = 0; i < content.Length;)
        {
            int length = BinaryPrimitives.ReadUInt16LittleEndian(content[i..]);
            PushReliable(channelId, sequence, content.Slice(i + 2, length), acknowledges: !isHeld && --count == 0);
            i += 2 + length;
        }

        return Acceptance.Queued;
    }

    private Acceptance AcceptFragment(int channelId, ushort sequence, ReadOnlySpan<byte> packet, bool isHeld)
    {
        Acceptance acceptance = _fragments.Add(
            packet, channelId, _endpoint.NowMicros, MayBring(1, 0, out _), out FragmentAssembler.Message message, out DropReason refusal);
        if (acceptance == Acceptance.Blocked)
        {
            return Refuse(refusal, isHeld);
        }

        if (acceptance == Acceptance.Ended)
        {
            DisconnectReason reason = refusal == DropReason.FragmentLimit ? DisconnectReason.FragmentLimit : DisconnectReason.ProtocolViolation;
            if (!isHeld)
            {
                NoteMalformed(refusal, reason);
                return State == PeerState.Free ? Acceptance.Ended : Acceptance.Blocked;
            }

            Drop(refusal); // it was acknowledged: the message is lost for good
            _endpoint.Abort(this, reason);
        }
        else if (acceptance == Acceptance.Queued)
        {
            PushReliable(channelId, sequence, default, acknowledges: !isHeld);
            ref EventQueue.Entry entry = ref _endpoint.Events[_endpoint.Events.Count - 1];
            entry.Chain = message.Chain;
            entry.Length = message.Bytes;
            entry.Offset = message.ReservedBytes;
            _endpoint.Inbound?.Charge(Id, message.Bytes);
        }

        return acceptance;
    }

    private Acceptance Refuse(DropReason reason, bool isHeld)
    {
        if (!isHeld)
        {
            Drop(reason);
        }

        return Acceptance.Blocked;
    }
}
