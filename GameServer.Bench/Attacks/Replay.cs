using System.Globalization;
using GameServer.Netcode.Transport;

namespace GameServer.Bench.Attacks;

/// <summary>What a recording is worth: each datagram ten times in the session, all after two reconnects. In virtual time.</summary>
internal static class Replay
{
    private const int Sessions = 3;
    private const int Messages = 20;
    private const int Copies = 10;

    public static AttackRow Run(AttackRun run)
    {
        var server = new TransportEndpoint(new TransportOptions { OpenChannels = ChannelSet.Match }, 1, 0);
        var from = PeerAddress.FromIPv4(0x0100007F, 5000);
        List<byte[]> recording = [];
        long now = 0;
        int delivered = 0;
        for (int session = 0; session < Sessions; session++)
        {
            delivered += Play(server, from, session, ref now, session == 0 ? recording : null);
            now += 3_000_000;
        }

        foreach (byte[] datagram in recording)
        {
            server.Handle([.. datagram], from, now);
        }

        int replayed = Drain(server);
        string figure = string.Create(CultureInfo.InvariantCulture,
            $"{recording.Count} datagrams of {Messages} messages, each {Copies} times: "
            + $"{delivered} delivered at first, {replayed} after two reconnects");
        bool holds = delivered == Messages && replayed == 0;
        return new AttackRow("a recording of a session, played in it and after two reconnects", figure, "each once, none again", holds);
    }

    /// <summary>One session of 400 ms; in the recorded one every datagram comes ten times and some messages are sent.</summary>
    private static int Play(TransportEndpoint server, PeerAddress from, int session, ref long now, List<byte[]>? recording)
    {
        var client = new TransportEndpoint(new TransportOptions { MaxPeers = 1, AcceptConnections = false }, (ulong)session + 9, now);
        PeerAddress at = PeerAddress.FromIPv4(0x0100007F, 6000);
        PeerId peer = client.Connect(at, new byte[20], now);
        byte[] buffer = new byte[1432];
        int delivered = 0;
        for (int step = 0; step < 400; step++)
        {
            now += 1_000;
            client.Advance(now);
            server.Advance(now);
            if (recording is not null && step >= 100 && step < 100 + Messages)
            {
                client.Send(peer, DeliveryMethod.ReliableOrdered, 0, [1, 2, 3]);
            }

            while (client.TryPollDatagram(buffer, out int length, out _))
            {
                recording?.Add(buffer[..length]);
                for (int copy = 0; copy < (recording is null ? 1 : Copies); copy++)
                {
                    server.Handle([.. buffer[..length]], from, now);
                }
            }

            while (server.TryPollDatagram(buffer, out int length, out _))
            {
                client.Handle(buffer.AsSpan(0, length), at, now);
            }

            Drain(client);
            delivered += Drain(server);
        }

        return delivered;
    }

    private static int Drain(TransportEndpoint endpoint)
    {
        int messages = 0;
        while (endpoint.TryPeekEvent(out TransportEvent e, out _))
        {
            messages += e.Kind == TransportEventKind.Message ? 1 : 0;
            endpoint.ConsumeEvent();
        }

        return messages;
    }
}
