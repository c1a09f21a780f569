using System.Buffers.Binary;
using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Transport;

/// <summary>Packets of a connected peer, its number already checked.</summary>
internal sealed partial class Peer
{
    /// <summary>Takes one packet that a datagram held, or that was an entry of a merged one.</summary>
    public void Receive(ReadOnlySpan<byte> packet, PacketKind kind, long nowMicros)
    {
        switch (kind)
        {
            case PacketKind.Unreliable:
                ReceiveUnreliable(packet[1..], nowMicros);
                break;
            case PacketKind.Channeled:
            case PacketKind.ReliableMerged:
                ReceiveChanneled(packet, kind, nowMicros);
                break;
            case PacketKind.Ack:
                ReceiveAck(packet, nowMicros);
                break;
            case PacketKind.Ping:
                if (!_pinger.TryTakePing(Wire.SequenceOf(packet)))
                {
                    Drop(DropReason.PingOld);
                }

                break;
            case PacketKind.Pong:
                ReceivePong(packet, nowMicros);
                break;
            case PacketKind.MtuCheck:
            case PacketKind.MtuOk:
                ReceiveMtu(packet, kind, nowMicros);
                break;
            case PacketKind.Merged:
                ReceiveMerged(packet, nowMicros);
                break;
            default:
                Drop(DropReason.KindNotForPeer);
                break;
        }
    }

    private void ReceiveMerged(ReadOnlySpan<byte> packet, long nowMicros)
    {
        for (int i = 1; i < packet.Length;)
        {
            int length = packet.Length - i < 2 ? 0 : BinaryPrimitives.ReadUInt16LittleEndian(packet[i..]);
            i += 2;
            if (length == 0 || length > packet.Length - i)
            {
                Drop(DropReason.MergedMalformed);
                return;
            }

            ReadOnlySpan<byte> inner = packet.Slice(i, length);
            i += length;
            PacketKind kind = Line.KindOf(inner[0]);
            if (kind == PacketKind.Unknown || length < WireLine.MinLength(kind))
            {
                Drop(kind == PacketKind.Unknown ? DropReason.PropertyUnknown : DropReason.PacketTooShort);
                return;
            }

            if (WireLine.NumberOf(inner[0]) != Number || kind == PacketKind.Merged)
            {
                Drop(kind == PacketKind.Merged ? DropReason.MergedNested : DropReason.ConnectionNumberWrong);
                return;
            }

            Receive(inner, kind, nowMicros);
            if (State == PeerState.Free)
            {
                return; // a packet ended the connection
            }
        }
    }

    private void ReceiveUnreliable(ReadOnlySpan<byte> message, long nowMicros)
    {
        if (State != PeerState.Connected)
        {
            Drop(DropReason.StateIgnored);
        }
        else if (HasEventRoom(1, message.Length, isReliable: false))
        {
            Push(DeliveryMethod.Unreliable, 0, message, nowMicros);
        }
        else if (_endpoint.Inbound is { } inbound)
        {
            inbound.Keep(Id, nowMicros, message);
        }
        else
        {
            Drop(DropReason.EventQueueFull);
        }
    }

    private void ReceiveChanneled(ReadOnlySpan<byte> packet, PacketKind kind, long nowMicros)
    {
        int channelId = packet[3];
        if (channelId >= _options.Channels * 4)
        {
            Drop(DropReason.ChannelOutOfRange);
        }
        else if (!_options.OpenChannels.Contains(channelId))
        {
            Drop(DropReason.ChannelClosed);
        }
        else if (State != PeerState.Connected)
        {
            Drop(DropReason.StateIgnored);
        }
        else if ((channelId & 1) == 0)
        {
            Receiver(channelId).Receive(packet, kind);
        }
        else
        {
            ReceiveSequenced(packet, kind, channelId, nowMicros);
        }
    }

    private void ReceiveSequenced(ReadOnlySpan<byte> packet, PacketKind kind, int channelId, long nowMicros)
    {
        ref SequencedChannel channel = ref SequencedAt(channelId);
        ushort sequence = Wire.SequenceOf(packet);
        bool reliable = (DeliveryMethod)(channelId & 3) == DeliveryMethod.ReliableSequenced;
        if (sequence >= Sequence.Modulus)
        {
            Drop(DropReason.SequenceInvalid);
        }
        else if (kind != PacketKind.Channeled || (packet[0] & WireLine.FragmentedBit) != 0)
        {
            Drop(DropReason.SequencedFragmented);
        }
        else if (Sequence.Distance(sequence, channel.Accepted) <= 0)
        {
            Drop(DropReason.SequencedOld);

            // A lite host of 2.x repeats its last sequenced message until it is acknowledged; others ignore this (protocol notes §8.6).
            if (reliable || sequence == channel.Accepted)
            {
                MarkSequencedAckDue(ref channel, channelId);
            }
        }
        else if (!HasEventRoom(1, packet.Length, reliable))
        {
            Drop(reliable ? DropReason.ReliableNotTaken : DropReason.EventQueueFull);
        }
        else
        {
            channel.Accepted = sequence;
            ref EventQueue.Entry entry = ref Push((DeliveryMethod)(channelId & 3), channelId, packet[Wire.ChannelHeaderBytes..], nowMicros);
            entry.Sequence = sequence;
            entry.Acknowledges = true;
        }
    }

    private void ReceiveAck(ReadOnlySpan<byte> packet, long nowMicros)
    {
        int channelId = packet[3];
        ushort sequence = Wire.SequenceOf(packet);
        if (channelId >= _options.Channels * 4)
        {
            Drop(DropReason.ChannelOutOfRange);
            return;
        }

        bool sequenced = (channelId & 1) != 0;
        if (sequence >= Sequence.Modulus || packet.Length != (sequenced ? Wire.SequencedAckBytes : Wire.AckBytes))
        {
            Drop(DropReason.AckMalformed);
        }
        else if (sequenced)
        {
            ref SequencedChannel channel = ref SequencedAt(channelId);
            if (channel.LastBlockPlusOne != 0 && sequence == channel.Sent)
            {
                ForgetLast(ref channel);
            }
        }
        else if (_senders[channelId >> 1] is not { } sender
            || !sender.Acknowledge(sequence, BinaryPrimitives.ReadUInt64LittleEndian(packet[4..]), nowMicros))
        {
            Drop(DropReason.AckOutOfWindow);
        }
    }

    private void ReceivePong(ReadOnlySpan<byte> packet, long nowMicros)
    {
        long rttMicros = _pinger.TryTakePong(Wire.SequenceOf(packet), nowMicros);
        if (rttMicros < 0)
        {
            Drop(DropReason.PongUnexpected);
            return;
        }

        PingRtt.Add(rttMicros);
        _pinger.EndRetries(_options.PingIntervalMicros);
    }

    private void ReceiveMtu(ReadOnlySpan<byte> packet, PacketKind kind, long nowMicros)
    {
        if (!Wire.IsMtuWellFormed(packet))
        {
            Drop(DropReason.MtuMalformed);
        }
        else if (kind == PacketKind.MtuCheck)
        {
            _mtuAnswerBytes = packet.Length; // one answer per poll, however many probes came
        }
        else if (!_mtu.Answered(packet.Length, nowMicros))
        {
            Drop(DropReason.MtuUnexpected);
        }
    }
}
