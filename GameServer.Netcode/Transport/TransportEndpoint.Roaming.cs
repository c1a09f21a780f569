using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Transport;

/// <summary>A peer whose address changed, as behind a home router that lost its table (protocol notes §15).</summary>
/// <remarks>
/// A ping from a stranger is answered by "not known here", one byte. The peer then claims its connection with the secrets of the connect.
/// It is moved only when the claimed address answers an unpredictable ping; until then nothing changes for the old address. A library
/// peer tries this once a second, so what this side says is said twice, still in fewer bytes than came.
/// </remarks>
public sealed partial class TransportEndpoint
{
    private const long ClaimPauseMicros = 200_000;

    /// <summary>Takes what a stranger may send about an address change; false when it is something else.</summary>
    private bool ReceiveRoaming(ReadOnlySpan<byte> packet, in PeerAddress from, ulong hash, ulong connection)
    {
        if (!Options.Roaming)
        {
            return false;
        }

        if (packet.Length == Wire.PongBytes)
        {
            return TryFinishRoam(packet, from, hash, connection);
        }

        if (packet.Length == Wire.PingBytes)
        {
            return AnswerStrangePing(packet, from, connection);
        }

        if (packet.Length != Wire.AcceptBytes || !Wire.TryReadAccept(packet, 1, out long time, out int number, out int id))
        {
            return false;
        }

        // Counted before it is looked up: the search costs more than the rest of a stranger's packet.
        if (!_answers.TryTake(from, NowMicros))
        {
            Drops.Add(DropReason.ClaimRateLimited);
            return true;
        }

        foreach (Peer peer in _peers)
        {
            if (peer.State == PeerState.Connected && peer.LocalId == id && peer.ConnectionTime == time && peer.Number == number
                && peer.SealConnection == connection && peer.Line.KindOf(packet[0]) == PacketKind.PeerNotFound)
            {
                Challenge(peer, from, hash);
                return true;
            }
        }

        Drops.Add(DropReason.ClaimUnknown);
        return true;
    }

    /// <summary>One byte to a ping, of which alone the line is certain: 3 bytes are too short for what the number means in the other line.</summary>
    private bool AnswerStrangePing(ReadOnlySpan<byte> packet, in PeerAddress from, ulong connection)
    {
        WireLine? line = WireLine.One.KindOf(packet[0]) == PacketKind.Ping ? WireLine.One
            : WireLine.Two.KindOf(packet[0]) == PacketKind.Ping ? WireLine.Two : null;
        if (line == null || (packet[0] & WireLine.FragmentedBit) != 0 || PeerCount == 0 || !_answers.TryTake(from, NowMicros))
        {
            return false;
        }

        Answer(from, connection, line.First(PacketKind.PeerNotFound, 0));
        Answer(from, connection, line.First(PacketKind.PeerNotFound, 0));
        Drops.Add(DropReason.StrangerPacket);
        return true;
    }

    private void Challenge(Peer peer, in PeerAddress to, ulong hash)
    {
        if (NowMicros - peer.Roam.LastClaimMicros < ClaimPauseMicros && peer.Roam.LastClaimMicros != 0)
        {
            Drops.Add(DropReason.ClaimRateLimited);
            return;
        }

        CancelRoam(peer);
        if (_roaming.Find(to, hash) >= 0)
        {
            return;
        }

        peer.Roam = new Peer.RoamState
        {
            Address = to,
            AddressHash = hash,
            Sequence = peer.NextChallenge(),
            SecondSequence = peer.NextChallenge(),
            IsPending = true,
            LastClaimMicros = NowMicros,
        };
        _roaming.Add(to, hash, peer.Slot);
        SendChallenge(peer, peer.Roam.Sequence);
        SendChallenge(peer, peer.Roam.SecondSequence);
    }

    private void SendChallenge(Peer peer, ushort sequence)
    {
        if (TryAnswer(peer.Roam.Address, peer.SealConnection, Wire.PingBytes, out Span<byte> ping))
        {
            Wire.WritePing(ping, peer.First(PacketKind.Ping), sequence);
        }
    }

    private bool TryFinishRoam(ReadOnlySpan<byte> packet, in PeerAddress from, ulong hash, ulong connection)
    {
        int slot = _roaming.Find(from, hash);
        if (slot < 0)
        {
            return false;
        }

        Peer peer = _peers[slot];
        ushort sequence = Wire.SequenceOf(packet);
        bool proved = peer.Line.KindOf(packet[0]) == PacketKind.Pong && WireLine.NumberOf(packet[0]) == peer.Number
            && (sequence == peer.Roam.Sequence || sequence == peer.Roam.SecondSequence) && peer.SealConnection == connection && peer.State == PeerState.Connected;
        CancelRoam(peer);
        if (!proved)
        {
            Drops.Add(DropReason.ProofWrong);
            return true;
        }

        peer.ChallengeAnswered(sequence);
        _byAddress.Remove(peer.Address, peer.AddressHash);
        peer.Address = from;
        peer.AddressHash = hash;
        _byAddress.Add(from, hash, slot);
        peer.LastReceivedMicros = NowMicros;
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

    /// <summary>The other side says that it does not know this side's address: this side claims its connection, and nothing ends.</summary>
    private void ReceivePeerNotFound(Peer peer, ReadOnlySpan<byte> packet)
    {
        bool asks = packet.Length == 1 && peer.State == PeerState.Connected
            && (peer.Roam.LastClaimMicros == 0 || NowMicros - peer.Roam.LastClaimMicros >= ClaimPauseMicros);
        if (!asks || !TryAnswer(peer.Address, peer.SealConnection, Wire.AcceptBytes, out Span<byte> claim))
        {
            Drops.Add(DropReason.PeerNotFoundIgnored);
            return;
        }

        peer.Roam.LastClaimMicros = NowMicros;
        peer.PathChanged(NowMicros);
        Wire.WriteAccept(claim, peer.Line.First(PacketKind.PeerNotFound, 0), peer.ConnectionTime, peer.Number, 1, peer.RemoteId);
    }
}
