using System.Globalization;
using GameServer.Hosting;
using GameServer.Netcode.Primitives;

namespace GameServer.Bench.Sockets;

/// <summary>Round trip through the transport at a steady rate: a server thread that sleeps between datagrams, clients that send one after the other.</summary>
internal static class RoundTrip
{
    public static void Measure(EchoOptions options)
    {
        using var server = new TransportEcho("echo", EchoCost.Loopback(filter: true), options.Clients);
        using var clients = new EchoClients(options.Clients, server.Address, options.MessageBytes);
        clients.Connect(server);
        using var placement = new CorePlacement(new Configuration.CpuAffinity(true, []), networkThreads: 1, options.Realtime);
        bool stop = false;
        long delayNanos = 0;
        var thread = new Thread(() =>
        {
            // The server has the processor of a hot thread, the clients have the rest.
            placement.EnterSimulation();
            using var account = new SchedStat();
            while (!Volatile.Read(ref stop))
            {
                server.Wait();
                server.Serve();
            }

            delayNanos = account.Read().DelayNanos;
        });
        thread.Start();
        var trips = new Histogram();
        (long sent, long echoed) = (0, 0);
        var driver = new Thread(() => (sent, echoed) = Drive(clients, options, trips));
        driver.Start();
        driver.Join();
        Volatile.Write(ref stop, true);
        server.Wake();
        thread.Join();
        Console.WriteLine();
        Console.WriteLine($"round trip of {options.Clients} clients at {options.RateHz} Hz ({options.Clients * options.RateHz:N0}/s) for {options.Seconds} s, from before the send call to the arrival at the client's socket, µs");
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  p50 {trips.Percentile(50):N0}   p99 {trips.Percentile(99):N0}   p99.9 {trips.Percentile(99.9):N0}   max {trips.Max:N0}   sent {sent:N0}   lost {sent - echoed:N0}   server waited {delayNanos / 1e6:N1} ms for a processor"));
    }

    private static (long Sent, long Echoed) Drive(EchoClients clients, EchoOptions options, Histogram trips)
    {
        LinuxScheduling.TrySetTimerSlack(1);
        if (options.Realtime)
        {
            LinuxScheduling.TrySetRealtime(LinuxScheduling.RealtimePriority);
        }

        var pacer = new TickPacer();
        long[] sentMicros = new long[options.Clients];
        var schedule = new TickSchedule(Math.Min(options.Clients * options.RateHz, 10_000));
        schedule.Start(MonotonicClock.Nanos + 1_000_000);
        long messages = (long)options.Seconds * options.Clients * options.RateHz;
        long sent = 0;
        long echoed = 0;
        for (long i = 0; i < messages + options.Clients; i++)
        {
            // The answer of a client is looked at one round later: the kernel noted when it came.
            int client = (int)(i % options.Clients);
            pacer.WaitUntil(schedule.NextDeadlineNanos);
            schedule.Begin(MonotonicClock.Nanos);
            echoed += clients.Drain(client, trips, sentMicros[client]);
            if (i < messages)
            {
                sentMicros[client] = MonotonicClock.Micros;
                clients.Sockets[client].Send(clients.Requests[client], 0, 1);
                sent++;
            }
        }

        return (sent, echoed);
    }
}
