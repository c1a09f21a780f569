namespace GameServer.Hosting;

/// <summary>Reads and sets on which processors threads may run; never throws where a platform or a sandbox refuses.</summary>
public static unsafe class ThreadAffinity
{
    /// <summary>The kernel's number of the calling thread; 0 where threads cannot be pinned.</summary>
    public static int CurrentThread => OperatingSystem.IsLinux() ? LinuxCalls.ThreadId() : 0;

    /// <summary>Where <paramref name="thread"/> may run (0: the calling one); all processors where the system does not say.</summary>
    public static CpuMask Get(int thread = 0)
    {
        var mask = new CpuMask([]);
        if (OperatingSystem.IsLinux())
        {
            fixed (ulong* words = mask.Words)
            {
                if (LinuxCalls.GetAffinity(thread, CpuMask.CoresMax / 8, words) >= 0)
                {
                    return mask;
                }
            }
        }

        return new CpuMask(Enumerable.Range(0, Math.Min(Environment.ProcessorCount, CpuMask.CoresMax)));
    }

    /// <summary>Lets <paramref name="thread"/> (0: the calling one) run on <paramref name="mask"/> alone; returns why not, or null.</summary>
    public static string? Set(CpuMask mask, int thread = 0)
    {
        if (!OperatingSystem.IsLinux())
        {
            return "threads are pinned on Linux only";
        }

        fixed (ulong* words = mask.Words)
        {
            return LinuxCalls.SetAffinity(thread, CpuMask.CoresMax / 8, words) == 0 ? null : LinuxCalls.LastError();
        }
    }

    /// <summary>Moves every thread of this process but <paramref name="except"/> to <paramref name="mask"/>; returns how many moved and how many did not.</summary>
    /// <remarks>Threads that start later inherit the mask of the thread that starts them.</remarks>
    public static (int Moved, int Refused) MoveOthers(CpuMask mask, IReadOnlyCollection<int> except)
    {
        int moved = 0;
        int refused = 0;
        foreach (int thread in Threads().Where(thread => !except.Contains(thread)))
        {
            if (Set(mask, thread) is null)
            {
                moved++;
            }
            else
            {
                refused++;
            }
        }

        return (moved, refused);
    }

    /// <summary>The kernel's numbers of the threads of this process.</summary>
    internal static IReadOnlyList<int> Threads()
    {
        try
        {
            return [.. Directory.EnumerateDirectories("/proc/self/task").Select(path => int.Parse(Path.GetFileName(path), System.Globalization.CultureInfo.InvariantCulture))];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
