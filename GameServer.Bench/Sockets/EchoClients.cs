using System.Net;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Transport;

namespace GameServer.Bench.Sockets;

/// <summary>Clients with a socket each: one datagram each per burst.</summary>
internal sealed class EchoClients : IDisposable
{
    private readonly IDatagramSocket[] _sockets;
    private readonly DatagramBatch[] _requests;
    private readonly TransportEndpoint?[] _endpoints;
    private readonly DatagramBatch _answers = new(16);

    public EchoClients(int count, PeerAddress server, int messageBytes)
    {
        _sockets = new IDatagramSocket[count];
        _requests = new DatagramBatch[count];
        _endpoints = new TransportEndpoint?[count];
        for (int i = 0; i < count; i++)
        {
            _sockets[i] = DatagramSocket.Open(new SocketOptions { Bind = new IPEndPoint(IPAddress.Loopback, 0), ReceiveBufferBytes = 64 << 10, SendBufferBytes = 64 << 10 });
            _requests[i] = new DatagramBatch(1);
            _requests[i].Addresses[0] = server;
            _requests[i].Lengths[0] = 1 + messageBytes; // property 0 and a message: the form of an unreliable packet
        }
    }

    public IDatagramSocket[] Sockets => _sockets;

    public DatagramBatch[] Requests => _requests;

    /// <summary>Connects every client to <paramref name="server"/>, whose byte 0 then carries the connection's number.</summary>
    public void Connect(TransportEcho server)
    {
        for (int i = 0; i < _sockets.Length; i++)
        {
            var options = new TransportOptions { MaxPeers = 1, AcceptConnections = false, EventQueueBytes = 16 << 10, MtuDiscovery = false, FragmentBytesPerPeer = 16 << 10, MaxReliableQueueBytes = 16 << 10, MaxMessageBytes = 4096 };
            _endpoints[i] = new TransportEndpoint(options, (ulong)i + 1, SocketClock.Micros);
            _endpoints[i]!.Connect(server.Address, [], SocketClock.Micros);
        }

        int connected = 0;
        long deadline = SocketClock.Micros + 10_000_000;
        var template = new DatagramBatch(1);
        while (connected < _sockets.Length && SocketClock.Micros < deadline)
        {
            for (int i = 0; i < _sockets.Length; i++)
            {
                connected += Converse(i, template) ? 1 : 0;
            }

            server.Serve();
        }

        if (connected < _sockets.Length)
        {
            throw new InvalidOperationException($"only {connected} of {_sockets.Length} clients connected");
        }
    }

    /// <summary>Sends one datagram per client.</summary>
    public void Send()
    {
        for (int i = 0; i < _sockets.Length; i++)
        {
            _sockets[i].Send(_requests[i], 0, 1);
        }
    }

    /// <summary>Empties the sockets, keeps connections alive, and returns how many echoes came.</summary>
    public int Drain()
    {
        int echoes = 0;
        for (int i = 0; i < _sockets.Length; i++)
        {
            echoes += Drain(i, null, 0);
        }

        return echoes;
    }

    /// <summary>Empties the socket of one client, keeps its connection alive, and returns how many echoes came.</summary>
    /// <param name="client">Which client.</param>
    /// <param name="trips">Takes the time from <paramref name="sentMicros"/> to the arrival of each echo; null: nobody wants it.</param>
    /// <param name="sentMicros">When the client sent.</param>
    public int Drain(int client, Histogram? trips, long sentMicros)
    {
        int echoes = 0;
        int count = _sockets[client].Receive(_answers);
        for (int i = 0; i < count; i++)
        {
            // Most echoes come alone; some ride in one datagram with something of the protocol.
            int found = 1;
            if (_endpoints[client] is TransportEndpoint endpoint && _answers.Lengths[i] != _requests[client].Lengths[0])
            {
                endpoint.Handle(_answers.Datagram(i), _answers.Addresses[i], _answers.ArrivalMicros[i]);
                found = ConsumeMessages(endpoint);
            }

            echoes += found;
            for (int j = 0; j < found; j++)
            {
                trips?.Record(_answers.ArrivalMicros[i] - sentMicros);
            }
        }

        KeepAlive(client);
        return echoes;
    }

    public void Dispose()
    {
        foreach (IDatagramSocket socket in _sockets)
        {
            socket.Dispose();
        }
    }

    private static int ConsumeMessages(TransportEndpoint endpoint)
    {
        int messages = 0;
        while (endpoint.TryPeekEvent(out TransportEvent e, out _))
        {
            messages += e.Kind == TransportEventKind.Message ? 1 : 0;
            endpoint.ConsumeEvent();
        }

        return messages;
    }

    // Lets one client's protocol act: pings and answers to pings.
    private void KeepAlive(int client)
    {
        if (_endpoints[client] is not TransportEndpoint endpoint)
        {
            return;
        }

        endpoint.Advance(SocketClock.Micros);
        while (endpoint.TryPollDatagram(_answers.Buffer(0), out int length, out PeerAddress to))
        {
            _answers.Lengths[0] = length;
            _answers.Addresses[0] = to;
            _sockets[client].Send(_answers, 0, 1);
        }
    }

    private bool Converse(int client, DatagramBatch one)
    {
        TransportEndpoint endpoint = _endpoints[client]!;
        while (_sockets[client].Receive(one) > 0)
        {
            endpoint.Handle(one.Datagram(0), one.Addresses[0], one.ArrivalMicros[0]);
        }

        PeerId peer = PeerId.None;
        endpoint.Advance(SocketClock.Micros);
        while (endpoint.TryPeekEvent(out TransportEvent e, out _))
        {
            peer = e.Kind == TransportEventKind.Connected ? e.Peer : peer;
            endpoint.ConsumeEvent();
        }

        KeepAlive(client);
        if (!peer.IsNone)
        {
            Learn(endpoint, peer, client);
        }

        return !peer.IsNone;
    }

    // The request is what the client's own endpoint would send, so that it carries the right connection number.
    private void Learn(TransportEndpoint endpoint, PeerId peer, int client)
    {
        byte[] message = new byte[_requests[client].Lengths[0] - 1];
        endpoint.Send(peer, DeliveryMethod.Unreliable, 0, message);
        while (endpoint.TryPollDatagram(_requests[client].Buffer(0), out int length, out _))
        {
            if (length == message.Length + 1)
            {
                return;
            }
        }

        throw new InvalidOperationException("the message did not leave alone");
    }
}
