using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Snapshots;

/// <summary>One state of an entity that a client has: at which tick, and since when it and the one before had held.</summary>
internal readonly struct SampleSpan
{
    /// <summary>Longest time that is told; longer ones are told as this.</summary>
    public const int TicksMax = 127;

    public readonly Tick Tick;
    public readonly Tick ChangedAt;
    public readonly Tick PreviousChangedAt;

    public SampleSpan(Tick tick, Tick changedAt, Tick previousChangedAt)
    {
        Tick = tick;
        ChangedAt = tick - (int)Math.Min((uint)(tick - changedAt), TicksMax); // unsigned: it may have stood for half the range of ticks
        PreviousChangedAt = ChangedAt - Math.Clamp(changedAt - previousChangedAt, 1, TicksMax);
    }
}

/// <summary>Which of two samples an entity is drawn from at a view tick, and how far between them.</summary>
/// <remarks>
/// The one rule by which a client draws and the server rewinds: whole numbers only, so both get the same. The later sample says since when
/// its value held (C) and since when the value before it had held (P). If the earlier sample is that value (its tick is not before P), the
/// entity stood still until C − 1 and moved within the tick before C; else states in between are unknown, and it moves evenly from the earlier sample to C.
/// </remarks>
internal static class SampleBlend
{
    /// <summary>Weight of the later sample in 1/256: 0 draws the earlier one, 256 the later one.</summary>
    public static int Weight256(Tick earlier, in SampleSpan later, Tick viewTick, int fraction)
    {
        if (later.ChangedAt <= viewTick)
        {
            return 256;
        }

        Tick from = earlier >= later.PreviousChangedAt && later.ChangedAt - 1 >= earlier ? later.ChangedAt - 1 : earlier;
        int elapsed = ((viewTick - from) * 256) + fraction;
        return elapsed <= 0 ? 0 : elapsed / Math.Max(1, later.ChangedAt - from);
    }
}
