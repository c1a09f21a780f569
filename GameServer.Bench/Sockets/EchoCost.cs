using System.Globalization;
using System.Net;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Transport;

namespace GameServer.Bench.Sockets;

/// <summary>
/// Processor time per echoed datagram of the bare system calls, of our sockets and of the whole transport, in one run; then the round trip
/// through the transport at a steady rate, and what a flooding client costs the others.
/// </summary>
public static class EchoCost
{
    private const int WarmUpBursts = 300;

    /// <summary>Runs with <c>--clients N --bytes B --bursts N --rate HZ --seconds S --realtime</c>; returns the exit code.</summary>
    public static int Run(string[] args)
    {
        if (!OperatingSystem.IsLinux())
        {
            Console.WriteLine("the echo benchmark needs Linux");
            return 2;
        }

        var options = new EchoOptions(args);
        Console.WriteLine($"{Environment.ProcessorCount} processors, .NET {Environment.Version}, {Environment.OSVersion.VersionString}");
        MeasureCost(options);
        RoundTrip.Measure(options);
        HostilePeer.Measure(options);
        return 0;
    }

    internal static SocketOptions Loopback(bool portable = false, bool filter = false) =>
        new() { Bind = new IPEndPoint(IPAddress.Loopback, 0), Portable = portable, Filter = filter };

    private static void MeasureCost(EchoOptions options)
    {
        IEcho[] servers =
        [
            new BareEcho(),
            new SocketEcho("    our Linux socket alone", Loopback()),
            new TransportEcho("(b) our transport on it", Loopback(filter: true), options.Clients),
            new SocketEcho("    our portable socket alone", Loopback(portable: true)),
            new TransportEcho("(c) our transport on it", Loopback(portable: true), options.Clients),
        ];
        EchoClients[] clients = [.. servers.Select(server => Join(server, options))];
        EchoFigures[] figures = [.. servers.Select(static _ => new EchoFigures())];

        // The servers take turns, burst by burst, so that whatever disturbs the machine disturbs all of them.
        for (int burst = 0; burst < WarmUpBursts + options.Bursts; burst++)
        {
            for (int turn = 0; turn < servers.Length; turn++)
            {
                int i = (burst + turn) % servers.Length;
                figures[i].Burst(servers[i], clients[i], burst >= WarmUpBursts);
            }
        }

        Console.WriteLine($"echo of {options.MessageBytes}-byte unreliable messages, {options.Clients} clients, {options.Bursts:N0} bursts; ns of the server thread's processor time per datagram in and out");
        Console.WriteLine("                                     p10      p50     mean    vs (a)    bytes allocated   lost");
        for (int i = 0; i < servers.Length; i++)
        {
            Console.WriteLine(figures[i].Row(servers[i].Name, figures[0]));
            clients[i].Dispose();
            servers[i].Dispose();
        }
    }

    private static EchoClients Join(IEcho server, EchoOptions options)
    {
        var clients = new EchoClients(options.Clients, server.Address, options.MessageBytes);
        if (server is TransportEcho transport)
        {
            clients.Connect(transport);
        }

        return clients;
    }

    /// <summary>What one server used, burst by burst.</summary>
    private sealed class EchoFigures
    {
        private readonly Histogram _nanos = new();
        private long _sent;
        private long _echoed;
        private long _allocated;

        private double Median => _nanos.Percentile(50);

        public void Burst(IEcho server, EchoClients clients, bool counts)
        {
            clients.Send();
            long allocated = GC.GetAllocatedBytesForCurrentThread();
            long start = ThreadCpuClock.Nanos;
            int served = 0;
            while (served < clients.Sockets.Length)
            {
                int some = server.Serve();
                if (some == 0)
                {
                    break;
                }

                served += some;
            }

            long nanos = ThreadCpuClock.Nanos - start;
            allocated = GC.GetAllocatedBytesForCurrentThread() - allocated;
            int echoes = clients.Drain();
            if (counts && served > 0)
            {
                _nanos.Record(nanos / served);
                _sent += clients.Sockets.Length;
                _echoed += echoes;
                _allocated += allocated;
            }
        }

        public string Row(string name, EchoFigures bare) => string.Create(
            CultureInfo.InvariantCulture,
            $"{name,-32} {_nanos.Percentile(10),8:N0} {Median,8:N0} {(double)_nanos.Sum / _nanos.Count,8:N0} {Median / bare.Median,9:0.00} {(double)_allocated / _echoed,18:0.##} {_sent - _echoed,6}");
    }
}
