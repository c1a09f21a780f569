using System.Globalization;
using GameServer.Netcode.Messages;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Transport;

namespace GameServer.Bench.Attacks;

/// <summary>Datagrams with the address of someone who is connected, written without seeing the connection.</summary>
internal static class ForgeryAttacks
{
    private const int Clients = 8;
    private const int OpenChannelId = 2;
    private const int SequencesInUse = 4_096; // a session of some seconds uses fewer
    private const string Bound =
        "no session ends, no message is lost or invented, at least half as many come back as without the attack";

    public static AttackRow KillAtTheServer(AttackRun run) =>
        Kill(run, "blind kill at the server: every ending packet and message, all numbers and channels", toServer: true);

    public static AttackRow KillAtTheClient(AttackRun run) => Kill(run, "blind kill at the client", toServer: false);

    public static AttackRow Malformed(AttackRun run)
    {
        var random = DeterministicRandom.From(3, 1);
        return Flood(run, "random and cut datagrams of strangers and with clients' addresses", (batch, i, victims) =>
        {
            int length = 1 + random.NextInt(random.NextBool(0.1f) ? 1432 : 60);
            Span<byte> payload = batch.Payload(i)[..length];
            for (int at = 0; at < length; at++)
            {
                payload[at] = (byte)random.NextUInt();
            }

            // Not what the plain protocol cannot tell from the client's own: unreliable messages and sequences near the window.
            payload[0] = (byte)((payload[0] & 0xE0) | (6 + random.NextInt(14)));
            bool ofAClient = random.NextBool(0.5f);
            PeerAddress stranger = Forger.Loopback(random.NextUInt(), 1024 + random.NextInt(60_000));
            batch.Set(i, ofAClient ? victims[random.NextInt(victims.Length)] : stranger, length);
        });
    }

    /// <summary>Acknowledgements of what was never sent; those of what is under way are what the plain protocol cannot prove.</summary>
    public static AttackRow Acknowledgements(AttackRun run)
    {
        var random = DeterministicRandom.From(4, 1);
        return Flood(run, "forged acknowledgements of what was not sent: all lines, numbers, channels and windows", (batch, i, victims) =>
            batch.Set(i, victims[random.NextInt(victims.Length)], WriteAcknowledgement(batch.Payload(i), ref random)));
    }

    private static int WriteAcknowledgement(Span<byte> payload, ref DeterministicRandom random)
    {
        WireLine line = random.NextBool(0.2f) ? WireLine.One : WireLine.Two;
        int channelId = random.NextInt(8);
        int window = channelId == OpenChannelId ? SequencesInUse + random.NextInt(65_536 - (2 * SequencesInUse)) : random.NextInt(65_536);
        ulong bits = random.NextInt(3) switch { 0 => ulong.MaxValue, 1 => 0, _ => ((ulong)random.NextUInt() << 32) | random.NextUInt() };
        int whole = Wire.WriteAck(payload, line.First(PacketKind.Ack, random.NextInt(4)), (ushort)window, channelId, bits);
        return random.NextBool(0.9f) ? whole : 4 + random.NextInt(whole - 3); // some are cut
    }

    private static AttackRow Flood(AttackRun run, string name, Action<ForgedBatch, int, PeerAddress[]> fill)
    {
        using var server = new AttackServer();
        using Forger? forger = Forger.TryOpen(server.Address);
        if (forger is null)
        {
            return new AttackRow(name, AttackRun.NoRawSockets, Bound, null);
        }

        using var crowd = new HonestCrowd(server, Clients);
        crowd.AwaitJoins();
        PeerAddress[] victims = crowd.With(static c => c.Select(static x => x.Address).ToArray());
        CrowdState control = run.Control.Read();
        using var sender = run.Send(forger, server, (batch, i, _) => fill(batch, i, victims));
        sender.Await(run.Datagrams, run.SecondsMax);
        sender.Dispose();
        AttackRow row = Judge(name, crowd, server, sender.Sent, run.Control, control);
        return row with { Holds = AttackRun.Verdict(sender, row.Holds == true) };
    }

    private static AttackRow Kill(AttackRun run, string name, bool toServer)
    {
        using var server = new AttackServer();
        using var crowd = new HonestCrowd(server, Clients);
        crowd.AwaitJoins();
        CrowdState control = run.Control.Read();
        PeerAddress[] victims = crowd.With(static c => c.Select(static x => x.Address).ToArray());
        long sent = 0;
        foreach (PeerAddress victim in victims)
        {
            using Forger? forger = Forger.TryOpen(toServer ? server.Address : victim);
            if (forger is null)
            {
                return new AttackRow(name, AttackRun.NoRawSockets, Bound, null);
            }

            foreach (byte[] datagram in Kills())
            {
                forger.Send(toServer ? victim : server.Address, datagram);
            }

            sent += forger.Sent;
        }

        Thread.Sleep(6_000); // longer than the idle timeout
        return Judge(name, crowd, server, sent, run.Control, control);
    }

    private static AttackRow Judge(
        string name, HonestCrowd crowd, AttackServer server, long sent, Control control, CrowdState controlBefore)
    {
        CrowdState before = crowd.Read(Clients);
        CrowdState without = control.Read();
        Thread.Sleep(1_000);
        long echoes = (crowd.Read(Clients) - before).Echoes;
        CrowdState controlAfter = control.Read();
        int lost = Math.Max(0, crowd.Read(Clients).Ended - (controlAfter - controlBefore).Ended);
        long expected = (controlAfter - without).Echoes;
        string figure = string.Create(CultureInfo.InvariantCulture,
            $"{sent:N0} forged datagrams: {lost} of {Clients} sessions ended or confused; "
            + $"{echoes} messages came back in the second after, {expected} without the attack");
        bool holds = sent > 0 && lost == 0 && echoes >= expected / 2 && server.Failure is null;
        return new AttackRow(name, figure, Bound, holds);
    }

    /// <summary>What ends a session, or says that it has, in both lines, for every number; sequence 0 of unused channels.</summary>
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
                byte first0 = line.First(PacketKind.ConnectRequest, number);
                Wire.WriteRequest(request, first0, long.MaxValue, 1, PeerAddress.FromIPv4(0x0100007F, 1), default);
                yield return request;
                for (int channelId = 0; channelId < 8; channelId++)
                {
                    if (channelId == OpenChannelId)
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
