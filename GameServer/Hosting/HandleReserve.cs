using Microsoft.Win32.SafeHandles;

namespace GameServer.Hosting;

/// <summary>A few handles that are held for the moment when the process has no others: for a probe that asks how it is, and for its end.</summary>
/// <remarks>Any thread. Only on Linux, where whoever has none left cannot accept a connection or write a file.</remarks>
internal sealed class HandleReserve : IDisposable
{
    private const string Nothing = "/dev/null";

    private readonly Lock _changing = new();
    private readonly Stack<SafeFileHandle> _held = new();
    private readonly int _count;
    private bool _isClosed;

    /// <summary>Takes the handles.</summary>
    public HandleReserve(int count)
    {
        _count = count;
        Refill();
    }

    /// <summary>Gives one handle back to the process; false when none is held.</summary>
    public bool TryGive()
    {
        lock (_changing)
        {
            if (!_held.TryPop(out SafeFileHandle? handle))
            {
                return false;
            }

            handle.Dispose();
            return true;
        }
    }

    /// <summary>Takes back what was given, as far as the process has handles.</summary>
    public void Refill()
    {
        lock (_changing)
        {
            try
            {
                while (!_isClosed && OperatingSystem.IsLinux() && _held.Count < _count)
                {
                    _held.Push(File.OpenHandle(Nothing, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
                }
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // The process has none left: with the next that is free, perhaps.
            }
        }
    }

    /// <summary>Gives all of them back for good.</summary>
    public void Dispose()
    {
        lock (_changing)
        {
            _isClosed = true;
            while (_held.TryPop(out SafeFileHandle? handle))
            {
                handle.Dispose();
            }
        }
    }
}
