namespace GameServer.Netcode.Transport;

/// <summary>Datagrams under way to one receiver, by arrival; those of one moment in the order they were sent.</summary>
/// <remarks>Owner: one thread. Allocates: only when more are under way than ever before.</remarks>
internal sealed class InFlightQueue
{
    private struct Datagram
    {
        public long ArrivesMicros;
        public long Order;
        public PeerAddress Address;
        public byte[] Bytes;
        public int Length;
    }

    private Datagram[] _heap = new Datagram[16];
    private int _count;
    private int _last;
    private long _order;

    /// <summary>Datagrams under way.</summary>
    public int Count => _count;

    /// <summary>When the first arrives, or <see cref="long.MaxValue"/>.</summary>
    public long NextMicros => _count > 0 ? _heap[0].ArrivesMicros : long.MaxValue;

    /// <summary>Adds a datagram; returns its bytes, for damage.</summary>
    public Span<byte> Add(ReadOnlySpan<byte> bytes, in PeerAddress address, long arrivesMicros)
    {
        if (_count == _heap.Length)
        {
            Array.Resize(ref _heap, _count * 2);
        }

        byte[] buffer = _heap[_count].Bytes is { } used && used.Length >= bytes.Length ? used : new byte[Math.Max(256, bytes.Length)];
        bytes.CopyTo(buffer);
        var datagram = new Datagram
        {
            ArrivesMicros = arrivesMicros, Order = _order++, Address = address, Bytes = buffer, Length = bytes.Length,
        };
        _last = Up(_count++, datagram);
        return buffer.AsSpan(0, bytes.Length);
    }

    /// <summary>Cuts the datagram that was added last.</summary>
    public void CutLast(int length) => _heap[_last].Length = length;

    /// <summary>Takes the first datagram that has arrived.</summary>
    public bool TryTake(long nowMicros, Span<byte> destination, out int length, out PeerAddress address)
    {
        length = 0;
        address = default;
        if (NextMicros > nowMicros)
        {
            return false;
        }

        Datagram first = _heap[0];
        length = Math.Min(first.Length, destination.Length);
        address = first.Address;
        first.Bytes.AsSpan(0, length).CopyTo(destination);
        Datagram moved = _heap[--_count];
        _heap[_count] = first; // its buffer is the next one to be used again
        if (_count > 0)
        {
            Down(moved);
        }

        return true;
    }

    private static bool IsBefore(in Datagram a, in Datagram b) =>
        a.ArrivesMicros < b.ArrivesMicros || (a.ArrivesMicros == b.ArrivesMicros && a.Order < b.Order);

    private int Up(int index, in Datagram datagram)
    {
        while (index > 0 && IsBefore(datagram, _heap[(index - 1) / 2]))
        {
            _heap[index] = _heap[(index - 1) / 2];
            index = (index - 1) / 2;
        }

        _heap[index] = datagram;
        return index;
    }

    private void Down(in Datagram datagram)
    {
        int index = 0;
        while (true)
        {
            int child = (2 * index) + 1;
            if (child >= _count)
            {
                break;
            }

            child += child + 1 < _count && IsBefore(_heap[child + 1], _heap[child]) ? 1 : 0;
            if (!IsBefore(_heap[child], datagram))
            {
                break;
            }

            _heap[index] = _heap[child];
            index = child;
        }

        _heap[index] = datagram;
    }
}
