using System.Globalization;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Transport;

namespace GameServer.Bench.Attacks;

/// <summary>Floods of connect requests: do honest newcomers still come in?</summary>
internal static class FloodAttacks
{
    private const int Settled = 8;
    private const int JoinsWithout = 20;
    private const int JoinsMin = 40;
    private const int JoinsPerSecond = 5;
    private const long JoinMicros = 3_000_000;
    private const string JoinBound =
        "within 3 s, times without a processor not counted, at least 95 % as many honest joins as without the attack; "
        + "no session ends; 0 B allocated";

    public static AttackRow ForgedConnects(AttackRun run)
    {
        var random = DeterministicRandom.From(1, 1);
        return Flood(run, "connects with forged addresses, and guessed proofs", (batch, i, count, _) =>
            batch.Set(i, Forger.Loopback(random.NextUInt(), 1024 + random.NextInt(60_000)), Write(batch.Payload(i), count, ref random)));
    }

    public static AttackRow ForgedConnectsOfAVictim(AttackRun run)
    {
        var random = DeterministicRandom.From(2, 1);
        return Flood(run, "connects with the addresses of those who join, and guessed proofs", (batch, i, count, victims) =>
            batch.Set(i, victims[(int)(count % victims.Length)], Write(batch.Payload(i), count, ref random)));
    }

    private static AttackRow Flood(AttackRun run, string name, Action<ForgedBatch, int, long, PeerAddress[]> fill)
    {
        using var server = new AttackServer(1024);
        using Forger? forger = Forger.TryOpen(server.Address);
        if (forger is null)
        {
            return new AttackRow(name, AttackRun.NoRawSockets, JoinBound, null);
        }

        using var crowd = new HonestCrowd(server, Settled);
        crowd.AwaitJoins();
        var without = new Joins(crowd);
        for (int i = 0; i < JoinsWithout; i++)
        {
            without.Add();
            Thread.Sleep(40);
        }

        without.Await();
        PeerAddress[] victims = [.. crowd.With(static c => c.Select(static x => x.Address).ToArray())];
        CrowdState control = run.Control.Read();
        (long received, long sent) = (server.Received, server.DatagramsOut);
        (long drops, long nanos) = (server.KernelDrops, server.ProcessorNanos);
        (long connected, long allocated) = (server.Connected, server.Allocated);
        long waitedBefore = crowd.WaitedMicros();
        var joins = new Joins(crowd);
        using FloodSender sender = run.Send(forger, server, (batch, i, count) => fill(batch, i, count, Volatile.Read(ref victims)));
        int wanted = Math.Max(JoinsMin, run.SecondsMax > 20 ? run.SecondsMax * JoinsPerSecond : 0);
        for (int i = 0; i < wanted; i++)
        {
            // Joins follow the work of the sender, not the time.
            sender.Await(run.Datagrams * i / wanted, (double)run.SecondsMax * i / wanted);
            joins.Add();
            Volatile.Write(ref victims, joins.Waiting is { Length: > 0 } waiting ? waiting : victims);
        }

        joins.Await(); // the flood goes on until the last one has succeeded or failed
        sender.Dispose();
        Thread.Sleep(100);
        int ended = Math.Max(0, crowd.Read(Settled).Ended - (run.Control.Read() - control).Ended);
        received = server.Received - received;
        allocated = server.Allocated - allocated;
        double outPerIn = (double)(server.DatagramsOut - sent) / received;
        double waited = (crowd.WaitedMicros() - waitedBefore) / 1e6;
        long ghosts = Math.Max(0, server.Connected - connected - joins.Count);
        double seconds = sender.Seconds;
        string figure = string.Create(CultureInfo.InvariantCulture,
            $"{joins} within 3 s (without the attack {without}), {ended} sessions ended, {ghosts} forged connections, "
            + $"{allocated} B allocated; {sender.Sent:N0} datagrams, a second: {run.Rate:N0} asked for, {sender.Sent / seconds:N0} offered, "
            + $"{received / seconds:N0} received, {(server.KernelDrops - drops) / seconds:N0} dropped by the kernel; {outPerIn:N2} datagrams sent for each, "
            + $"{(server.ProcessorNanos - nanos) / 1e3 / received:N1} µs of the server's processor time; "
            + $"in {seconds:N1} s {waited:N1} s without a processor");
        bool comeIn = joins.InTime * without.Count >= 0.95 * joins.Count * without.InTime && without.InTime > 0;
        bool holds = comeIn && ended == 0 && allocated == 0 && server.Failure is null;
        return new AttackRow(name, figure, JoinBound, AttackRun.Verdict(sender, holds));
    }

    /// <summary>One datagram of the flood: requests above all, and guesses of what would prove an address.</summary>
    private static int Write(Span<byte> payload, long count, ref DeterministicRandom random)
    {
        if (count % 8 == 3)
        {
            byte claim = WireLine.Two.First(PacketKind.PeerNotFound, 0);
            return Wire.WriteAccept(payload, claim, random.NextUInt(), random.NextInt(4), 1, random.NextInt(int.MaxValue));
        }

        if (count % 8 == 7)
        {
            Wire.WritePong(payload, WireLine.Two.First(PacketKind.Pong, random.NextInt(4)), (ushort)random.NextInt(16_384), 0);
            return Wire.PongBytes;
        }

        byte first = (random.NextBool(0.5f) ? WireLine.One : WireLine.Two).First(PacketKind.ConnectRequest, 0);
        return Wire.WriteRequest(payload, first, (long)random.NextUInt() << 20, 1, PeerAddress.FromIPv4(0x0100007F, 1), payload[34..74]);
    }

    /// <summary>Newcomers, one after another; who has joined leaves, since it is the joins that are counted.</summary>
    private sealed class Joins(HonestCrowd crowd)
    {
        private readonly List<HonestClient> _all = [];
        private readonly HashSet<HonestClient> _left = [];

        public int Count => _all.Count;

        public int InTime => Millis.Count(static m => m <= JoinMicros / 1e3);

        /// <summary>The addresses of those who are still at it.</summary>
        public PeerAddress[] Waiting => crowd.With(
            _ => _all.Where(static c => c.JoinedMicros == 0).TakeLast(4).Select(static c => c.Address).ToArray());

        private IEnumerable<double> Millis => _all.Where(static c => c.JoinedMicros > 0).Select(static c => c.JoinMicros / 1e3);

        public override string ToString() => string.Create(CultureInfo.InvariantCulture,
            $"{InTime} of {Count}, median {Millis.Order().ElementAtOrDefault(Millis.Count() / 2):N0} ms, "
            + $"longest {Millis.DefaultIfEmpty().Max():N0} ms");

        public void Add()
        {
            Release();
            _all.Add(crowd.Add());
        }

        public void Await()
        {
            while (crowd.With(_ => _all.Exists(static c => c.JoinedMicros == 0 && c.JoinMicros <= JoinMicros)))
            {
                Thread.Sleep(10);
            }

            Release();
        }

        private void Release()
        {
            foreach (HonestClient client in _all.Where(c => c.JoinedMicros > 0 && _left.Add(c)))
            {
                crowd.Remove(client);
            }
        }
    }
}
