namespace GameServer.Netcode.Transport;

/// <summary>Connections that ended lately: they answer repeated disconnects and keep the next connection from reusing their number.</summary>
/// <remarks>Each lives for a fixed time that no traffic extends. Owner: one thread. Allocates: no, after construction.</remarks>
internal sealed class TombstoneTable
{
    /// <summary>How long a connection is remembered.</summary>
    public const long LifeMicros = 6_000_000;

    /// <summary>One ended connection.</summary>
    public struct Tombstone
    {
        public PeerAddress Address;
        public ulong AddressHash;
        public WireLine? Line;
        public long Time;
        public long EndedMicros;
        public int Number;
    }

    private readonly Tombstone[] _ring;
    private readonly AddressTable _byAddress;
    private int _next;

    public TombstoneTable(int entriesMax)
    {
        _ring = new Tombstone[entriesMax];
        _byAddress = new AddressTable(entriesMax);
    }

    /// <summary>The ended connection of an address, if it is remembered.</summary>
    public bool TryFind(in PeerAddress address, ulong hash, long nowMicros, out Tombstone tombstone)
    {
        int index = _byAddress.Find(address, hash);
        tombstone = index < 0 ? default : _ring[index];
        return index >= 0 && nowMicros - tombstone.EndedMicros < LifeMicros;
    }

    /// <summary>Remembers an ended connection; the oldest gives way.</summary>
    public void Add(Peer peer, long nowMicros)
    {
        int same = _byAddress.Find(peer.Address, peer.AddressHash);
        int index = same >= 0 ? same : _next;
        ref Tombstone slot = ref _ring[index];
        if (same < 0)
        {
            _next = (_next + 1) % _ring.Length;
            if (slot.Line != null)
            {
                _byAddress.Remove(slot.Address, slot.AddressHash);
            }

            _byAddress.Add(peer.Address, peer.AddressHash, index);
        }

        slot = new Tombstone
        {
            Address = peer.Address,
            AddressHash = peer.AddressHash,
            Line = peer.Line,
            Time = peer.ConnectionTime,
            EndedMicros = nowMicros,
            Number = peer.Number,
        };
    }
}
