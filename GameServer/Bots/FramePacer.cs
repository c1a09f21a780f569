namespace GameServer.Bots;

/// <summary>When a client that is polled more often has its next frame.</summary>
/// <remarks>Frames that were missed are left out, as a screen does.</remarks>
internal sealed class FramePacer(long periodMicros)
{
    private long _nextMicros = long.MinValue;

    /// <summary>True when a frame is due, which is then taken.</summary>
    public bool TryTake(long nowMicros)
    {
        if (nowMicros < _nextMicros)
        {
            return false;
        }

        bool isInTime = _nextMicros != long.MinValue && nowMicros - _nextMicros < periodMicros;
        _nextMicros = (isInTime ? _nextMicros : nowMicros) + periodMicros;
        return true;
    }
}
