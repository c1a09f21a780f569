using System.Net;
using GameServer.Bench.Rooms;
using GameServer.Hosting;
using GameServer.Netcode.Game;
using GameServer.Netcode.Messages;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Transport;

namespace GameServer.Bench.Ticks;

/// <summary>Synthetic players with a socket each, on one thread: the real transport, cheap clients behind it.</summary>
internal sealed class LoopbackClients : IDisposable
{
    /// <summary>Ticks by which inputs run ahead of the newest snapshot.</summary>
    private const int LeadTicks = 4;

    private readonly Client[] _clients;
    private readonly int _rateHz;
    private readonly Thread _thread;
    private int _playing;
    private bool _stop;

    public LoopbackClients(int count, int rateHz, PeerAddress server)
    {
        var game = new CrowdGame(count + 8);
        var schema = GameSchema<CrowdInput>.Of(game);
        _rateHz = rateHz;
        _clients = [.. Enumerable.Range(0, count).Select(i => new Client(i, schema, game, rateHz, server))];
        _thread = new Thread(Run) { Name = "clients", IsBackground = true };
    }

    /// <summary>Clients that a snapshot has reached. Any thread.</summary>
    public int Playing => Volatile.Read(ref _playing);

    /// <summary>What ended the thread before its time, or null.</summary>
    public Exception? Failure { get; private set; }

    public void Start() => _thread.Start();

    public void Dispose()
    {
        Volatile.Write(ref _stop, true);
        _thread.Join();
        foreach (Client client in _clients)
        {
            client.Dispose();
        }
    }

    private void Run()
    {
        try
        {
            var pacer = new TickPacer();
            var schedule = new TickSchedule(_rateHz);
            schedule.Start(MonotonicClock.Nanos + 1_000_000);
            while (!Volatile.Read(ref _stop))
            {
                pacer.WaitUntil(schedule.NextDeadlineNanos);
                schedule.Begin(MonotonicClock.Nanos);
                int playing = 0;
                foreach (Client client in _clients)
                {
                    playing += client.Update(MonotonicClock.Micros) ? 1 : 0;
                }

                Volatile.Write(ref _playing, playing);
            }
        }
        catch (Exception e)
        {
            Failure = e;
        }
    }

    private sealed class Client : IDisposable
    {
        private readonly byte[] _message = new byte[Limits.DatagramBytesMax];
        private readonly IDatagramSocket _socket;
        private readonly TransportEndpoint _endpoint;
        private readonly TransportPort _port;
        private readonly CrowdClient _crowd;
        private readonly JoinMessage _join;
        private readonly PeerId _peer;
        private Tick _newestSent;

        public Client(int index, Schema schema, CrowdGame game, int rateHz, PeerAddress server)
        {
            _socket = DatagramSocket.Open(new SocketOptions { Bind = new IPEndPoint(IPAddress.Loopback, 0), ReceiveBufferBytes = 256 << 10, SendBufferBytes = 256 << 10 });
            var options = new TransportOptions
            {
                MaxPeers = 1,
                Channels = 1,
                AcceptConnections = false,
                EventQueueBytes = 128 << 10,
                FragmentBytesPerPeer = 128 << 10,
                StartMtuBytes = Limits.DatagramBytesMin,
                MaxReliableQueueBytes = 16 << 10,
                MaxMessageBytes = 32 << 10,
            };
            long nowMicros = MonotonicClock.Micros;
            _endpoint = new TransportEndpoint(options, (ulong)index + 1, nowMicros);
            _port = new TransportPort(_socket, _endpoint, 16);
            _crowd = new CrowdClient(schema.Input, index, rateHz);
            _join = new JoinMessage(game.Name, game.Version, schema.Hash, $"walker {index}", false);
            _peer = _endpoint.Connect(in server, [], nowMicros);
        }

        /// <summary>Receives, sends the inputs of this tick; true when in the match.</summary>
        public bool Update(long nowMicros)
        {
            _port.Receive();
            _endpoint.Advance(nowMicros);
            TakeEvents();
            if (_crowd.HasSnapshot)
            {
                Tick newest = _crowd.NewestArrived + LeadTicks;
                newest = newest > _newestSent ? newest : _newestSent;
                _newestSent = newest;
                int size = _crowd.Write(_message, newest, _crowd.NewestArrived);
                _endpoint.Send(_peer, DeliveryMethod.Unreliable, 0, _message.AsSpan(0, size));
            }

            _port.Send();
            return _crowd.HasSnapshot;
        }

        public void Dispose() => _socket.Dispose();

        private void TakeEvents()
        {
            while (_endpoint.TryPeekEvent(out TransportEvent e, out ReadOnlySpan<byte> payload))
            {
                switch (e.Kind)
                {
                    case TransportEventKind.Connected:
                        _endpoint.Send(_peer, DeliveryMethod.ReliableOrdered, 0, _message.AsSpan(0, _join.Write(_message)));
                        break;
                    case TransportEventKind.Message when e.Method == DeliveryMethod.Unreliable:
                        _crowd.Receive(payload);
                        break;
                    case TransportEventKind.Disconnected:
                        throw new InvalidOperationException($"a client was disconnected: {e.Reason}");
                }

                _endpoint.ConsumeEvent();
            }
        }
    }
}
