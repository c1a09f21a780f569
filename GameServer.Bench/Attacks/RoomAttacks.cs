using System.Globalization;
using System.Net;
using GameServer.Arena;
using GameServer.Netcode.Game;
using GameServer.Netcode.Messages;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Transport;

namespace GameServer.Bench.Attacks;

/// <summary>Attacks on what all connections of a whole server share: places, the ring to the room, what the room sends on.</summary>
internal static class RoomAttacks
{
    private const int Newcomers = 10;
    private const long JoinMicros = 3_000_000;
    private const double ShortSeconds = 1.5;
    private const int LongSeconds = 10;
    private const int OverBudgetMin = 1_000;

    private static readonly IPAddress[] OneHost = [IPAddress.Parse("127.0.0.2")];

    /// <summary>Connections that prove their address and never join, more than the server keeps: do newcomers get in, does anybody lose a seat?</summary>
    public static AttackRow Squatters(AttackRun run)
    {
        const int Hosts = 24;
        const int PerHost = 20;
        using var match = new AttackedMatch();
        long?[] without = [.. Enumerable.Range(0, Newcomers).Select(_ => match.JoinAndLeave(JoinMicros))];
        IEnumerable<IPAddress> hosts = Enumerable.Range(1, Hosts).Select(static i => IPAddress.Parse($"127.9.{i}.1"));
        using var strangers = new Strangers(match.Address, hosts, PerHost, new byte[20], static (_, _) => { });
        AwaitConnects(strangers, Hosts * PerHost / 2);
        int peak = 0;
        long?[] joins = [.. Enumerable.Range(0, Newcomers).Select(_ => Join(match, ref peak))];
        int squatted = peak - AttackedMatch.Players;
        int inTime = joins.Count(static j => j is not null);
        int inTimeWithout = without.Count(static j => j is not null);
        string figure = string.Create(CultureInfo.InvariantCulture,
            $"{strangers.Connects:N0} connects of {Hosts * PerHost} ports of {Hosts} hosts, {squatted} connections at most beside the players; "
            + $"{inTime} of {Newcomers} newcomers in within 3 s, longest {Longest(joins):N0} ms (without {inTimeWithout}, {Longest(without):N0} ms), "
            + $"{match.Lost} sessions ended");
        bool holds = match.Lost == 0 && inTime >= 0.95 * inTimeWithout && match.Failure is null;
        return new AttackRow(
            "connections that take places and never join", figure,
            "at least 95 % as many joins within 3 s as without the attack, no session ends",
            strangers.Connects < Hosts * PerHost / 2 ? null : holds);
    }

    public static AttackRow Unjoined(AttackRun run) => Flood(
        run, "20 connections of one host that never join and send all they can", 20, new byte[20], static (strangers, index) =>
        {
            for (int n = 0; n < 40; n++)
            {
                strangers.Send(index, n < 32 ? DeliveryMethod.Unreliable : DeliveryMethod.ReliableOrdered, new byte[n < 24 ? 1 : 400]);
            }
        });

    public static AttackRow Inputs(AttackRun run) => Flood(
        run, "a player that sends a hundred times as many inputs as others", 1, Join("greedy"), static (strangers, index) =>
        {
            byte[] input = new byte[300];
            input[0] = (byte)PayloadKind.Input;
            for (int n = 0; n < 20; n++)
            {
                strangers.Send(index, DeliveryMethod.Unreliable, input);
            }
        });

    /// <summary>Players that chat as fast as they can: how much more does the server send than it is sent?</summary>
    public static AttackRow Chat(AttackRun run)
    {
        const int Chatters = 4;
        const double RatioMax = 20;
        using var match = new AttackedMatch();
        double seconds = SecondsOf(run);
        (long inBefore, long outBefore) = (match.BytesIn, match.BytesOut);
        Thread.Sleep((int)(seconds * 1000));
        (double usualIn, double usualOut) = (match.BytesIn - inBefore, match.BytesOut - outBefore);
        byte[] line = new byte[2048];
        line = line[..ControlMessage.WriteChat(line, 0, new string('x', Limits.ChatCharsMax))];
        using var strangers = new Strangers(match.Address, OneHost, Chatters, new byte[20], (all, index) =>
        {
            all.Send(index, DeliveryMethod.ReliableOrdered, Join($"chatter {index}"));
            all.Send(index, DeliveryMethod.ReliableOrdered, line);
        });
        (inBefore, outBefore) = (match.BytesIn, match.BytesOut);
        Thread.Sleep((int)(seconds * 1000));
        double extraIn = match.BytesIn - inBefore - usualIn;
        double extraOut = match.BytesOut - outBefore - usualOut;
        long refused = match.DropsOf(DropReason.ChatTooFast);
        string figure = string.Create(CultureInfo.InvariantCulture,
            $"{extraIn / 1000:N0} kB more came in than without, {extraOut / 1000:N0} kB more left (snapshots of {Chatters} more included), {extraOut / extraIn:N1} ×; "
            + $"{refused:N0} lines refused, {match.Lost} sessions ended");
        bool holds = match.Lost == 0 && match.Failure is null && extraOut <= RatioMax * extraIn;
        return new AttackRow(
            "players that chat as fast as they can", figure, "at most 20 bytes sent for each received, no session of the others ends",
            refused == 0 && holds ? null : holds);
    }

    private static AttackRow Flood(AttackRun run, string name, int connections, byte[] connectData, Action<Strangers, int> act)
    {
        using var match = new AttackedMatch();
        double seconds = SecondsOf(run);
        double usual = ExecutedShare(match, seconds);
        using var strangers = new Strangers(match.Address, OneHost, connections, connectData, act);
        AwaitConnects(strangers, connections);
        long overBefore = match.OverBudget;
        double during = ExecutedShare(match, seconds);
        long over = match.OverBudget - overBefore;
        string figure = string.Create(CultureInfo.InvariantCulture,
            $"{over:N0} messages over their budgets in {seconds:N1} s, {match.DroppedForRoom} dropped for want of room; "
            + $"{during:N1} inputs a second executed of each player, {usual:N1} without it; {match.Lost} sessions ended");
        bool holds = match.DroppedForRoom == 0 && match.Lost == 0 && during >= usual / 2 && match.Failure is null;
        return new AttackRow(
            name, figure, "nothing dropped for want of room, no session of the others ends, at least half as many inputs executed",
            over < OverBudgetMin && holds ? null : holds);
    }

    private static double SecondsOf(AttackRun run) => run.Yields ? ShortSeconds : LongSeconds;

    // Of the honest players, as the greedy ones send none that could be executed.
    private static double ExecutedShare(AttackedMatch match, double seconds)
    {
        (long before, long start) = (match.Executed, SocketClock.Micros);
        Thread.Sleep((int)(seconds * 1000));
        return (match.Executed - before) * 1e6 / (SocketClock.Micros - start) / AttackedMatch.Players;
    }

    private static long? Join(AttackedMatch match, ref int peak)
    {
        peak = Math.Max(peak, match.Peers);
        return match.JoinAndLeave(JoinMicros);
    }

    private static double Longest(long?[] joins) => joins.Max(static j => (j ?? JoinMicros) / 1e3);

    private static byte[] Join(string name)
    {
        byte[] buffer = new byte[512];
        var game = new ArenaGame();
        ulong schema = GameSchema<ArenaInput>.Of(game).Hash;
        return buffer[..new JoinMessage(game.Name, game.Version, schema, name, IsSpectator: false).Write(buffer)];
    }

    private static void AwaitConnects(Strangers strangers, int count)
    {
        for (int wait = 0; wait < 500 && strangers.Connects < count; wait++)
        {
            Thread.Sleep(10);
        }
    }
}
