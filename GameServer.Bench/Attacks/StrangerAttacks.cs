using System.Globalization;
using GameServer.Bench.Sockets;
using GameServer.Netcode.Transport;

namespace GameServer.Bench.Attacks;

/// <summary>Strangers: what they are answered, sessions that come from another address, and a server that was started again.</summary>
internal static class StrangerAttacks
{
    public static AttackRow Reflection(AttackTimes times)
    {
        using var server = new AttackServer();
        using var crowd = new HonestCrowd(server, 4);
        crowd.AwaitJoins();
        using IDatagramSocket stranger = DatagramSocket.Open(EchoCost.Loopback());
        var batch = new DatagramBatch();
        double worst = 0;
        int answersToPing = 0;
        string worstAt = "";
        foreach (byte[] datagram in Probes())
        {
            Send(stranger, server.Address, datagram);
            stranger.Wait(8_000);
            Thread.Sleep(datagram.Length >= 34 ? 8 : 1);
            int answers = stranger.Receive(batch);
            double bytes = 0;
            for (int i = 0; i < answers; i++)
            {
                bytes += batch.Lengths[i] + Wire.DatagramOverheadBytes;
            }

            double ratio = bytes / (datagram.Length + Wire.DatagramOverheadBytes);
            answersToPing = datagram.Length == 3 ? Math.Max(answersToPing, answers) : answersToPing;
            if (ratio > worst)
            {
                (worst, worstAt) = (ratio, $"byte 0 {datagram[0]:X2}, {datagram.Length} bytes");
            }
        }

        string figure = string.Create(CultureInfo.InvariantCulture,
            $"{worst:N2} × with headers ({worstAt}), {answersToPing} answer to a ping");
        return new AttackRow("reflection: all first bytes, 12 lengths", figure, "1.00 × with headers; 1 answer to a ping", worst <= 1 && answersToPing <= 1);
    }

    public static AttackRow Roaming(AttackTimes times)
    {
        const int Clients = 8;
        const int Changes = 4;
        using var server = new AttackServer();
        using var crowd = new HonestCrowd(server, Clients);
        crowd.AwaitJoins();
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

        long before = crowd.With(static c => c.Sum(static x => x.Echoes));
        Thread.Sleep(1_000);
        int ended = crowd.With(static c => c.Count(static x => x.HasEnded || x.Wrong > 0));
        long echoes = crowd.With(static c => c.Sum(static x => x.Echoes)) - before;
        string figure = string.Create(CultureInfo.InvariantCulture, $"{Clients} clients at 60 Hz, {Changes} changes each: {ended} sessions ended, {echoes} messages came back in the second after");
        return new AttackRow("addresses that change", figure, "no session ends", ended == 0 && echoes > Clients);
    }

    public static AttackRow Restart(AttackTimes times)
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
        return new AttackRow("a server that was started again", figure, "noticed within 1.5 s", client.EndReason == DisconnectReason.PeerNotFound && millis <= 1500);
    }

    private static void Serve(HonestClient client, IDatagramSocket socket, Func<TransportEndpoint> endpoint, Func<TransportPort> port, Func<bool> done)
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

    private static IEnumerable<byte[]> Probes()
    {
        foreach (int length in new[] { 1, 2, 3, 4, 9, 11, 13, 15, 18, 34, 44, 80 })
        {
            for (int first = 0; first < 256; first++)
            {
                byte[] datagram = new byte[length];
                if (length >= 34)
                {
                    if ((first & 31) is not (5 or 6))
                    {
                        continue;
                    }

                    Wire.WriteRequest(datagram, 0, 1000 + first, 1, PeerAddress.FromIPv4(0x0100007F, 1), datagram.AsSpan(34));
                }

                datagram[0] = (byte)first;
                yield return datagram;
            }
        }
    }

    private static void Send(IDatagramSocket socket, PeerAddress to, byte[] datagram)
    {
        var batch = new DatagramBatch(1);
        datagram.CopyTo(batch.Buffer(0));
        batch.Lengths[0] = datagram.Length;
        batch.Addresses[0] = to;
        socket.Send(batch, 0, 1);
    }
}
