using GameServer.Configuration;

namespace GameServer.Hosting;

/// <summary>Which thread gets which processor: a choice made from what was asked for and what is allowed.</summary>
/// <param name="Allowed">Where the process may run.</param>
/// <param name="SimulationCore">The simulation's own processor; null: not pinned.</param>
/// <param name="NetworkCores">One per network thread; null: not pinned, but kept off the simulation's.</param>
/// <param name="Others">Where every other thread runs.</param>
/// <param name="Remarks">What was asked for and cannot be had.</param>
public sealed record CorePlan(
    CpuMask Allowed, int? SimulationCore, IReadOnlyList<int?> NetworkCores, CpuMask Others, IReadOnlyList<string> Remarks)
{
    /// <summary>Plans for one simulation thread and <paramref name="networkThreads"/> network threads.</summary>
    /// <remarks>Automatic: the last processor is the simulation's, because interrupts and system work gather on the first ones.</remarks>
    public static CorePlan Make(CpuAffinity wanted, CpuMask allowed, int networkThreads)
    {
        var remarks = new List<string>();
        List<int> cores = wanted.IsAuto ? Automatic(allowed, networkThreads) : Listed(wanted.Cores, allowed, remarks);
        if (wanted.IsAuto && cores.Count == 0)
        {
            remarks.Add("one processor for everything: nothing is pinned");
        }

        int? simulation = cores.Count > 0 ? cores[0] : null;
        int?[] network = [.. Enumerable.Range(1, networkThreads).Select(i => i < cores.Count ? (int?)cores[i] : null)];
        CpuMask others = simulation is int core ? allowed.Without(core) : allowed;

        // With room enough, a network thread has its processor for itself too.
        CpuMask apart = others.Without(network.OfType<int>());
        others = apart.Count >= 2 ? apart : others;
        if (others.Count == 0)
        {
            remarks.Add($"processor {simulation} is the only one: the simulation shares it with every other thread");
            others = allowed;
        }

        return new CorePlan(allowed, simulation, network, others, remarks);
    }

    private static List<int> Automatic(CpuMask allowed, int networkThreads)
    {
        IEnumerable<int> last = allowed.Cores.Reverse();

        // One processor always stays for everything else.
        int dedicated = Math.Min(1 + networkThreads, allowed.Count - 1);
        return dedicated < 1 ? [] : [.. last.Take(dedicated)];
    }

    private static List<int> Listed(IReadOnlyList<int> wanted, CpuMask allowed, List<string> remarks)
    {
        var cores = new List<int>();
        foreach (int core in wanted)
        {
            if (allowed.Contains(core))
            {
                cores.Add(core);
            }
            else
            {
                remarks.Add($"processor {core} is not allowed here, only {allowed}");
            }
        }

        return cores;
    }
}
