namespace GameServer.Operations;

/// <summary>A few wishes that wait for the simulation: any thread puts in, one thread takes and never waits, locks or allocates.</summary>
/// <typeparam name="T">What is wished.</typeparam>
/// <param name="capacity">How many may wait.</param>
internal sealed class Mailbox<T>(int capacity)
{
    private readonly Lock _senders = new();
    private readonly T?[] _items = new T?[capacity];
    private long _head;
    private long _tail;

    /// <summary>Puts one in; false when too many wait.</summary>
    public bool TryPut(T item)
    {
        lock (_senders) // only senders meet here: the one who takes reads without it
        {
            if (_tail - Volatile.Read(ref _head) >= _items.Length)
            {
                return false;
            }

            _items[_tail % _items.Length] = item;
            Volatile.Write(ref _tail, _tail + 1); // release: the item is whole before it may be read
            return true;
        }
    }

    /// <summary>Takes the oldest; false when there is none.</summary>
    public bool TryTake([System.Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out T item)
    {
        if (_head == Volatile.Read(ref _tail)) // acquire: pairs with the release in TryPut
        {
            item = default;
            return false;
        }

        item = _items[_head % _items.Length]!;
        _items[_head % _items.Length] = default;
        Volatile.Write(ref _head, _head + 1); // release: the slot is read before it may be filled again
        return true;
    }
}
