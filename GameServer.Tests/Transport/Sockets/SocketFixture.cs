using System.Net;
using GameServer.Netcode.Transport;

namespace GameServer.Tests.Transport.Sockets;

/// <summary>Opens sockets of one kind on loopback and moves datagrams between them.</summary>
public abstract class SocketFixture(bool portable)
{
    protected const long PatienceMicros = 2_000_000;

    private readonly List<IDisposable> _open = [];

    protected bool Portable => portable;

    [SetUp]
    public void RequireLinux()
    {
        if (!portable && !OperatingSystem.IsLinux())
        {
            Assert.Ignore("needs Linux");
        }
    }

    [TearDown]
    public void CloseAll()
    {
        _open.ForEach(socket => socket.Dispose());
        _open.Clear();
    }

    protected IDatagramSocket Open(string bind = "127.0.0.1", int port = 0, bool filter = false, bool reusePort = false, int receiveBufferBytes = 1 << 20)
    {
        IDatagramSocket socket = DatagramSocket.Open(new SocketOptions
        {
            Bind = new IPEndPoint(IPAddress.Parse(bind), port),
            Portable = portable,
            Filter = filter,
            ReusePort = reusePort,
            ReceiveBufferBytes = receiveBufferBytes,
        });
        _open.Add(socket);
        return socket;
    }

    /// <summary>A batch with one datagram per entry of <paramref name="payloads"/>, all to <paramref name="target"/>.</summary>
    protected static DatagramBatch Fill(PeerAddress target, params byte[][] payloads)
    {
        var batch = new DatagramBatch();
        for (int i = 0; i < payloads.Length; i++)
        {
            payloads[i].CopyTo(batch.Buffer(i));
            batch.Lengths[i] = payloads[i].Length;
            batch.Addresses[i] = target;
        }

        return batch;
    }

    protected static void Send(IDatagramSocket from, IDatagramSocket to, params byte[][] payloads)
    {
        int sent = from.Send(Fill(to.LocalAddress, payloads), 0, payloads.Length);
        Assert.That(sent, Is.EqualTo(payloads.Length));
    }

    /// <summary>Waits until the batch holds something, and returns how much.</summary>
    protected static int ReceiveSome(IDatagramSocket socket, DatagramBatch batch)
    {
        long deadline = SocketClock.Micros + PatienceMicros;
        while (SocketClock.Micros < deadline)
        {
            int count = socket.Receive(batch);
            if (count > 0)
            {
                return count;
            }

            socket.Wait(deadline - SocketClock.Micros);
        }

        Assert.Fail("nothing arrived");
        return 0;
    }

    /// <summary>Receives <paramref name="count"/> datagrams.</summary>
    protected static List<byte[]> ReceiveAll(IDatagramSocket socket, int count)
    {
        var batch = new DatagramBatch();
        var received = new List<byte[]>();
        while (received.Count < count)
        {
            int some = ReceiveSome(socket, batch);
            for (int i = 0; i < some; i++)
            {
                received.Add(batch.Datagram(i).ToArray());
            }
        }

        return received;
    }
}
