using System.Runtime.CompilerServices;
using GameServer.Netcode.Client;

namespace GameServer.Bots;

/// <summary>Claimed hits by what became of them.</summary>
[InlineArray(Fates)]
internal struct HitCounts
{
    private const int Fates = (int)HitFate.Hidden + 1;

    private long _first;

    /// <summary>Those of one client as they are.</summary>
    public static HitCounts Of(ClientStats stats)
    {
        var counts = default(HitCounts);
        for (int i = 0; i < Fates; i++)
        {
            counts[i] = stats.HitsBy((HitFate)i);
        }

        return counts;
    }

    /// <summary>What was added since. What waited at the begin is counted where it went, so that what waits may be fewer.</summary>
    public readonly HitCounts Since(in HitCounts start)
    {
        HitCounts counts = this;
        for (int i = 0; i < Fates; i++)
        {
            counts[i] -= start[i];
        }

        return counts;
    }
}
