using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Transport;

/// <summary>What the application asks for, and the datagrams that leave.</summary>
public sealed partial class TransportEndpoint
{
    /// <summary>Largest connect data: a request must fit one datagram.</summary>
    public const int ConnectBytesMax = 1024;

    /// <summary>Begins an outgoing connection; an event tells how it ends. <see cref="PeerId.None"/> when no slot is free or the address is in use.</summary>
    public PeerId Connect(in PeerAddress to, ReadOnlySpan<byte> connectData, long nowMicros)
    {
        if (connectData.Length > ConnectBytesMax)
        {
            throw new ArgumentOutOfRangeException(nameof(connectData), connectData.Length, $"0 to {ConnectBytesMax} bytes");
        }

        NowMicros = Math.Max(NowMicros, nowMicros);
        ulong hash = Chance.Of(to);
        if (_freeCount == 0 || _byAddress.Find(to, hash) >= 0)
        {
            return PeerId.None;
        }

        Peer peer = TakePeer(PeerState.Outgoing, WireLine.Of(Options.Line), to, hash);
        bool returning = _tombstones.TryFind(to, hash, NowMicros, out TombstoneTable.Tombstone before);
        peer.Number = returning ? (before.Number + 1) & 3 : 0;
        peer.ConnectionTime = returning ? Math.Max(before.Time + 1, UtcTicks) : UtcTicks + Chance.NextBelow(10);
        peer.StartRequests(connectData, NowMicros);
        MarkReady(peer);
        return peer.Id;
    }

    /// <summary>Queues a message; it leaves at the next poll, merged with what was queued before.</summary>
    /// <remarks>Throws when the channel is not below <see cref="TransportOptions.Channels"/>; unreliable messages have no channel.</remarks>
    public SendResult Send(PeerId peer, DeliveryMethod method, byte channel, ReadOnlySpan<byte> payload)
    {
        if (channel >= Options.Channels || method > DeliveryMethod.Unreliable)
        {
            throw new ArgumentOutOfRangeException(nameof(channel), channel, $"0 to {Options.Channels - 1}, and one of five methods");
        }

        if (!TryFindPeer(peer, out Peer found) || found.State != PeerState.Connected)
        {
            return SendResult.NotConnected;
        }

        SendResult result = found.Send(method, channel, payload);
        if (result == SendResult.Queued)
        {
            MarkReady(found);
        }

        return result;
    }

    /// <summary>Sends a message outside of any connection; it is lost silently when too many wait.</summary>
    /// <param name="to">Where to.</param>
    /// <param name="payload">Up to <see cref="UnconnectedBytesMax"/> bytes.</param>
    /// <param name="line">The line that the other side speaks, which must have these messages on; null: that of the connection with this address, or of the options.</param>
    public void SendUnconnected(in PeerAddress to, ReadOnlySpan<byte> payload, ProtocolLine? line = null)
    {
        if (payload.Length > UnconnectedBytesMax)
        {
            throw new ArgumentOutOfRangeException(nameof(payload), payload.Length, $"0 to {UnconnectedBytesMax} bytes");
        }

        int slot = _byAddress.Find(to, Chance.Of(to));
        WireLine wire = line is { } named ? WireLine.Of(named) : slot >= 0 ? _peers[slot].Line : WireLine.Of(Options.Line);
        _unconnected ??= new ControlQueue(UnconnectedMax, Limits.DatagramBytesMax);
        if (!_unconnected.TryAdd(to, slot >= 0 ? _peers[slot].SealConnection : 0, 1 + payload.Length, out Span<byte> packet))
        {
            Drops.Add(DropReason.ControlQueueFull);
            return;
        }

        packet[0] = wire.First(PacketKind.UnconnectedMessage, 0);
        payload.CopyTo(packet[1..]);
    }

    /// <summary>Largest unconnected message that can be sent: one datagram.</summary>
    public int UnconnectedBytesMax => Limits.DatagramBytesMax - 1 - OverheadBytes;

    private const int UnconnectedMax = 64;

    /// <summary>Largest disconnect data.</summary>
    public const int DisconnectBytesMax = 512;

    /// <summary>The data of a disconnect by <see cref="Abort(PeerId, DisconnectReason)"/>, or by the endpoint itself, is one byte: this plus the reason.</summary>
    public const byte AbortDataFirst = 128;

    /// <summary>Ends a connection after what was queued reliably has arrived, for at most <see cref="TransportOptions.DisconnectFlushMicros"/>.</summary>
    /// <remarks>None of the peer's messages is delivered any more; a Disconnected event follows when the other side knows or cannot be reached.</remarks>
    public void Disconnect(PeerId peer, ReadOnlySpan<byte> data) => Close(peer, data, Options.DisconnectFlushMicros);

    /// <summary>Ends a connection at once; what was queued is lost.</summary>
    public void DisconnectNow(PeerId peer, ReadOnlySpan<byte> data) => Close(peer, data, 0);

    /// <summary>Ends a connection at once for a fault, tells the other side once, and reports <paramref name="reason"/> in the event.</summary>
    public void Abort(PeerId peer, DisconnectReason reason)
    {
        if (TryFindPeer(peer, out Peer found))
        {
            Abort(found, reason);
        }
    }

    /// <summary>Round trip of a connection, the longer of the smoothed one and the last (a path that has grown is believed at once), and its mean deviation. 0: not measured.</summary>
    internal void GetRoundTrip(PeerId peer, out long micros, out long deviationMicros)
    {
        bool isFound = TryFindPeer(peer, out Peer found);
        micros = isFound ? Math.Max(found.RttMicros, found.PingRtt.LastMicros) : 0;
        deviationMicros = isFound ? found.PingRtt.VarianceMicros : 0;
    }

    /// <summary>True while chat may take room of a peer's reliable queue: a quarter of it, so that it is never chat that ends the peer.</summary>
    internal bool HasRoomForChat(PeerId peer, int bytes) =>
        !TryFindPeer(peer, out Peer found) || found.ReliableBytes + Math.Max(bytes, PacketStore.LargeBytes) <= Options.MaxReliableQueueBytes / 4;

    /// <summary>Measurements of a connection; false when it has ended.</summary>
    public bool TryGetStats(PeerId peer, out PeerStats stats)
    {
        stats = default;
        if (!TryFindPeer(peer, out Peer found))
        {
            return false;
        }

        stats = found.Stats;
        stats.RttMicros = found.RttMicros;
        stats.RttVarianceMicros = found.PingRtt.VarianceMicros;
        stats.MtuBytes = found.MtuBytes;
        stats.ReliableQueueBytes = found.ReliableBytes;
        stats.Address = found.Address;
        stats.Line = found.Line.Line;
        stats.ConnectionTime = found.ConnectionTime;
        return true;
    }

    /// <summary>Writes the round trip's deviation of each connection that has measured it, in microseconds; returns how many were written.</summary>
    public int CopyDeviations(Span<int> micros)
    {
        int count = 0;
        foreach (Peer peer in _peers)
        {
            if (count < micros.Length && peer.State == PeerState.Connected && peer.PingRtt.HasSample)
            {
                micros[count++] = (int)Math.Min(peer.PingRtt.VarianceMicros, int.MaxValue);
            }
        }

        return count;
    }

    /// <summary>Largest payload of a method to this peer; 0 when the connection has ended.</summary>
    public int PayloadBytesMax(PeerId peer, DeliveryMethod method) =>
        TryFindPeer(peer, out Peer found) ? found.PayloadBytesMax(method) : 0;

    /// <summary>Writes the next datagram that is due; false when there is none.</summary>
    /// <remarks>Range: <paramref name="destination"/> holds at least <see cref="Limits.DatagramBytesMax"/> bytes.</remarks>
    public bool TryPollDatagram(Span<byte> destination, out int length, out PeerAddress to)
    {
        if (destination.Length < Limits.DatagramBytesMax)
        {
            throw new ArgumentOutOfRangeException(nameof(destination), destination.Length, $"at least {Limits.DatagramBytesMax} bytes");
        }

        int header = _layer?.HeaderBytes ?? 0;
        Span<byte> packet = destination[header..(Limits.DatagramBytesMax - (OverheadBytes - header))];
        if (_control.Count > 0)
        {
            length = Seal(destination, _control.Take(packet, out to, out ulong connection), to, connection);
            return true;
        }

        if (_accepts.NextMicros <= NowMicros)
        {
            length = Seal(destination, _accepts.Take(packet, out to, out ulong connection), to, connection);
            return true;
        }

        if (_unconnected is { Count: > 0 })
        {
            length = Seal(destination, _unconnected.Take(packet, out to, out ulong connection), to, connection);
            return true;
        }

        while (_readyCount > 0)
        {
            Peer peer = _peers[_ready[_readyFirst]];
            length = peer.Write(packet, NowMicros);
            if (length > 0)
            {
                to = peer.Address;
                length = Seal(destination, length, to, peer.SealConnection);
                return true;
            }

            peer.IsReady = false;
            _readyFirst = (_readyFirst + 1) % _ready.Length;
            _readyCount--;
            _timers.Schedule(peer.Slot, peer.State == PeerState.Free ? long.MaxValue : peer.NextDueMicros());
        }

        _wantedMicros = NextTimeoutMicros;
        length = 0;
        to = default;
        return false;
    }

    private int Seal(Span<byte> destination, int packetBytes, in PeerAddress to, ulong connection)
    {
        int length = packetBytes + OverheadBytes;
        _layer?.Seal(destination[..length], to, connection);
        return length;
    }

    private bool TryFindPeer(PeerId id, out Peer peer)
    {
        peer = _peers[id.Slot < _peers.Length ? id.Slot : 0];
        return peer.Slot == id.Slot && peer.Generation == id.Generation && peer.State != PeerState.Free;
    }

    private void Close(PeerId id, ReadOnlySpan<byte> data, long flushMicros)
    {
        if (data.Length > DisconnectBytesMax)
        {
            throw new ArgumentOutOfRangeException(nameof(data), data.Length, $"0 to {DisconnectBytesMax} bytes");
        }

        if (!TryFindPeer(id, out Peer peer) || peer.State == PeerState.Closing)
        {
            return;
        }

        for (int i = 0; i < Events.Count; i++)
        {
            ref EventQueue.Entry entry = ref Events[i];
            entry.Void |= entry.Event.Kind == TransportEventKind.Message && entry.Event.Peer == id;
        }

        if (peer.State == PeerState.Outgoing)
        {
            End(peer, DisconnectReason.LocalClosed, default);
            return;
        }

        peer.StartClose(data, flushMicros, NowMicros);
        MarkReady(peer);
    }

    private Peer TakePeer(PeerState state, WireLine line, in PeerAddress address, ulong hash)
    {
        Peer peer = _peers[_freeSlots[--_freeCount]];
        peer.Begin(state, line, address, hash, NowMicros);
        peer.LocalId = Chance.NextBelow(int.MaxValue);
        _byAddress.Add(address, hash, peer.Slot);
        return peer;
    }

    /// <summary>Ends a connection and says once why: for a fault of the other side, or because this side has heard nothing of it, which may hear this side still.</summary>
    internal void Abort(Peer peer, DisconnectReason reason)
    {
        if (peer.State == PeerState.Connected && TryAnswer(peer.Address, peer.SealConnection, Wire.DisconnectHeaderBytes + 1, out Span<byte> packet))
        {
            ReadOnlySpan<byte> data = stackalloc byte[] { (byte)(AbortDataFirst + (byte)reason) };
            Wire.WriteDisconnect(packet, peer.First(PacketKind.Disconnect), peer.ConnectionTime, data);
        }

        End(peer, reason, default);
    }

    private void End(Peer peer, DisconnectReason reason, ReadOnlySpan<byte> payload)
    {
        bool fits = Events.HasRoom(1, payload.Length); // beyond that the reserve holds the event, without its payload
        Events.Add(
            new TransportEvent
            {
                Kind = TransportEventKind.Disconnected,
                Peer = peer.Id,
                Reason = reason,
                ArrivalMicros = NowMicros,
                Address = peer.Address,
            },
            fits ? payload : default);
        _tombstones.Add(peer, NowMicros);
        _byAddress.Remove(peer.Address, peer.AddressHash);
        CancelRoam(peer);
        PeerAddress claim = ClaimKey(peer.ConnectionTime, peer.LocalId, peer.Number);
        _claims.Remove(claim, Chance.Of(claim)); // of outgoing ones there is none
        _timers.Remove(peer.Slot);
        peer.Release();
        _freeSlots[_freeCount++] = peer.Slot;
    }

    private bool TryAnswer(in PeerAddress to, ulong sealConnection, int bytes, out Span<byte> packet)
    {
        bool added = _control.TryAdd(to, sealConnection, bytes, out packet);
        if (!added)
        {
            Drops.Add(DropReason.ControlQueueFull);
        }

        return added;
    }
}
