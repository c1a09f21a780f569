using System.Buffers.Text;
using Microsoft.Win32.SafeHandles;

namespace GameServer.Hosting;

/// <summary>How long the calling thread was ready to run but had no processor: lateness that is the system's, not ours.</summary>
/// <remarks>Owner: the thread that made it. Allocates: no, after the constructor. A read is one system call, about 1 µs.</remarks>
public sealed class SchedStat : IDisposable
{
    private readonly SafeFileHandle? _file;
    private readonly byte[] _line = new byte[96];

    /// <summary>Opens the kernel's account of the calling thread.</summary>
    public SchedStat()
    {
        try
        {
            _file = File.OpenHandle("/proc/thread-self/schedstat", options: FileOptions.None);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Other systems have no such account.
        }
    }

    /// <summary>True where the system keeps the account.</summary>
    public bool IsAvailable => _file is not null;

    /// <summary>Nanoseconds on a processor, nanoseconds ready without one, both since the thread started; zeros where unknown.</summary>
    public (long RunNanos, long DelayNanos) Read()
    {
        if (_file is null)
        {
            return default;
        }

        ReadOnlySpan<byte> line = _line.AsSpan(0, RandomAccess.Read(_file, _line, 0));
        return Utf8Parser.TryParse(line, out long run, out int used)
            && used < line.Length
            && Utf8Parser.TryParse(line[(used + 1)..], out long delay, out _)
            ? (run, delay)
            : default;
    }

    /// <summary>Closes the account.</summary>
    public void Dispose() => _file?.Dispose();
}
