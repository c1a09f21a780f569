namespace GameServer.Operations;

/// <summary>Makes the threads of the pool at the start, and keeps them.</summary>
/// <remarks>
/// The pool makes a thread when it has more work than threads, and ends those that have had none for a while. A new thread takes two handles for a
/// moment; when the process has none left, the pool's failure to make one ends the process.
/// </remarks>
internal static class PoolThreads
{
    /// <summary>More than ever work at once: requests of HTTP, and what the orchestrator, timers and exporters do.</summary>
    private const int Count = 16;

    private const string KeepsAlive = "System.Threading.ThreadPool.ThreadsToKeepAlive";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Says that threads are kept. Before the pool has done anything.</summary>
    public static void Keep()
    {
        if (AppContext.GetData(KeepsAlive) is null)
        {
            AppContext.SetData(KeepsAlive, (short)Count);
        }
    }

    /// <summary>Makes them; goes on at once.</summary>
    public static void Make()
    {
        ThreadPool.GetMinThreads(out int workers, out int ports);
        if (workers >= Count || !ThreadPool.SetMinThreads(Count, ports))
        {
            return;
        }

        var all = new CountdownEvent(Count);
        for (int i = 0; i < Count; i++)
        {
            ThreadPool.UnsafeQueueUserWorkItem(
                _ =>
                {
                    bool isLast = all.Signal();
                    all.Wait(Patience); // who is here takes no second piece
                    if (isLast)
                    {
                        ThreadPool.SetMinThreads(workers, ports); // as many as before may work at once without asking
                    }
                },
                null);
        }
    }
}
