using System.Globalization;
using GameServer.Netcode.Transport;

namespace GameServer.Bench.Attacks;

/// <summary>What a connected client may do to the others.</summary>
internal static class PeerAttacks
{
    private const int Clients = 8;
    private const string Bound = "no session of the others ends, at least half as many messages come back, 0 B allocated";

    public static AttackRow Fragments(AttackRun run) => Hostile(
        run, "fragments of many messages that never complete", static (peer, i) =>
        [
            (byte)(peer.First(PacketKind.Channeled) | WireLine.FragmentedBit), (byte)i, 0, 2, (byte)i, 0, 0, 0, 40, 0, .. new byte[400],
        ]);

    public static AttackRow Flood(AttackRun run) => Hostile(
        run, "a client that sends as much as it can", static (peer, i) => [peer.First(PacketKind.Unreliable), .. new byte[60]]);

    /// <summary>Acknowledgements that report all but the oldest as arrived, for every window, so that it is sent again each time.</summary>
    public static AttackRow EmptyAcknowledgements(AttackRun run) => Hostile(
        run, "a client that reports losses that were none", static (peer, i) =>
        {
            byte[] ack = new byte[Wire.AckBytes];
            Wire.WriteAck(ack, peer.First(PacketKind.Ack), (ushort)(i * 16), 2, ulong.MaxValue - 1);
            return ack;
        });

    private static AttackRow Hostile(AttackRun run, string name, Func<Peer, int, byte[]> make)
    {
        using var server = new AttackServer();
        using Forger? forger = Forger.TryOpen(server.Address);
        if (forger is null)
        {
            return new AttackRow(name, AttackRun.NoRawSockets, Bound, null);
        }

        using var crowd = new HonestCrowd(server, Clients);
        HonestClient hostile = crowd.Add();
        crowd.AwaitJoins();
        byte[][] datagrams = [.. Enumerable.Range(0, 64).Select(i => make(hostile.Peer, i))];
        PeerAddress source = hostile.Address;
        (CrowdState before, CrowdState control) = (crowd.Read(Clients), run.Control.Read());
        (long allocated, long nanos) = (server.Allocated, server.ProcessorNanos);
        (long received, long sent, long start) = (server.Received, server.DatagramsOut, SocketClock.Micros);
        using var sender = run.Send(forger, server, (batch, i, count) => batch.Set(i, source, datagrams[count % datagrams.Length]));
        sender.Await(run.Datagrams, run.SecondsMax);
        sender.Dispose();
        (CrowdState here, CrowdState there) = (crowd.Read(Clients) - before, run.Control.Read() - control);
        Thread.Sleep(50); // the server's own figures follow 60 times a second
        allocated = server.Allocated - allocated;
        received = server.Received - received;
        int lost = Math.Max(0, here.Ended - there.Ended);
        double seconds = Clients * (SocketClock.Micros - start) / 1e6;
        double outPerIn = (double)(server.DatagramsOut - sent) / received;
        string figure = string.Create(CultureInfo.InvariantCulture,
            $"{sender.Sent:N0} datagrams, {sender.Sent / sender.Seconds:N0} a second: {lost} of {Clients} sessions ended, "
            + $"{here.Echoes / seconds:N1} messages a second came back to each, {there.Echoes / seconds:N1} without it, "
            + $"{outPerIn:N2} datagrams sent for each received, {allocated} B allocated, "
            + $"{(server.ProcessorNanos - nanos) / 1e3 / received:N1} µs of the server's processor time for each");
        bool holds = lost == 0 && here.Echoes >= there.Echoes / 2 && allocated == 0 && outPerIn <= 2 && server.Failure is null;
        return new AttackRow(name, figure, Bound + ", at most 2 datagrams sent for each received", AttackRun.Verdict(sender, holds));
    }
}
