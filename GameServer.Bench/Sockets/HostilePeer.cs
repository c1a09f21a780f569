using System.Globalization;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Transport;

namespace GameServer.Bench.Sockets;

/// <summary>What one client that sends as much as it can adds to the cost of the others' datagrams.</summary>
/// <remarks>
/// Per burst: the others' datagrams with the flood going elsewhere, the flood alone, both together. The others' cost under the flood is the third
/// less the second; sending the flood in each case keeps what the sender leaves in the caches the same.
/// </remarks>
internal static class HostilePeer
{
    private const int FloodDatagrams = 300;
    private const int WarmUpBursts = 100;

    private static readonly DatagramBatch Waste = new();

    public static void Measure(EchoOptions options)
    {
        using var server = new TransportEcho("echo", EchoCost.Loopback(filter: true), options.Clients + 1);
        using var clients = new EchoClients(options.Clients, server.Address, options.MessageBytes);
        using var hostile = new EchoClients(1, server.Address, options.MessageBytes);
        clients.Connect(server);
        hostile.Connect(server);
        server.Muted = FindPeer(server, hostile.Sockets[0].LocalAddress, hostile);
        Console.WriteLine();
        Console.WriteLine($"one hostile client sends {FloodDatagrams} datagrams per burst among those of {options.Clients} others; ns of processor time per datagram of the others, median");
        foreach ((string name, DatagramBatch flood) in Floods(hostile.Requests[0]))
        {
            Report(name, options, server, clients, hostile, flood);
        }
    }

    private static void Report(string name, EchoOptions options, TransportEcho server, EchoClients clients, EchoClients hostile, DatagramBatch flood)
    {
        using IDatagramSocket elsewhere = DatagramSocket.Open(EchoCost.Loopback(filter: true));
        var alone = new Histogram();
        var floodOnly = new Histogram();
        var both = new Histogram();
        for (int burst = 0; burst < WarmUpBursts + (options.Bursts / 3); burst++)
        {
            Aim(flood, elsewhere.LocalAddress);
            Mix(clients, hostile, flood);
            long aloneNanos = Serve(server);
            _ = clients.Drain();
            Empty(elsewhere);
            Aim(flood, server.Address);
            Flood(hostile, flood, FloodDatagrams);
            long floodNanos = Serve(server);
            _ = hostile.Drain();
            Mix(clients, hostile, flood);
            long bothNanos = Serve(server);
            _ = clients.Drain();
            _ = hostile.Drain();
            if (burst >= WarmUpBursts)
            {
                alone.Record(aloneNanos);
                floodOnly.Record(floodNanos);
                both.Record(bothNanos);
            }
        }

        double before = (double)alone.Percentile(50) / options.Clients;
        double under = (double)(both.Percentile(50) - floodOnly.Percentile(50)) / options.Clients;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {name,-34} alone {before,7:N0}   under the flood {under,7:N0}   {100 * ((under / before) - 1),6:+0.0;-0.0} %   (a datagram of the flood: {(double)floodOnly.Percentile(50) / FloodDatagrams:N0})"));
    }

    private static void Aim(DatagramBatch flood, PeerAddress target) => Array.Fill(flood.Addresses, target);

    private static void Empty(IDatagramSocket socket)
    {
        while (socket.Receive(Waste) > 0)
        {
        }
    }

    private static long Serve(TransportEcho server)
    {
        long start = ThreadCpuClock.Nanos;
        while (server.Serve() > 0)
        {
        }

        return ThreadCpuClock.Nanos - start;
    }

    private static void Mix(EchoClients clients, EchoClients hostile, DatagramBatch flood)
    {
        int perClient = FloodDatagrams / clients.Sockets.Length;
        for (int i = 0; i < clients.Sockets.Length; i++)
        {
            clients.Sockets[i].Send(clients.Requests[i], 0, 1);
            Flood(hostile, flood, perClient);
        }

        Flood(hostile, flood, FloodDatagrams - (perClient * clients.Sockets.Length));
    }

    private static void Flood(EchoClients hostile, DatagramBatch flood, int count)
    {
        for (int sent = 0; sent < count;)
        {
            sent += hostile.Sockets[0].Send(flood, 0, Math.Min(flood.Capacity, count - sent));
        }
    }

    private static PeerId FindPeer(TransportEcho server, PeerAddress address, EchoClients hostile)
    {
        hostile.Send();
        server.Socket.Wait(100_000);
        var batch = new DatagramBatch(1);
        while (server.Socket.Receive(batch) > 0)
        {
            server.Endpoint.Handle(batch.Datagram(0), batch.Addresses[0], batch.ArrivalMicros[0]);
        }

        PeerId found = PeerId.None;
        while (server.Endpoint.TryPeekEvent(out TransportEvent e, out _))
        {
            found = e.Address == address ? e.Peer : found;
            server.Endpoint.ConsumeEvent();
        }

        return found.IsNone ? throw new InvalidOperationException("the hostile client is unknown") : found;
    }

    private static IEnumerable<(string Name, DatagramBatch Flood)> Floods(DatagramBatch request)
    {
        byte number = (byte)(request.Buffer(0)[0] & 0x60);
        yield return ("unreliable messages", Make(i => [number, .. new byte[60]]));
        yield return ("large unreliable messages", Make(i => [number, .. new byte[1200]]));
        yield return ("merged packets of 200 messages", Make(i => [(byte)(13 | number), .. Enumerable.Repeat<byte[]>([2, 0, number, 7], 200).SelectMany(static b => b)]));
        yield return ("reliable messages far ahead", Make(i => [(byte)(1 | number), (byte)i, 0x70, 2, 1, 2, 3]));
        yield return ("forged acknowledgements", Make(i => [(byte)(3 | number), 0, 0, 2, 255, 255, 255, 255, 255, 255, 255, 255, 0]));
        yield return ("pings", Make(i => [(byte)(4 | number), (byte)i, 1]));
        yield return ("fragments of many messages", Make(i => [(byte)(0x81 | number), (byte)i, 0, 2, (byte)i, 0, 0, 0, 255, 0, .. new byte[500]]));
        yield return ("what the kernel's filter drops", Make(i => [(byte)(25 | number), 1, 2, 3]));
    }

    private static DatagramBatch Make(Func<int, byte[]> datagram)
    {
        var batch = new DatagramBatch();
        for (int i = 0; i < batch.Capacity; i++)
        {
            byte[] bytes = datagram(i);
            bytes.CopyTo(batch.Buffer(i));
            batch.Lengths[i] = bytes.Length;
        }

        return batch;
    }
}
