using GameServer.Netcode.Inputs;
using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Rewind;

/// <summary>What became of a claimed view.</summary>
public enum ViewOutcome
{
    /// <summary>Used as claimed.</summary>
    Accepted,

    /// <summary>Not acceptable; the nearest acceptable one is used.</summary>
    Clamped,
}

/// <summary>Decides which view of a player the server believes.</summary>
/// <remarks>
/// A view is accepted when it does not run backward, advances at 0.8–1.25 of game time over any 250 ms (one jump per 2 s aside), is not newer
/// than what was acknowledged allows, not older than the server's own estimate of that plus a tolerance, and within the rewind cap.
/// All lengths in 1/256 ticks ("parts"). Owner: simulation thread.
/// </remarks>
public sealed class ViewPolicy
{
    private readonly int _capParts;
    private readonly int _windowTicks;
    private readonly int _resyncTicks;
    private readonly int _interpolationPartsMax;
    private readonly int _extrapolationPartsMax;
    private readonly int _toleranceParts;
    private bool _hasLast;
    private Tick _lastTick;
    private int _lastAge;
    private Tick _lastNewest;
    private Tick _windowTick;
    private int _windowAge;
    private Tick _lastResync;
    private bool _hasResync;

    /// <summary>A policy for one session.</summary>
    /// <param name="tickRateHz">Ticks per second.</param>
    /// <param name="maxRewindMillis">Cap of the rewind in milliseconds.</param>
    public ViewPolicy(int tickRateHz, int maxRewindMillis)
    {
        _capParts = maxRewindMillis * tickRateHz * 256 / 1000;
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
    /// <param name="view">The view to use.</param>
    public ViewOutcome Judge(Tick tick, in ViewStamp claimed, Tick newestAcked, float ackAgeTicks, out ViewStamp view)
    {
        // Newest: no later than acknowledged, no older than the estimate.
        int oldestNewest = (int)Math.Min(ackAgeTicks + (_toleranceParts / 256f), 1 << 16);
        Tick newest = claimed.Newest > newestAcked ? newestAcked : claimed.Newest;
        newest = tick - newest > oldestNewest ? tick - oldestNewest : newest;

        int claimedAge = ((tick - claimed.Tick) * 256) - claimed.Fraction;
        int newestAge = (tick - newest) * 256;
        int age = Math.Clamp(claimedAge, newestAge - _extrapolationPartsMax, newestAge + _interpolationPartsMax);
        age = LimitSpeed(tick, age);
        age = Math.Clamp(age, 0, _capParts);
        Remember(tick, age, newest);
        bool accepted = age == claimedAge && newest == claimed.Newest;
        Accepted += accepted ? 1 : 0;
        Clamped += accepted ? 0 : 1;
        Tick at = tick - ((age + 255) >> 8);
        view = new ViewStamp(at, (byte)(-age & 255), newest);
        return accepted ? ViewOutcome.Accepted : ViewOutcome.Clamped;
    }

    /// <summary>The view of an input that the server made up: as old as the last one, which was checked.</summary>
    public ViewStamp Continue(Tick tick)
    {
        int age = _hasLast ? _lastAge : 0;
        return new ViewStamp(tick - ((age + 255) >> 8), (byte)(-age & 255), _hasLast ? _lastNewest : tick);
    }

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

    private void Remember(Tick tick, int age, Tick newest)
    {
        if (!_hasLast || tick - _windowTick >= _windowTicks)
        {
            _windowTick = tick;
            _windowAge = age;
        }

        _hasLast = true;
        _lastTick = tick;
        _lastAge = age;
        _lastNewest = newest;
    }
}
