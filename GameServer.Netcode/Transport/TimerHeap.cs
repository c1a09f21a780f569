namespace GameServer.Netcode.Transport;

/// <summary>Which of a fixed set of numbers is due next: a binary heap that knows where each number is.</summary>
/// <remarks>Owner: one thread. Allocates: no, after construction.</remarks>
internal sealed class TimerHeap
{
    private readonly int[] _heap;
    private readonly int[] _positions;
    private readonly long[] _due;
    private int _count;

    public TimerHeap(int idsMax)
    {
        _heap = new int[idsMax];
        _positions = new int[idsMax];
        _due = new long[idsMax];
        Array.Fill(_positions, -1);
    }

    /// <summary>When the first is due; <see cref="long.MaxValue"/> when none is scheduled.</summary>
    public long NextMicros => _count > 0 ? _due[_heap[0]] : long.MaxValue;

    /// <summary>The number that is due first.</summary>
    public int First => _heap[0];

    /// <summary>Schedules or moves a number; <see cref="long.MaxValue"/> removes it.</summary>
    public void Schedule(int id, long dueMicros)
    {
        if (dueMicros == long.MaxValue)
        {
            Remove(id);
            return;
        }

        int position = _positions[id];
        if (position < 0)
        {
            position = _count++;
        }
        else if (_due[id] == dueMicros)
        {
            return;
        }

        _due[id] = dueMicros;
        Place(position, id);
        Up(position);
        Down(_positions[id]);
    }

    /// <summary>Removes a number; does nothing when it is not scheduled.</summary>
    public void Remove(int id)
    {
        int position = _positions[id];
        if (position < 0)
        {
            return;
        }

        _positions[id] = -1;
        int last = _heap[--_count];
        if (last != id)
        {
            Place(position, last);
            Up(position);
            Down(_positions[last]);
        }
    }

    private void Place(int position, int id)
    {
        _heap[position] = id;
        _positions[id] = position;
    }

    private void Up(int position)
    {
        int id = _heap[position];
        while (position > 0)
        {
            int parent = (position - 1) / 2;
            if (_due[_heap[parent]] <= _due[id])
            {
                break;
            }

            Place(position, _heap[parent]);
            position = parent;
        }

        Place(position, id);
    }

    private void Down(int position)
    {
        int id = _heap[position];
        while (true)
        {
            int child = (position * 2) + 1;
            if (child >= _count)
            {
                break;
            }

            if (child + 1 < _count && _due[_heap[child + 1]] < _due[_heap[child]])
            {
                child++;
            }

            if (_due[id] <= _due[_heap[child]])
            {
                break;
            }

            Place(position, _heap[child]);
            position = child;
        }

        Place(position, id);
    }
}
