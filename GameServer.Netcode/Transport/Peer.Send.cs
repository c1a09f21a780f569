namespace GameServer.Netcode.Transport;

/// <summary>What the application sends.</summary>
internal sealed partial class Peer
{
    /// <summary>Largest message of a method.</summary>
    public int PayloadBytesMax(DeliveryMethod method) => method switch
    {
        DeliveryMethod.Unreliable => MtuBytes - 1,
        DeliveryMethod.Sequenced or DeliveryMethod.ReliableSequenced => MtuBytes - Wire.ChannelHeaderBytes,
        _ => Math.Min(_options.MaxMessageBytes, QueueableBytesMax),
    };

    /// <summary>Largest message whose parts all fit into the reliable queue, so that it is not told to wait for ever.</summary>
    private int QueueableBytesMax =>
        ((_options.MaxReliableQueueBytes / PacketStore.LargeBytes) - 1) * (MtuBytes - Wire.ChannelHeaderBytes - Wire.FragmentHeaderBytes);

    public SendResult Send(DeliveryMethod method, int channel, ReadOnlySpan<byte> message)
    {
        if (message.Length > PayloadBytesMax(method))
        {
            return SendResult.TooLarge;
        }

        int channelId = (channel * 4) + ((int)method & 3);
        return method switch
        {
            DeliveryMethod.Unreliable => SendUnreliable(message),
            DeliveryMethod.Sequenced or DeliveryMethod.ReliableSequenced => SendSequenced(channelId, message),
            _ => SendReliable(channelId, message),
        };
    }

    private SendResult SendUnreliable(ReadOnlySpan<byte> message)
    {
        if (!_out.TryAppend(1 + message.Length, out Span<byte> packet))
        {
            return SendResult.QueueFull;
        }

        packet[0] = First(PacketKind.Unreliable);
        message.CopyTo(packet[1..]);
        return SendResult.Queued;
    }

    private SendResult SendSequenced(int channelId, ReadOnlySpan<byte> message)
    {
        ref SequencedChannel channel = ref SequencedAt(channelId);
        bool reliable = (DeliveryMethod)(channelId & 3) == DeliveryMethod.ReliableSequenced;
        int bytes = Wire.ChannelHeaderBytes + message.Length;
        int block = reliable ? TakeReliable(bytes) : BlockPool.None;
        if (reliable && block == BlockPool.None)
        {
            return SendResult.QueueFull;
        }

        if (!_out.TryAppend(bytes, out Span<byte> packet))
        {
            if (reliable)
            {
                ReturnReliable(block);
            }

            return SendResult.QueueFull;
        }

        channel.Sent = Sequence.Add(channel.Sent, 1);
        Wire.WriteChannelHeader(packet, First(PacketKind.Channeled), channel.Sent, channelId);
        message.CopyTo(packet[Wire.ChannelHeaderBytes..]);
        if (reliable)
        {
            ForgetLast(ref channel);
            packet.CopyTo(_packets.Bytes(block));
            _packets.Length(block) = (ushort)bytes;
            channel.LastBlockPlusOne = block + 1;
            channel.Sends = 0;
            channel.DueMicros = _endpoint.NowMicros + ResendMicros(0);
            _sequencedPending++;
        }

        return SendResult.Queued;
    }

    private SendResult SendReliable(int channelId, ReadOnlySpan<byte> message)
    {
        ReliableSender sender = Sender(channelId);
        SendResult result = sender.Enqueue(message);
        if (!sender.IsListed && !sender.IsEmpty)
        {
            sender.IsListed = true;
            _busySenders[_busySenderCount++] = sender;
        }

        return result;
    }
}
