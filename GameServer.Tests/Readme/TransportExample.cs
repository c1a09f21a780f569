using System.Net;
using System.Text;
using GameServer.Netcode.Transport;

namespace GameServer.Tests.Readme;

/// <summary>The code of docs/TRANSPORT.md, to the letter.</summary>
internal static class TransportExample
{
    public static void Run(ulong secret, long deadline, Action<string> log)
    {
        // TRANSPORT: alone
        using IDatagramSocket serverSocket = DatagramSocket.Open(new SocketOptions { Bind = new IPEndPoint(IPAddress.Loopback, 0) });
        var options = new TransportOptions { MaxPeers = 16, Channels = 2, UtcTicksAtZero = SocketClock.UtcTicksAtZero };
        var server = new TransportEndpoint(options, secret, SocketClock.Micros);
        var serverPort = new TransportPort(serverSocket, server);

        using IDatagramSocket clientSocket = DatagramSocket.Open(new SocketOptions());
        options = new TransportOptions { Channels = 2, AcceptConnections = false, UtcTicksAtZero = SocketClock.UtcTicksAtZero };
        var client = new TransportEndpoint(options, secret + 1, SocketClock.Micros);
        var clientPort = new TransportPort(clientSocket, client);
        PeerId toServer = client.Connect(serverSocket.LocalAddress, "a key or ticket"u8, SocketClock.Micros);

        while ((client.PeerCount > 0 || server.PeerCount > 0) && SocketClock.Micros < deadline)
        {
            serverPort.Receive();                                    // hands what has arrived to the endpoint
            server.Advance(SocketClock.Micros);                      // timeouts, pings, resends
            while (server.TryPeekEvent(out TransportEvent e, out ReadOnlySpan<byte> payload))
            {
                log($"server: {e.Kind} {Encoding.UTF8.GetString(payload)}");
                if (e.Kind == TransportEventKind.Message)
                {
                    server.Send(e.Peer, e.Method, e.Channel, payload); // Queued, or why not; valid until ConsumeEvent
                }

                server.ConsumeEvent();                               // acknowledges a reliable message
            }

            serverPort.Send();                                       // whatever the endpoint has to send
            clientPort.Receive();
            client.Advance(SocketClock.Micros);
            while (client.TryPeekEvent(out TransportEvent e, out ReadOnlySpan<byte> payload))
            {
                log($"client: {e.Kind} {Encoding.UTF8.GetString(payload)}");
                if (e.Kind == TransportEventKind.Connected)
                {
                    client.Send(toServer, DeliveryMethod.Unreliable, 0, "where I am"u8);
                    client.Send(toServer, DeliveryMethod.ReliableOrdered, 1, "what I say"u8);
                }
                else if (e.Method == DeliveryMethod.ReliableOrdered)
                {
                    client.Disconnect(toServer, "goodbye"u8);        // what is queued reliably goes first
                }

                client.ConsumeEvent();
            }

            clientPort.Send();
            clientSocket.Wait(timeoutMicros: 1_000);
        }

        // TRANSPORT: end
    }
}
