using GameServer.Netcode.Transport;

namespace GameServer.Bench.Sockets;

/// <summary>Echoes datagrams through our socket, without a protocol.</summary>
internal sealed class SocketEcho(string name, SocketOptions options) : IEcho
{
    private readonly IDatagramSocket _socket = DatagramSocket.Open(options);
    private readonly DatagramBatch _batch = new();

    public string Name => name;

    public PeerAddress Address => _socket.LocalAddress;

    public int Serve()
    {
        _socket.Wait(0);
        int total = 0;
        int count;
        do
        {
            count = _socket.Receive(_batch);
            _socket.Send(_batch, 0, count);
            total += count;
        }
        while (count == _batch.Capacity);
        return total;
    }

    public void Dispose() => _socket.Dispose();
}
