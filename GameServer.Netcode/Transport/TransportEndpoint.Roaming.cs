using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Transport;

/// <summary>Peers whose address changed, as behind a home router that lost its table, and peers of a server that was started again.</summary>
/// <remarks>
/// A packet of a connection that a stranger sends is answered by "not known here", one byte. The peer then claims its connection with the
/// secrets of the connect. It is moved only when the claimed address answers an unpredictable ping; until then nothing changes for the old
/// address. A claim that nobody knows is answered so that its sender, and nobody else, can believe it. No answer is larger than what it answers.
/// </remarks>
public sealed partial class TransportEndpoint
{
    private const long ChallengePauseMicros = 200_000;
    private const long ClaimPauseMicros = 50_000;
    private const long AnswerSliceMicros = 10_000;
    private const int RoamFailuresMax = 4;
    private const int AnswersPerSlice = 64; // of strangers' packets: those of a flood and those of honest peers have the same chance

    private void ReceiveKnownClaim(Peer claimed, in PeerAddress from, ulong hash, Peer? peerAtAddress)
    {
        if (claimed == peerAtAddress || claimed.State != PeerState.Connected)
        {
            Drops.Add(DropReason.PeerNotFoundIgnored);
        }
        else if (!Options.Roaming || peerAtAddress != null)
        {
            Drops.Add(DropReason.ClaimUnknown);
        }
        else
        {
            Challenge(claimed, from, hash);
        }
    }

    /// <summary>The library ends a connection by two bytes, which anyone can forge; this side repeats the time that only the claimer knows.</summary>
    private void AnswerUnknownClaim(ReadOnlySpan<byte> packet, in PeerAddress from, in Handshake handshake)
    {
        if (!MayAnswerStranger())
        {
            return;
        }

        bool wantsProof = WireLine.NumberOf(packet[0]) == Wire.ProofMark;
        byte first = handshake.Line.First(PacketKind.PeerNotFound, 0);
        if (TryAnswer(from, handshake.SealConnection, wantsProof ? Wire.PeerUnknownBytes : 2, out Span<byte> answer))
        {
            answer[0] = first;
            answer[1] = 1;
            if (wantsProof)
            {
                Wire.WritePeerUnknown(answer, first, handshake.Time);
            }
        }
    }

    /// <summary>One byte for a packet that only a connected peer sends: whoever has a connection claims it.</summary>
    private bool AnswerStranger(ReadOnlySpan<byte> packet, in PeerAddress from, ulong hash, ulong connection)
    {
        _guess = _guess == WireLine.One ? WireLine.Two : WireLine.One; // the other line reads the answer as one that it ignores
        WireLine guess = _tombstones.TryFind(from, hash, NowMicros, out TombstoneTable.Tombstone before) ? before.Line! : _guess;
        if (WireLine.OfStranger(packet, guess) is not { } line)
        {
            return false;
        }

        Drops.Add(DropReason.StrangerPacket);
        if (MayAnswerStranger())
        {
            Answer(from, connection, line.First(PacketKind.PeerNotFound, 0));
        }

        return true;
    }

    private bool MayAnswerStranger()
    {
        long slice = NowMicros / AnswerSliceMicros;
        if (slice != _answerSlice)
        {
            _answerSlice = slice;
            _answersInSlice = 0;
        }

        return _answersInSlice++ < AnswersPerSlice;
    }

    private void Challenge(Peer peer, in PeerAddress to, ulong hash)
    {
        if (NowMicros - peer.Roam.LastClaimMicros < ChallengePauseMicros && peer.Roam.LastClaimMicros != 0)
        {
            Drops.Add(DropReason.ClaimRateLimited);
            return;
        }

        bool goesOn = peer.Roam.IsPending && peer.Roam.Address == to;
        if (!goesOn)
        {
            CancelRoam(peer);
            if (_roaming.Find(to, hash) >= 0)
            {
                return;
            }

            peer.Roam = new Peer.RoamState { Address = to, AddressHash = hash, IsPending = true };
            _roaming.Add(to, hash, peer.Slot);
        }

        peer.Roam.LastClaimMicros = NowMicros;
        ushort sequence = peer.NextChallenge(isFirst: !goesOn);
        peer.Roam.AddChallenge(sequence);
        SendChallenge(peer, sequence);
    }

    private void SendChallenge(Peer peer, ushort sequence)
    {
        if (TryAnswer(peer.Roam.Address, peer.SealConnection, Wire.PingBytes, out Span<byte> ping))
        {
            Wire.WritePing(ping, peer.First(PacketKind.Ping), sequence);
        }
    }

    /// <summary>Takes the answer to the ping that proves the claimed address; false when this is none.</summary>
    private bool TryFinishRoam(ReadOnlySpan<byte> packet, in PeerAddress from, ulong hash, ulong connection)
    {
        int slot = _roaming.Find(from, hash);
        if (slot < 0 || _peers[slot].SealConnection != connection)
        {
            return false;
        }

        Peer peer = _peers[slot];
        int sequence = Wire.FindPong(peer.Line, peer.Number, packet);
        if (sequence < 0)
        {
            return false;
        }

        if (!peer.Roam.IsChallenge((ushort)sequence) || peer.State != PeerState.Connected)
        {
            Drops.Add(DropReason.ProofWrong);
            if (++peer.Roam.Failures == RoamFailuresMax)
            {
                CancelRoam(peer);
            }

            return true;
        }

        CancelRoam(peer);
        peer.ChallengeAnswered((ushort)sequence);
        _byAddress.Remove(peer.Address, peer.AddressHash);
        peer.Address = from;
        peer.AddressHash = hash;
        _byAddress.Add(from, hash, slot);
        peer.LastReceivedMicros = NowMicros;
        peer.Roam.LastClaimMicros = 0; // the next change may follow at once
        peer.PathChanged(NowMicros);
        MarkReady(peer);
        return true;
    }

    private void CancelRoam(Peer peer)
    {
        if (peer.Roam.IsPending)
        {
            _roaming.Remove(peer.Roam.Address, peer.Roam.AddressHash);
            peer.Roam.IsPending = false;
        }
    }

    /// <summary>The other side says that it does not know this side: a connection is claimed, and ends only when its own time comes back.</summary>
    private void ReceivePeerNotFound(Peer peer, ReadOnlySpan<byte> packet)
    {
        if (peer.State == PeerState.Connected && Wire.IsPeerUnknown(packet, peer.ConnectionTime))
        {
            End(peer, DisconnectReason.PeerNotFound, default);
            return;
        }

        long sinceMicros = peer.Roam.LastClaimMicros == 0 ? long.MaxValue : NowMicros - peer.Roam.LastClaimMicros;
        bool asks = packet.Length == 1 && peer.State == PeerState.Connected && sinceMicros >= ClaimPauseMicros;
        if (!asks || !TryClaim(peer))
        {
            Drops.Add(DropReason.PeerNotFoundIgnored);
        }
        else if (sinceMicros >= 1_000_000)
        {
            peer.PathChanged(NowMicros);
        }
    }

    /// <summary>Claims a connection that this side asked for before the question comes, as long as nothing has been heard on it.</summary>
    internal void ClaimUnasked(Peer peer)
    {
        if (peer.IsOutbound && peer.State == PeerState.Connected)
        {
            TryClaim(peer);
        }
    }

    private bool TryClaim(Peer peer)
    {
        if (!TryAnswer(peer.Address, peer.SealConnection, Wire.AcceptBytes, out Span<byte> claim))
        {
            return false;
        }

        peer.Roam.LastClaimMicros = NowMicros;
        byte first = peer.Line.First(PacketKind.PeerNotFound, Wire.ProofMark);
        Wire.WriteAccept(claim, first, peer.ConnectionTime, peer.Number, 1, peer.RemoteId);
        return true;
    }
}
