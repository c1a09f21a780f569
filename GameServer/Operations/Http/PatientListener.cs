using System.Net;
using System.Net.Sockets;
using GameServer.Operations.Logging;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.Logging;

namespace GameServer.Operations.Http;

/// <summary>Makes the listeners of the web server.</summary>
internal sealed class PatientListenerFactory(ILogger log, Func<bool> closeIdle) : IConnectionListenerFactory
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

        return ValueTask.FromResult<IConnectionListener>(new PatientListener(socket, log, closeIdle));
    }
}

/// <summary>Accepts connections for as long as the server lives: no failure ends that, and none is tried again without a pause.</summary>
/// <remarks>A process that has no handle left gets one back by closing the connection that has been idle the longest.</remarks>
internal sealed class PatientListener : IConnectionListener
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private readonly Socket _socket;
    private readonly ILogger _log;
    private readonly Func<bool> _closeIdle;
    private readonly SocketConnectionContextFactory _connections;
    private readonly CancellationTokenSource _unbound = new();
    private bool _fails;

    public PatientListener(Socket socket, ILogger log, Func<bool> closeIdle)
    {
        (_socket, _log, _closeIdle) = (socket, log, closeIdle);
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
                accepted.NoDelay = true;
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

        _closeIdle();
        await Task.Delay(Pause, _unbound.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
