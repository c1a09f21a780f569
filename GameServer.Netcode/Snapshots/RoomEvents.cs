using GameServer.Netcode.Game;
using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Snapshots;

/// <summary>The events of a room: reliable ones and those with a life in logs of their own, so that many brief ones never push a reliable one out.</summary>
/// <remarks>Owner: simulation thread. Allocates: only at start.</remarks>
internal sealed class RoomEvents
{
    private readonly Schema _schema;
    private readonly GameCounters _counters;
    private readonly int[] _lifeTicks;
    private readonly long[] _emittedBefore;
    private readonly bool[] _isWarned;
    private readonly int _rateHz;
    private readonly double _silenceSeconds;

    public RoomEvents(Schema schema, GameCounters counters, int tickRateHz, int idleTimeoutMillis)
    {
        _schema = schema;
        _counters = counters;
        _rateHz = tickRateHz;
        _silenceSeconds = idleTimeoutMillis / 1000.0;
        _lifeTicks = new int[schema.Events.Length];
        _emittedBefore = new long[schema.Events.Length];
        _isWarned = new bool[schema.Events.Length];
        for (int i = 0; i < _lifeTicks.Length; i++)
        {
            _lifeTicks[i] = schema.Events[i].IsReliable ? 0 : Math.Max(1, (int)Math.Ceiling(schema.Events[i].KeepSeconds * tickRateHz));
        }

        Reliable = new EventLog(schema);
        Brief = new EventLog(schema);
    }

    public EventLog Reliable { get; }

    public EventLog Brief { get; }

    public void Add(int eventIndex, ref byte value, Tick tick, PlayerId owner, byte ordinal)
    {
        _counters.Add(GameCount.EventEmitted, eventIndex);
        (_schema.Events[eventIndex].IsReliable ? Reliable : Brief).Add(eventIndex, ref value, tick, owner, ordinal);
    }

    /// <summary>The last tick in which an event is told.</summary>
    public Tick Until(in EventLog.Entry entry) => entry.Tick + _lifeTicks[entry.EventIndex];

    /// <summary>Once a second: finds an event kind that is emitted so often that clients would be hurt by a silence that they should survive.</summary>
    /// <param name="tick">This tick.</param>
    /// <param name="excess">The kind, each at most once: of several, the one that is emitted most.</param>
    /// <param name="perSecond">How many of it were emitted in the last second.</param>
    /// <param name="seconds">The silence after which a reliable one ends a session, or after which one with a life is given up before its time.</param>
    public bool TryFindExcess(Tick tick, out EventSchema excess, out long perSecond, out double seconds)
    {
        (excess, perSecond, seconds) = (null!, 0, 0);
        if (tick.Value % (uint)_rateHz != 0)
        {
            return false;
        }

        double reliable = 0;
        foreach (EventSchema e in _schema.Events)
        {
            reliable += e.IsReliable ? EmittedSince(e.Index) : 0;
        }

        foreach (EventSchema e in _schema.Events)
        {
            long emitted = EmittedSince(e.Index);
            double rate = e.IsReliable ? reliable : emitted;
            double wanted = e.IsReliable ? _silenceSeconds : e.KeepSeconds;
            if (!_isWarned[e.Index] && emitted > perSecond && rate * wanted > Limits.EventsInFlightMax)
            {
                (excess, perSecond, seconds) = (e, emitted, Limits.EventsInFlightMax / rate);
            }
        }

        for (int i = 0; i < _emittedBefore.Length; i++)
        {
            _emittedBefore[i] = _counters[GameCount.EventEmitted, i];
        }

        if (excess is null)
        {
            return false;
        }

        _isWarned[excess.Index] = true;
        return true;
    }

    private long EmittedSince(int eventIndex) => _counters[GameCount.EventEmitted, eventIndex] - _emittedBefore[eventIndex];
}
