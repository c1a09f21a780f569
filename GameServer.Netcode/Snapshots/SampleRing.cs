using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Snapshots;

/// <summary>The states of one entity that a client has received, oldest to newest.</summary>
/// <remarks>A client takes snapshots only in order, so ticks only grow. Holds <see cref="Limits.HistoryTicks"/>. Owner: the client's thread.</remarks>
internal sealed class SampleRing
{
    /// <summary>A ring that holds nothing and never will.</summary>
    public static readonly SampleRing Empty = new(0);

    private const int Capacity = Limits.HistoryTicks;

    private readonly int _width;
    private readonly int[] _rows;
    private readonly SampleSpan[] _spans = new SampleSpan[Capacity];
    private int _end;
    private int _count;

    public SampleRing(int width)
    {
        _width = width;
        _rows = new int[Capacity * width];
    }

    public int Count => _count;

    public ref readonly SampleSpan Newest => ref _spans[(_end - 1) & (Capacity - 1)];

    public ReadOnlySpan<int> NewestRow => RowAt(_end - 1);

    public void Clear()
    {
        _count = 0;
        _end = 0;
    }

    public Span<int> Append(in SampleSpan span)
    {
        _spans[_end & (Capacity - 1)] = span;
        _count = Math.Min(_count + 1, Capacity);
        return RowSpan(_end++);
    }

    /// <summary>The state of a tick.</summary>
    public bool TryGet(Tick tick, out ReadOnlySpan<int> row)
    {
        int index = LastNotAfter(tick);
        row = index >= 0 ? RowAt(index) : default;
        return index >= 0 && SpanAt(index).Tick == tick;
    }

    /// <summary>The states around a view tick, among those not after <paramref name="newest"/>.</summary>
    public bool TryFindAround(Tick viewTick, Tick newest, out ReadOnlySpan<int> earlierRow, out Tick earlier, out ReadOnlySpan<int> laterRow, out SampleSpan later)
    {
        earlierRow = laterRow = default;
        earlier = default;
        later = default;
        int index = LastNotAfter(viewTick <= newest ? viewTick : newest);
        if (index < 0)
        {
            return false;
        }

        earlier = SpanAt(index).Tick;
        earlierRow = RowAt(index);
        if (index + 1 < _end && SpanAt(index + 1).Tick <= newest)
        {
            later = SpanAt(index + 1);
            laterRow = RowAt(index + 1);
        }

        return true;
    }

    /// <summary>What the steps of a tick read of something that rules change after the steps: its state at the tick before, as far as it is known.</summary>
    public ReadOnlySpan<int> RowReadAt(Tick tick)
    {
        if (!TryFindAround(tick - 1, Newest.Tick, out ReadOnlySpan<int> earlier, out _, out ReadOnlySpan<int> later, out SampleSpan span))
        {
            return RowAt(_end - _count);
        }

        return !later.IsEmpty && span.ChangedAt <= tick - 1 ? later : earlier;
    }

    private ref readonly SampleSpan SpanAt(int index) => ref _spans[index & (Capacity - 1)];

    private ReadOnlySpan<int> RowAt(int index) => RowSpan(index);

    private Span<int> RowSpan(int index) => _rows.AsSpan((index & (Capacity - 1)) * _width, _width);

    // Nearly always one of the newest: a short walk, then halving.
    private int LastNotAfter(Tick tick)
    {
        int high = _end - 1;
        int low = _end - _count;
        for (int steps = 0; steps < 6 && high >= low; steps++, high--)
        {
            if (SpanAt(high).Tick <= tick)
            {
                return high;
            }
        }

        int result = -1;
        while (low <= high)
        {
            int middle = (low + high) >> 1;
            if (SpanAt(middle).Tick <= tick)
            {
                result = middle;
                low = middle + 1;
            }
            else
            {
                high = middle - 1;
            }
        }

        return result;
    }
}
