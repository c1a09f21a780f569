using System.Net;
using GameServer.Bots;
using GameServer.Configuration;
using GameServer.Netcode.Game;
using GameServer.Netcode.Transport;
using GameServer.Operations;

namespace GameServer.Hosting;

/// <summary>A short match before the real one, on a loopback port of its own: so that no player waits while code is compiled.</summary>
/// <remarks>Without it the first ticks and joins take tens of milliseconds each, and ticks are skipped.</remarks>
internal static class Rehearsal
{
    private const int TickRateHz = 1_000;
    private const int Ticks = 40;
    private const int Players = 2;
    private const int PatienceMillis = 1_000;

    /// <summary>False in a published program: its code is compiled ahead, and it is to be ready soon.</summary>
    public static bool IsWorthwhile => !AppContext.TryGetSwitch("GameServer.IsCompiledAhead", out bool ahead) || !ahead;

    /// <summary>Plays; whatever goes wrong here would go wrong in the real match too, and is told there.</summary>
    public static void Run<TInput>(Game<TInput> game, Func<ulong, IBotBrain<TInput>> bots, ServeOptions options)
        where TInput : unmanaged
    {
        ServeOptions small = options with
        {
            Bind = IPAddress.Loopback,
            TickRate = TickRateHz,
            MaxPlayers = Players,
            NetworkThreads = 1,
            SocketBufferBytes = 256 * 1024,
            CpuAffinity = new CpuAffinity(false, []),
            Realtime = false,
        };
        try
        {
            var telemetry = new ServerTelemetry();
            var control = new ServerControl(Players + MatchServer.SpectatorsMax, 0);
            using MatchServer server = MatchServer.Create(game, small, port: 0, telemetry, control);
            server.Start();
            var fleet = new FleetOptions(PeerAddress.From(server.Address), Players, 1, default, options.PortableSocket);
            using (var players = new BotFleet<TInput>(game, bots, fleet))
            {
                players.Start();
                Wait(players, telemetry);
            }

            control.RequestStop("rehearsed");
            server.Simulation.WaitForEnd(TimeSpan.FromMilliseconds(PatienceMillis));
            server.StopNetwork();
        }
        catch (StartFailedException)
        {
            // No loopback: then the first ticks are slow.
        }

        GC.Collect(); // what the rehearsal leaves behind is not the match's to collect
    }

    private static void Wait<TInput>(BotFleet<TInput> players, ServerTelemetry telemetry)
        where TInput : unmanaged
    {
        long end = MonotonicClock.Micros + (PatienceMillis * 1_000L);
        long last = long.MaxValue;
        while (MonotonicClock.Micros < end && telemetry.Simulation.Ticks.Value < last)
        {
            last = last == long.MaxValue && players.Playing == Players ? telemetry.Simulation.Ticks.Value + Ticks : last;
            Thread.Sleep(1);
        }
    }
}
