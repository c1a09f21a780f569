using System.Globalization;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Transport;

namespace GameServer.Bench.Attacks;

/// <summary>Floods of connect requests: do honest newcomers still come in?</summary>
internal static class FloodAttacks
{
    private const int JoinEveryMillis = 200;
    private const long JoinMicros = 3_000_000;
    private const string JoinBound = "at least 95 % of honest joins within 3 s, no session ends";

    public static AttackRow ForgedConnects(AttackTimes times)
    {
        var random = DeterministicRandom.From(1, 1);
        return Flood(times, "connects with forged addresses, and guessed proofs", (forger, _, i) =>
        {
            uint source = 0x7F000000 | (random.NextUInt() & 0x00FFFFFF);
            var port = (ushort)(1024 + random.NextInt(60_000));
            if (i % 4 == 3)
            {
                forger.Send(source, port, i % 8 == 3 ? Claim(ref random) : Pong(ref random));
            }
            else
            {
                forger.Send(source, port, Request(ref random));
            }
        });
    }

    public static AttackRow ForgedConnectsOfAVictim(AttackTimes times)
    {
        var random = DeterministicRandom.From(2, 1);
        return Flood(times, "connects with the addresses of those who join", (forger, victims, i) =>
            forger.Send(victims[i % victims.Count], i % 4 == 3 ? Claim(ref random) : Request(ref random)));
    }

    public static AttackRow ConnectsOfOneHost(AttackTimes times)
    {
        using var server = new AttackServer();
        using var crowd = new HonestCrowd(server, 8);
        crowd.AwaitJoins();
        long end = SocketClock.Micros + (times.FloodSeconds * 1_000_000L);
        long before = server.Connected;
        int tried = 0;
        var hosts = new List<HonestClient>();
        while (SocketClock.Micros < end)
        {
            hosts.Add(crowd.Add()); // real sockets of one address, which answer
            tried++;
            if (hosts.Count > 40)
            {
                crowd.Remove(hosts[0]);
                hosts.RemoveAt(0);
            }

            Thread.Sleep(2);
        }

        double perSecond = (double)(server.Connected - before) / times.FloodSeconds;
        double bound = server.Options.RequestsPerAddress * (1 + (4.0 / times.FloodSeconds));
        int ended = crowd.With(static c => c.Take(8).Count(static x => x.HasEnded));
        string figure = string.Create(CultureInfo.InvariantCulture, $"{tried} connects of one host, {perSecond:N0} taken a second, {ended} sessions ended");
        return new AttackRow("connects of one host that answers", figure, $"at most {bound:N0} a second, no session ends", perSecond <= bound && ended == 0 && server.Failure is null);
    }

    private static AttackRow Flood(AttackTimes times, string name, Action<Forger, IReadOnlyList<PeerAddress>, int> send)
    {
        using var server = new AttackServer(1024);
        using Forger? forger = Forger.TryOpen(server.Address);
        if (forger is null)
        {
            return new AttackRow(name, AttackTimes.NoRawSockets, JoinBound, null);
        }

        using var crowd = new HonestCrowd(server, 8);
        crowd.AwaitJoins();
        var newcomers = new List<HonestClient>();
        PeerAddress[] victims = [.. crowd.With(static c => c.Select(static x => x.Address).ToArray())];
        long receivedBefore = server.Received;
        long dropsBefore = server.KernelDrops;
        long start = SocketClock.Micros;
        long end = start + (times.FloodSeconds * 1_000_000L);
        long nextJoin = start;
        for (int i = 0; SocketClock.Micros < end;)
        {
            if (SocketClock.Micros >= nextJoin && nextJoin < end - JoinMicros)
            {
                nextJoin += JoinEveryMillis * 1000L;
                newcomers.Where(static c => c.JoinedMicros > 0).ToList().ForEach(crowd.Remove); // who has joined leaves: it is the joins that are counted
                newcomers.Add(crowd.Add());
                victims = [.. newcomers.Where(static c => c.JoinedMicros == 0).TakeLast(4).Select(static c => c.Address)];
            }

            long due = (SocketClock.Micros - start) * times.Rate / 1_000_000;
            for (int burst = 0; i < due && burst < 64; burst++)
            {
                send(forger, victims, i++);
            }
        }

        Thread.Sleep(100);
        long joined = crowd.With(_ => newcomers.Count(static c => c.JoinedMicros > 0 && c.JoinedMicros - c.StartedMicros <= JoinMicros));
        int ended = crowd.With(static c => c.Count(static x => x.HasEnded || x.Wrong > 0));
        long ghosts = Math.Max(0, server.Connected - 8 - newcomers.Count);
        string figure = string.Create(CultureInfo.InvariantCulture,
            $"{joined} of {newcomers.Count} joined within 3 s, {ended} sessions ended, {ghosts} forged connections; a second: {forger.Sent / times.FloodSeconds:N0} offered, {(server.Received - receivedBefore) / times.FloodSeconds:N0} received, {(server.KernelDrops - dropsBefore) / times.FloodSeconds:N0} dropped by the kernel");
        bool holds = newcomers.Count > 0 && joined >= 0.95 * newcomers.Count && ended == 0 && server.Failure is null;
        return new AttackRow(name, figure, JoinBound, holds);
    }

    private static byte[] Request(ref DeterministicRandom random)
    {
        byte[] request = new byte[34 + 40];
        byte first = (random.NextBool(0.5f) ? WireLine.One : WireLine.Two).First(PacketKind.ConnectRequest, 0);
        Wire.WriteRequest(request, first, (long)random.NextUInt() << 20, 1, PeerAddress.FromIPv4(0x0100007F, 1), request.AsSpan(34));
        return request;
    }

    private static byte[] Claim(ref DeterministicRandom random)
    {
        byte[] claim = new byte[Wire.AcceptBytes];
        Wire.WriteAccept(claim, WireLine.Two.First(PacketKind.PeerNotFound, 0), random.NextUInt(), random.NextInt(4), 1, random.NextInt(int.MaxValue));
        return claim;
    }

    private static byte[] Pong(ref DeterministicRandom random)
    {
        byte[] pong = new byte[Wire.PongBytes];
        Wire.WritePong(pong, WireLine.Two.First(PacketKind.Pong, random.NextInt(4)), (ushort)random.NextInt(16_384), 0);
        return pong;
    }
}
