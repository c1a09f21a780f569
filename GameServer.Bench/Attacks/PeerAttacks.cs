using System.Globalization;
using GameServer.Netcode.Transport;

namespace GameServer.Bench.Attacks;

/// <summary>What a connected client may do to the others, and what a recording of it is worth later.</summary>
internal static class PeerAttacks
{
    private const int Clients = 8;
    private const string Bound = "no session of the others ends, their messages come back";

    public static AttackRow Replay(AttackTimes times)
    {
        const string Name = "a recording of a session, played after two reconnects";
        var endpoint = new TransportEndpoint(new TransportOptions { OpenChannels = ChannelSet.Match }, 1, 0);
        var from = PeerAddress.FromIPv4(0x0100007F, 5000);
        long now = 0;
        byte[] buffer = new byte[1432];
        List<byte[]> recording = [];
        int delivered = 0;
        for (int session = 0; session < 3; session++)
        {
            var client = new TransportEndpoint(new TransportOptions { MaxPeers = 1, AcceptConnections = false }, (ulong)session + 9, now);
            PeerId peer = client.Connect(PeerAddress.FromIPv4(0x0100007F, 6000), [], now);
            for (int step = 0; step < 200; step++)
            {
                now += 1_000;
                client.Advance(now);
                endpoint.Advance(now);
                if (session == 0 && step == 100)
                {
                    client.Send(peer, DeliveryMethod.ReliableOrdered, 0, [1, 2, 3]);
                }

                while (client.TryPollDatagram(buffer, out int length, out _))
                {
                    recording.AddRange(session == 0 ? [buffer[..length]] : []);
                    endpoint.Handle(buffer.AsSpan(0, length), from, now);
                }

                while (endpoint.TryPollDatagram(buffer, out int length, out _))
                {
                    client.Handle(buffer.AsSpan(0, length), PeerAddress.FromIPv4(0x0100007F, 6000), now);
                }

                while (client.TryPeekEvent(out _, out _))
                {
                    client.ConsumeEvent();
                }

                delivered += Drain(endpoint);
            }

            now += 3_000_000;
        }

        recording.ForEach(d => endpoint.Handle([.. d], from, now));
        int replayed = Drain(endpoint);
        string figure = string.Create(CultureInfo.InvariantCulture, $"{recording.Count} datagrams: {delivered} messages delivered at first, {replayed} again");
        return new AttackRow(Name, figure, "none again", delivered == 1 && replayed == 0);
    }

    public static AttackRow Fragments(AttackTimes times) => Hostile(
        times, "fragments of many messages that never complete", static (peer, i) =>
        [
            (byte)(peer.First(PacketKind.Channeled) | WireLine.FragmentedBit), (byte)i, 0, 2, (byte)i, 0, 0, 0, 40, 0, .. new byte[400],
        ]);

    public static AttackRow Flood(AttackTimes times) => Hostile(
        times, "a client that sends as much as it can", static (peer, i) => [peer.First(PacketKind.Unreliable), .. new byte[60]]);

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

    private static AttackRow Hostile(AttackTimes times, string name, Func<Peer, int, byte[]> make)
    {
        using var server = new AttackServer();
        using Forger? forger = Forger.TryOpen(server.Address);
        if (forger is null)
        {
            return new AttackRow(name, AttackTimes.NoRawSockets, Bound, null);
        }

        using var crowd = new HonestCrowd(server, Clients);
        HonestClient hostile = crowd.Add();
        crowd.AwaitJoins();
        byte[][] datagrams = [.. Enumerable.Range(0, 64).Select(i => make(hostile.Peer, i))];
        PeerAddress source = hostile.Address;
        long memory = GC.GetTotalMemory(false);
        long start = SocketClock.Micros;
        long before = crowd.With(static c => c.Take(Clients).Sum(static x => x.Echoes));
        for (long sent = 0; SocketClock.Micros < start + (times.FloodSeconds * 1_000_000L);)
        {
            long due = (SocketClock.Micros - start) * 20_000 / 1_000_000;
            for (; sent < due; sent++)
            {
                forger.Send(source, datagrams[sent % datagrams.Length]);
            }
        }

        int ended = crowd.With(static c => c.Take(Clients).Count(static x => x.HasEnded || x.Wrong > 0));
        long echoes = crowd.With(static c => c.Take(Clients).Sum(static x => x.Echoes)) - before;
        string figure = string.Create(CultureInfo.InvariantCulture,
            $"{forger.Sent / times.FloodSeconds:N0} a second: {ended} of {Clients} sessions ended, {echoes / (double)Clients / times.FloodSeconds:N1} messages a second came back to each, {(GC.GetTotalMemory(false) - memory) / 1024:N0} kB more memory");
        return new AttackRow(name, figure, Bound, ended == 0 && echoes > Clients * times.FloodSeconds && server.Failure is null);
    }
}
