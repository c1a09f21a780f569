using System.Globalization;
using System.Net.Sockets;
using System.Text;
using GameServer.Operations.Logging;
using Microsoft.Extensions.Logging;

namespace GameServer.Operations.Orchestrators;

/// <summary>Tells systemd by its notification socket: READY, STATUS, WATCHDOG while ticks advance, STOPPING.</summary>
/// <remarks>One datagram per message (sd_notify(3)); the socket never blocks, and a message that cannot be sent is dropped.</remarks>
internal sealed class SystemdNotifier : IOrchestrator
{
    private const int SocketPathBytesMax = 107; // sun_path, with its zero byte

    private readonly UnixDomainSocketEndPoint _address;
    private readonly ServerControl _control;
    private readonly ILogger _log;
    private readonly CancellationTokenSource _end = new();
    private readonly long _watchdogMicros;
    private readonly Lock _changing = new();
    private readonly HashSet<int> _players = [];
    private bool _isUp = true;
    private Task _watchdog = Task.CompletedTask;

    public SystemdNotifier(string? socketPath, string? watchdogMicros, string? watchdogProcess, ServerControl control, ILogger log)
    {
        if (socketPath is not ['/' or '@', _, ..] || Encoding.UTF8.GetByteCount(socketPath) > SocketPathBytesMax)
        {
            throw new ArgumentException($"NOTIFY_SOCKET is \"{socketPath}\"; allowed: a path of at most {SocketPathBytesMax} bytes that begins with / or @", nameof(socketPath));
        }

        // A leading @ stands for the zero byte that begins an abstract name (sd_notify(3)).
        _address = new UnixDomainSocketEndPoint(socketPath[0] == '@' ? '\0' + socketPath[1..] : socketPath);
        (_control, _log) = (control, log);
        bool isOurs = string.IsNullOrEmpty(watchdogProcess) || watchdogProcess == Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        _watchdogMicros = isOurs && long.TryParse(watchdogMicros, NumberStyles.None, CultureInfo.InvariantCulture, out long micros) ? micros : 0;
    }

    public string Name => "systemd";

    public bool IsPooled => false;

    public Task<int?> FindPort() => Task.FromResult<int?>(null);

    public void Started()
    {
        Notify("STATUS=starting");
        if (_watchdogMicros > 0)
        {
            _watchdog = Task.Run(FeedWatchdog);
        }
    }

    public void Ready() => TellStatus("READY=1\n");

    public void PlayerJoined(int playerId) => PlayersChanged(playerId, joined: true);

    public void PlayerLeft(int playerId) => PlayersChanged(playerId, joined: false);

    public bool MatchEnded(string matchId) => false;

    public void Draining(int secondsLeft) =>
        // The match may go on for longer than systemd would wait by itself.
        TellStatus($"STOPPING=1\nEXTEND_TIMEOUT_USEC={(secondsLeft + 5L) * 1_000_000}\n");

    public async Task Shutdown()
    {
        Notify("STOPPING=1\nSTATUS=ended");
        await _end.CancelAsync();
        await _watchdog;
    }

    public void Dispose() => _end.Dispose();

    private void PlayersChanged(int playerId, bool joined)
    {
        lock (_changing)
        {
            _ = joined ? _players.Add(playerId) : _players.Remove(playerId);
        }

        TellStatus("");
    }

    private void TellStatus(string before)
    {
        lock (_changing)
        {
            string state = _control.Drain != DrainState.Running ? $"draining ({_control.DrainReason})"
                : _control.IsReady ? "ready on " + string.Join(", ", _control.Addresses)
                : "starting";
            Notify($"{before}STATUS={state}, {_players.Count} players");
        }
    }

    /// <summary>At a quarter of the period, but only while ticks advance: a hung simulation lets the watchdog bite.</summary>
    private async Task FeedWatchdog()
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMicroseconds(Math.Max(_watchdogMicros / 4, 1_000)));
        try
        {
            do
            {
                if (_control.IsAlive(Math.Min(_watchdogMicros / 2, 2_000_000)) || _control.LastTick < 0)
                {
                    Notify("WATCHDOG=1");
                }
            }
            while (await timer.WaitForNextTickAsync(_end.Token));
        }
        catch (OperationCanceledException)
        {
            // The server ends.
        }
    }

    private void Notify(string message)
    {
        string? problem = null;
        try
        {
            using var socket = new Socket(AddressFamily.Unix, SocketType.Dgram, ProtocolType.Unspecified) { Blocking = false };
            socket.SendTo(Encoding.UTF8.GetBytes(message), _address);
        }
        catch (SocketException e)
        {
            problem = e.Message;
        }

        lock (_changing)
        {
            if (_isUp != problem is null)
            {
                _isUp = problem is null;
                if (_isUp)
                {
                    ServerLog.OrchestratorUp(_log, Name);
                }
                else
                {
                    ServerLog.OrchestratorDown(_log, Name, problem!);
                }
            }
        }
    }
}
