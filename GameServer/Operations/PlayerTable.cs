namespace GameServer.Operations;

/// <summary>One player as operations see it.</summary>
/// <param name="Id">Number of the player in this server's life.</param>
/// <param name="Name">The name it joined with.</param>
/// <param name="Score">The game's score.</param>
/// <param name="RoundTripMicros">Round trip time, smoothed.</param>
/// <param name="LossPerTenThousand">Lost snapshot datagrams in 1/10,000.</param>
/// <param name="JoinedMicros">When it was welcomed, by <see cref="ServerControl.NowMicros"/>.</param>
/// <param name="IsSpectator">True when it only watches.</param>
public readonly record struct PlayerStatus(
    int Id, string Name, int Score, int RoundTripMicros, int LossPerTenThousand, long JoinedMicros, bool IsSpectator);

/// <summary>The list of players, published by the simulation about once a second and read by anybody.</summary>
/// <remarks>A sequence lock: the writer never waits, a reader that met a write reads again. Allocates: only for readers.</remarks>
public sealed class PlayerTable(int capacity)
{
    private readonly PlayerStatus[] _rows = new PlayerStatus[capacity];
    private int _count;
    private int _version; // odd while rows are being written

    /// <summary>Simulation: begins a publication.</summary>
    public void Begin()
    {
        Volatile.Write(ref _version, _version + 1);
        Interlocked.MemoryBarrier(); // no row may be written before the odd version is out
        _count = 0;
    }

    /// <summary>Simulation: adds one player; more than the capacity are left out.</summary>
    public void Add(in PlayerStatus player)
    {
        if (_count < _rows.Length)
        {
            _rows[_count++] = player;
        }
    }

    /// <summary>Simulation: ends the publication.</summary>
    public void End() => Volatile.Write(ref _version, _version + 1); // release: all rows are out before the even version

    /// <summary>A copy of the list as it was at one moment.</summary>
    public PlayerStatus[] Snapshot()
    {
        var spin = default(SpinWait);
        while (true)
        {
            int before = Volatile.Read(ref _version);
            if ((before & 1) == 0)
            {
                PlayerStatus[] copy = _rows.AsSpan(0, Math.Clamp(Volatile.Read(ref _count), 0, _rows.Length)).ToArray();
                Interlocked.MemoryBarrier(); // all rows are read before the version is looked at again
                if (Volatile.Read(ref _version) == before)
                {
                    return copy;
                }
            }

            spin.SpinOnce();
        }
    }
}
