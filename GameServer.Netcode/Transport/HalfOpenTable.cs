using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Transport;

/// <summary>An accepted connect request whose address has not answered yet.</summary>
internal sealed class HalfOpen(int index)
{
    /// <summary>Pings that may still be answered.</summary>
    public const int PingsMax = 16;

    // A library peer answers a ping only less than half the sequences ahead of the last one that it answered, which is 0 before the first:
    // all the pings of one entry together stay below that, else those after a lost one would never be answered.
    private const int FirstSequenceMax = 11_200;
    private const int StepMax = 128;

    public readonly int Index = index;
    public readonly byte[] Connect = new byte[Limits.DatagramBytesMax];
    public readonly ushort[] Sequences = new ushort[PingsMax];
    public readonly long[] SentMicros = new long[PingsMax];
    public int ConnectBytes;
    public int PingCount;
    public int Rounds; // in which pings were sent
    public int Failures;
    public int CreditBytes; // what came from this address less what went to it
    public PeerAddress Address;
    public ulong AddressHash;
    public ulong SealConnection;
    public WireLine Line = WireLine.Two;
    public long Time;
    public int Number;
    public int LocalId;
    public int RemoteId;
    public long CreatedMicros;
    public int Older = -1;
    public int Newer = -1;
    public bool WasHeard; // it sent a packet with the number that only the accept tells

    /// <summary>When the last ping left.</summary>
    public long LastPingMicros => SentMicros[(PingCount - 1) % PingsMax];

    /// <summary>The newest sequence that this side sent.</summary>
    public ushort LastSequence => Sequences[(PingCount - 1) % PingsMax];

    /// <summary>Adds a ping with a fresh unpredictable sequence, larger than the ones before so that it is answered.</summary>
    public ushort AddPing(KeyedHash chance, long nowMicros)
    {
        int before = PingCount == 0 ? 0 : LastSequence;
        int bound = PingCount == 0 ? FirstSequenceMax : StepMax;
        int index = PingCount++ % PingsMax;
        Sequences[index] = Sequence.Add((ushort)before, 1 + chance.NextBelow(bound));
        SentMicros[index] = nowMicros;
        return Sequences[index];
    }

    /// <summary>When the ping with that sequence left, or −1 when none of the last ones has it.</summary>
    public long FindPing(ushort sequence)
    {
        for (int i = 0; i < Math.Min(PingCount, PingsMax); i++)
        {
            if (Sequences[i] == sequence)
            {
                return SentMicros[i];
            }
        }

        return -1;
    }
}

/// <summary>All half-open connections, one per address; the oldest gives way when the table is full.</summary>
/// <remarks>Owner: one thread. Allocates: no, after construction.</remarks>
internal sealed class HalfOpenTable
{
    private readonly HalfOpen[] _entries;
    private readonly AddressTable _byAddress;
    private readonly int[] _free;
    private int _freeCount;
    private int _oldest = -1;
    private int _newest = -1;

    public HalfOpenTable(int entriesMax)
    {
        _entries = new HalfOpen[entriesMax];
        _free = new int[entriesMax];
        _byAddress = new AddressTable(entriesMax);
        for (int i = 0; i < entriesMax; i++)
        {
            _entries[i] = new HalfOpen(i);
            _free[_freeCount++] = i;
        }
    }

    /// <summary>The entry that waits longest, or null.</summary>
    public HalfOpen? Oldest => _oldest < 0 ? null : _entries[_oldest];

    /// <summary>Entries in use.</summary>
    public int Count => _entries.Length - _freeCount;

    /// <summary>True when the next entry needs the oldest to go.</summary>
    public bool IsFull => _freeCount == 0;

    /// <summary>The entry of an address, or null.</summary>
    public HalfOpen? Find(in PeerAddress address, ulong hash)
    {
        int index = Count == 0 ? -1 : _byAddress.Find(address, hash);
        return index < 0 ? null : _entries[index];
    }

    /// <summary>A cleared entry for an address that has none; the table is not full.</summary>
    public HalfOpen Add(in PeerAddress address, ulong hash, long nowMicros)
    {
        HalfOpen entry = _entries[_free[--_freeCount]];
        entry.Address = address;
        entry.AddressHash = hash;
        entry.CreatedMicros = nowMicros;
        entry.PingCount = entry.Rounds = entry.Failures = entry.CreditBytes = 0;
        entry.WasHeard = false;
        LinkNewest(entry);
        _byAddress.Add(address, hash, entry.Index);
        return entry;
    }

    /// <summary>Lets an entry wait once more from now on: only one that never answered gives way to newer ones so soon.</summary>
    public void Refresh(HalfOpen entry, long nowMicros)
    {
        if (!entry.WasHeard)
        {
            entry.WasHeard = true;
            entry.CreatedMicros = nowMicros;
            Unlink(entry);
            LinkNewest(entry);
        }
    }

    /// <summary>Removes an entry.</summary>
    public void Remove(HalfOpen entry)
    {
        _byAddress.Remove(entry.Address, entry.AddressHash);
        Unlink(entry);
        _free[_freeCount++] = entry.Index;
    }

    private void LinkNewest(HalfOpen entry)
    {
        entry.Older = _newest;
        entry.Newer = -1;
        if (_newest >= 0)
        {
            _entries[_newest].Newer = entry.Index;
        }
        else
        {
            _oldest = entry.Index;
        }

        _newest = entry.Index;
    }

    private void Unlink(HalfOpen entry)
    {
        if (entry.Older >= 0)
        {
            _entries[entry.Older].Newer = entry.Newer;
        }
        else
        {
            _oldest = entry.Newer;
        }

        if (entry.Newer >= 0)
        {
            _entries[entry.Newer].Older = entry.Older;
        }
        else
        {
            _newest = entry.Older;
        }
    }
}
