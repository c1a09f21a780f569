using System.Net;
using GameServer.Netcode.Transport;

namespace GameServer.Bench.Sockets;

/// <summary>Stands between one client and one server on loopback, impairs both directions, and can change the address that the server sees.</summary>
/// <remarks>Owner: one thread, which calls <see cref="Move"/> often. The link of each direction is reproducible by the seed; the arrival times are the machine's.</remarks>
internal sealed class LoopbackRelay : IDisposable
{
    private readonly DatagramBatch _batch = new(64);
    private readonly LinkImpairment _up;
    private readonly LinkImpairment _down;
    private readonly PeerAddress _server;
    private readonly IDatagramSocket _front = Open();
    private IDatagramSocket _back = Open();
    private PeerAddress _client;

    public LoopbackRelay(PeerAddress server, LinkModel link, ulong seed)
    {
        _server = server;
        _up = new LinkImpairment(link, seed);
        _down = new LinkImpairment(link, seed + 1);
    }

    /// <summary>Where the client connects to.</summary>
    public PeerAddress Address => _front.LocalAddress;

    /// <summary>Datagrams that the client sent.</summary>
    public long UpDatagrams { get; private set; }

    /// <summary>Datagrams that the server sent.</summary>
    public long DownDatagrams { get; private set; }

    /// <summary>Largest datagram of either direction.</summary>
    public int LargestBytes { get; private set; }

    /// <summary>When something that is under way comes out next, or <see cref="long.MaxValue"/>.</summary>
    public long NextMicros => Math.Min(_up.NextMicros, _down.NextMicros);

    /// <summary>From here on the server sees the client at another port, and the former one reaches nobody.</summary>
    public void ChangeAddress()
    {
        IDatagramSocket former = _back;
        _back = Open();
        former.Dispose();
    }

    /// <summary>Sleeps until the client says something or that much time has passed.</summary>
    public void Wait(long micros) => _front.Wait(micros);

    /// <summary>Moves what has come and what is due.</summary>
    public void Move()
    {
        long now = SocketClock.Micros;
        for (int count = _front.Receive(_batch); count > 0; count = _front.Receive(_batch))
        {
            _client = _batch.Addresses[count - 1];
            UpDatagrams += count;
            PutIn(_up, _server, count, now);
        }

        for (int count = _back.Receive(_batch); count > 0; count = _back.Receive(_batch))
        {
            DownDatagrams += count;
            PutIn(_down, _client, count, now);
        }

        TakeOut(_up, _back, now);
        TakeOut(_down, _front, now);
    }

    public void Dispose()
    {
        _front.Dispose();
        _back.Dispose();
    }

    private static IDatagramSocket Open() => DatagramSocket.Open(new SocketOptions { Bind = new IPEndPoint(IPAddress.Loopback, 0) });

    private void PutIn(LinkImpairment link, in PeerAddress to, int count, long now)
    {
        for (int i = 0; i < count; i++)
        {
            LargestBytes = Math.Max(LargestBytes, _batch.Lengths[i]);
            link.Send(_batch.Datagram(i), to, now);
        }
    }

    private void TakeOut(LinkImpairment link, IDatagramSocket socket, long now)
    {
        int count = 0;
        while (link.TryTake(now, _batch.Buffer(count), out _batch.Lengths[count], out _batch.Addresses[count]))
        {
            if (++count == _batch.Capacity)
            {
                socket.Send(_batch, 0, count);
                count = 0;
            }
        }

        if (count > 0)
        {
            socket.Send(_batch, 0, count);
        }
    }
}
