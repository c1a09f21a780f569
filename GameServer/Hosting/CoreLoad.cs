using System.Globalization;

namespace GameServer.Hosting;

/// <summary>Which other programs used certain processors for a while, and what the hypervisor took.</summary>
/// <remarks>Reads every thread of the machine: for start-up and diagnosis, never for a hot thread.</remarks>
public sealed class CoreLoad
{
    private readonly SystemFiles _files;
    private readonly CpuMask _cores;
    private readonly int _ownProcess;
    private readonly long _startNanos = MonotonicClock.Nanos;
    private readonly Dictionary<(int Process, int Thread), long> _before = [];
    private readonly (long Steal, long Total) _stealBefore;

    /// <summary>Begins to watch <paramref name="cores"/>.</summary>
    public CoreLoad(SystemFiles files, CpuMask cores, int ownProcess)
    {
        _files = files;
        _cores = cores;
        _ownProcess = ownProcess;
        _stealBefore = Steal(files);
        foreach ((int process, int thread) in Threads())
        {
            _before[(process, thread)] = RunNanos(process, thread);
        }
    }

    /// <summary>Share of the time that the hypervisor gave to others since the start of the watch, in %; over the machine's whole life when that was too short.</summary>
    public double StealPercent()
    {
        (long steal, long total) = Steal(_files);
        bool longEnough = total - _stealBefore.Total >= 20;
        return 100.0 * (longEnough ? steal - _stealBefore.Steal : steal) / Math.Max(1, longEnough ? total - _stealBefore.Total : total);
    }

    /// <summary>Share of the time that the hypervisor gave to others since the machine started, in %.</summary>
    public static double StealPercentSinceBoot(SystemFiles files)
    {
        (long steal, long total) = Steal(files);
        return 100.0 * steal / Math.Max(1, total);
    }

    /// <summary>Other programs that were last seen on the watched processors, with their use of a processor in %, largest first.</summary>
    public IReadOnlyList<(string Name, double Percent)> Others()
    {
        double passedNanos = Math.Max(1, MonotonicClock.Nanos - _startNanos);
        var shares = new Dictionary<string, double>();
        foreach ((int process, int thread) in Threads())
        {
            long ranNanos = RunNanos(process, thread) - _before.GetValueOrDefault((process, thread));
            if (ranNanos > 0 && LastSeen(process, thread) is (string name, int core) && _cores.Contains(core))
            {
                shares[name] = shares.GetValueOrDefault(name) + (100 * ranNanos / passedNanos);
            }
        }

        return [.. shares.Select(static share => (share.Key, share.Value)).OrderByDescending(static share => share.Value)];
    }

    private IEnumerable<(int Process, int Thread)> Threads() =>
        from process in _files.NumberedFolders("proc")
        where process != _ownProcess
        from thread in _files.NumberedFolders($"proc/{process}/task")
        select (process, thread);

    private long RunNanos(int process, int thread) => Field(_files.Text($"proc/{process}/task/{thread}/schedstat"), 0);

    private (string Name, int Core)? LastSeen(int process, int thread)
    {
        // pid (name) state …: the name may hold anything, so the fields are counted from its last parenthesis. The processor is field 39.
        string? line = _files.Text($"proc/{process}/task/{thread}/stat");
        int open = line?.IndexOf('(', StringComparison.Ordinal) ?? -1;
        int close = line?.LastIndexOf(')') ?? -1;
        return open < 0 || close < open ? null : (line![(open + 1)..close], (int)Field(line[(close + 2)..], 36));
    }

    private static (long Steal, long Total) Steal(SystemFiles files)
    {
        // cpu user nice system idle iowait irq softirq steal guest guest_nice; guest time is part of user time.
        string line = (files.Text("proc/stat") ?? "").Split('\n')[0];
        long[] fields = [.. line.Split(' ', StringSplitOptions.RemoveEmptyEntries).Skip(1).Take(8)
            .Select(static text => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long value) ? value : 0)];
        return fields.Length < 8 ? (0, 0) : (fields[7], fields.Sum());
    }

    private static long Field(string? line, int index)
    {
        string[] fields = (line ?? "").Split(' ');
        return index < fields.Length && long.TryParse(fields[index], NumberStyles.Integer, CultureInfo.InvariantCulture, out long value) ? value : 0;
    }
}
