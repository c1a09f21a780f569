using System.Collections.Concurrent;

namespace GameServer.Operations;

/// <summary>Threads that are made at the start for the work of the end, when the process may have no handle left to make one with.</summary>
/// <remarks>Each takes one piece of work after the other. A piece that never ends keeps its thread, which the end of the process does not wait for.</remarks>
internal sealed class SpareThreads : IDisposable
{
    private readonly ConcurrentQueue<SpareWork> _waiting = new();
    private readonly SemaphoreSlim _wakes = new(0);
    private readonly int _count;

    /// <summary>Makes the threads.</summary>
    /// <param name="count">How many pieces of work may run at the same time.</param>
    public SpareThreads(int count)
    {
        _count = count;
        for (int i = 0; i < count; i++)
        {
            new Thread(Serve) { Name = "spare", IsBackground = true }.Start();
        }
    }

    /// <summary>Begins a piece of work. Any thread.</summary>
    public SpareWork Run(Action action)
    {
        var work = new SpareWork(action);
        _waiting.Enqueue(work);
        _wakes.Release();
        return work;
    }

    /// <summary>Lets the threads end when they have nothing to do any more.</summary>
    public void Dispose() => _wakes.Release(_count);

    private void Serve()
    {
        do
        {
            _wakes.Wait();
            if (!_waiting.TryDequeue(out SpareWork? work))
            {
                return;
            }

            work.Do();
        }
        while (true);
    }
}

/// <summary>A piece of work on a spare thread.</summary>
internal sealed class SpareWork(Action action)
{
    private readonly TaskCompletionSource _done = new();

    /// <summary>Waits for its end; false when it has not come in time.</summary>
    /// <exception cref="AggregateException">The work has failed.</exception>
    public bool Wait(TimeSpan patience) => _done.Task.Wait(patience);

    /// <summary>Its thread: does it.</summary>
    public void Do()
    {
        try
        {
            action();
            _done.SetResult();
        }
        catch (Exception e)
        {
            _done.SetException(e);
        }
    }
}
