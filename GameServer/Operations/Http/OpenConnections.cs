using System.Net;
using GameServer.Operations.Logging;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace GameServer.Operations.Http;

/// <summary>The connections of one listener: no address holds more than its share, and whoever asks finds room.</summary>
/// <remarks>
/// When an address, or all together, hold what they may, the connection that has been idle the longest makes room for the newest: a probe is
/// answered however many others sit there. One that says nothing for <see cref="FirstByteSeconds"/> is closed. Any thread.
/// </remarks>
/// <param name="log">Takes what is closed.</param>
/// <param name="most">Connections of the listener: <see cref="Max"/>, or fewer when the process may not open as many.</param>
internal sealed class OpenConnections(ILogger log, int most = OpenConnections.Max)
{
    /// <summary>Connections of one listener.</summary>
    public const int Max = 2_048;

    /// <summary>Connections of one address, or of one /64 of IPv6.</summary>
    public const int PerAddressMax = 256;

    /// <summary>How long a connection may say nothing at its beginning.</summary>
    public const int FirstByteSeconds = 5;

    private const long LeavingMicrosMax = 1_000_000;
    private const int LeavingChecks = 50;

    private readonly Lock _changing = new();
    private readonly LinkedList<OpenConnection> _byAge = new(); // the longest idle first
    private readonly Dictionary<IPAddress, int> _perAddress = [];
    private OpenConnection? _leaving; // closed for its handle, which is not back yet
    private long _leavesUntilMicros;

    /// <summary>Counts a connection in and out, around everything that is done with it.</summary>
    public ConnectionDelegate Watch(ConnectionDelegate next) => async connection =>
    {
        OpenConnection entry = Add(connection);
        try
        {
            if (await HasSpoken(connection))
            {
                await next(connection);
            }
        }
        finally
        {
            Remove(entry);
        }
    };

    /// <summary>Goes on once the other side has said something, also behind a handshake.</summary>
    public static ConnectionDelegate AwaitFirstByte(ConnectionDelegate next) => async connection =>
    {
        if (await HasSpoken(connection))
        {
            await next(connection);
        }
    };

    /// <summary>A request runs: its connection is not idle.</summary>
    public void Begin(OpenConnection entry)
    {
        lock (_changing)
        {
            entry.Requests++;
        }
    }

    /// <summary>The request is answered.</summary>
    public void End(OpenConnection entry)
    {
        lock (_changing)
        {
            entry.Requests--;
            if (entry.Node.List is not null)
            {
                _byAge.Remove(entry.Node);
                _byAge.AddLast(entry.Node);
            }
        }
    }

    /// <summary>Closes the longest idle connection, which gives a handle back; one after the other, for the next may be the one that is wanted.</summary>
    /// <returns>False when none is idle.</returns>
    public bool CloseIdle()
    {
        OpenConnection? idle;
        lock (_changing)
        {
            if (_leaving is not null && ServerControl.NowMicros() < _leavesUntilMicros)
            {
                return true;
            }

            _leaving = idle = TakeIdle(null);
            _leavesUntilMicros = ServerControl.NowMicros() + LeavingMicrosMax;
        }

        idle?.Connection.Abort(new ConnectionAbortedException("it made room for another one"));
        return idle is not null;
    }

    /// <summary>Closes the longest idle connection and waits until its handle is back, but not for ever.</summary>
    public async Task MakeRoom()
    {
        for (int i = 0; CloseIdle() && i < LeavingChecks; i++)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(10));
            lock (_changing)
            {
                if (_leaving is null)
                {
                    return;
                }
            }
        }
    }

    private OpenConnection Add(ConnectionContext connection)
    {
        var entry = new OpenConnection(this, connection, ShareOf(connection.RemoteEndPoint));
        OpenConnection? gives = null;
        lock (_changing)
        {
            if (_perAddress.GetValueOrDefault(entry.Share) >= Math.Min(PerAddressMax, most))
            {
                gives = TakeIdle(entry.Share);
            }
            else if (_byAge.Count >= most)
            {
                gives = TakeIdle(null);
            }

            _byAge.AddLast(entry.Node);
            _perAddress[entry.Share] = _perAddress.GetValueOrDefault(entry.Share) + 1;
        }

        connection.Features.Set(entry);
        if (gives is not null)
        {
            ServerLog.HttpCrowded(log, gives.Share.ToString(), Math.Min(PerAddressMax, most), most);
            gives.Connection.Abort(new ConnectionAbortedException("it made room for another one"));
        }

        return entry;
    }

    /// <summary>Takes the longest idle connection, of one address or of all, out of the list; called under the lock.</summary>
    private OpenConnection? TakeIdle(IPAddress? share)
    {
        for (LinkedListNode<OpenConnection>? node = _byAge.First; node is not null; node = node.Next)
        {
            if (node.Value.Requests == 0 && (share is null || node.Value.Share.Equals(share)))
            {
                Forget(node.Value);
                return node.Value;
            }
        }

        return null;
    }

    private void Remove(OpenConnection entry)
    {
        lock (_changing)
        {
            Forget(entry);
            _leaving = _leaving == entry ? null : _leaving;
        }
    }

    private void Forget(OpenConnection entry)
    {
        if (entry.Node.List is null)
        {
            return;
        }

        _byAge.Remove(entry.Node);
        if (--_perAddress[entry.Share] == 0)
        {
            _perAddress.Remove(entry.Share);
        }
    }

    private static async Task<bool> HasSpoken(ConnectionContext connection)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(connection.ConnectionClosed);
        patience.CancelAfter(TimeSpan.FromSeconds(FirstByteSeconds));
        try
        {
            System.IO.Pipelines.ReadResult read = await connection.Transport.Input.ReadAsync(patience.Token);
            connection.Transport.Input.AdvanceTo(read.Buffer.Start); // it is only looked at: the next reader gets all of it
            return !read.Buffer.IsEmpty;
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or ConnectionAbortedException)
        {
            return false;
        }
    }

    private static IPAddress ShareOf(EndPoint? remote)
    {
        IPAddress address = (remote as IPEndPoint)?.Address ?? IPAddress.None;
        if (address.IsIPv4MappedToIPv6)
        {
            return address.MapToIPv4();
        }

        if (address.AddressFamily != System.Net.Sockets.AddressFamily.InterNetworkV6 || IPAddress.IsLoopback(address))
        {
            return address;
        }

        byte[] bytes = address.GetAddressBytes();
        Array.Clear(bytes, 8, 8); // whoever has one address of a /64 has all of them
        return new IPAddress(bytes);
    }
}

/// <summary>One connection of a listener.</summary>
internal sealed class OpenConnection
{
    private readonly OpenConnections _owner;

    public OpenConnection(OpenConnections owner, ConnectionContext connection, IPAddress share)
    {
        (_owner, Connection, Share) = (owner, connection, share);
        Node = new LinkedListNode<OpenConnection>(this);
    }

    public ConnectionContext Connection { get; }

    /// <summary>The address, or the /64, that it is counted for.</summary>
    public IPAddress Share { get; }

    /// <summary>Requests that run; changed under the owner's lock.</summary>
    public int Requests { get; set; }

    public LinkedListNode<OpenConnection> Node { get; }

    public bool IsOf(OpenConnections owner) => _owner == owner;

    public void BeginRequest() => _owner.Begin(this);

    public void EndRequest() => _owner.End(this);
}
