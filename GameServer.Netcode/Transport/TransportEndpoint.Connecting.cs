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

/// <summary>Says whether a connect request is accepted, before its address has proved itself.</summary>
/// <param name="connectData">The data of the request, behind the connection key.</param>
/// <param name="from">Where it comes from; may be forged.</param>
/// <param name="refusal">Room for the data of a refusal, as much as the answer may have.</param>
/// <returns>−1: accepted; else refused with that many bytes of <paramref name="refusal"/>.</returns>
/// <remarks>Called on the endpoint's thread, perhaps several times for one connection. Must not allocate or throw.</remarks>
public delegate int RequestJudge(ReadOnlySpan<byte> connectData, in PeerAddress from, Span<byte> refusal);

/// <summary>Connecting: requests, the proof of the address, accepts and refusals.</summary>
/// <remarks>
/// A request is answered by an accept and the questions for its connection that it has bytes for: together never more than the request
/// counts with its headers. Without a question the first packet of the address is asked.
/// Both leave no state but the request's data. The other side claims its connection with the peer id of the accept, which proves its
/// address (<see cref="ConnectProof"/>). Only then does the connection exist, an older one of the address end, and a limit count.
/// </remarks>
public sealed partial class TransportEndpoint
{
    private const int QuestionsMax = 3;
    private const int BusyAccepts = 64;
    private const int FloodAccepts = 256;
    private const ulong StashDomain = 0x5354_4153_4800_0000;

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
        if (peer is { State: PeerState.Outgoing } && (!AcceptConnections || !LosesAgainst(peer, request)))
        {
            Drops.Add(DropReason.RequestLost);
            return;
        }

        WireLine line = WireLine.Of(request.Line);
        if (peer != null && peer.State != PeerState.Outgoing && peer.ConnectionTime == request.Time)
        {
            if (peer.State == PeerState.Connected)
            {
                Accept(from, new Handshake(peer.Line, peer.ConnectionTime, peer.Number, connection), peer.LocalId, questions: 0);
            }

            return;
        }

        if (IsRefused(request, peer != null, out ConnectRefusal refusal))
        {
            Refuse(request, packetBytes, from, connection, stackalloc byte[] { (byte)refusal });
            return;
        }

        if (Options.Judge != null && IsJudgedAgainst(request, packetBytes, from, connection))
        {
            return;
        }

        ulong key = Chance.Of(hash, (ulong)request.Time, StashDomain);
        int current = peer is { State: not PeerState.Outgoing } ? peer.Number : -1;
        int number = _tombstones.NextNumber(from, hash, current, (int)key & 3, NowMicros);
        if (number < 0)
        {
            Drops.Add(DropReason.NumbersResting);
            return;
        }

        if (!_stash.Add(key, request.PeerId, request.Connect))
        {
            Drops.Add(DropReason.ConnectDataDisplaced);
        }

        var handshake = new Handshake(line, request.Time, number, connection);
        int credit = packetBytes - Wire.AcceptBytes; // the headers of request and accept are equal
        int questions = Math.Clamp(credit / (Wire.DatagramOverheadBytes + 1), 0, QuestionsMax);
        questions = _accepts.Count >= FloodAccepts ? 0 : _accepts.Count >= BusyAccepts ? 1 : questions; // who is accepted is asked at its first packet, too
        Accept(from, handshake, _proof.IdOf(hash, handshake, NowMicros), questions);
    }

    private void Accept(in PeerAddress to, in Handshake handshake, int id, int questions)
    {
        var entry = new AcceptQueue.Entry
        {
            To = to, Handshake = handshake, Id = id, Questions = questions, DueMicros = NowMicros + AcceptQueue.DelayMicros,
        };
        if (!_accepts.TryAdd(entry))
        {
            Drops.Add(DropReason.ControlQueueFull);
        }
    }

    /// <summary>Takes a claim of a connection: of one that is being made, or of one whose address has changed; false when it is none.</summary>
    private bool ReceiveClaim(ReadOnlySpan<byte> packet, in PeerAddress from, ulong hash, Peer? peer, ulong connection)
    {
        if (packet.Length != Wire.AcceptBytes)
        {
            return false;
        }

        WireLine line = WireLine.One.KindOf(packet[0]) == PacketKind.PeerNotFound ? WireLine.One : WireLine.Two;
        if (line.KindOf(packet[0]) != PacketKind.PeerNotFound || !Wire.TryReadAccept(packet, 1, out long time, out int number, out int id))
        {
            return false;
        }

        var handshake = new Handshake(line, time, number, connection);
        PeerAddress claim = ClaimKey(time, id, number);
        int slot = _claims.Find(claim, Chance.Of(claim));
        if (slot >= 0 && _peers[slot].Line == line && _peers[slot].SealConnection == connection)
        {
            ReceiveKnownClaim(_peers[slot], from, hash, peer);
        }
        else if (_proof.IsProved(hash, handshake, id, NowMicros) && !_tombstones.HasEnded(from, hash, time))
        {
            Prove(handshake, id, from, hash, peer);
        }
        else
        {
            Drops.Add(DropReason.ClaimUnknown);
            if (peer == null)
            {
                AnswerUnknownClaim(packet, from, handshake);
            }
        }

        return true;
    }

    /// <summary>The key under which a connection is found by what only its two sides know.</summary>
    private static PeerAddress ClaimKey(long time, int id, int number) => new((ulong)time, (uint)id, (ushort)number);

    /// <summary>The address has answered: the connection begins, and an older one of the same address ends.</summary>
    private void Prove(in Handshake handshake, int id, in PeerAddress from, ulong hash, Peer? before)
    {
        if (!_requests.TryTake(from, NowMicros))
        {
            Drops.Add(DropReason.RequestRateLimited);
            return;
        }

        Peer? idle = AcceptConnections && _freeCount == 0 && before == null ? Inbound?.FindGivingWay(_peers, from) : null;
        if (!AcceptConnections || (_freeCount == 0 && before == null && idle == null))
        {
            Drops.Add(AcceptConnections ? DropReason.PeersFull : DropReason.RequestRefused);
            RefuseProved(handshake, from, AcceptConnections ? ConnectRefusal.Full : ConnectRefusal.Closed);
            return;
        }

        if (!Events.HasRoom(2, ConnectBytesMax))
        {
            Drops.Add(DropReason.EventQueueFull); // its next packet is asked for the claim again
            return;
        }

        if (idle != null)
        {
            Drops.Add(DropReason.UnjoinedGaveWay);
            Abort(idle, DisconnectReason.GaveWay);
        }

        if (before != null)
        {
            DisconnectReason reason = before.State == PeerState.Closing ? DisconnectReason.LocalClosed
                : before.State == PeerState.Outgoing ? DisconnectReason.SimultaneousConnect : DisconnectReason.Reconnected;
            End(before, reason, default);
        }

        _stash.TryTake(Chance.Of(hash, (ulong)handshake.Time, StashDomain), out int remoteId, out ReadOnlySpan<byte> connect);
        Peer peer = TakePeer(PeerState.Connected, handshake.Line, from, hash);
        peer.LocalId = id;
        peer.ConnectionTime = handshake.Time;
        peer.Number = handshake.Number;
        peer.RemoteId = remoteId;
        peer.SealConnection = handshake.SealConnection;
        PeerAddress claim = ClaimKey(peer.ConnectionTime, peer.LocalId, peer.Number);
        _claims.Add(claim, Chance.Of(claim), peer.Slot);
        PushConnected(peer, connect);
        MarkReady(peer);
    }

    private void RefuseProved(in Handshake handshake, in PeerAddress to, ConnectRefusal refusal)
    {
        if (TryAnswer(to, handshake.SealConnection, Wire.DisconnectHeaderBytes + 1, out Span<byte> packet))
        {
            byte first = handshake.Line.First(PacketKind.Disconnect, handshake.Number);
            Wire.WriteDisconnect(packet, first, handshake.Time, stackalloc byte[] { (byte)refusal });
        }
    }

    private void PushConnected(Peer peer, ReadOnlySpan<byte> connect) => Events.Add(
        new TransportEvent
        {
            Kind = TransportEventKind.Connected,
            Peer = peer.Id,
            ArrivalMicros = NowMicros,
            Address = peer.Address,
            ConnectionTime = peer.ConnectionTime,
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
        bool isFull = _freeCount == 0 && !replacesPeer && !(Inbound is { } inbound && inbound.HasGivingWay(_peers));
        return !AcceptConnections || !keyFits || isFull;
    }

    private bool IsJudgedAgainst(in Wire.Request request, int packetBytes, in PeerAddress from, ulong connection)
    {
        int room = Math.Min(packetBytes, ControlQueue.AnswerBytesMax) - Wire.DisconnectHeaderBytes;
        Span<byte> refusal = stackalloc byte[room];
        int length = Options.Judge!(request.Connect[_key.Length..], from, refusal);
        if (length < 0)
        {
            return false;
        }

        Refuse(request, packetBytes, from, connection, refusal[..Math.Min(length, room)]);
        return true;
    }

    /// <summary>Refuses a request with no more bytes than it has, and forgets it: whoever asks again is refused again.</summary>
    private void Refuse(in Wire.Request request, int packetBytes, in PeerAddress from, ulong connection, ReadOnlySpan<byte> data)
    {
        Drops.Add(DropReason.RequestRefused);
        System.Diagnostics.Debug.Assert(packetBytes >= Wire.DisconnectHeaderBytes + data.Length, "an answer is no larger than its request");
        if (TryAnswer(from, connection, Wire.DisconnectHeaderBytes + data.Length, out Span<byte> packet))
        {
            byte first = WireLine.Of(request.Line).First(PacketKind.Disconnect, request.Number);
            Wire.WriteDisconnect(packet, first, request.Time, data);
        }
    }
}
