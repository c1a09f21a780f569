using System.Collections.Concurrent;
using System.Text;
using GameServer.Hosting;

namespace GameServer.Operations.Logging;

/// <summary>Standard output behind a bounded queue: whoever logs never waits for whoever reads.</summary>
/// <remarks>A pipe that nobody empties would else stop the drain, the heartbeats and the second signal. Any thread may write; one of its own hands on.</remarks>
internal sealed class StandardOutput : IDisposable
{
    private const int LinesMax = 4_096;
    private static readonly TimeSpan PatienceAtEnd = TimeSpan.FromSeconds(2);

    private readonly BlockingCollection<string> _lines = new(new ConcurrentQueue<string>(), LinesMax);
    private readonly Stream _stream;
    private readonly Thread _thread;

    public StandardOutput()
        : this(StandardHandles.IsOpen(StandardHandles.Output) ? Console.OpenStandardOutput() : Stream.Null)
    {
    }

    internal StandardOutput(Stream stream)
    {
        _stream = stream;
        _thread = new Thread(HandOn) { Name = "log", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Queues a line; false when the queue is full.</summary>
    public bool TryWrite(string line)
    {
        try
        {
            return _lines.TryAdd(line);
        }
        catch (InvalidOperationException)
        {
            return false; // after the end
        }
    }

    /// <summary>Waits until all lines are out, but not for ever.</summary>
    public void Dispose()
    {
        _lines.CompleteAdding();
        if (_thread.Join(PatienceAtEnd))
        {
            _lines.Dispose();
        }
    }

    private void HandOn()
    {
        foreach (string line in _lines.GetConsumingEnumerable())
        {
            try
            {
                _stream.Write(Encoding.UTF8.GetBytes(line));
                _stream.Flush();
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // The disk is full, nobody reads any more, or it was opened for reading: a match does not end for that.
            }
        }
    }
}
