using System.Net;
using System.Net.Sockets;

namespace GameServer.Tests.Transport.RealLibrary;

/// <summary>Stands between a client and a server and makes the client's requests those of another protocol.</summary>
internal sealed class ProtocolChange : IDisposable
{
    private readonly Socket _front = Open();
    private readonly Socket _back = Open();
    private readonly IPEndPoint _server;
    private readonly byte[] _buffer = new byte[1500];
    private EndPoint _client = new IPEndPoint(IPAddress.Loopback, 0);

    public ProtocolChange(IPEndPoint server) => _server = server;

    public IPEndPoint Address => (IPEndPoint)_front.LocalEndPoint!;

    /// <summary>Moves what has come; always true, to be part of a condition that is waited for.</summary>
    public bool Move()
    {
        while (_front.Available > 0)
        {
            int length = _front.ReceiveFrom(_buffer, ref _client);
            _buffer[1] ^= 0x40;
            _back.SendTo(_buffer.AsSpan(0, length), SocketFlags.None, _server);
        }

        while (_back.Available > 0)
        {
            EndPoint from = _server;
            int length = _back.ReceiveFrom(_buffer, ref from);
            _front.SendTo(_buffer.AsSpan(0, length), SocketFlags.None, _client);
        }

        return true;
    }

    public void Dispose()
    {
        _front.Dispose();
        _back.Dispose();
    }

    private static Socket Open()
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }
}
