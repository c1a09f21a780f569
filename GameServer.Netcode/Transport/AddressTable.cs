namespace GameServer.Netcode.Transport;

/// <summary>Maps addresses to small numbers: open addressing, at most half full, no tombstones.</summary>
/// <remarks>Owner: one thread. The caller passes the keyed hash, computed once per datagram. Allocates: no, after construction.</remarks>
internal sealed class AddressTable
{
    private readonly struct Slot(PeerAddress address, uint hash, int value)
    {
        public readonly PeerAddress Address = address;
        public readonly uint Hash = hash;
        public readonly int Value = value; // the caller's value + 1; 0 is an empty slot
    }

    private readonly Slot[] _slots;
    private readonly uint _mask;

    public AddressTable(int entriesMax)
    {
        int size = 4;
        while (size < entriesMax * 2)
        {
            size *= 2;
        }

        _slots = new Slot[size];
        _mask = (uint)(size - 1);
    }

    /// <summary>The number of <paramref name="address"/>, or −1.</summary>
    public int Find(in PeerAddress address, ulong hash)
    {
        uint h = (uint)hash;
        for (uint i = h & _mask; ; i = (i + 1) & _mask)
        {
            ref Slot slot = ref _slots[i];
            if (slot.Value == 0)
            {
                return -1;
            }

            if (slot.Hash == h && slot.Address.Equals(address))
            {
                return slot.Value - 1;
            }
        }
    }

    /// <summary>Adds an address that is not in the table.</summary>
    public void Add(in PeerAddress address, ulong hash, int value)
    {
        uint i = (uint)hash & _mask;
        while (_slots[i].Value != 0)
        {
            i = (i + 1) & _mask;
        }

        _slots[i] = new Slot(address, (uint)hash, value + 1);
    }

    /// <summary>Removes an address; does nothing when it is not there.</summary>
    public void Remove(in PeerAddress address, ulong hash)
    {
        uint hole = (uint)hash & _mask;
        while (!_slots[hole].Address.Equals(address) || _slots[hole].Value == 0)
        {
            if (_slots[hole].Value == 0)
            {
                return;
            }

            hole = (hole + 1) & _mask;
        }

        // Entries behind the hole move into it unless their own home lies between, so that no search ever stops early.
        for (uint i = (hole + 1) & _mask; _slots[i].Value != 0; i = (i + 1) & _mask)
        {
            uint home = _slots[i].Hash & _mask;
            if (((i - home) & _mask) >= ((i - hole) & _mask))
            {
                _slots[hole] = _slots[i];
                hole = i;
            }
        }

        _slots[hole] = default;
    }
}
