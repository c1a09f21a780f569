using GameServer.Netcode.Inputs;
using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Rewind;

/// <summary>What became of a claimed view.</summary>
public enum ViewOutcome
{
    /// <summary>Used as claimed.</summary>
    Accepted,

    /// <summary>Further back than the cap allows; the one of a client on a clean link with the same round trip is used.</summary>
    Age,

    /// <summary>The view ran backward, or faster or slower than time; the nearest acceptable one is used.</summary>
    Speed,

    /// <summary>Neither what was acknowledged nor the server's own estimate allows it; the nearest acceptable one is used.</summary>
    Estimate,

    /// <summary>The client holds its acknowledgements back; the world as it is was used.</summary>
    Held,
}

/// <summary>Decides which view of a player the server believes.</summary>
/// <remarks>
/// A view is accepted when it does not run backward, advances at 0.8–1.25 of game time over any 250 ms (one jump per 2 s aside), is not newer
/// than what was acknowledged allows, not older than the server's own estimate of that plus a tolerance, and within the rewind cap of its round trip.
/// All lengths in 1/256 ticks ("parts"). Owner: simulation thread.
/// </remarks>
public sealed class ViewPolicy
{
    private readonly int _windowTicks;
    private readonly int _resyncTicks;
    private readonly int _interpolationPartsMax;
    private readonly int _extrapolationPartsMax;
    private readonly int _toleranceParts;
    private bool _hasLast;
    private Tick _lastTick;
    private int _lastAge;
    private Tick _windowTick;
    private int _windowAge;
    private Tick _lastResync;
    private bool _hasResync;

    /// <summary>A policy for one session.</summary>
    /// <param name="tickRateHz">Ticks per second.</param>
    public ViewPolicy(int tickRateHz)
    {
        _windowTicks = Math.Max(2, tickRateHz / 4);
        _resyncTicks = tickRateHz * 2;
        _interpolationPartsMax = Math.Max(6 * 256, tickRateHz * 256 * 15 / 100);
        _extrapolationPartsMax = tickRateHz * 256 / 10;
        _toleranceParts = (3 * 256) + (tickRateHz * 256 / 50);
    }

    /// <summary>Views used as claimed.</summary>
    public long Accepted { get; private set; }

    /// <summary>Views that were clamped.</summary>
    public long Clamped { get; private set; }

    /// <summary>Forgets everything, for another player.</summary>
    public void Reset()
    {
        _hasLast = _hasResync = false;
        Accepted = Clamped = 0;
    }

    /// <summary>Checks the view of an input.</summary>
    /// <param name="tick">Tick of the input.</param>
    /// <param name="claimed">What the client says it looked at.</param>
    /// <param name="newestAcked">Newest snapshot that the client has acknowledged.</param>
    /// <param name="ackAgeTicks">The server's estimate: how old the newest acknowledged snapshot is when an input of it is executed, at most.</param>
    /// <param name="capParts">Longest rewind for this client, in 1/256 ticks.</param>
    /// <param name="usualParts">Where a view beyond that is judged.</param>
    /// <param name="view">The view to use.</param>
    public ViewOutcome Judge(
        Tick tick, in ViewStamp claimed, Tick newestAcked, float ackAgeTicks, int capParts, int usualParts, out ViewStamp view)
    {
        // Newest: no later than acknowledged, no older than the estimate.
        int oldestNewest = (int)Math.Min(ackAgeTicks + (_toleranceParts / 256f), 1 << 16);
        Tick newest = claimed.Newest > newestAcked ? newestAcked : claimed.Newest;
        newest = tick - newest > oldestNewest ? tick - oldestNewest : newest;

        int claimedAge = ((tick - claimed.Tick) * 256) - claimed.Fraction;
        int newestAge = (tick - newest) * 256;
        int believed = Math.Clamp(claimedAge, newestAge - _extrapolationPartsMax, newestAge + _interpolationPartsMax);
        int steady = LimitSpeed(tick, believed);
        int age = steady > capParts ? usualParts : Math.Max(steady, 0);
        Remember(tick, Math.Clamp(steady, 0, capParts));
        ViewOutcome outcome = age == claimedAge && newest == claimed.Newest ? ViewOutcome.Accepted
            : age != steady ? ViewOutcome.Age
            : steady != believed ? ViewOutcome.Speed
            : ViewOutcome.Estimate;
        Accepted += outcome == ViewOutcome.Accepted ? 1 : 0;
        Clamped += outcome == ViewOutcome.Accepted ? 0 : 1;
        view = StampOf(tick, age, newest);
        return outcome;
    }

    private static ViewStamp StampOf(Tick tick, int age, Tick newest) => new(tick - ((age + 255) >> 8), (byte)(-age & 255), newest);

    private int LimitSpeed(Tick tick, int age)
    {
        if (!_hasLast)
        {
            return age;
        }

        // The view advances by (ticks × 256 − growth of the age): never below 0, and between 0.8 and 1.25 of the ticks over a window.
        int sinceLast = (tick - _lastTick) * 256;
        int sinceWindow = (tick - _windowTick) * 256;
        int slack = 384;
        int oldest = Math.Min(_lastAge + sinceLast, _windowAge + (sinceWindow / 5) + slack);
        int youngest = _windowAge - (sinceWindow / 4) - slack;
        if (age >= youngest && age <= oldest)
        {
            return age;
        }

        if (age <= _lastAge + sinceLast && (!_hasResync || tick - _lastResync >= _resyncTicks))
        {
            _hasResync = true;
            _lastResync = tick;
            _windowTick = tick;
            _windowAge = age;
            return age;
        }

        return Math.Clamp(age, Math.Min(youngest, oldest), oldest);
    }

    private void Remember(Tick tick, int age)
    {
        if (!_hasLast || tick - _windowTick >= _windowTicks)
        {
            _windowTick = tick;
            _windowAge = age;
        }

        _hasLast = true;
        _lastTick = tick;
        _lastAge = age;
    }
}
