using System.Collections;
using System.Globalization;
using GameServer.Arena;
using GameServer.Bots;
using GameServer.Configuration;
using GameServer.Hosting;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Transport;
using GameServer.Operations;

namespace GameServer.Bench.Attacks;

/// <summary>A whole server with its threads and its room, and honest players in it.</summary>
internal sealed class AttackedMatch : IDisposable
{
    public const int Players = 8;

    private const int Seats = 24;
    private const long JoinMicrosMax = 10_000_000;

    private readonly ServerTelemetry _telemetry = new();
    private readonly ServerControl _control = new(Seats + MatchServer.SpectatorsMax, drainTimeoutSeconds: 0);
    private readonly MatchServer _server;
    private readonly BotFleet<ArenaInput> _players;
    private ulong _seed = 1000;

    public AttackedMatch()
    {
        string[] arguments =
        [
            "serve", "--port", "0", "--bind", "127.0.0.1", "--bots", "0", "--cpu-affinity", "none", "--seats-per-address", "0",
            "--max-players", Seats.ToString(CultureInfo.InvariantCulture),
        ];
        ParsedCommand parsed = Configuration.CommandLine.Parse(arguments, new Hashtable(), TextWriter.Null, Console.Error);
        _server = MatchServer.Create(new ArenaGame(), (ServeOptions)parsed.Options!, port: 0, _telemetry, _control);
        _control.RequestFirstMatch(new MatchRequest("attacked", new Dictionary<string, string>()));
        _server.Start();
        Address = PeerAddress.From(_server.Address);
        _players = Fleet(Players);
        _players.Start();
        if (JoinMicrosOf(_players, Players, JoinMicrosMax) is null)
        {
            throw new InvalidOperationException("the honest players could not join before the attack");
        }
    }

    public PeerAddress Address { get; }

    /// <summary>What ended a thread of the server before its time, or null.</summary>
    public Exception? Failure => _server.Failure;

    /// <summary>Connections, those that have not joined included.</summary>
    public int Peers => (int)_telemetry.Network[0].Peers.Value;

    /// <summary>Players whose sessions have ended.</summary>
    public int Lost => Players - _players.Playing;

    public long BytesOut => _telemetry.Network[0].BytesOut.Value;

    public long BytesIn => _telemetry.Network[0].BytesIn.Value;

    /// <summary>Inputs executed as sent.</summary>
    public long Executed => _telemetry.Simulation.InputsExecuted.Value;

    /// <summary>Messages that were dropped because what all peers share had no room.</summary>
    public long DroppedForRoom => DropsOf(DropReason.EventQueueFull) + DropsOf(DropReason.InboundRingFull);

    /// <summary>Messages of peers that brought more than the room takes.</summary>
    public long OverBudget => DropsOf(DropReason.UnreliableReplaced) + DropsOf(DropReason.UnreliableOverBudget) + DropsOf(DropReason.ReliableNotTaken);

    public long DropsOf(DropReason reason) => _telemetry.Network[0].Drops[reason] + _telemetry.Simulation.Drops[reason];

    /// <summary>Lets a player join and leave; returns how long the join took, or null when it took longer than that.</summary>
    public long? JoinAndLeave(long microsMax)
    {
        using BotFleet<ArenaInput> newcomer = Fleet(1);
        newcomer.Start();
        long? micros = JoinMicrosOf(newcomer, 1, microsMax);
        newcomer.Stop();
        return micros;
    }

    public void Dispose()
    {
        _players.Stop();
        _players.Dispose();
        _control.RequestStop("over");
        _server.Simulation.WaitForEnd(TimeSpan.FromSeconds(5));
        _server.StopNetwork();
        _server.Dispose();
    }

    private static long? JoinMicrosOf(BotFleet<ArenaInput> fleet, int count, long microsMax)
    {
        long start = SocketClock.Micros;
        while (fleet.Playing < count)
        {
            if (SocketClock.Micros - start > microsMax)
            {
                return null;
            }

            Thread.Sleep(1);
        }

        return SocketClock.Micros - start;
    }

    private BotFleet<ArenaInput> Fleet(int count) => new(
        new ArenaGame(), static seed => new ArenaBot(seed), new FleetOptions(Address, count, _seed += 100, default, PortableSocket: false),
        static () => ThreadNice.Raise());
}
