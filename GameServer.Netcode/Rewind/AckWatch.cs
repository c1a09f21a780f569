namespace GameServer.Netcode.Rewind;

/// <summary>Watches whether a client acknowledges what it is sent: one that holds its acknowledgements back would keep its targets in the past.</summary>
/// <remarks>Counts executed ticks, so that a server that stood still blames nobody. Owner: simulation thread. Allocates: no.</remarks>
internal sealed class AckWatch
{
    /// <summary>Ticks that an acknowledgement may be older than the round trip.</summary>
    public const int LateTicks = 8;

    /// <summary>Ticks in time that make good for a late one.</summary>
    private const int TicksInTime = 3;

    private const int SecondsMax = 5;

    private readonly int _tickRateHz;
    private int _late;
    private int _quiet;
    private int _unheard;
    private long _acknowledged;

    private readonly int _silentTicks;

    /// <summary>A watch over one client.</summary>
    /// <param name="tickRateHz">Ticks per second.</param>
    /// <param name="idleTimeoutMillis">Silence after which the transport gives a client up.</param>
    public AckWatch(int tickRateHz, int idleTimeoutMillis = SecondsMax * 1000)
    {
        _tickRateHz = tickRateHz;
        _silentTicks = (int)Math.Max(tickRateHz * SecondsMax, (long)tickRateHz * idleTimeoutMillis / 1000) + (tickRateHz / 2);
    }

    /// <summary>True when acknowledgements have been late for half a second and are: the client is judged in the world as it is.</summary>
    public bool IsHeld { get; private set; }

    /// <summary>Ticks in which that was so.</summary>
    public long HeldTicks { get; private set; }

    /// <summary>Ticks since something was acknowledged that had not been.</summary>
    public int QuietTicks => _quiet;

    /// <summary>True after two seconds without an acknowledgement: snapshots come twice a second only.</summary>
    public bool IsSlow => _quiet > _tickRateHz * 2;

    /// <summary>True after five seconds; half a second after the transport's own limit when nothing at all arrives, which it calls by its name.</summary>
    public bool IsOver => _quiet > (_unheard > _tickRateHz ? _silentTicks : _tickRateHz * SecondsMax);

    /// <summary>Ticks from one snapshot to the next while <see cref="IsSlow"/>.</summary>
    public int SlowPeriodTicks => Math.Max(2, _tickRateHz / 2);

    private int HeldAfterTicks => Math.Max(1, _tickRateHz / 2);

    /// <summary>Begins with another client.</summary>
    public void Start()
    {
        IsHeld = false;
        HeldTicks = _acknowledged = 0;
        _late = _quiet = _unheard = 0;
    }

    /// <summary>An input is executed: how old the newest acknowledged snapshot is at this moment, and the round trip.</summary>
    public void InputExecuted(int ackAgeTicks, float roundTripTicks)
    {
        // A late tick fills what three ticks in time empty: to acknowledge now and then gains nothing.
        bool isLate = ackAgeTicks > roundTripTicks + LateTicks;
        _late = isLate ? Math.Min(_late + TicksInTime, TicksInTime * HeldAfterTicks) : Math.Max(_late - 1, 0);
        IsHeld = isLate && _late == TicksInTime * HeldAfterTicks;
        HeldTicks += IsHeld ? 1 : 0;
    }

    /// <summary>A tick is over.</summary>
    /// <param name="acknowledged">Snapshots that the client has acknowledged so far.</param>
    /// <param name="isHeard">Something arrived from it in this tick.</param>
    public void TickDone(long acknowledged, bool isHeard)
    {
        _quiet = acknowledged == _acknowledged ? _quiet + 1 : 0;
        _unheard = isHeard ? 0 : _unheard + 1;
        _acknowledged = acknowledged;
    }
}
