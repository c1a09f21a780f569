using System.Globalization;
using System.Runtime.InteropServices;

namespace GameServer.Bench.Attacks;

/// <summary>How long one thread has stood ready to run and had no processor, as the kernel counts it; 0 where it does not say.</summary>
internal sealed partial class ProcessorWait
{
    private string? _file;

    /// <summary>Microseconds so far.</summary>
    public long Micros
    {
        get
        {
            try
            {
                string[] parts = _file is null ? [] : File.ReadAllText(_file).Split(' ');
                string nanos = parts.ElementAtOrDefault(1) ?? "";
                return long.TryParse(nanos, NumberStyles.None, CultureInfo.InvariantCulture, out long waited) ? waited / 1000 : 0;
            }
            catch (IOException)
            {
                return 0;
            }
        }
    }

    /// <summary>From here on it is about the calling thread.</summary>
    public void Follow() => _file = $"/proc/self/task/{ThreadId()}/schedstat";

    [LibraryImport("libc", EntryPoint = "gettid")]
    private static partial int ThreadId();
}
