using GameServer.Netcode.Game;

namespace GameServer.Netcode.Snapshots;

/// <summary>Sample rings for the entities that a client knows: it has many more slots than it ever sees at a time.</summary>
/// <remarks>Owner: the client's thread. Allocates: at start, and beyond that when more entities of a kind are known at once than ever before.</remarks>
internal sealed class SampleRingPool
{
    private const int SeenAtStart = 64;
    private const int OwnedAtStart = 16;

    private readonly Stack<SampleRing>[] _seen;
    private readonly Stack<SampleRing>[] _owned;

    public SampleRingPool(Schema schema)
    {
        _seen = new Stack<SampleRing>[schema.Kinds.Length];
        _owned = new Stack<SampleRing>[schema.Kinds.Length];
        foreach (KindSchema kind in schema.Kinds)
        {
            _seen[kind.Index] = Fill(Math.Min(kind.Capacity, SeenAtStart), kind.Seen.Count);
            _owned[kind.Index] = Fill(Math.Min(kind.Capacity, OwnedAtStart), kind.OwnedWords);
        }
    }

    /// <summary>An empty ring for a kind, in its seen or its owned table.</summary>
    public SampleRing Rent(KindSchema kind, bool owned)
    {
        Stack<SampleRing> free = owned ? _owned[kind.Index] : _seen[kind.Index];
        return free.Count > 0 ? free.Pop() : new SampleRing(owned ? kind.OwnedWords : kind.Seen.Count);
    }

    /// <summary>Takes a ring back.</summary>
    public void Return(KindSchema kind, bool owned, SampleRing ring)
    {
        ring.Clear();
        (owned ? _owned[kind.Index] : _seen[kind.Index]).Push(ring);
    }

    private static Stack<SampleRing> Fill(int count, int width)
    {
        var rings = new Stack<SampleRing>(count);
        for (int i = 0; i < count; i++)
        {
            rings.Push(new SampleRing(width));
        }

        return rings;
    }
}
