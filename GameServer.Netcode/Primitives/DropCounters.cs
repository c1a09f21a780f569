namespace GameServer.Netcode.Primitives;

/// <summary>One counter per <see cref="DropReason"/>.</summary>
/// <remarks>Owner: one writing thread; any thread may read, and sees each counter whole and at most a moment old. Allocates: no.</remarks>
public sealed class DropCounters
{
    /// <summary>Number of counters; every <see cref="DropReason"/> is smaller.</summary>
    public const int Count = 128;

    private readonly long[] _counts = new long[Count];

    /// <summary>How often <paramref name="reason"/> was counted.</summary>
    public long this[DropReason reason] => Volatile.Read(ref _counts[(int)reason]);

    /// <summary>Sum over all reasons.</summary>
    public long Total
    {
        get
        {
            long total = 0;
            for (int i = 1; i < Count; i++)
            {
                total += Volatile.Read(ref _counts[i]);
            }

            return total;
        }
    }

    /// <summary>Counts one.</summary>
    public void Add(DropReason reason) => Add(reason, 1);

    /// <summary>Counts <paramref name="amount"/>.</summary>
    public void Add(DropReason reason, long amount)
    {
        ref long count = ref _counts[(int)reason];
        // One writer: a plain read is exact, and the volatile write keeps a reader on another thread from seeing half of it.
        Volatile.Write(ref count, count + amount);
    }
}
