using System.Runtime.CompilerServices;
using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Transport;

/// <summary>Writes what peers bring into a lane, each within its budget.</summary>
/// <remarks>
/// A message is charged when it becomes an event, so that what waits in the endpoint counts, too, and is the room's when the room next
/// begins to take. Over its budget a peer's reliable messages stay with the peer, unacknowledged, and of its unreliable ones the newest
/// waits in its place in the lane. Owner: network thread. Allocates: no, after construction.
/// </remarks>
internal sealed class InboundWriter
{
    private readonly TransportEndpoint _endpoint;
    private readonly InboundLane _lane;
    private readonly byte _networkThread;
    private readonly Account[] _accounts;

    public InboundWriter(TransportEndpoint endpoint, InboundLane lane, byte networkThread)
    {
        _endpoint = endpoint;
        _lane = lane;
        _networkThread = networkThread;
        _accounts = new Account[endpoint.Options.MaxPeers];
        ReserveBytes = Math.Min(lane.Ring.Capacity / 8, 4096 + (endpoint.Options.MaxPeers * 64));
    }

    /// <summary>Bytes of the ring that messages leave free, for connects and disconnects.</summary>
    public int ReserveBytes { get; }

    /// <summary>True while an event waits for room in the ring, and all others behind it.</summary>
    public bool IsBlocked { get; set; }

    /// <summary>Whether so many messages of a peer fit its budget; reliable ones of any size do when nothing else is charged.</summary>
    public bool HasRoom(PeerId peer, int messages, int bytes, bool isReliable)
    {
        int charged = AccountOf(peer).ChargedBytes;
        bool fits = _lane.HasJoined(peer) && charged + CostOf(messages, bytes) <= Limits.RingBytesPerPeer;
        return isReliable ? fits || charged == 0 : fits && !IsBlocked;
    }

    /// <summary>Charges a message that has become an event.</summary>
    public void Charge(PeerId peer, int bytes) => AccountOf(peer).ChargedBytes += CostOf(1, bytes);

    /// <summary>Keeps an unreliable message that has just arrived in its peer's place; a longer one than that holds is dropped.</summary>
    public void Keep(PeerId peer, long arrivalMicros, ReadOnlySpan<byte> message)
    {
        AccountOf(peer).KeptMicros = arrivalMicros;
        Put(peer, arrivalMicros, message);
    }

    /// <summary>Keeps an unreliable message for which the ring has no room, unless a newer one of its peer was kept before.</summary>
    public void KeepUnlessOld(in TransportEvent e, ReadOnlySpan<byte> message)
    {
        if (e.ArrivalMicros > AccountOf(e.Peer).KeptMicros)
        {
            Put(e.Peer, e.ArrivalMicros, message);
        }
        else
        {
            _endpoint.Drops.Add(DropReason.InboundRingFull);
        }
    }

    /// <summary>Writes a record; false when it does not fit and leave so much free.</summary>
    public bool TryWrite(in TransportEvent e, RecordKind kind, ReadOnlySpan<byte> payload, int keepFreeBytes)
    {
        int bytes = RecordHeader.SizeBytes + payload.Length;
        if (!_lane.Ring.TryClaim(bytes, keepFreeBytes, out Span<byte> record))
        {
            return false;
        }

        RecordHeader header = HeaderOf(e.Peer, kind, e.ArrivalMicros, e.Reason);
        Unsafe.WriteUnaligned(ref record[0], header);
        payload.CopyTo(record[RecordHeader.SizeBytes..]);
        _lane.Ring.Publish(bytes);
        return true;
    }

    /// <summary>
    /// Who gives its place to a newcomer when none is free: nobody who has joined. The oldest of the newcomer's own host, else of its network, so
    /// that whoever takes many places takes its own; else the oldest of those that are ended anyway; else the oldest of all.
    /// </summary>
    public Peer? FindGivingWay(Peer[] peers, in PeerAddress newcomer)
    {
        Peer? found = null;
        int foundRank = 0;
        foreach (Peer peer in peers)
        {
            int rank = !MayGiveWay(peer) ? 0
                : peer.Address.IsSameHost(newcomer) ? 4
                : peer.Address.IsSamePrefix(newcomer) ? 3
                : peer.State == PeerState.Closing ? 2 : 1;
            if (rank > foundRank || (rank > 0 && rank == foundRank && peer.BeganMicros < found!.BeganMicros))
            {
                (found, foundRank) = (peer, rank);
            }
        }

        return found;
    }

    /// <summary>Whether anybody would give its place to a newcomer.</summary>
    public bool HasGivingWay(Peer[] peers)
    {
        foreach (Peer peer in peers)
        {
            if (MayGiveWay(peer))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>What messages are charged: their bytes in the ring, a short one as much as a sixteenth of the budget.</summary>
    private static int CostOf(int messages, int bytes) => Math.Max(
        messages * Limits.RingBytesPerRecordMin, (messages * (SpscRing.RecordOverheadBytes + RecordHeader.SizeBytes)) + ((bytes + 7) & ~7));

    private bool MayGiveWay(Peer peer) =>
        !peer.IsOutbound && peer.State is (PeerState.Connected or PeerState.Closing) && !_lane.HasJoined(peer.Id);

    private void Put(PeerId peer, long arrivalMicros, ReadOnlySpan<byte> message)
    {
        if (message.Length > Limits.KeptMessageBytesMax)
        {
            _endpoint.Drops.Add(DropReason.UnreliableOverBudget);
        }
        else if (_lane.Newest.Put(HeaderOf(peer, RecordKind.Newest, arrivalMicros, default), message))
        {
            _endpoint.Drops.Add(DropReason.UnreliableReplaced);
        }
    }

    private ref Account AccountOf(PeerId peer)
    {
        ref Account account = ref _accounts[peer.Slot];
        long round = _lane.Round;
        if (account.Round != round)
        {
            account.Round = round;
            account.ChargedBytes = 0;
        }

        return ref account;
    }

    private RecordHeader HeaderOf(PeerId peer, RecordKind kind, long arrivalMicros, DisconnectReason reason)
    {
        _endpoint.GetRoundTrip(peer, out long roundTripMicros, out long deviationMicros);
        bool isMessage = kind is RecordKind.Reliable or RecordKind.Unreliable or RecordKind.Newest;
        return new RecordHeader
        {
            Micros = arrivalMicros,
            Slot = peer.Slot,
            Generation = peer.Generation,
            Kind = kind,
            NetworkThread = _networkThread,
            Detail = isMessage ? RecordHeader.DeviationOf(deviationMicros) : (byte)reason,
            RoundTrip = RecordHeader.RoundTripOf(roundTripMicros),
        };
    }

    private struct Account
    {
        public long Round;
        public int ChargedBytes;
        public long KeptMicros; // arrival of the newest message that was kept as it arrived
    }
}
