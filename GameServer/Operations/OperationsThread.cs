using GameServer.Operations.Logging;
using Microsoft.Extensions.Logging;

namespace GameServer.Operations;

/// <summary>The thread that the <see cref="ServerWatch"/> looks from.</summary>
internal sealed class OperationsThread : IDisposable
{
    private const int RoundMillis = 20;
    private readonly ServerWatch _watch;
    private readonly ILogger _log;
    private readonly Thread _thread;
    private readonly ManualResetEventSlim _end = new();

    /// <summary>Begins to look.</summary>
    public OperationsThread(ServerWatch watch, ILogger log)
    {
        (_watch, _log) = (watch, log);
        _thread = new Thread(Loop) { Name = "operations", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Takes what is left and ends the thread.</summary>
    public void Dispose()
    {
        _end.Set();
        _thread.Join();
        _end.Dispose();
    }

    private void Loop()
    {
        bool ends;
        do
        {
            ends = _end.Wait(RoundMillis);
            try
            {
                _watch.Round();
            }
            catch (Exception e)
            {
                ServerLog.Unexpected(_log, e, "an operations round");
            }
        }
        while (!ends);

        _watch.End();
    }
}
