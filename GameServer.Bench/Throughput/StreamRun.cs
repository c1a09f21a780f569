using System.Net;
using GameServer.Bench.Sockets;
using GameServer.Netcode.Transport;
using LiteNetLib;
using OurMethod = GameServer.Netcode.Transport.DeliveryMethod;

namespace GameServer.Bench.Throughput;

/// <summary>What one run found.</summary>
/// <param name="PerSecond">Messages that arrived a second.</param>
/// <param name="BackPerData">Datagrams that came back for each that the sender sent.</param>
/// <param name="DataPerMessage">Datagrams that the sender sent for each message.</param>
internal readonly record struct StreamResult(double PerSecond, double BackPerData, double DataPerMessage);

/// <summary>One stream of reliable ordered messages from a client to a server through a relay that delays and loses.</summary>
/// <param name="Link">The link of each direction.</param>
/// <param name="Seed">Decides what is lost.</param>
/// <param name="Messages">How many.</param>
/// <param name="Bytes">Of each.</param>
internal sealed record StreamRun(LinkModel Link, ulong Seed, int Messages, int Bytes)
{
    private const long ConnectMicrosMax = 6_000_000;
    private const long StreamMicrosMax = 60_000_000;
    private const long TurnMicros = 200;

    /// <summary>A pair of this library's endpoints; null when not all arrived in time.</summary>
    public StreamResult? OfOurs()
    {
        using IDatagramSocket serverSocket = Open();
        using IDatagramSocket clientSocket = Open();
        var server = new TransportEndpoint(Options(accepts: true), Seed, SocketClock.Micros);
        var client = new TransportEndpoint(Options(accepts: false), Seed + 1, SocketClock.Micros);
        TransportPort[] ports = [new(serverSocket, server), new(clientSocket, client)];
        using var relay = new LoopbackRelay(serverSocket.LocalAddress, Link, Seed);
        PeerId peer = client.Connect(relay.Address, new byte[20], SocketClock.Micros);
        bool isConnected = false;
        (int arrived, int sent) = (0, 0);
        byte[] message = new byte[Bytes];
        return Measure(
            relay,
            () =>
            {
                Array.ForEach(ports, static p => p.Receive(16));
                server.Advance(SocketClock.Micros);
                client.Advance(SocketClock.Micros);
                arrived += Take(server, TransportEventKind.Message);
                isConnected |= Take(client, TransportEventKind.Connected) > 0;
                Array.ForEach(ports, static p => p.Send());
                relay.Wait(TurnMicros);
            },
            () => isConnected,
            () =>
            {
                while (sent < Messages && client.Send(peer, OurMethod.ReliableOrdered, 0, message) == SendResult.Queued)
                {
                    sent++;
                }
            },
            () => arrived);
    }

    /// <summary>A pair of the package's managers, with the threads that they have.</summary>
    public StreamResult? OfTheirs()
    {
        int arrived = 0;
        var serverListener = new EventBasedNetListener();
        serverListener.ConnectionRequestEvent += static request => request.Accept();
        serverListener.NetworkReceiveEvent += (_, reader, _, _) =>
        {
            arrived++;
            reader.Recycle();
        };
        var server = new NetManager(serverListener) { IPv6Enabled = false, AutoRecycle = false };
        var client = new NetManager(new EventBasedNetListener()) { IPv6Enabled = false };
        server.Start(IPAddress.Loopback, IPAddress.IPv6Loopback, 0);
        client.Start(IPAddress.Loopback, IPAddress.IPv6Loopback, 0);
        try
        {
            using var relay = new LoopbackRelay(PeerAddress.From(new IPEndPoint(IPAddress.Loopback, server.LocalPort)), Link, Seed);
            NetPeer peer = client.Connect(relay.Address.ToEndPoint(), "a key of some length");
            byte[] message = new byte[Bytes];
            int sent = 0;
            return Measure(
                relay,
                () =>
                {
                    server.PollEvents();
                    client.PollEvents();
                    relay.Wait(TurnMicros);
                },
                () => peer.ConnectionState == ConnectionState.Connected && server.ConnectedPeersCount == 1,
                () =>
                {
                    for (; sent < Messages; sent++)
                    {
                        peer.Send(message, LiteNetLib.DeliveryMethod.ReliableOrdered);
                    }
                },
                () => arrived);
        }
        finally
        {
            client.Stop();
            server.Stop();
        }
    }

    private static IDatagramSocket Open() => DatagramSocket.Open(new SocketOptions { Bind = new IPEndPoint(IPAddress.Loopback, 0) });

    private static TransportOptions Options(bool accepts) =>
        new() { MaxPeers = 1, AcceptConnections = accepts, UtcTicksAtZero = SocketClock.UtcTicksAtZero };

    private static int Take(TransportEndpoint endpoint, TransportEventKind kind)
    {
        int count = 0;
        while (endpoint.TryPeekEvent(out TransportEvent e, out _))
        {
            count += e.Kind == kind ? 1 : 0;
            endpoint.ConsumeEvent();
        }

        return count;
    }

    private StreamResult? Measure(LoopbackRelay relay, Action turn, Func<bool> isConnected, Action send, Func<int> arrived)
    {
        long end = SocketClock.Micros + ConnectMicrosMax;
        while (!isConnected())
        {
            relay.Move();
            turn();
            if (SocketClock.Micros > end)
            {
                return null;
            }
        }

        (long up, long down, long start) = (relay.UpDatagrams, relay.DownDatagrams, SocketClock.Micros);
        while (arrived() < Messages)
        {
            send();
            turn();
            relay.Move();
            if (SocketClock.Micros - start > StreamMicrosMax)
            {
                return null;
            }
        }

        double seconds = (SocketClock.Micros - start) / 1e6;
        double data = relay.UpDatagrams - up;
        return new StreamResult(Messages / seconds, (relay.DownDatagrams - down) / data, data / Messages);
    }
}
