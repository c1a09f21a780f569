using GameServer.Netcode.Transport;
using GameServer.Netcode.Transport.Linux;

namespace GameServer.Bench.Attacks;

/// <summary>Sends forged datagrams at a steady rate on a thread of its own until it is disposed.</summary>
/// <remarks>What it cannot send in time it does not send later: a burst of what was missed would be another attack.</remarks>
internal sealed class FloodSender : IDisposable
{
    private const int BatchCount = 64;
    private const long LateMicrosMax = 5_000;

    private readonly Forger _forger;
    private readonly ForgedBatch _batch;
    private readonly Action<ForgedBatch, int, long> _fill;
    private readonly Func<bool> _waits;
    private readonly int _rate;
    private readonly Thread _thread;
    private readonly long _start = SocketClock.Micros;
    private long _sent;
    private bool _stop;

    /// <summary>A sender of <paramref name="rate"/> datagrams a second.</summary>
    /// <param name="forger">Where they go; not used by anyone else meanwhile.</param>
    /// <param name="rate">Datagrams a second.</param>
    /// <param name="fill">Writes one datagram: the batch, the place in it, and how many were written before.</param>
    /// <param name="waits">Whether the sender has to wait.</param>
    public FloodSender(Forger forger, int rate, Action<ForgedBatch, int, long> fill, Func<bool> waits)
    {
        _waits = waits;
        _forger = forger;
        _rate = rate;
        _fill = fill;
        _batch = new ForgedBatch(forger.Target, BatchCount);
        _thread = new Thread(Run) { Name = "forger", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Datagrams that left.</summary>
    public long Sent => Volatile.Read(ref _sent);

    public double Seconds { get; private set; }

    /// <summary>Waits until as many have left or the time is over.</summary>
    public void Await(long datagrams, double secondsMax)
    {
        while (Sent < datagrams && SocketClock.Micros - _start < secondsMax * 1e6)
        {
            Thread.Sleep(5);
        }
    }

    /// <summary>Ends the flood; the figures stay.</summary>
    public void Dispose()
    {
        if (Volatile.Read(ref _stop))
        {
            return;
        }

        Volatile.Write(ref _stop, true);
        _thread.Join();
        Seconds = (SocketClock.Micros - _start) / 1e6;
    }

    private void Run()
    {
        ThreadNice.LowerWhereServersCannotRise();
        long written = 0;
        double due = 0;
        long last = SocketClock.Micros;
        while (!Volatile.Read(ref _stop))
        {
            long now = SocketClock.Micros;
            due = Math.Min(due + ((now - last) * (double)_rate / 1e6), Math.Max(BatchCount, LateMicrosMax * (double)_rate / 1e6));
            last = now;
            while (due >= BatchCount && !_waits() && !Volatile.Read(ref _stop))
            {
                for (int i = 0; i < BatchCount; i++)
                {
                    _fill(_batch, i, written++);
                }

                _forger.Send(_batch);
                Volatile.Write(ref _sent, _forger.Sent);
                due -= BatchCount;
            }

            Pause((long)((BatchCount - due) * 1e6 / _rate));
        }
    }

    private static unsafe void Pause(long micros)
    {
        var time = new TimeSpec { Nanos = Math.Clamp(micros, 50, 5_000) * 1000 };
        _ = Libc.Poll(null, 0, &time, null);
    }
}
