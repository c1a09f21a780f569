using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Transport;

/// <summary>From a datagram to the peer, the half-open connection or the stranger that it belongs to.</summary>
public sealed partial class TransportEndpoint
{
    private const long Year2000Ticks = 630_822_816_000_000_000;
    private const long Year2100Ticks = 662_380_416_000_000_000;

    /// <summary>Takes one received datagram; never throws, may change the datagram in place.</summary>
    public void Handle(Span<byte> datagram, in PeerAddress from, long nowMicros)
    {
        NowMicros = Math.Max(NowMicros, nowMicros);
        if (datagram.Length == 0 || datagram.Length > Limits.DatagramBytesMax)
        {
            Drops.Add(datagram.Length == 0 ? DropReason.DatagramEmpty : DropReason.DatagramTooLong);
            return;
        }

        ReadOnlySpan<byte> packet = datagram;
        ulong connection = 0;
        if (_layer != null)
        {
            if (datagram.Length <= OverheadBytes || !_layer.TryOpen(datagram, from, out connection))
            {
                Drops.Add(DropReason.SealRejected);
                return;
            }

            packet = datagram[_layer.HeaderBytes..^_layer.TrailerBytes];
        }

        ulong hash = Chance.Of(from);
        int slot = _byAddress.Find(from, hash);
        if (Wire.TryReadRequest(packet, out Wire.Request request))
        {
            ReceiveRequest(request, packet.Length, from, hash, slot < 0 ? null : _peers[slot], connection);
        }
        else if (ReceiveClaim(packet, from, hash, slot < 0 ? null : _peers[slot], connection))
        {
        }
        else if (slot < 0)
        {
            ReceiveFromStranger(packet, from, hash, connection);
        }
        else if (_peers[slot].SealConnection != connection)
        {
            Drops.Add(DropReason.SealMismatch);
        }
        else
        {
            ReceiveFromPeer(_peers[slot], packet);
        }
    }

    private void ReceiveFromPeer(Peer peer, ReadOnlySpan<byte> packet)
    {
        PacketKind kind = peer.Line.KindOf(packet[0]);
        if (kind == PacketKind.Unknown)
        {
            Drops.Add(DropReason.PropertyUnknown);
            return;
        }

        if (packet.Length < WireLine.MinLength(kind))
        {
            Drops.Add(DropReason.PacketTooShort);
            return;
        }

        switch (kind)
        {
            case PacketKind.ConnectAccept:
                ReceiveAccept(peer, packet);
                return;
            case PacketKind.ConnectRequest:
                Drops.Add(DropReason.RequestMalformed);
                return;
            case PacketKind.Disconnect:
                ReceiveDisconnect(peer, packet);
                return;
            case PacketKind.ShutdownOk:
                ReceiveShutdown(peer);
                return;
            case PacketKind.InvalidProtocol:
                ReceiveProtocolRefusal(peer);
                return;
            case PacketKind.PeerNotFound:
                ReceivePeerNotFound(peer, packet);
                return;
            case PacketKind.UnconnectedMessage:
            case PacketKind.Broadcast:
                ReceiveUnconnected(packet, peer.Address, peer.Line);
                return;
        }

        // The library's MTU probes carry number 0 whatever the connection's is (protocol notes §14); the answer is no larger and tells nothing.
        bool numberless = kind == PacketKind.MtuCheck && WireLine.NumberOf(packet[0]) == 0;
        if (WireLine.NumberOf(packet[0]) != peer.Number && !numberless)
        {
            Drops.Add(DropReason.ConnectionNumberWrong);
            if (AcceptConnections && WireLine.IsOfPeers(kind) && MayAnswerStranger())
            {
                // Perhaps the address has connected anew: then it claims its connection.
                Answer(peer.Address, peer.SealConnection, peer.Line.First(PacketKind.PeerNotFound, 0));
            }

            return;
        }

        if (peer.State == PeerState.Outgoing)
        {
            Drops.Add(DropReason.StateIgnored);
            return;
        }

        if (peer.State == PeerState.Connected)
        {
            peer.LastReceivedMicros = NowMicros;
        }

        peer.Stats.DatagramsReceived++;
        peer.Stats.BytesReceived += packet.Length + OverheadBytes;
        peer.Receive(packet, kind, NowMicros);
        MarkReady(peer);
    }

    private void ReceiveFromStranger(ReadOnlySpan<byte> packet, in PeerAddress from, ulong hash, ulong connection)
    {
        if (_tombstones.TryFind(from, hash, NowMicros, out TombstoneTable.Tombstone tombstone)
            && tombstone.Line!.KindOf(packet[0]) == PacketKind.Disconnect && packet.Length >= Wire.DisconnectHeaderBytes
            && Wire.DisconnectTime(packet) == tombstone.Time)
        {
            Answer(from, connection, tombstone.Line.First(PacketKind.ShutdownOk, 0));
        }
        else if (UnconnectedLine(packet) is { } line)
        {
            ReceiveUnconnected(packet, from, line);
        }
        else if (Wire.IsRequestOfAnotherProtocol(packet, out WireLine asking))
        {
            Drops.Add(DropReason.RequestMalformed);
            Answer(from, connection, asking.First(PacketKind.InvalidProtocol, 0));
        }
        else if (!TryFinishRoam(packet, from, hash, connection) && !AnswerStranger(packet, from, hash, connection))
        {
            bool meantAsRequest = packet.Length >= Wire.RequestHeaderBytes
                && (WireLine.One.KindOf(packet[0]) == PacketKind.ConnectRequest || WireLine.Two.KindOf(packet[0]) == PacketKind.ConnectRequest);
            Drops.Add(meantAsRequest ? DropReason.RequestMalformed : DropReason.StrangerPacket);
        }
    }

    /// <summary>The line of a stranger's message outside of connections; what the other line writes with the same number is told by its shape.</summary>
    private static WireLine? UnconnectedLine(ReadOnlySpan<byte> packet)
    {
        if (WireLine.NumberOf(packet[0]) != 0 || (packet[0] & WireLine.FragmentedBit) != 0)
        {
            return null;
        }

        bool one = WireLine.One.KindOf(packet[0]) is PacketKind.UnconnectedMessage or PacketKind.Broadcast;
        bool two = WireLine.Two.KindOf(packet[0]) is PacketKind.UnconnectedMessage or PacketKind.Broadcast;
        bool another = (one ? WireLine.Two : WireLine.One).KindOf(packet[0]) switch
        {
            PacketKind.Disconnect => packet.Length >= Wire.DisconnectHeaderBytes && Wire.DisconnectTime(packet) is > Year2000Ticks and < Year2100Ticks,
            PacketKind.MtuCheck or PacketKind.MtuOk => Wire.IsMtuWellFormed(packet),
            PacketKind.Merged => Wire.IsMergedWellFormed(one ? WireLine.Two : WireLine.One, packet),
            _ => false,
        };
        return another ? null : one ? WireLine.One : two ? WireLine.Two : null;
    }

    private void ReceiveUnconnected(ReadOnlySpan<byte> packet, in PeerAddress from, WireLine line)
    {
        if (!Options.UnconnectedMessages)
        {
            Drops.Add(DropReason.UnconnectedDisabled);
        }
        else if (!Events.HasRoom(1, packet.Length))
        {
            Drops.Add(DropReason.EventQueueFull);
        }
        else
        {
            Events.Add(
                new TransportEvent { Kind = TransportEventKind.Unconnected, ArrivalMicros = NowMicros, Address = from, Line = line.Line },
                packet[1..]);
        }
    }

    private void ReceiveDisconnect(Peer peer, ReadOnlySpan<byte> packet)
    {
        bool outgoing = peer.State == PeerState.Outgoing;

        // A refusal may carry another number than the request did (protocol notes §12.2); the time is what proves it.
        bool matches = Wire.DisconnectTime(packet) == peer.ConnectionTime
            && (outgoing || WireLine.NumberOf(packet[0]) == peer.Number);
        if (!matches)
        {
            Drops.Add(DropReason.DisconnectMismatch);
            return;
        }

        Answer(peer.Address, peer.SealConnection, peer.Line.First(PacketKind.ShutdownOk, 0));
        DisconnectReason reason = outgoing ? DisconnectReason.Rejected
            : peer.State == PeerState.Closing ? DisconnectReason.LocalClosed : DisconnectReason.RemoteClosed;
        End(peer, reason, packet[Wire.DisconnectHeaderBytes..]);
    }

    private void ReceiveShutdown(Peer peer)
    {
        if (peer.State == PeerState.Closing && peer.DisconnectSent)
        {
            End(peer, DisconnectReason.LocalClosed, default);
            return;
        }

        Drops.Add(DropReason.ShutdownUnexpected);
    }

    private void Answer(in PeerAddress to, ulong connection, byte onlyByte)
    {
        if (TryAnswer(to, connection, 1, out Span<byte> packet))
        {
            packet[0] = onlyByte;
        }
    }
}
