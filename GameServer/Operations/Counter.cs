namespace GameServer.Operations;

/// <summary>A number that one thread counts up and any thread reads.</summary>
/// <remarks>Owner: one writing thread. Keep it in a field that is not readonly, else the count is made on a copy. Allocates: no.</remarks>
public struct Counter
{
    private long _value;

    /// <summary>The count so far.</summary>
    public readonly long Value => Volatile.Read(in _value);

    /// <summary>Counts <paramref name="amount"/>.</summary>
    // One writer: a plain read is exact; the volatile write lets a reader see the count whole and soon, without a locked instruction.
    public void Add(long amount = 1) => Volatile.Write(ref _value, _value + amount);

    /// <summary>Takes over the count of somebody who counts on its own, for example a socket; it must never fall.</summary>
    public void Set(long total) => Volatile.Write(ref _value, total);
}

/// <summary>A level that one thread sets and any thread reads.</summary>
/// <remarks>Owner: one writing thread. Keep it in a field that is not readonly. Allocates: no.</remarks>
public struct Gauge
{
    private long _value;

    /// <summary>The level as last set.</summary>
    public readonly long Value => Volatile.Read(in _value);

    /// <summary>Sets the level.</summary>
    public void Set(long value) => Volatile.Write(ref _value, value);
}
