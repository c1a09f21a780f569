using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Server;

/// <summary>How many lines of chat one player may still say.</summary>
/// <remarks>Counted in ticks, so that a run is the same twice. Owner: simulation thread. Allocates: no.</remarks>
internal struct ChatAllowance
{
    private readonly int _ticksPerSecond;
    private int _credit; // in 1/ChatLinesPerSecond ticks: one line costs a second's ticks
    private Tick _at;

    public ChatAllowance(int ticksPerSecond, Tick now)
    {
        _ticksPerSecond = ticksPerSecond;
        _credit = ticksPerSecond * Limits.ChatLinesBurst;
        _at = now;
    }

    /// <summary>True when one more line may be said; it is then counted.</summary>
    public bool TryTake(Tick now)
    {
        int full = _ticksPerSecond * Limits.ChatLinesBurst;
        long earned = (long)(uint)(now - _at) * Limits.ChatLinesPerSecond;
        _credit = (int)Math.Min(_credit + earned, full);
        _at = now;
        if (_credit < _ticksPerSecond)
        {
            return false;
        }

        _credit -= _ticksPerSecond;
        return true;
    }
}
