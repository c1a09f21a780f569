namespace GameServer.Netcode.Client;

/// <summary>How snapshots have arrived in the last four seconds, by quarters of a second: how fast the fastest, how late the others.</summary>
/// <remarks>
/// An offset is the tick of a snapshot less the time of its arrival, in ticks: larger is faster. Owner: the client's thread. Allocates: at start.
/// </remarks>
internal sealed class ArrivalWindow(double shiftTicks, double lateMax)
{
    /// <summary>Length of a slice in microseconds.</summary>
    public const long SliceMicros = 250_000;

    private const int Slices = 16;

    private readonly double[] _fast = new double[Slices];
    private readonly double[] _slow = new double[Slices];
    private readonly long[] _number = new long[Slices];
    private readonly double[] _late = new double[Slices];
    private long _newest = long.MinValue;

    /// <summary>The fastest arrival.</summary>
    public double Fastest { get; private set; }

    /// <summary>How late a snapshot comes after the fastest, stalls and the worst two slices apart, in ticks.</summary>
    public double Late { get; private set; }

    /// <summary>Takes an arrival; true when it is so much faster than all before that these say nothing any more.</summary>
    public bool Add(double offset, long arrivedMicros)
    {
        long number = arrivedMicros / SliceMicros;
        bool isFirst = _newest == long.MinValue;
        if (isFirst)
        {
            _number.AsSpan().Fill(number - (2 * Slices));
        }

        _newest = Math.Max(_newest, number);
        bool isFaster = !isFirst && offset > Fastest + shiftTicks;
        if (isFaster)
        {
            Forget(0); // a queue has emptied, or the path is a shorter one
        }

        int slot = (int)((ulong)_newest % Slices);
        if (_number[slot] != _newest)
        {
            _number[slot] = _newest;
            _fast[slot] = offset;
            _slow[slot] = double.PositiveInfinity; // only stalls as yet
        }

        _fast[slot] = Math.Max(_fast[slot], offset);
        if (isFirst || Fastest - offset <= lateMax)
        {
            _slow[slot] = Math.Min(_slow[slot], offset);
        }

        FindFastest();
        FindLate();
        return isFaster;
    }

    private bool IsHeld(int slot) => _newest - _number[slot] < Slices;

    // When all of the last two slices is slower than anything before, by more than jitter, the path or the server's clock is another one.
    private void FindFastest()
    {
        double before = double.NegativeInfinity;
        double recent = double.NegativeInfinity;
        bool isPreviousHeld = false;
        for (int i = 0; i < Slices; i++)
        {
            if (IsHeld(i))
            {
                bool isRecent = _newest - _number[i] <= 1;
                isPreviousHeld |= _newest - _number[i] == 1;
                before = isRecent ? before : Math.Max(before, _fast[i]);
                recent = isRecent ? Math.Max(recent, _fast[i]) : recent;
            }
        }

        if (isPreviousHeld && recent < before - shiftTicks)
        {
            Forget(2);
            before = recent;
        }

        Fastest = Math.Max(before, recent);
    }

    private void Forget(int slicesToKeep)
    {
        for (int i = 0; i < Slices; i++)
        {
            _number[i] = _newest - _number[i] < slicesToKeep ? _number[i] : _newest - Slices;
        }
    }

    private void FindLate()
    {
        int count = 0;
        for (int i = 0; i < Slices; i++)
        {
            if (IsHeld(i) && _slow[i] < double.PositiveInfinity)
            {
                _late[count++] = Math.Min(Fastest - _slow[i], lateMax);
            }
        }

        if (count > 0)
        {
            Array.Sort(_late, 0, count);
            Late = _late[count - 1 - Math.Min(count / 4, 2)];
        }
    }
}
