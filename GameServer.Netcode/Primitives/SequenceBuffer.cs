namespace GameServer.Netcode.Primitives;

/// <summary>The values of the last packet sequences. Each slot stores its sequence and compares it, through any number of wraps.</summary>
/// <remarks>
/// A sequence that is <see cref="ushort.MaxValue"/> + 1 packets old looks the same as the current one, so remove or overwrite what is
/// settled. Owner: one thread. Allocates: in the constructor only.
/// </remarks>
/// <typeparam name="T">A struct, or a class whose objects stay in their slots and are filled again.</typeparam>
public sealed class SequenceBuffer<T>
{
    private readonly TickRing<T> _slots;

    /// <summary>An empty buffer whose slots hold the default of <typeparamref name="T"/>.</summary>
    /// <param name="capacity">A power of two up to 65536.</param>
    public SequenceBuffer(int capacity) => _slots = new TickRing<T>(Checked(capacity));

    /// <summary>An empty buffer whose slots hold what <paramref name="make"/> returns, one call each.</summary>
    public SequenceBuffer(int capacity, Func<T> make) => _slots = new TickRing<T>(Checked(capacity), make);

    /// <summary>Number of slots.</summary>
    public int Capacity => _slots.Capacity;

    /// <summary>Takes the slot of <paramref name="sequence"/>, whatever sequence held it before.</summary>
    /// <returns>The slot's value as it was left, for the caller to overwrite or refill.</returns>
    public ref T Add(ushort sequence) => ref _slots.Add(new Tick(sequence));

    /// <summary>The value of <paramref name="sequence"/>, when it is held.</summary>
    public bool TryGet(ushort sequence, out T value) => _slots.TryGet(new Tick(sequence), out value);

    /// <summary>The value of <paramref name="sequence"/> in place; when it is not held, a default that the caller must not use.</summary>
    public ref T Find(ushort sequence, out bool found) => ref _slots.Find(new Tick(sequence), out found);

    /// <summary>True when <paramref name="sequence"/> is held.</summary>
    public bool Contains(ushort sequence) => _slots.Contains(new Tick(sequence));

    /// <summary>Forgets <paramref name="sequence"/>; false when it was not held.</summary>
    public bool Remove(ushort sequence) => _slots.Remove(new Tick(sequence));

    /// <summary>Forgets all sequences. The slots keep their values.</summary>
    public void Clear() => _slots.Clear();

    private static int Checked(int capacity) => capacity <= ushort.MaxValue + 1
        ? capacity
        : throw new ArgumentOutOfRangeException(nameof(capacity), capacity, "a power of two up to 65536");
}
