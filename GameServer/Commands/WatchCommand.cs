using System.Globalization;
using System.Net;
using System.Runtime.InteropServices;
using GameServer.Configuration;
using GameServer.Hosting;
using GameServer.Netcode.Client;
using GameServer.Netcode.Game;
using GameServer.Netcode.Messages;
using GameServer.Netcode.Transport;
using GameServer.Operations;

namespace GameServer.Commands;

/// <summary>Joins as a spectator and draws the match: on a terminal as a moving picture, else as a plain frame now and then.</summary>
/// <remarks>Owner: the main thread.</remarks>
internal sealed class WatchCommand<TInput>(Game<TInput> game, GameExtras<TInput> extras, WatchOptions options)
    where TInput : unmanaged
{
    private const int PollMillis = 2;
    private const int FarewellPolls = 200;
    private const long FrameMicros = 66_000;
    private const long PlainFrameMicros = 2_000_000;
    private const int Columns = 106; // the map, and beside it names of 32 characters
    private const int Rows = 37;

    private volatile bool _stops;
    private long _bytesInLast;
    private long _bytesOutLast;
    private long _rateMicros;
    private double _kilobytesIn;
    private double _kilobytesOut;

    public int Run()
    {
        IMatchPicture<TInput> picture = extras.Picture?.Invoke() ?? throw new StartFailedException("this game cannot be watched", ExitCode.BadArguments);
        PeerAddress server = ServerResolver.Resolve(options.Connect);
        using PosixSignalRegistration interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using PosixSignalRegistration terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using IDatagramSocket socket = DatagramSocket.Open(new SocketOptions
        {
            Bind = new IPEndPoint(server.IsIPv4 ? IPAddress.Any : IPAddress.IPv6Any, 0),
            ReceiveBufferBytes = 256 * 1024,
            SendBufferBytes = 256 * 1024,
        });
        var client = new GameClient<TInput>(game, socket, new ClientOptions { IsSpectator = true, Seed = (ulong)Environment.ProcessId });
        client.Join(in server, "spectator", MonotonicClock.Micros);
        using (var screen = new Screen(Console.Out, plain: Console.IsOutputRedirected))
        {
            Watch(client, picture, screen);
        }

        Leave(client);
        return End(client);
    }

    private void Stop(PosixSignalContext context)
    {
        context.Cancel = true;
        _stops = true;
    }

    private void Watch(GameClient<TInput> client, IMatchPicture<TInput> picture, Screen screen)
    {
        var canvas = new TextCanvas(Columns, Rows);
        long frameMicros = screen.IsPlain ? PlainFrameMicros : FrameMicros;
        long next = 0;
        int notices = 0;
        while (!_stops && client.State != ClientState.Ended)
        {
            long now = MonotonicClock.Micros;
            client.Update(now);
            next = client.NoticeCount == notices ? next : 0; // a frame of its own: the server may end before the next one is due
            notices = client.NoticeCount;
            if (client.State == ClientState.Playing && now >= next)
            {
                next = now + frameMicros;
                canvas.Clear();
                picture.Draw(client, canvas);
                canvas.Write(0, Rows - 2, client.NoticeCount > 0 ? "notice: " + ConsoleText.Printable(client.LastNotice) : "");
                canvas.Write(0, Rows - 1, client.Stats.SnapshotsReceived > 0 ? Figures(client, now) : "joined; a server that shows its match late sends the first picture after its delay");
                screen.Show(canvas);
            }

            Thread.Sleep(PollMillis);
        }
    }

    private string Figures(GameClient<TInput> client, long now)
    {
        ClientStats stats = client.Stats;
        if (now - _rateMicros >= 1_000_000)
        {
            double seconds = (now - _rateMicros) / 1e3;
            _kilobytesIn = (stats.BytesReceived - _bytesInLast) / seconds;
            _kilobytesOut = (stats.BytesSent - _bytesOutLast) / seconds;
            (_bytesInLast, _bytesOutLast, _rateMicros) = (stats.BytesReceived, stats.BytesSent, now);
        }

        string draining = client.DrainingSeconds >= 0 ? $" | the server stops within {client.DrainingSeconds} s" : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"tick {client.View.Tick.Value} | rtt {stats.RoundTripMillis:0.0} ms | margin {stats.MarginTicks:0.0} ticks | {_kilobytesIn:0.0} kB/s down {_kilobytesOut:0.0} kB/s up{draining}");
    }

    private static void Leave(GameClient<TInput> client)
    {
        client.Leave(MonotonicClock.Micros);
        for (int i = 0; i < FarewellPolls && !client.IsClosed; i++)
        {
            client.Update(MonotonicClock.Micros);
            Thread.Sleep(PollMillis);
        }
    }

    private int End(GameClient<TInput> client)
    {
        switch (client.EndReason)
        {
            case LeaveReason.Left:
                return ExitCode.Clean;
            case LeaveReason.ServerStopped:
                Console.Error.WriteLine("the server has stopped");
                return ExitCode.Clean;
            case LeaveReason.NoAnswer:
                Console.Error.WriteLine($"error: no server answers at {options.Connect}");
                return ExitCode.TemporaryFailure;
            default:
                Console.Error.WriteLine($"error: the server at {options.Connect} ended the connection: {ConsoleText.Printable(client.EndText)}");
                return ExitCode.TemporaryFailure;
        }
    }
}
