using System.Globalization;
using GameServer.Bench.Programs;
using GameServer.Bench.Sockets;
using GameServer.Hosting;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Server;

namespace GameServer.Bench.Rooms;

/// <summary>Time, bytes and allocation of one tick of a room whose players all see each other and never stand still.</summary>
internal static class RoomProgram
{
    private const int WarmUpTicks = 600;
    private const long WarmUpNanosMin = 2_000_000_000;

    public static int Run(string[] args)
    {
        ProgramOptions options = new ProgramOptions("room", "the room without sockets, all players visible and moving, one thread")
            .Numbers("--clients", [10, 64, 100, 200], 1, Limits.PlayersMax, "players, one run each")
            .Number("--entities", 0, 0, CrowdGame.WalkersMax, "walkers, players included; 0: the players alone")
            .Number("--ticks", 2_000, 10, 1_000_000, "measured ticks")
            .Number("--rate", 60, 1, 1000, "ticks per second, which sizes the movement between two ticks")
            .Number("--budget", 16_384, 256, 16_384, "snapshot bytes per client and tick")
            .Number("--ack-ticks", 4, 1, 60, "ticks until a snapshot's acknowledgement is back")
            .Number("--rounds", 1, 1, 100, "how often to measure all of it");
        if (!options.TryParse(args, out int exitCode))
        {
            return exitCode;
        }

        Console.WriteLine(Machine.Line);
        Console.WriteLine($"{options["--ticks"]:N0} ticks at {options["--rate"]} Hz, budget {options["--budget"]:N0} B, acknowledged after {options["--ack-ticks"]} ticks; µs per tick; processor time leaves out what other programs took");
        Console.WriteLine("                    |      whole tick, clock    |  processor time  | phases, p50                            |    per client and tick  |");
        Console.WriteLine("clients  entities   |    p50      p99       max |     p50      p99 |  drain   step  rules capture    encode | bytes  datagrams  waits | allocated B  run delay ms  load");
        for (int round = 0; round < options["--rounds"]; round++)
        {
            foreach (int clients in options.List("--clients"))
            {
                int entities = Math.Clamp(options["--entities"], clients, CrowdGame.WalkersMax);
                var sizes = new CrowdSizes(clients, entities, options["--rate"], options["--budget"], options["--ack-ticks"]);
                Console.WriteLine(Measure(sizes, options["--ticks"]));
            }
        }

        return 0;
    }

    private static string Measure(CrowdSizes sizes, int ticks)
    {
        var observer = new PhaseObserver(ticks + 1);
        var crowd = new CrowdRoom(sizes, observer);
        WarmUp(crowd, sizes.Clients, observer);
        using var account = new SchedStat();
        var clock = new Samples(ticks);
        var processor = new Samples(ticks);
        (long bytes, long datagrams) = crowd.Sent;
        long deferred = crowd.Room.EntitiesDeferred;
        long delay = account.Read().DelayNanos;
        long allocated = 0;
        for (int i = 0; i < ticks; i++)
        {
            crowd.Arrive();
            long bytesBefore = GC.GetAllocatedBytesForCurrentThread();
            long used = ThreadCpuClock.Nanos;
            long start = MonotonicClock.Nanos;
            crowd.Tick();
            long end = MonotonicClock.Nanos;
            used = ThreadCpuClock.Nanos - used;
            allocated += GC.GetAllocatedBytesForCurrentThread() - bytesBefore;
            clock.Add((end - start) / 1e3);
            processor.Add(used / 1e3);
            crowd.Depart();
        }

        delay = account.Read().DelayNanos - delay;
        bytes = crowd.Sent.Bytes - bytes;
        datagrams = crowd.Sent.Datagrams - datagrams;
        deferred = crowd.Room.EntitiesDeferred - deferred;
        double clientTicks = (double)sizes.Clients * ticks;
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{sizes.Clients,7} {sizes.Entities,9}   |{clock.Percentile(50),7:N1} {clock.Percentile(99),8:N1} {clock.Percentile(100),9:N1} |{processor.Percentile(50),8:N1} {processor.Percentile(99),8:N1} |{observer} |{bytes / clientTicks,6:N0} {datagrams / clientTicks,10:N2} {deferred / clientTicks,6:N1} |{(double)allocated / ticks,12:0.##} {delay / 1e6,13:N1}  {Machine.Load}");
    }

    // Until all have joined, baselines are acknowledged, and the compiler has done what it will do.
    private static void WarmUp(CrowdRoom crowd, int clients, PhaseObserver observer)
    {
        long start = MonotonicClock.Nanos;
        for (int i = 0; i < WarmUpTicks || MonotonicClock.Nanos - start < WarmUpNanosMin; i++)
        {
            crowd.Arrive();
            crowd.Tick();
            crowd.Depart();
            observer.Clear();
        }

        if (crowd.Joined != clients)
        {
            throw new InvalidOperationException($"{crowd.Joined} of {clients} clients have joined");
        }
    }

    /// <summary>Durations of the phases.</summary>
    private sealed class PhaseObserver(int ticks) : RoomObserver
    {
        private readonly Samples[] _phases = [.. Enum.GetValues<RoomPhase>().Select(_ => new Samples(ticks))];

        public void Clear()
        {
            foreach (Samples phase in _phases)
            {
                phase.Clear();
            }
        }

        public override void PhaseDone(RoomPhase phase, long nanos) => _phases[(int)phase].Add(nanos / 1e3);

        public override string ToString() => string.Create(
            CultureInfo.InvariantCulture,
            $"{_phases[0].Percentile(50),7:N1}{_phases[1].Percentile(50),7:N1}{_phases[2].Percentile(50),7:N1}{_phases[3].Percentile(50),8:N1}{_phases[4].Percentile(50),10:N1}");
    }
}
