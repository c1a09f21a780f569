using System.Globalization;
using GameServer.Bench.Sockets;
using GameServer.Netcode.Transport;

namespace GameServer.Bench.Attacks;

/// <summary>Sessions that come from another address, and a server that was started again.</summary>
internal static class StrangerAttacks
{
    public static AttackRow Roaming(AttackRun run)
    {
        const int Clients = 8;
        const int Changes = 4;
        using var server = new AttackServer();
        using var crowd = new HonestCrowd(server, Clients);
        crowd.AwaitJoins();
        CrowdState control = run.Control.Read();
        for (int change = 0; change < Changes; change++)
        {
            crowd.With(static c =>
            {
                foreach (HonestClient client in c)
                {
                    client.Rebind();
                }

                return 0;
            });
            Thread.Sleep(2_500);
        }

        CrowdState before = crowd.Read(Clients);
        CrowdState without = run.Control.Read();
        Thread.Sleep(1_000);
        long echoes = (crowd.Read(Clients) - before).Echoes;
        CrowdState controlAfter = run.Control.Read();
        int lost = Math.Max(0, crowd.Read(Clients).Ended - (controlAfter - control).Ended);
        long expected = (controlAfter - without).Echoes;
        string figure = string.Create(CultureInfo.InvariantCulture,
            $"{Clients} clients at 60 Hz, {Changes} changes each: {lost} sessions ended; "
            + $"{echoes} messages came back in the second after, {expected} without changes");
        bool holds = lost == 0 && echoes >= expected / 2;
        return new AttackRow("addresses that change", figure, "no session ends, at least half as many messages come back", holds);
    }

    public static AttackRow Restart(AttackRun run)
    {
        PeerAddress address;
        var endpoint = new TransportEndpoint(new TransportOptions { MaxPeers = 8 }, 1, SocketClock.Micros);
        using IDatagramSocket socket = DatagramSocket.Open(EchoCost.Loopback());
        address = socket.LocalAddress;
        using var client = new HonestClient(address, 7);
        var port = new TransportPort(socket, endpoint);
        long end = SocketClock.Micros + 2_000_000;
        Serve(client, socket, () => endpoint, () => port, () => SocketClock.Micros > end);
        if (client.HasEnded)
        {
            return new AttackRow("a server that was started again", "the client could not connect", "noticed within 1.5 s", false);
        }

        endpoint = new TransportEndpoint(new TransportOptions { MaxPeers = 8 }, 2, SocketClock.Micros);
        port = new TransportPort(socket, endpoint);
        long start = SocketClock.Micros;
        Serve(client, socket, () => endpoint, () => port, () => client.HasEnded || SocketClock.Micros > start + 6_000_000);
        double millis = (SocketClock.Micros - start) / 1000.0;
        string figure = string.Create(CultureInfo.InvariantCulture, $"noticed after {millis:N0} ms, {client.EndReason}");
        bool holds = client.EndReason == DisconnectReason.PeerNotFound && millis <= 1500;
        return new AttackRow("a server that was started again", figure, "noticed within 1.5 s", holds);
    }

    private static void Serve(
        HonestClient client, IDatagramSocket socket, Func<TransportEndpoint> endpoint, Func<TransportPort> port, Func<bool> done)
    {
        while (!done())
        {
            client.Update();
            socket.Wait(1_000);
            port().Receive(4);
            endpoint().Advance(SocketClock.Micros);
            while (endpoint().TryPeekEvent(out TransportEvent e, out _))
            {
                endpoint().ConsumeEvent();
            }

            port().Send();
        }
    }
}
