using GameServer.Netcode.Client;
using GameServer.Netcode.Primitives;

namespace GameServer.Bots;

/// <summary>What one client measured, from 3 s after its join to its last input.</summary>
/// <remarks>Owner: the thread of the client, then whoever has waited for its end. Allocates: in the constructor only.</remarks>
internal sealed class ClientFigures
{
    private Counts _start;
    private Counts _end;
    private double _rttSum;
    private double _delaySum;
    private double _leadSum;
    private double _maxBefore;
    private double _max;

    /// <summary>Everything that a client counts up.</summary>
    public struct Counts
    {
        public long Received, Lost, BytesIn, BytesOut, Own, External, Starved, Claimed, Confirmed, Disagreements;
        public long Fired, Extrapolated, Clamped, Apart, EventGaps, BaselineMisses, Replayed, Unexplained;
        public HitCounts Hits;
    }

    /// <summary>Looks at the clients, one per update.</summary>
    public long Samples { get; private set; }

    /// <summary>Margin of the inputs in 1/100 ticks, moved up by <see cref="MarginOffset"/> because a histogram holds no negative values.</summary>
    public Histogram Margin { get; } = new();

    /// <summary>See <see cref="Margin"/>.</summary>
    public const int MarginOffset = 10_000;

    public double RttMillis => _rttSum / Math.Max(1, Samples);

    public double DelayMillis => _delaySum / Math.Max(1, Samples);

    public double LeadTicks => _leadSum / Math.Max(1, Samples);

    /// <summary>Largest own correction; when there were larger ones before and some in this time, those before.</summary>
    public double MaxCorrectionUnits => _max > _maxBefore || _end.Own > _start.Own ? _max : 0;

    /// <summary>What was counted in this time.</summary>
    public Counts Total => new()
    {
        Received = _end.Received - _start.Received,
        Lost = _end.Lost - _start.Lost,
        BytesIn = _end.BytesIn - _start.BytesIn,
        BytesOut = _end.BytesOut - _start.BytesOut,
        Own = _end.Own - _start.Own,
        External = _end.External - _start.External,
        Starved = _end.Starved - _start.Starved,
        Claimed = _end.Claimed - _start.Claimed,
        Confirmed = _end.Confirmed - _start.Confirmed,
        Disagreements = _end.Disagreements - _start.Disagreements,
        Fired = _end.Fired - _start.Fired,
        Extrapolated = _end.Extrapolated - _start.Extrapolated,
        Clamped = _end.Clamped - _start.Clamped,
        Apart = _end.Apart - _start.Apart,
        EventGaps = _end.EventGaps - _start.EventGaps,
        BaselineMisses = _end.BaselineMisses - _start.BaselineMisses,
        Replayed = _end.Replayed - _start.Replayed,
        Unexplained = _end.Unexplained - _start.Unexplained,
        Hits = _end.Hits.Since(in _start.Hits),
    };

    /// <summary>Takes the client's counters as they are.</summary>
    public void Observe(ClientStats stats)
    {
        _end = Of(stats);
        _max = stats.MaxCorrectionUnits;
        if (Samples++ == 0)
        {
            _start = _end;
            _maxBefore = _max;
        }

        _rttSum += stats.RoundTripMillis;
        _delaySum += stats.InterpolationDelayMillis;
        _leadSum += stats.LeadTicks;
        Margin.Record((long)(stats.MarginTicks * 100) + MarginOffset);
    }

    private static Counts Of(ClientStats stats) => new()
    {
        Received = stats.SnapshotsReceived,
        Lost = stats.SnapshotsLost,
        BytesIn = stats.BytesReceived,
        BytesOut = stats.BytesSent,
        Own = stats.CorrectionsOwn,
        External = stats.CorrectionsExternal,
        Starved = stats.CorrectionsStarved,
        Claimed = stats.ClaimedHits,
        Confirmed = stats.ConfirmedHits,
        Disagreements = stats.Disagreements,
        Fired = stats.ShotsFired,
        Extrapolated = stats.VerdictsExtrapolated,
        Clamped = stats.VerdictsClamped,
        Apart = stats.VerdictsApart,
        EventGaps = stats.EventGaps,
        BaselineMisses = stats.BaselineMisses,
        Replayed = stats.ReplayedTicks,
        Unexplained = stats.UnexplainedRollbacks,
        Hits = HitCounts.Of(stats),
    };
}
