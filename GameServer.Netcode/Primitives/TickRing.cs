namespace GameServer.Netcode.Primitives;

/// <summary>The values of the last ticks. Each slot stores its tick and compares it, so a tick that was overwritten is never mistaken.</summary>
/// <remarks>Owner: one thread. Allocates: in the constructor only.</remarks>
/// <typeparam name="T">A struct, or a class whose objects stay in their slots and are filled again.</typeparam>
public sealed class TickRing<T>
{
    private readonly Slot[] _slots;
    private T _missing = default!;

    /// <summary>An empty ring whose slots hold the default of <typeparamref name="T"/>.</summary>
    /// <param name="capacity">A power of two.</param>
    public TickRing(int capacity)
    {
        if (!BitMath.IsPowerOfTwo(capacity))
        {
            throw new ArgumentOutOfRangeException(nameof(capacity), capacity, "a power of two");
        }

        _slots = new Slot[capacity];
    }

    /// <summary>An empty ring whose slots hold what <paramref name="make"/> returns, one call each.</summary>
    public TickRing(int capacity, Func<T> make)
        : this(capacity)
    {
        _ = make ?? throw new ArgumentNullException(nameof(make));
        for (int i = 0; i < capacity; i++)
        {
            _slots[i].Value = make();
        }
    }

    /// <summary>Number of slots.</summary>
    public int Capacity => _slots.Length;

    /// <summary>Takes the slot of <paramref name="tick"/>, whatever tick held it before.</summary>
    /// <returns>The slot's value as it was left, for the caller to overwrite or refill.</returns>
    public ref T Add(Tick tick)
    {
        ref Slot slot = ref SlotOf(tick);
        slot.Tick = tick;
        slot.Used = true;
        return ref slot.Value;
    }

    /// <summary>The value of <paramref name="tick"/>, when it is held.</summary>
    public bool TryGet(Tick tick, out T value)
    {
        value = Find(tick, out bool found);
        return found;
    }

    /// <summary>The value of <paramref name="tick"/> in place; when it is not held, a default that the caller must not use.</summary>
    public ref T Find(Tick tick, out bool found)
    {
        ref Slot slot = ref SlotOf(tick);
        if (slot.Used && slot.Tick == tick)
        {
            found = true;
            return ref slot.Value;
        }

        found = false;
        _missing = default!;
        return ref _missing;
    }

    /// <summary>True when <paramref name="tick"/> is held.</summary>
    public bool Contains(Tick tick)
    {
        ref Slot slot = ref SlotOf(tick);
        return slot.Used && slot.Tick == tick;
    }

    /// <summary>Forgets <paramref name="tick"/>; false when it was not held. The slot keeps its value for the next <see cref="Add"/>.</summary>
    public bool Remove(Tick tick)
    {
        if (!Contains(tick))
        {
            return false;
        }

        SlotOf(tick).Used = false;
        return true;
    }

    /// <summary>Forgets all ticks. The slots keep their values.</summary>
    public void Clear()
    {
        for (int i = 0; i < _slots.Length; i++)
        {
            _slots[i].Used = false;
        }
    }

    private ref Slot SlotOf(Tick tick) => ref _slots[(int)(tick.Value & (uint)(_slots.Length - 1))];

    private struct Slot
    {
        public Tick Tick;
        public bool Used;
        public T Value;
    }
}
