using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using GameServer.Hosting;
using GameServer.Operations.Logging;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;

namespace GameServer.Operations.Http;

/// <summary>Makes the listeners of the web server.</summary>
internal sealed class PatientListenerFactory(ILogger log, HandleReserve reserve, Func<Task> makeRoom) : IConnectionListenerFactory
{
    public ValueTask<IConnectionListener> BindAsync(EndPoint endpoint, CancellationToken cancellationToken = default)
    {
        Socket socket = SocketTransportOptions.CreateDefaultBoundListenSocket(endpoint);
        try
        {
            socket.Listen(backlog: 512);
        }
        catch (SocketException)
        {
            socket.Dispose();
            throw;
        }

        return ValueTask.FromResult<IConnectionListener>(new PatientListener(socket, log, reserve, makeRoom));
    }
}

/// <summary>Accepts connections for as long as the server lives: no failure ends that, and none is tried again without a pause.</summary>
/// <remarks>
/// The last <see cref="Reserve"/> handles of the process are kept free by closing the connection that has been idle the longest for each new one. When
/// others take them, the handles of <see cref="HandleReserve"/> are there for those who ask.
/// </remarks>
internal sealed partial class PatientListener : IConnectionListener
{
    /// <summary>Handles that are not for connections.</summary>
    private const int Reserve = 32;

    private const int HandlesLimit = 7; // RLIMIT_NOFILE of Linux
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly Socket _socket;
    private readonly ILogger _log;
    private readonly HandleReserve _reserve;
    private readonly Func<Task> _makeRoom;
    private readonly SocketConnectionContextFactory _connections;
    private readonly CancellationTokenSource _unbound = new();
    private bool _fails;

    public PatientListener(Socket socket, ILogger log, HandleReserve reserve, Func<Task> makeRoom)
    {
        (_socket, _log, _reserve, _makeRoom) = (socket, log, reserve, makeRoom);
        _connections = new SocketConnectionContextFactory(new SocketConnectionFactoryOptions(), log);
    }

    public EndPoint EndPoint => _socket.LocalEndPoint!;

    public async ValueTask<ConnectionContext?> AcceptAsync(CancellationToken cancellationToken = default)
    {
        while (!_unbound.IsCancellationRequested)
        {
            try
            {
                Socket accepted = await _socket.AcceptAsync(_unbound.Token);
                _fails = false;
                _reserve.Refill();
                accepted.NoDelay = true;
                if (IsScarce(accepted))
                {
                    await _makeRoom();
                }

                return _connections.Create(accepted);
            }
            catch (Exception e) when (e is OperationCanceledException or ObjectDisposedException)
            {
                return null;
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.OperationAborted && _unbound.IsCancellationRequested)
            {
                return null;
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.TooManyOpenSockets && !_socket.Poll(0, SelectMode.SelectRead))
            {
                // The kernel wants a handle before it looks who is there, and nobody is: no connection has to go for that.
                await Task.Delay(Pause, _unbound.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.TooManyOpenSockets && _reserve.TryGive())
            {
                // Somebody may ask whether the server lives: with the handle that was kept for it, the next try succeeds.
            }
            catch (Exception e)
            {
                await Recover(e);
            }
        }

        return null;
    }

    public ValueTask UnbindAsync(CancellationToken cancellationToken = default)
    {
        _unbound.Cancel();
        _socket.Dispose();
        return default;
    }

    public ValueTask DisposeAsync()
    {
        _unbound.Cancel();
        _socket.Dispose();
        _connections.Dispose();
        return default;
    }

    private async Task Recover(Exception e)
    {
        // Of a connection that was gone before it was accepted nobody needs to hear.
        if (e is SocketException { SocketErrorCode: SocketError.ConnectionReset or SocketError.ConnectionAborted })
        {
            return;
        }

        if (!_fails)
        {
            _fails = true;
            ServerLog.HttpAcceptFailed(_log, e.Message);
        }

        await _makeRoom();
        await Task.Delay(Pause, _unbound.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    // The kernel gives the lowest free number, so a high one means that few are left.
    private static bool IsScarce(Socket accepted) =>
        OperatingSystem.IsLinux() && GetLimits(HandlesLimit, out Limits limits) == 0 && (ulong)accepted.Handle + Reserve >= limits.Soft;

    [LibraryImport("libc", EntryPoint = "getrlimit")]
    private static partial int GetLimits(int resource, out Limits limits);

    private readonly record struct Limits(ulong Soft, ulong Hard);
}
