using GameServer.Netcode.Transport;

namespace GameServer.Bench.Attacks;

/// <summary>Honest clients on one thread of their own.</summary>
internal sealed class HonestCrowd : IDisposable
{
    private readonly AttackServer _server;
    private readonly Lock _gate = new();
    private readonly List<HonestClient> _clients = [];
    private readonly Thread _thread;
    private readonly ProcessorWait _wait = new();
    private ulong _seed = 100;
    private bool _stop;

    public HonestCrowd(AttackServer server, int count)
    {
        _server = server;
        for (int i = 0; i < count; i++)
        {
            Add();
        }

        _thread = new Thread(Run) { Name = "honest clients", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Adds a client that joins now.</summary>
    public HonestClient Add()
    {
        var client = new HonestClient(_server.Address, _seed++, WaitedMicros); // the others go on meanwhile
        lock (_gate)
        {
            _clients.Add(client);
        }

        return client;
    }

    /// <summary>How long the server's thread or that of the clients had no processor, the longer of both: others took it.</summary>
    public long WaitedMicros() => Math.Max(_server.Wait.Micros, _wait.Micros);

    /// <summary>What came of the first clients so far.</summary>
    public CrowdState Read(int clients) => With(all => new CrowdState(
        all.Take(clients).Count(static c => c.HasEnded || c.Wrong > 0), all.Take(clients).Sum(static c => c.Echoes)));

    /// <summary>Removes a client without a word.</summary>
    public void Remove(HonestClient client)
    {
        lock (_gate)
        {
            if (_clients.Remove(client))
            {
                client.Dispose();
            }
        }
    }

    /// <summary>Does something while the clients stand still.</summary>
    public T With<T>(Func<IReadOnlyList<HonestClient>, T> what)
    {
        lock (_gate)
        {
            return what(_clients);
        }
    }

    /// <summary>Waits until all have joined; throws when they do not within 10 s.</summary>
    public void AwaitJoins()
    {
        long end = SocketClock.Micros + 10_000_000;
        while (!With(static c => c.All(static x => x.JoinedMicros > 0)))
        {
            if (SocketClock.Micros > end)
            {
                throw new InvalidOperationException("the honest clients could not join before the attack");
            }

            Thread.Sleep(10);
        }
    }

    public void Dispose()
    {
        Volatile.Write(ref _stop, true);
        _thread.Join();
        _clients.ForEach(static c => c.Dispose());
    }

    private void Run()
    {
        ThreadNice.Raise();
        _wait.Follow();
        while (!Volatile.Read(ref _stop))
        {
            lock (_gate)
            {
                _clients.ForEach(static c => c.Update());
            }

            Thread.Sleep(1);
        }
    }
}
