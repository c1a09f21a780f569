using GameServer.Netcode.Transport;

namespace GameServer.Tests.Transport.Sockets;

#if !NETCODE_PORTABLE
[TestFixture(false)]
#endif
[TestFixture(true)]
[Category("Socket")]
[NonParallelizable]
public sealed class TransportPortTests(bool portable) : SocketFixture(portable)
{
    [Test]
    public void Port_BetweenTwoEndpoints_CarriesAConversation()
    {
        (TransportEndpoint server, TransportPort serverPort, IDatagramSocket serverSocket) = Make(accept: true);
        (TransportEndpoint client, TransportPort clientPort, _) = Make(accept: false);
        PeerId peer = client.Connect(serverSocket.LocalAddress, [1, 2, 3], SocketClock.Micros);
        var echoes = new List<byte>();
        byte next = 0;
        long deadline = SocketClock.Micros + PatienceMicros;
        while (echoes.Count < 100 && SocketClock.Micros < deadline)
        {
            Round(client, clientPort);
            while (client.TryPeekEvent(out TransportEvent e, out ReadOnlySpan<byte> payload))
            {
                if (e.Kind == TransportEventKind.Message)
                {
                    echoes.Add(payload[0]);
                }

                client.ConsumeEvent();
            }

            next += client.Send(peer, DeliveryMethod.ReliableOrdered, 0, [next]) == SendResult.Queued ? (byte)1 : (byte)0;
            Round(server, serverPort);
            Echo(server);
        }

        Assert.That(echoes.Take(100), Is.EqualTo(Enumerable.Range(0, 100).Select(i => (byte)i)));
        Assert.That(serverPort.DatagramsIn, Is.InRange(1, clientPort.DatagramsOut));
        Assert.That(serverPort.BytesIn, Is.GreaterThan(serverPort.DatagramsIn));
        Assert.That(serverPort.Stalled, Is.Zero);
    }

    [Test]
    public void Send_OnASocketThatStalls_KeepsTheOrder()
    {
        var socket = new StubbornSocket();
        var endpoint = new TransportEndpoint(new TransportOptions { UnconnectedMessages = true }, 1, 0);
        var port = new TransportPort(socket, endpoint, batchDatagrams: 4);
        PeerAddress target = PeerAddress.FromIPv4(0x0100007F, 9);
        for (byte i = 0; i < 10; i++)
        {
            endpoint.SendUnconnected(target, [i]);
        }

        int sent = 0;
        int rounds = 0;
        while (sent < 10 && rounds++ < 100)
        {
            sent += port.Send();
        }

        Assert.That(socket.Sent.Select(d => d[^1]), Is.EqualTo(Enumerable.Range(0, 10).Select(i => (byte)i)));
        Assert.That(rounds, Is.GreaterThan(3), "the socket did stall");
        Assert.That(port.DatagramsOut, Is.EqualTo(10));
        Assert.That(port.BytesOut, Is.EqualTo(socket.Sent.Sum(d => d.Length)));
        Assert.That(port.Stalled, Is.Zero);
    }

    private (TransportEndpoint Endpoint, TransportPort Port, IDatagramSocket Socket) Make(bool accept)
    {
        IDatagramSocket socket = Open();
        var endpoint = new TransportEndpoint(new TransportOptions { AcceptConnections = accept, MaxPeers = 4 }, 5, SocketClock.Micros);
        return (endpoint, new TransportPort(socket, endpoint), socket);
    }

    private static void Round(TransportEndpoint endpoint, TransportPort port)
    {
        port.Receive();
        endpoint.Advance(SocketClock.Micros);
        port.Send();
    }

    private static void Echo(TransportEndpoint server)
    {
        while (server.TryPeekEvent(out TransportEvent e, out ReadOnlySpan<byte> payload))
        {
            if (e.Kind == TransportEventKind.Message)
            {
                Assert.That(server.Send(e.Peer, DeliveryMethod.ReliableOrdered, 0, payload), Is.EqualTo(SendResult.Queued));
            }

            server.ConsumeEvent();
        }
    }

    /// <summary>Takes 1, 0, 2 and 0 datagrams in turn.</summary>
    private sealed class StubbornSocket : IDatagramSocket
    {
        private int _calls;

        public List<byte[]> Sent { get; } = [];

        public PeerAddress LocalAddress => default;

        public long KernelDrops => 0;

        public long SendErrors => 0;

        public long SendStalls => _calls;

        public int ReceiveBufferBytes => 0;

        public int SendBufferBytes => 0;

        public SocketFilterState Filter => SocketFilterState.Off;

        public int Receive(DatagramBatch batch) => 0;

        public int Send(DatagramBatch batch, int start, int count)
        {
            int taken = Math.Min(count, (_calls++ % 4) switch { 0 => 1, 2 => 2, _ => 0 });
            for (int i = start; i < start + taken; i++)
            {
                Sent.Add(batch.Datagram(i).ToArray());
            }

            return taken;
        }

        public void Wait(long timeoutMicros)
        {
        }

        public void Wake()
        {
        }

        public void Dispose()
        {
        }
    }
}
