using GameServer.Hosting;

namespace GameServer.Bench.Ticks;

/// <summary>The barest loop that keeps a rate: sleeps until shortly before each deadline, then spins. What it misses, nothing could keep.</summary>
/// <remarks>
/// Runs on the simulation's processor at the same rate, so that the same disturbances meet both. It begins whenever it is started: where its spin falls
/// into a tick, the two wait for each other, which their run delays show.
/// </remarks>
internal sealed class BareLoop
{
    private readonly int _rateHz;
    private readonly int? _core;
    private readonly Thread _thread;
    private bool _stop;
    private bool _counts;

    public BareLoop(int rateHz, int? core)
    {
        _rateHz = rateHz;
        _core = core;
        _thread = new Thread(Run) { Name = "bare loop", IsBackground = true };
    }

    public LatenessFigures Lateness { get; } = new();

    /// <summary>Time that it was ready to run and had no processor, while it counted.</summary>
    public long RunDelayNanos { get; private set; }

    public void Start() => _thread.Start();

    /// <summary>From here on waits count.</summary>
    public void Count() => Volatile.Write(ref _counts, true);

    public void Stop()
    {
        Volatile.Write(ref _stop, true);
        _thread.Join();
    }

    private void Run()
    {
        if (_core is int core)
        {
            ThreadAffinity.Set(new CpuMask(core));
        }

        LinuxScheduling.TrySetTimerSlack(1);
        using var account = new SchedStat();
        var schedule = new TickSchedule(_rateHz);
        schedule.Start(MonotonicClock.Nanos + 1_000_000 + (500_000_000 / _rateHz));
        long delay = account.Read().DelayNanos;
        while (!Volatile.Read(ref _stop))
        {
            long lateness = TickProbe.WaitBare(schedule.NextDeadlineNanos);
            long newDelay = account.Read().DelayNanos;
            if (Volatile.Read(ref _counts))
            {
                Lateness.All.Record(lateness);
                RunDelayNanos += newDelay - delay;
                if (newDelay - delay < RunFigures.DisturbedNanos)
                {
                    Lateness.Undisturbed.Record(lateness);
                }
            }

            delay = newDelay;
            schedule.Begin(MonotonicClock.Nanos);
            schedule.End(MonotonicClock.Nanos);
        }
    }
}
