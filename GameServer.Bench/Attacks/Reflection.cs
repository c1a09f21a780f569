using System.Globalization;
using GameServer.Bench.Sockets;
using GameServer.Netcode.Transport;

namespace GameServer.Bench.Attacks;

/// <summary>Does the server send more to an address that has proved nothing than came from it, headers counted?</summary>
internal static class Reflection
{
    private const int Group = 32;
    private const int AnswersMin = 100;

    public static AttackRow Run(AttackRun run)
    {
        using var server = new AttackServer();
        using var crowd = new HonestCrowd(server, 4);
        crowd.AwaitJoins();
        var batch = new DatagramBatch();
        (double worst, string worstAt, int answersToPing, int answered) = (0, "", 0, 0);
        foreach (byte[][] probes in Probes().Chunk(Group))
        {
            // A socket for each, so that no answer is taken for that of another probe.
            IDatagramSocket[] strangers = [.. probes.Select(static _ => DatagramSocket.Open(EchoCost.Loopback()))];
            long before = server.Received;
            for (int i = 0; i < probes.Length; i++)
            {
                Send(strangers[i], server.Address, probes[i]);
            }

            AwaitReceived(server, before + probes.Length);
            for (int i = 0; i < probes.Length; i++)
            {
                int answers = strangers[i].Receive(batch);
                double ratio = WithHeaders(batch, answers) / (probes[i].Length + Wire.DatagramOverheadBytes);
                answered += answers > 0 ? 1 : 0;
                answersToPing = probes[i].Length == 3 ? Math.Max(answersToPing, answers) : answersToPing;
                if (ratio > worst)
                {
                    (worst, worstAt) = (ratio, $"byte 0 {probes[i][0]:X2}, {probes[i].Length} bytes");
                }

                strangers[i].Dispose();
            }
        }

        string figure = string.Create(CultureInfo.InvariantCulture,
            $"{worst:N2} × with headers at most ({worstAt}), {answersToPing} answer to a ping; {answered} of the datagrams were answered");
        bool holds = worst <= 1 && answersToPing <= 1 && answered >= AnswersMin;
        return new AttackRow("reflection: all first bytes, 12 lengths", figure, "1.00 × with headers; 1 answer to a ping", holds);
    }

    /// <summary>A client claims again and again that it is now at the address of someone else.</summary>
    public static AttackRow ByMoves(AttackRun run)
    {
        const string Name = "reflection: a client that says it has moved to the address of someone else";
        const string Bound = "1.00 × with headers, the session stays";
        using var server = new AttackServer();
        using Forger? forger = Forger.TryOpen(server.Address);
        if (forger is null)
        {
            return new AttackRow(Name, AttackRun.NoRawSockets, Bound, null);
        }

        using var crowd = new HonestCrowd(server, 4);
        HonestClient hostile = crowd.Add();
        crowd.AwaitJoins();
        Peer peer = hostile.Peer;
        byte[] claim = new byte[Wire.AcceptBytes];
        Wire.WriteAccept(claim, peer.First(PacketKind.PeerNotFound), peer.ConnectionTime, peer.Number, 1, peer.RemoteId);
        byte[] ping = [peer.First(PacketKind.Ping), 9, 0];
        using IDatagramSocket victim = DatagramSocket.Open(EchoCost.Loopback());
        var batch = new DatagramBatch();
        double bytes = 0;
        for (int i = 0; i < 400; i++)
        {
            forger.Send(victim.LocalAddress, i % 2 == 0 ? claim : ping);
            Thread.Sleep(10);
            bytes += WithHeaders(batch, victim.Receive(batch));
        }

        double sent = (200 * (claim.Length + Wire.DatagramOverheadBytes)) + (200 * (ping.Length + Wire.DatagramOverheadBytes));
        bool stays = !hostile.HasEnded && crowd.Read(4).Ended == 0;
        string figure = string.Create(
            CultureInfo.InvariantCulture, $"{bytes / sent:N2} × with headers in 400 datagrams, the session {(stays ? "stays" : "ended")}");
        return new AttackRow(Name, figure, Bound, bytes > 0 && bytes <= sent && stays && server.Failure is null);
    }

    /// <summary>Waits until the server has taken the probes in and what it answers has left.</summary>
    private static void AwaitReceived(AttackServer server, long count)
    {
        for (int wait = 0; wait < 40 && server.Received < count; wait++)
        {
            Thread.Sleep(5); // the honest clients' datagrams count, too, hence the time below
        }

        Thread.Sleep(20);
    }

    private static double WithHeaders(DatagramBatch batch, int count)
    {
        double bytes = 0;
        for (int i = 0; i < count; i++)
        {
            bytes += batch.Lengths[i] + Wire.DatagramOverheadBytes;
        }

        return bytes;
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
