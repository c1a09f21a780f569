using System.Globalization;
using System.Reflection;

namespace GameServer.Bench.Programs;

/// <summary>Where figures were measured, and how busy it was.</summary>
internal static class Machine
{
    /// <summary>One line: processor, runtime, commit.</summary>
    public static string Line => string.Create(
        CultureInfo.InvariantCulture,
        $"{Processor}, {Environment.ProcessorCount} processors, {Environment.OSVersion.VersionString}, .NET {Environment.Version}, {Build}");

    /// <summary>Running and waiting threads of the machine over the last minute, or "unknown".</summary>
    public static string Load
    {
        get
        {
            try
            {
                return File.ReadAllText("/proc/loadavg").Split(' ')[0];
            }
            catch (IOException)
            {
                return "unknown";
            }
        }
    }

    private static string Processor
    {
        get
        {
            try
            {
                string? line = File.ReadLines("/proc/cpuinfo").FirstOrDefault(static l => l.StartsWith("model name", StringComparison.Ordinal));
                return line is null ? "unknown processor" : line[(line.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim();
            }
            catch (IOException)
            {
                return "unknown processor";
            }
        }
    }

    private static string Build => typeof(Machine).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown commit";
}
