using System.Globalization;
using System.Runtime.InteropServices;
using GameServer.Bots;
using GameServer.Configuration;
using GameServer.Hosting;
using GameServer.Netcode.Client;
using GameServer.Netcode.Game;
using GameServer.Netcode.Messages;
using GameServer.Netcode.Transport;
using GameServer.Operations;

namespace GameServer.Commands;

/// <summary>Runs clients that play on a server elsewhere.</summary>
/// <remarks>Owner: the main thread.</remarks>
internal sealed class BotsCommand<TInput>(Game<TInput> game, GameExtras<TInput> extras, BotsOptions options) : IDisposable
    where TInput : unmanaged
{
    private readonly ManualResetEventSlim _stop = new();
    private int _notices;

    public int Run()
    {
        if (extras.Bots is null)
        {
            throw new StartFailedException("this game has no bots", ExitCode.BadArguments);
        }

        PeerAddress server = ServerResolver.Resolve(options.Connect);
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        var fleetOptions = new FleetOptions(server, options.Count, options.Seed, options.Link, options.PortableSocket, options.Fps);
        using var fleet = new BotFleet<TInput>(game, extras.Bots, fleetOptions);
        fleet.Start();
        Watch(fleet);
        ShowNotice(fleet);
        fleet.Stop();
        return End(fleet);
    }

    public void Dispose() => _stop.Dispose();

    private void Stop(PosixSignalContext context)
    {
        context.Cancel = true;
        _stop.Set();
    }

    private void Watch(BotFleet<TInput> fleet)
    {
        for (int seconds = 1; !_stop.Wait(TimeSpan.FromSeconds(1)) && !fleet.HasEnded; seconds++)
        {
            Console.WriteLine(Line(fleet));
            ShowNotice(fleet);
            if (options.Seconds > 0 && seconds >= options.Seconds)
            {
                return;
            }
        }
    }

    /// <summary>All of them get the same notices: the one that has got the most is asked.</summary>
    private void ShowNotice(BotFleet<TInput> fleet)
    {
        GameClient<TInput> client = fleet.Bots.Select(static b => b.Client).MaxBy(static c => c.NoticeCount)!;
        int count = client.NoticeCount;
        if (count > _notices)
        {
            _notices = count;
            Console.WriteLine("notice: " + ConsoleText.Printable(client.LastNotice));
        }
    }

    private static string Line(BotFleet<TInput> fleet)
    {
        // The clients belong to the fleet's thread: single numbers of them are read a moment old.
        ClientStats[] stats = [.. fleet.Bots.Where(static b => b.HasJoined).Select(static b => b.Client.Stats)];
        double count = Math.Max(1, stats.Length);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"playing {fleet.Playing} of {fleet.Bots.Count} | rtt {stats.Sum(static s => s.RoundTripMillis) / count:0.0} ms margin {stats.Sum(static s => s.MarginTicks) / count:0.0} ticks lead {stats.Sum(static s => s.LeadTicks) / count:0.0} ticks delay {stats.Sum(static s => s.InterpolationDelayMillis) / count:0} ms"
            + $" | snapshots {stats.Sum(static s => s.SnapshotsReceived)} lost {stats.Sum(static s => s.SnapshotsLost)}"
            + $" | corrections own {stats.Sum(static s => s.CorrectionsOwn)} external {stats.Sum(static s => s.CorrectionsExternal)} starved {stats.Sum(static s => s.CorrectionsStarved)}"
            + $" | hits claimed {stats.Sum(static s => s.ClaimedHits)} disagreed {stats.Sum(static s => s.Disagreements)} | longest stall {fleet.LongestStallMillis:0} ms");
    }

    private int End(BotFleet<TInput> fleet)
    {
        int connected = fleet.Bots.Count(static b => b.HasJoined);
        int code = ExitCode.Clean;
        if (fleet.Failure is { } failure)
        {
            Console.Error.WriteLine("error: unexpected: " + failure);
            code = ExitCode.Unexpected;
        }
        else if (connected == 0)
        {
            GameClient<TInput> first = fleet.Bots[0].Client;
            Console.Error.WriteLine(first.EndReason is null or LeaveReason.NoAnswer or LeaveReason.Left
                ? $"error: no server answers at {options.Connect}"
                : $"error: the server at {options.Connect} lets nobody in: {ConsoleText.Printable(first.EndText)}");
            code = ExitCode.TemporaryFailure;
        }

        if (options.StatsJson is not null && !StatsJson.TryWrite(options.StatsJson, json => BotsJson.Write(json, fleet), out string? problem))
        {
            Console.Error.WriteLine($"error: --stats-json \"{options.StatsJson}\": {problem}");
            code = code == ExitCode.Clean ? ExitCode.ResultsNotDurable : code;
        }

        return code;
    }
}
