namespace GameServer.Netcode.Transport;

/// <summary>Connections that ended lately: they answer repeated disconnects and keep the next connections from reusing their numbers.</summary>
/// <remarks>
/// Each answers for a fixed time that no traffic extends; the numbers of its address are remembered until newer addresses need the place.
/// Owner: one thread. Allocates: no, after construction.
/// </remarks>
internal sealed class TombstoneTable
{
    /// <summary>How long a connection is remembered.</summary>
    public const long LifeMicros = 6_000_000;

    /// <summary>How long a number rests before the same address gets it again.</summary>
    public const long NumberRestMicros = 2_000_000;

    /// <summary>One ended connection.</summary>
    public struct Tombstone
    {
        public PeerAddress Address;
        public ulong AddressHash;
        public WireLine? Line;
        public long Time;
        public long EndedMicros;
        public int Number;
        public NumberHistory Numbers;
    }

    /// <summary>The last connection of each number: what was sent to one may still be under way, or be sent again by someone.</summary>
    public struct NumberHistory
    {
        private NumberUse _zero;
        private NumberUse _one;
        private NumberUse _two;
        private NumberUse _three;

        public readonly NumberUse At(int number) => number switch { 0 => _zero, 1 => _one, 2 => _two, _ => _three };

        public readonly bool HasTime(long time) => Is(_zero, time) || Is(_one, time) || Is(_two, time) || Is(_three, time);

        public void Set(int number, in NumberUse use)
        {
            switch (number)
            {
                case 0:
                    _zero = use;
                    break;
                case 1:
                    _one = use;
                    break;
                case 2:
                    _two = use;
                    break;
                default:
                    _three = use;
                    break;
            }
        }

        private static bool Is(in NumberUse use, long time) => use.EndedMicros != 0 && use.Time == time;
    }

    /// <summary>A connection that had a number: its time, and when it ended, 0 for never used.</summary>
    public struct NumberUse
    {
        public long Time;
        public long EndedMicros;
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

    /// <summary>Whether one of the last connections of that address had that time: it has ended and does not begin again.</summary>
    public bool HasEnded(in PeerAddress address, ulong hash, long time)
    {
        int index = _byAddress.Find(address, hash);
        return index >= 0 && _ring[index].Numbers.HasTime(time);
    }

    /// <summary>A number for the next connection of an address: of all four the one that has rested longest; −1 when it has rested for too short a time.</summary>
    /// <param name="address">The address.</param>
    /// <param name="hash">Its hash.</param>
    /// <param name="current">Number of the connection that the address has, −1 for none.</param>
    /// <param name="start">Where the search begins among those that rested equally long.</param>
    /// <param name="nowMicros">The time.</param>
    public int NextNumber(in PeerAddress address, ulong hash, int current, int start, long nowMicros)
    {
        int index = _byAddress.Find(address, hash);
        NumberHistory history = index < 0 ? default : _ring[index].Numbers;
        int best = -1;
        for (int i = 0; i < 4; i++)
        {
            int number = (start + i) & 3;
            if (number != current && (best < 0 || history.At(number).EndedMicros < history.At(best).EndedMicros))
            {
                best = number;
            }
        }

        long endedMicros = history.At(best).EndedMicros;
        return endedMicros != 0 && nowMicros - endedMicros < NumberRestMicros ? -1 : best;
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

        NumberHistory numbers = same >= 0 ? slot.Numbers : default;
        numbers.Set(peer.Number, new NumberUse { Time = peer.ConnectionTime, EndedMicros = Math.Max(1, nowMicros) });
        slot = new Tombstone
        {
            Address = peer.Address,
            AddressHash = peer.AddressHash,
            Line = peer.Line,
            Time = peer.ConnectionTime,
            EndedMicros = nowMicros,
            Number = peer.Number,
            Numbers = numbers,
        };
    }
}
