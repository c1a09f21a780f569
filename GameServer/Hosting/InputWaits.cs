using GameServer.Operations;

namespace GameServer.Hosting;

/// <summary>Inputs that have arrived and wait for their tick: when it runs, tells how long each took from its arrival to there.</summary>
/// <remarks>Owner: simulation thread. Allocates: in the constructor only. Inputs beyond what it holds are not told.</remarks>
internal sealed class InputWaits(int inputsPerTickMax, double tickMicros)
{
    private const int Ticks = 64; // a power of two above Limits.InputLeadMax
    private readonly long[] _arrivals = new long[Ticks * inputsPerTickMax];
    private readonly int[] _counts = new int[Ticks];
    private readonly uint[] _ticks = new uint[Ticks];
    private uint _next;
    private long _nextDueMicros;

    /// <summary>The tick that takes arrivals now, and when it was due.</summary>
    public void Begin(uint tick, long dueMicros) => (_next, _nextDueMicros) = (tick, dueMicros);

    /// <summary>An input that arrived at <paramref name="arrivalMicros"/> and is due <paramref name="marginMicros"/> later.</summary>
    public void Add(long arrivalMicros, long marginMicros)
    {
        long ahead = (long)Math.Round((arrivalMicros + marginMicros - _nextDueMicros) / tickMicros);
        if (ahead is < 0 or >= Ticks)
        {
            return;
        }

        uint tick = _next + (uint)ahead;
        int slot = (int)(tick % Ticks);
        if (_ticks[slot] != tick)
        {
            // Of a tick that was skipped.
            (_ticks[slot], _counts[slot]) = (tick, 0);
        }

        if (_counts[slot] < inputsPerTickMax)
        {
            _arrivals[(slot * inputsPerTickMax) + _counts[slot]++] = arrivalMicros;
        }
    }

    /// <summary>Tick <paramref name="tick"/> runs.</summary>
    public void Execute(uint tick, long nowMicros, Distribution latencies)
    {
        int slot = (int)(tick % Ticks);
        for (int i = 0; _ticks[slot] == tick && i < _counts[slot]; i++)
        {
            latencies.Record(Math.Max(0, nowMicros - _arrivals[(slot * inputsPerTickMax) + i]));
        }

        _counts[slot] = 0;
    }
}
