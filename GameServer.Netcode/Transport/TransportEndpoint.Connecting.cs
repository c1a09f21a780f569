using System.Buffers.Binary;
using System.Text;
using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Transport;

/// <summary>Why a connect request was refused: the first byte of the refusal's data.</summary>
public enum ConnectRefusal : byte
{
    /// <summary>No connections are accepted for the moment.</summary>
    Closed = 1,

    /// <summary>All peers are in use.</summary>
    Full = 2,

    /// <summary>The connect data does not begin with the key.</summary>
    WrongKey = 3,
}

/// <summary>Connecting: requests, the proof of the address, accepts and refusals.</summary>
/// <remarks>
/// A request is answered by an accept and a ping with an unpredictable sequence, 18 bytes for at least 34. The connection exists, and
/// an older one of the same address ends, once the matching pong came (protocol notes §20). A refusal leaves no state behind.
/// </remarks>
public sealed partial class TransportEndpoint
{
    private const long HalfOpenLifeMicros = 5_000_000; // and once more for a peer that has shown by its number that it has the accept
    private const long HalfOpenProtectedMicros = 400_000; // shorter than a library client's pause between requests
    private const long HalfOpenPingMicros = 100_000; // times the rounds before: all that may still be answered stay remembered
    private const int HalfOpenFailuresMax = 4;
    private const int ProofPingsMax = 3;

    private static byte[] KeyOf(string? key)
    {
        if (key == null)
        {
            return [];
        }

        byte[] text = Encoding.UTF8.GetBytes(key);
        var bytes = new byte[2 + text.Length];
        BinaryPrimitives.WriteUInt16LittleEndian(bytes, (ushort)(text.Length == 0 ? 0 : text.Length + 1));
        text.CopyTo(bytes, 2);
        return bytes;
    }

    private void ReceiveRequest(in Wire.Request request, int packetBytes, in PeerAddress from, ulong hash, Peer? peer, ulong connection)
    {
        if (peer is { State: PeerState.Outgoing } && !LosesAgainst(peer, request))
        {
            Drops.Add(DropReason.RequestLost);
            return;
        }

        if (!_requests.TryTake(from, NowMicros))
        {
            Drops.Add(DropReason.RequestRateLimited);
            return;
        }

        if (peer is { State: PeerState.Outgoing })
        {
            End(peer, DisconnectReason.SimultaneousConnect, default);
            peer = null;
        }

        if (peer != null && peer.ConnectionTime == request.Time)
        {
            if (peer.State == PeerState.Connected)
            {
                AnswerAccept(from, connection, peer.Line, peer.ConnectionTime, peer.Number, peer.LocalId);
            }

            return;
        }

        HalfOpen? entry = _halfOpen.Find(from, hash);
        if (entry != null && entry.Time == request.Time)
        {
            // The other side asks again, so it has no accept and answered no ping: the same ones again.
            AnswerRequest(entry, packetBytes, entry.LastSequence);
            return;
        }

        if (entry != null && NowMicros - entry.CreatedMicros < HalfOpenProtectedMicros)
        {
            Drops.Add(DropReason.RequestSuperseded);
        }
        else if (IsRefused(request, peer != null, out ConnectRefusal refusal))
        {
            Refuse(request, packetBytes, from, connection, refusal);
        }
        else
        {
            Open(request, packetBytes, from, hash, peer, entry, connection);
        }
    }

    private void Open(
        in Wire.Request request, int packetBytes, in PeerAddress from, ulong hash, Peer? peer, HalfOpen? replaced, ulong connection)
    {
        if (replaced != null)
        {
            _halfOpen.Remove(replaced);
        }
        else if (_halfOpen.IsFull)
        {
            Drops.Add(DropReason.HalfOpenEvicted);
            _halfOpen.Remove(_halfOpen.Oldest!);
        }

        HalfOpen entry = _halfOpen.Add(from, hash, NowMicros);
        entry.Line = WireLine.Of(request.Line);
        entry.Time = request.Time;
        entry.RemoteId = request.PeerId;
        entry.SealConnection = connection;
        entry.LocalId = Chance.NextBelow(int.MaxValue);
        entry.ConnectBytes = request.Connect.Length;
        request.Connect.CopyTo(entry.Connect);

        // Never the number of the address's last connection, so that what is still under way of that one is told apart.
        bool known = peer != null || _tombstones.TryFind(from, hash, NowMicros, out _);
        int last = peer?.Number ?? (_tombstones.TryFind(from, hash, NowMicros, out TombstoneTable.Tombstone before) ? before.Number : 0);
        entry.Number = known ? (last + 1 + Chance.NextBelow(3)) & 3 : Chance.NextBelow(4);
        AnswerRequest(entry, packetBytes, entry.AddPing(Chance, NowMicros));
    }

    private void AnswerRequest(HalfOpen entry, int packetBytes, ushort pingSequence)
    {
        entry.CreditBytes += packetBytes - Wire.AcceptBytes;
        AnswerAccept(entry.Address, entry.SealConnection, entry.Line, entry.Time, entry.Number, entry.LocalId);
        SendProofPing(entry, pingSequence);
    }

    /// <summary>Takes a packet of an address that was accepted and has not proved itself.</summary>
    private void ReceiveFromHalfOpen(HalfOpen entry, ReadOnlySpan<byte> packet)
    {
        PacketKind kind = entry.Line.KindOf(packet[0]);
        if (kind == PacketKind.Unknown || packet.Length < WireLine.MinLength(kind))
        {
            Drops.Add(kind == PacketKind.Unknown ? DropReason.PropertyUnknown : DropReason.PacketTooShort);
            return;
        }

        if (kind == PacketKind.Disconnect && Wire.DisconnectTime(packet) == entry.Time)
        {
            Answer(entry.Address, entry.SealConnection, entry.Line.First(PacketKind.ShutdownOk, 0));
            _halfOpen.Remove(entry);
            return;
        }

        if (WireLine.NumberOf(packet[0]) != entry.Number)
        {
            Drops.Add(DropReason.ConnectionNumberWrong);
            return;
        }

        long sentMicros = kind == PacketKind.Pong ? entry.FindPing(Wire.SequenceOf(packet)) : -1;
        if (kind == PacketKind.Merged)
        {
            sentMicros = FindMergedProof(entry, packet);
        }

        if (sentMicros >= 0)
        {
            Prove(entry, sentMicros);
        }
        else if (kind == PacketKind.Pong)
        {
            Drops.Add(DropReason.ProofWrong);
            if (++entry.Failures == HalfOpenFailuresMax)
            {
                _halfOpen.Remove(entry);
            }
        }
        else
        {
            // It has the accept, else it would not send this: its ping or pong was lost. A library peer whose application is silent sends one
            // packet a second, so the link's loss is met by several pings; in all never more bytes than came, and ever more rarely.
            Drops.Add(DropReason.StateIgnored);
            entry.CreditBytes += packet.Length;
            _halfOpen.Refresh(entry, NowMicros);
            if (entry.CreditBytes >= Wire.PingBytes && NowMicros - entry.LastPingMicros >= HalfOpenPingMicros * (1 + entry.Rounds))
            {
                entry.Rounds++;
                for (int i = Math.Min(ProofPingsMax, entry.CreditBytes / Wire.PingBytes); i > 0; i--)
                {
                    SendProofPing(entry, entry.AddPing(Chance, NowMicros));
                }
            }
        }
    }

    private static long FindMergedProof(HalfOpen entry, ReadOnlySpan<byte> packet)
    {
        for (int i = 1; i + 2 < packet.Length;)
        {
            int length = BinaryPrimitives.ReadUInt16LittleEndian(packet[i..]);
            i += 2;
            if (length == 0 || length > packet.Length - i)
            {
                return -1;
            }

            ReadOnlySpan<byte> inner = packet.Slice(i, length);
            if (inner.Length >= Wire.PongBytes && entry.Line.KindOf(inner[0]) == PacketKind.Pong && WireLine.NumberOf(inner[0]) == entry.Number)
            {
                return entry.FindPing(Wire.SequenceOf(inner));
            }

            i += length;
        }

        return -1;
    }

    /// <summary>The address has answered: the connection begins, and an older one of the same address ends.</summary>
    private void Prove(HalfOpen entry, long sentMicros)
    {
        int slot = _byAddress.Find(entry.Address, entry.AddressHash);
        if (slot >= 0)
        {
            DisconnectReason reason = _peers[slot].State == PeerState.Closing ? DisconnectReason.LocalClosed : DisconnectReason.Reconnected;
            End(_peers[slot], reason, default);
        }

        if (_freeCount == 0 || !Events.HasRoom(1, entry.ConnectBytes))
        {
            Drops.Add(DropReason.PeersFull);
            if (_freeCount == 0 && TryAnswer(entry.Address, entry.SealConnection, Wire.DisconnectHeaderBytes + 1, out Span<byte> packet))
            {
                byte first = entry.Line.First(PacketKind.Disconnect, entry.Number);
                Wire.WriteDisconnect(packet, first, entry.Time, stackalloc byte[] { (byte)ConnectRefusal.Full });
                _halfOpen.Remove(entry);
            }

            return;
        }

        Peer peer = TakePeer(PeerState.Connected, entry.Line, entry.Address, entry.AddressHash);
        peer.LocalId = entry.LocalId;
        peer.ConnectionTime = entry.Time;
        peer.Number = entry.Number;
        peer.RemoteId = entry.RemoteId;
        peer.SealConnection = entry.SealConnection;
        peer.BeginPinged(entry.LastSequence, NowMicros - sentMicros, NowMicros);
        PushConnected(peer, entry.Connect.AsSpan(0, entry.ConnectBytes));
        _halfOpen.Remove(entry);
        MarkReady(peer);
    }

    private void PushConnected(Peer peer, ReadOnlySpan<byte> connect) => Events.Add(
        new TransportEvent
        {
            Kind = TransportEventKind.Connected,
            Peer = peer.Id,
            ArrivalMicros = NowMicros,
            Address = peer.Address,
        },
        connect);

    private void ReceiveAccept(Peer peer, ReadOnlySpan<byte> packet)
    {
        bool matches = Wire.TryReadAccept(packet, 0, out long time, out int number, out int remoteId)
            && peer.State == PeerState.Outgoing && time == peer.ConnectionTime;
        if (!matches)
        {
            Drops.Add(DropReason.AcceptUnexpected);
            return;
        }

        if (!Events.HasRoom(1, 0))
        {
            Drops.Add(DropReason.EventQueueFull); // the request is repeated and so is the accept
            return;
        }

        peer.Number = number;
        peer.RemoteId = remoteId;
        peer.State = PeerState.Connected;
        peer.LastReceivedMicros = NowMicros;
        peer.StopRequests();
        PushConnected(peer, default);
        MarkReady(peer);
    }

    /// <summary>Whether this side's request gives way to the other side's (protocol notes §12.3).</summary>
    private static bool LosesAgainst(Peer peer, in Wire.Request request)
    {
        if (request.Time != peer.ConnectionTime)
        {
            return request.Time < peer.ConnectionTime;
        }

        Span<byte> own = stackalloc byte[28];
        int length = Wire.WriteRawAddress(own, peer.Address);
        for (int i = Math.Min(length, request.RawAddress.Length) - 1; i >= 0; i--)
        {
            if (own[i] < request.RawAddress[i])
            {
                return true;
            }
        }

        return false;
    }

    private void ReceiveProtocolRefusal(Peer peer)
    {
        if (peer.State != PeerState.Outgoing)
        {
            Drops.Add(DropReason.InvalidProtocolIgnored);
            return;
        }

        // One byte that anyone can forge: believed only when it comes again.
        if (++peer.ProtocolRefusals >= 3)
        {
            End(peer, DisconnectReason.InvalidProtocol, default);
        }
    }

    private bool IsRefused(in Wire.Request request, bool replacesPeer, out ConnectRefusal refusal)
    {
        bool keyFits = request.Connect.Length >= _key.Length && request.Connect[.._key.Length].SequenceEqual(_key);
        refusal = !AcceptConnections ? ConnectRefusal.Closed : !keyFits ? ConnectRefusal.WrongKey : ConnectRefusal.Full;
        return !AcceptConnections || !keyFits || (_freeCount == 0 && !replacesPeer);
    }

    /// <summary>Refuses a request with 10 bytes and forgets it: whoever asks again is refused again.</summary>
    private void Refuse(in Wire.Request request, int packetBytes, in PeerAddress from, ulong connection, ConnectRefusal refusal)
    {
        Drops.Add(DropReason.RequestRefused);
        System.Diagnostics.Debug.Assert(packetBytes > Wire.DisconnectHeaderBytes + 1, "an answer is smaller than its request");
        if (TryAnswer(from, connection, Wire.DisconnectHeaderBytes + 1, out Span<byte> packet))
        {
            byte first = WireLine.Of(request.Line).First(PacketKind.Disconnect, request.Number);
            Wire.WriteDisconnect(packet, first, request.Time, stackalloc byte[] { (byte)refusal });
        }
    }

    private void AnswerAccept(in PeerAddress to, ulong connection, WireLine line, long time, int number, int localId)
    {
        if (TryAnswer(to, connection, Wire.AcceptBytes, out Span<byte> packet))
        {
            Wire.WriteAccept(packet, line.First(PacketKind.ConnectAccept, 0), time, number, 0, localId);
        }
    }

    private void SendProofPing(HalfOpen entry, ushort sequence)
    {
        entry.CreditBytes -= Wire.PingBytes;
        if (TryAnswer(entry.Address, entry.SealConnection, Wire.PingBytes, out Span<byte> packet))
        {
            Wire.WritePing(packet, entry.Line.First(PacketKind.Ping, entry.Number), sequence);
        }
    }
}
