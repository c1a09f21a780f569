using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Rewind;

/// <summary>How far back the hit tests of a room look: a client's round trip and the delay of what it draws, and never further than the cap.</summary>
/// <remarks>
/// What a shooter sees is older than half the round trip: its input leaves early enough to arrive in time (the margin), and others are drawn between two
/// states (the interpolation). A cap in plain milliseconds hides that; so it is given as a round trip, and the delay comes on top.
/// </remarks>
public readonly record struct RewindCap
{
    /// <summary>Most delay beyond the round trip that a client may have, in milliseconds.</summary>
    private const int DelayMillisMin = 200;

    /// <summary>The same in ticks, where ticks are long.</summary>
    private const int DelayTicksMin = 12;

    /// <summary>Delay of a client on a clean link, in quarters of a tick: margin 1.5, interpolation 1.25, and waiting for ticks and frames 1.5.</summary>
    private const int UsualDelayQuarterTicks = 17;

    private readonly int _tickRateHz;
    private readonly int _maxParts;
    private readonly float _delayTicks;

    /// <summary>The cap of a room.</summary>
    /// <param name="tickRateHz">Ticks per second.</param>
    /// <param name="maxMillis">Longest rewind of all, in milliseconds.</param>
    /// <param name="roundTripMillis">Longest round trip that counts, in milliseconds.</param>
    public RewindCap(int tickRateHz, int maxMillis, int roundTripMillis)
    {
        _tickRateHz = tickRateHz;
        DelayMillis = Math.Max(DelayMillisMin, ((DelayTicksMin * 1000) + tickRateHz - 1) / tickRateHz);
        MaxMillis = Math.Min(maxMillis, roundTripMillis + DelayMillis);
        _maxParts = PartsOf(MaxMillis);
        _delayTicks = PartsOf(DelayMillis) / 256f;
    }

    /// <summary>Longest rewind of any hit test, in milliseconds.</summary>
    public int MaxMillis { get; }

    /// <summary>What comes on top of a client's round trip at most, in milliseconds.</summary>
    public int DelayMillis { get; }

    /// <summary>Longest round trip from which a client on a clean link is still judged as it saw the world, in milliseconds.</summary>
    public int ReachMillis => Math.Max(0, MaxMillis - (UsualDelayQuarterTicks * 250 / _tickRateHz));

    /// <summary>Longest round trip that a client of this tick rate can follow, in milliseconds.</summary>
    /// <remarks>What it has predicted must still be there when the server's word comes. Beyond it the client does not run as far ahead as it would have to, and its inputs come late. Sixteen ticks are for margin, jitter and frames.</remarks>
    public int FollowedMillis => (Limits.LeadTicksMax(_tickRateHz) - 16) * 1000 / _tickRateHz;

    /// <summary>Longest rewind for a client, in 1/256 ticks.</summary>
    /// <param name="roundTripTicks">Its round trip in ticks; 0: not measured.</param>
    /// <param name="delayTicks">What it needs beyond that.</param>
    internal int PartsFor(float roundTripTicks, float delayTicks) =>
        roundTripTicks > 0 ? (int)Math.Min(_maxParts, (roundTripTicks + Math.Min(delayTicks, _delayTicks)) * 256) : _maxParts;

    /// <summary>Where a view beyond <see cref="PartsFor"/> is judged, in 1/256 ticks: at the round trip and the delay of a clean link.</summary>
    /// <remarks>At the cap, running further ahead than the link asks for would gain two to three ticks in every shot.</remarks>
    /// <param name="roundTripTicks">The client's round trip in ticks; 0: not measured.</param>
    /// <param name="capParts">Its longest rewind.</param>
    internal static int UsualPartsFor(float roundTripTicks, int capParts) =>
        roundTripTicks > 0 ? (int)Math.Min(capParts, (roundTripTicks * 256) + (UsualDelayQuarterTicks * 64)) : capParts;

    /// <summary>The delay that a client needs beyond its round trip: how early its inputs come, and how far behind its snapshots it draws.</summary>
    /// <param name="marginTicks">How early its inputs come.</param>
    /// <param name="deviationTicks">Mean deviation of the age of its acknowledgements, which jitter and slow frames make.</param>
    internal static float DelayOf(float marginTicks, float deviationTicks)
    {
        // Measured over links of 0–30 ms of jitter, 0–5 % of loss, frames of 8 and 33 ms and rates of 20 to 128 Hz, with 1–2 ticks to spare.
        float margin = Math.Clamp(marginTicks, 0, 1.75f + (2 * deviationTicks));
        return margin + 3.5f + (3 * deviationTicks);
    }

    /// <summary>The oldest tick whose states may decide over an input of <paramref name="tick"/>, when views may be this old.</summary>
    internal static Tick OldestState(Tick tick, int capParts) => tick - ((capParts + 255) >> 8);

    private int PartsOf(int millis) => millis * _tickRateHz * 256 / 1000;
}
