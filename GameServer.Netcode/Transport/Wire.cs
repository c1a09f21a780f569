using System.Buffers.Binary;

namespace GameServer.Netcode.Transport;

/// <summary>The layouts of the packets that make, keep and end connections (protocol notes §4), read and written side by side.</summary>
internal static class Wire
{
    /// <summary>Protocol id of both lines.</summary>
    public const int ProtocolId = 13;

    /// <summary>Bytes before the target address of a connect request.</summary>
    public const int RequestHeaderBytes = 18;

    /// <summary>Bytes of a connect accept and of an address claim.</summary>
    public const int AcceptBytes = 15;

    /// <summary>Bytes of a pong.</summary>
    public const int PongBytes = 11;

    /// <summary>Bytes of a ping.</summary>
    public const int PingBytes = 3;

    /// <summary>Number bits of a claim, which the library never looks at: its sender believes "unknown" only with its own time.</summary>
    public const int ProofMark = 1;

    /// <summary>Bytes of the answer to a claim of an unknown connection.</summary>
    public const int PeerUnknownBytes = 10;

    /// <summary>Bytes that IP and UDP add to each datagram, counted when a stranger is answered.</summary>
    public const int DatagramOverheadBytes = 28;

    /// <summary>Bytes before the user's data in a disconnect.</summary>
    public const int DisconnectHeaderBytes = 9;

    /// <summary>Bytes of an acknowledgement on a reliable channel; others are ignored by the library.</summary>
    public const int AckBytes = 13;

    /// <summary>Bytes of an acknowledgement on a reliable sequenced channel.</summary>
    public const int SequencedAckBytes = 4;

    /// <summary>Bytes before the user's data in a channeled packet.</summary>
    public const int ChannelHeaderBytes = 4;

    /// <summary>Bytes of the fragment header behind the channel header.</summary>
    public const int FragmentHeaderBytes = 6;

    private const int IPv4AddressBytes = 16;
    private const int IPv6AddressBytes = 28;

    /// <summary>A connect request as it was read.</summary>
    public ref struct Request
    {
        public ProtocolLine Line;
        public int Number;
        public long Time;
        public int PeerId;
        public ReadOnlySpan<byte> RawAddress;
        public ReadOnlySpan<byte> Connect;
    }

    /// <summary>Tells a connect request of either line from anything else by its shape.</summary>
    public static bool TryReadRequest(ReadOnlySpan<byte> packet, out Request request)
    {
        request = default;
        if (packet.Length < RequestHeaderBytes + IPv4AddressBytes || (packet[0] & WireLine.FragmentedBit) != 0)
        {
            return false;
        }

        bool one = WireLine.One.KindOf(packet[0]) == PacketKind.ConnectRequest;
        bool two = WireLine.Two.KindOf(packet[0]) == PacketKind.ConnectRequest;
        int addressBytes = packet[17];
        if ((!one && !two) || BinaryPrimitives.ReadInt32LittleEndian(packet[1..]) != ProtocolId
            || addressBytes is not (IPv4AddressBytes or IPv6AddressBytes) || packet.Length < RequestHeaderBytes + addressBytes)
        {
            return false;
        }

        request.Line = one ? ProtocolLine.LiteNetLib1 : ProtocolLine.LiteNetLib2;
        request.Number = WireLine.NumberOf(packet[0]);
        request.Time = BinaryPrimitives.ReadInt64LittleEndian(packet[5..]);
        request.PeerId = BinaryPrimitives.ReadInt32LittleEndian(packet[13..]);
        request.RawAddress = packet.Slice(RequestHeaderBytes, addressBytes);
        request.Connect = packet[(RequestHeaderBytes + addressBytes)..];
        return true;
    }

    /// <summary>Whether this is a connect request of another protocol id, and of which line its sender reads the answer.</summary>
    public static bool IsRequestOfAnotherProtocol(ReadOnlySpan<byte> packet, out WireLine line)
    {
        line = WireLine.One.KindOf(packet[0]) == PacketKind.ConnectRequest ? WireLine.One : WireLine.Two;
        if (packet.Length < RequestHeaderBytes || line.KindOf(packet[0]) != PacketKind.ConnectRequest || (packet[0] & WireLine.FragmentedBit) != 0)
        {
            return false;
        }

        int id = BinaryPrimitives.ReadInt32LittleEndian(packet[1..]);
        return id is > 0 and < 256 and not ProtocolId;
    }

    /// <summary>The next packet of a merged one; false at its end, and when it is malformed from here on (<paramref name="position"/> is then negative).</summary>
    /// <param name="line">The line.</param>
    /// <param name="merged">The merged packet.</param>
    /// <param name="position">Where the entry begins: 1 for the first; moved to the next one.</param>
    /// <param name="inner">The packet.</param>
    public static bool TryReadMerged(WireLine line, ReadOnlySpan<byte> merged, ref int position, out ReadOnlySpan<byte> inner)
    {
        inner = default;
        if (position >= merged.Length)
        {
            return false;
        }

        int length = merged.Length - position < 2 ? 0 : BinaryPrimitives.ReadUInt16LittleEndian(merged[position..]);
        int start = position + 2;
        position = -1;
        if (length == 0 || length > merged.Length - start)
        {
            return false;
        }

        inner = merged.Slice(start, length);
        PacketKind kind = line.KindOf(inner[0]);
        if (!WireLine.IsOfPeers(kind) || kind == PacketKind.Merged || length < WireLine.MinLength(kind)
            || WireLine.NumberOf(inner[0]) != WireLine.NumberOf(merged[0]))
        {
            return false;
        }

        position = start + length;
        return true;
    }

    /// <summary>Whether all of a merged packet is well-formed in that line.</summary>
    public static bool IsMergedWellFormed(WireLine line, ReadOnlySpan<byte> merged)
    {
        int position = 1;
        while (TryReadMerged(line, merged, ref position, out _))
        {
        }

        return position > 1;
    }

    /// <summary>The sequence of a pong with that number, alone or merged with other packets; −1 when there is none.</summary>
    public static int FindPong(WireLine line, int number, ReadOnlySpan<byte> packet)
    {
        PacketKind kind = line.KindOf(packet[0]);
        if (WireLine.NumberOf(packet[0]) != number)
        {
            return -1;
        }

        if (kind == PacketKind.Pong)
        {
            return packet.Length >= PongBytes ? SequenceOf(packet) : -1;
        }

        int position = 1;
        while (kind == PacketKind.Merged && TryReadMerged(line, packet, ref position, out ReadOnlySpan<byte> inner))
        {
            if (line.KindOf(inner[0]) == PacketKind.Pong)
            {
                return SequenceOf(inner);
            }
        }

        return -1;
    }

    /// <summary>Writes the answer to a claim that this side does not know, with the time that only its sender knows; returns its length.</summary>
    public static int WritePeerUnknown(Span<byte> destination, byte first, long time)
    {
        destination[0] = first;
        destination[1] = 1;
        BinaryPrimitives.WriteInt64LittleEndian(destination[2..], time);
        return PeerUnknownBytes;
    }

    /// <summary>Whether this says that a connection of that time is unknown.</summary>
    public static bool IsPeerUnknown(ReadOnlySpan<byte> packet, long time) =>
        packet.Length == PeerUnknownBytes && packet[1] == 1 && BinaryPrimitives.ReadInt64LittleEndian(packet[2..]) == time;

    /// <summary>Writes a connect request; returns its length.</summary>
    public static int WriteRequest(Span<byte> destination, byte first, long time, int peerId, in PeerAddress target, ReadOnlySpan<byte> connect)
    {
        destination[0] = first;
        BinaryPrimitives.WriteInt32LittleEndian(destination[1..], ProtocolId);
        BinaryPrimitives.WriteInt64LittleEndian(destination[5..], time);
        BinaryPrimitives.WriteInt32LittleEndian(destination[13..], peerId);
        int addressBytes = WriteRawAddress(destination[RequestHeaderBytes..], target);
        destination[17] = (byte)addressBytes;
        connect.CopyTo(destination[(RequestHeaderBytes + addressBytes)..]);
        return RequestHeaderBytes + addressBytes + connect.Length;
    }

    /// <summary>Bytes of a connect request around its connect data.</summary>
    public static int RequestBytes(in PeerAddress target) =>
        RequestHeaderBytes + (target.IsIPv4 ? IPv4AddressBytes : IPv6AddressBytes);

    /// <summary>Writes an address as Linux lays it out; the receiver only compares it (protocol notes §4.7).</summary>
    public static int WriteRawAddress(Span<byte> destination, in PeerAddress address)
    {
        int length = address.IsIPv4 ? IPv4AddressBytes : IPv6AddressBytes;
        destination[..length].Clear();
        destination[0] = (byte)(address.IsIPv4 ? 2 : 10);
        BinaryPrimitives.WriteUInt16BigEndian(destination[2..], address.Port);
        if (address.IsIPv4)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(destination[4..], (uint)(address.Low >> 32));
            return length;
        }

        address.WriteBytes(destination[8..]);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[24..], address.Scope);
        return length;
    }

    /// <summary>Writes a connect accept, or with <paramref name="flag"/> 1 an address claim; returns its length.</summary>
    public static int WriteAccept(Span<byte> destination, byte first, long time, int number, byte flag, int peerId)
    {
        destination[0] = first;
        BinaryPrimitives.WriteInt64LittleEndian(destination[1..], time);
        destination[9] = (byte)number;
        destination[10] = flag;
        BinaryPrimitives.WriteInt32LittleEndian(destination[11..], peerId);
        return AcceptBytes;
    }

    /// <summary>Reads a connect accept or an address claim.</summary>
    public static bool TryReadAccept(ReadOnlySpan<byte> packet, byte flag, out long time, out int number, out int peerId)
    {
        time = 0;
        number = peerId = 0;
        if (packet.Length != AcceptBytes || packet[9] > 3 || packet[10] != flag)
        {
            return false;
        }

        time = BinaryPrimitives.ReadInt64LittleEndian(packet[1..]);
        number = packet[9];
        peerId = BinaryPrimitives.ReadInt32LittleEndian(packet[11..]);
        return peerId >= 0;
    }

    /// <summary>Writes a ping; returns its length.</summary>
    public static int WritePing(Span<byte> destination, byte first, ushort sequence)
    {
        destination[0] = first;
        BinaryPrimitives.WriteUInt16LittleEndian(destination[1..], sequence);
        return PingBytes;
    }

    /// <summary>Writes a pong; returns its length.</summary>
    public static int WritePong(Span<byte> destination, byte first, ushort sequence, long utcTicks)
    {
        WritePing(destination, first, sequence);
        BinaryPrimitives.WriteInt64LittleEndian(destination[3..], utcTicks);
        return PongBytes;
    }

    /// <summary>Writes a disconnect; returns its length.</summary>
    public static int WriteDisconnect(Span<byte> destination, byte first, long time, ReadOnlySpan<byte> payload)
    {
        destination[0] = first;
        BinaryPrimitives.WriteInt64LittleEndian(destination[1..], time);
        payload.CopyTo(destination[DisconnectHeaderBytes..]);
        return DisconnectHeaderBytes + payload.Length;
    }

    /// <summary>The connection time in a disconnect.</summary>
    public static long DisconnectTime(ReadOnlySpan<byte> packet) => BinaryPrimitives.ReadInt64LittleEndian(packet[1..]);

    /// <summary>The 16-bit sequence of a ping, a pong or a packet of a channel.</summary>
    public static ushort SequenceOf(ReadOnlySpan<byte> packet) => BinaryPrimitives.ReadUInt16LittleEndian(packet[1..]);

    /// <summary>Writes the first four bytes of a packet of a channel.</summary>
    public static void WriteChannelHeader(Span<byte> destination, byte first, ushort sequence, int channelId)
    {
        destination[0] = first;
        BinaryPrimitives.WriteUInt16LittleEndian(destination[1..], sequence);
        destination[3] = (byte)channelId;
    }

    /// <summary>Writes the acknowledgement of a reliable channel; returns its length.</summary>
    public static int WriteAck(Span<byte> destination, byte first, ushort windowStart, int channelId, ulong bits)
    {
        WriteChannelHeader(destination, first, windowStart, channelId);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[4..], bits);
        destination[12] = 0;
        return AckBytes;
    }

    /// <summary>Writes an MTU probe or its answer of <paramref name="length"/> bytes, the filler zeroed.</summary>
    public static void WriteMtu(Span<byte> destination, byte first, int length)
    {
        destination[..length].Clear();
        destination[0] = first;
        BinaryPrimitives.WriteInt32LittleEndian(destination[1..], length);
        BinaryPrimitives.WriteInt32LittleEndian(destination[(length - 4)..], length);
    }

    /// <summary>Reads an MTU probe or answer.</summary>
    public static bool IsMtuWellFormed(ReadOnlySpan<byte> packet) =>
        packet.Length is >= 1024 and <= Primitives.Limits.DatagramBytesMax
        && BinaryPrimitives.ReadInt32LittleEndian(packet[1..]) == packet.Length
        && BinaryPrimitives.ReadInt32LittleEndian(packet[^4..]) == packet.Length;
}
