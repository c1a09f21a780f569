using System.Net;
using GameServer.Netcode.Client;
using GameServer.Netcode.Game;
using GameServer.Netcode.Messages;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Transport;

namespace GameServer.Bots;

/// <summary>One bot: a socket, a client, a brain.</summary>
/// <remarks>Owner: the thread of its fleet. Allocates: at start and at the first look at something.</remarks>
internal sealed class BotClient<TInput> : IDisposable
    where TInput : unmanaged
{
    /// <summary>Time after the join in which clocks settle; it does not count.</summary>
    private const long SettleMicros = 3_000_000;

    private readonly IDatagramSocket _socket;
    private readonly GameClient<TInput> _client;
    private readonly IBotBrain<TInput> _brain;
    private readonly InputSampler<TInput> _sample;
    private readonly FramePacer _pacer;
    private readonly ClientFigures _figures = new();
    private readonly PeerAddress _server;
    private readonly string _name;
    private Tick _decided;
    private long _joinedMicros = -1;

    public BotClient(Game<TInput> game, IBotBrain<TInput> brain, FleetOptions options, int number)
    {
        var any = new IPEndPoint(options.Server.IsIPv4 ? IPAddress.Any : IPAddress.IPv6Any, 0);
        IDatagramSocket socket = DatagramSocket.Open(new SocketOptions
        {
            Bind = any,
            ReceiveBufferBytes = 256 * 1024,
            SendBufferBytes = 256 * 1024,
            Portable = options.PortableSocket,
        });
        ulong seed = options.Seed + ((ulong)number * 0x9E3779B97F4A7C15);
        _socket = options.Link.IsPerfect ? socket : new ImpairedSocket(socket, options.Link, seed);
        _client = new GameClient<TInput>(game, _socket, new ClientOptions { Seed = seed | 1 });
        _brain = brain;
        _pacer = new FramePacer(options.Frames?.PeriodMicros(number) ?? 0);
        _sample = Sample;
        _server = options.Server;
        _name = $"bot {number + 1}";
    }

    public string Name => _name;

    public GameClient<TInput> Client => _client;

    public ClientFigures Figures => _figures;

    /// <summary>True when it has been in the match.</summary>
    public bool HasJoined => _joinedMicros >= 0;

    /// <summary>True when the match went on without it against its will.</summary>
    public bool WasLost => HasJoined && _client.State == ClientState.Ended && _client.EndReason is not (LeaveReason.Left or LeaveReason.ServerStopped);

    public void Join(long nowMicros) => _client.Join(in _server, _name, nowMicros);

    /// <summary>Updates when its next frame is due.</summary>
    public void Frame(long nowMicros)
    {
        if (_pacer.TryTake(nowMicros))
        {
            Update(nowMicros);
        }
    }

    public void Update(long nowMicros)
    {
        _client.Update(nowMicros, _sample);
        if (_client.State != ClientState.Playing)
        {
            return;
        }

        if (_joinedMicros < 0)
        {
            _joinedMicros = nowMicros;
        }

        if (nowMicros - _joinedMicros >= SettleMicros)
        {
            _figures.Observe(_client.Stats);
        }
    }

    public void Leave(long nowMicros) => _client.Leave(nowMicros);

    public void Dispose() => _socket.Dispose();

    private void Sample(ref TInput input)
    {
        if (_client.Tick != _decided)
        {
            _decided = _client.Tick;
            _brain.Decide(_client, ref input);
        }
    }
}
