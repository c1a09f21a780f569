using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Transport;

/// <summary>
/// All that a network thread hands to a room: the ring of records and, beside it, the newest message of each peer that has used up its
/// budget.
/// </summary>
/// <remarks>
/// The room says back who has joined, and when it begins to take: that is when every peer may bring as much again. Written by one network
/// thread and read by the thread of the room, without locks. Allocates: in the constructor only.
/// </remarks>
public sealed class InboundLane
{
    private readonly int[] _joined;
    private long _round;

    /// <summary>An empty lane.</summary>
    /// <param name="ringBytes">Size of the ring, a power of two: <see cref="BytesFor"/> says how much a room needs.</param>
    /// <param name="peersMax">Peers that the network thread can hold.</param>
    public InboundLane(int ringBytes, int peersMax)
    {
        if (peersMax is < 1 or > ushort.MaxValue)
        {
            throw new ArgumentOutOfRangeException(nameof(peersMax), peersMax, $"1 to {ushort.MaxValue}");
        }

        Ring = new SpscRing(ringBytes);
        Newest = new NewestMessages(peersMax);
        _joined = new int[peersMax];
    }

    /// <summary>The records, in order.</summary>
    public SpscRing Ring { get; }

    /// <summary>Peers that the network thread can hold.</summary>
    public int PeersMax => _joined.Length;

    /// <summary>The newest messages of peers whose budget is used up.</summary>
    internal NewestMessages Newest { get; }

    /// <summary>How often the room has begun to take what has arrived.</summary>
    internal long Round => Volatile.Read(ref _round);

    /// <summary>
    /// Bytes of a ring in which those who have joined have room for their budgets, and others for what they say until they join.
    /// </summary>
    public static long BytesFor(int joinedMax, int peersMax) => (joinedMax * (long)Limits.RingBytesPerPeer) + (peersMax * 1024L);

    /// <summary>Throws when it holds fewer peers than that.</summary>
    internal void Require(int peers)
    {
        if (PeersMax < peers)
        {
            throw new ArgumentOutOfRangeException(nameof(peers), peers, $"at most {PeersMax}, for which the lane was made");
        }
    }

    /// <summary>From here on every peer may bring as much again; the room takes all that has arrived. Owner: room.</summary>
    internal void BeginRound() => Volatile.Write(ref _round, _round + 1);

    /// <summary>Says whether the peer in a slot has joined: only then do its unreliable messages enter the ring. Owner: room.</summary>
    internal void SetJoined(int slot, ushort generation, bool hasJoined) =>
        Volatile.Write(ref _joined[slot], hasJoined ? generation + 1 : 0);

    /// <summary>Whether a peer has joined.</summary>
    internal bool HasJoined(PeerId peer) => Volatile.Read(ref _joined[peer.Slot]) == peer.Generation + 1;
}
