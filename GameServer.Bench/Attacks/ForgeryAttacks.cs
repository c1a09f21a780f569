using System.Globalization;
using GameServer.Netcode.Messages;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Transport;

namespace GameServer.Bench.Attacks;

/// <summary>Datagrams with the address of someone who is connected, written without seeing the connection.</summary>
internal static class ForgeryAttacks
{
    private const int Clients = 8;
    private const string Bound = "no session ends, no message is lost or invented";

    public static AttackRow KillAtTheServer(AttackTimes times) => Kill("blind kill at the server: every ending packet and message, all numbers and channels", toServer: true);

    public static AttackRow KillAtTheClient(AttackTimes times) => Kill("blind kill at the client", toServer: false);

    public static AttackRow Malformed(AttackTimes times)
    {
        const string Name = "random and cut datagrams of strangers and with clients' addresses";
        using var server = new AttackServer();
        using Forger? forger = Forger.TryOpen(server.Address);
        if (forger is null)
        {
            return new AttackRow(Name, AttackTimes.NoRawSockets, Bound, null);
        }

        using var crowd = new HonestCrowd(server, Clients);
        crowd.AwaitJoins();
        PeerAddress[] victims = crowd.With(static c => c.Select(static x => x.Address).ToArray());
        var random = DeterministicRandom.From(3, 1);
        byte[] datagram = new byte[1432];
        long end = SocketClock.Micros + (times.FloodSeconds * 1_000_000L);
        while (SocketClock.Micros < end)
        {
            int length = 1 + random.NextInt(random.NextBool(0.1f) ? 1432 : 60);
            for (int i = 0; i < length; i++)
            {
                datagram[i] = (byte)random.NextUInt();
            }

            // Not the packets that the plain protocol cannot tell from the client's own: unreliable messages, and channel 0 with sequences near the window.
            datagram[0] = (byte)((datagram[0] & 0xE0) | (6 + random.NextInt(14)));
            if (random.NextBool(0.5f))
            {
                forger.Send(victims[random.NextInt(victims.Length)], datagram.AsSpan(0, length));
            }
            else
            {
                forger.Send(0x7F000000 | (random.NextUInt() & 0x00FFFFFF), (ushort)(1024 + random.NextInt(60_000)), datagram.AsSpan(0, length));
            }
        }

        return Judge(Name, crowd, server, forger.Sent);
    }

    private static AttackRow Kill(string name, bool toServer)
    {
        using var server = new AttackServer();
        using var crowd = new HonestCrowd(server, Clients);
        crowd.AwaitJoins();
        PeerAddress[] victims = crowd.With(static c => c.Select(static x => x.Address).ToArray());
        long sent = 0;
        foreach (PeerAddress victim in victims)
        {
            using Forger? forger = Forger.TryOpen(toServer ? server.Address : victim);
            if (forger is null)
            {
                return new AttackRow(name, AttackTimes.NoRawSockets, Bound, null);
            }

            foreach (byte[] datagram in Kills())
            {
                forger.Send(toServer ? victim : server.Address, datagram);
            }

            sent += forger.Sent;
        }

        Thread.Sleep(6_000); // longer than the idle timeout
        return Judge(name, crowd, server, sent);
    }

    private static AttackRow Judge(string name, HonestCrowd crowd, AttackServer server, long sent)
    {
        long before = crowd.With(static c => c.Sum(static x => x.Echoes));
        Thread.Sleep(1_000);
        int ended = crowd.With(static c => c.Count(static x => x.HasEnded));
        long wrong = crowd.With(static c => c.Sum(static x => x.Wrong));
        bool alive = crowd.With(static c => c.Sum(static x => x.Echoes)) > before + Clients;
        string figure = string.Create(CultureInfo.InvariantCulture, $"{sent:N0} forged datagrams: {ended} of {Clients} sessions ended, {wrong} messages wrong{(alive ? "" : ", nothing comes back")}");
        return new AttackRow(name, figure, Bound, ended == 0 && wrong == 0 && alive && server.Failure is null);
    }

    /// <summary>What ends a session, or says that it has, in both lines, for every number; on channels, sequence 0 as of one that was never used.</summary>
    private static IEnumerable<byte[]> Kills()
    {
        byte[] leave = new byte[32];
        leave = leave[..ControlMessage.WriteLeave(leave, 0)];
        foreach (WireLine line in new[] { WireLine.One, WireLine.Two })
        {
            for (int number = 0; number < 4; number++)
            {
                yield return [line.First(PacketKind.PeerNotFound, number), 1];
                yield return [line.First(PacketKind.PeerNotFound, number)];
                yield return [line.First(PacketKind.PeerNotFound, number), 1, .. new byte[8]];
                yield return [line.First(PacketKind.InvalidProtocol, number)];
                yield return [line.First(PacketKind.ShutdownOk, number)];
                yield return [line.First(PacketKind.Disconnect, number), .. new byte[8]];
                byte[] request = new byte[34];
                Wire.WriteRequest(request, line.First(PacketKind.ConnectRequest, number), long.MaxValue, 1, PeerAddress.FromIPv4(0x0100007F, 1), default);
                yield return request;
                for (int channelId = 0; channelId < 8; channelId++)
                {
                    if (channelId == 2)
                    {
                        continue; // in use: its first sequences are what the plain protocol cannot prove
                    }

                    byte first = line.First(PacketKind.Channeled, number);
                    yield return [(byte)(first | WireLine.FragmentedBit), 0, 0, (byte)channelId, 1, 0, 0, 0, 255, 255, 7];
                    yield return [first, 1, 0, (byte)channelId, .. leave];
                    yield return [first, 0, 0, (byte)channelId, .. leave];
                }
            }
        }
    }
}
