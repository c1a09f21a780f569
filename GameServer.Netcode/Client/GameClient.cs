using System.Runtime.CompilerServices;
using GameServer.Netcode.Game;
using GameServer.Netcode.Inputs;
using GameServer.Netcode.Messages;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Snapshots;
using GameServer.Netcode.Transport;

namespace GameServer.Netcode.Client;

/// <summary>Fills in what the player does at this moment; called once per <see cref="GameClient{TInput}.Update"/>.</summary>
public delegate void InputSampler<TInput>(ref TInput input)
    where TInput : unmanaged;

/// <summary>Where a client is in its life.</summary>
public enum ClientState
{
    /// <summary>Not started.</summary>
    Idle,

    /// <summary>Waiting for the transport.</summary>
    Connecting,

    /// <summary>Waiting for the welcome.</summary>
    Joining,

    /// <summary>In the match.</summary>
    Playing,

    /// <summary>Over; <see cref="GameClient{TInput}.EndReason"/> says why.</summary>
    Ended,
}

/// <summary>A client of a match: joins, predicts, reconciles, interpolates. Poll-driven; it owns no thread.</summary>
/// <typeparam name="TInput">The game's input.</typeparam>
/// <remarks>
/// Call <see cref="Update"/> once per frame, at any rate: it receives, runs the ticks that are due, and sends.
/// Owner: one thread. Allocates: at start and at the first look at something; 0 bytes per update then.
/// </remarks>
public sealed partial class GameClient<TInput> : ISnapshotSink
    where TInput : unmanaged
{
    private const int TicksPerUpdateMax = Limits.HistoryTicks / 2;

    private const long RoundTripMicrosMax = 300_000;

    /// <summary>A welcome that has not come by then, or that could not be read, will not come: the server gives a join up as late.</summary>
    private const long JoinMicrosMax = 10_000_000;

    /// <summary>The server may have lost the connect data in a flood of requests: the join is said once more.</summary>
    private const long JoinAgainMicros = 1_000_000;

    /// <summary>While the welcome has not come, a transport of the caller's carries the join again this often, unreliably.</summary>
    private const long JoinRepeatMicros = 200_000;

    /// <summary>How far ahead of the newest snapshot a view is stated: nothing new is on screen beyond.</summary>
    private const int ViewAheadTicksMax = Limits.HistoryTicks / 2;

    private readonly Game<TInput> _game;
    private readonly GameSchema<TInput> _schema;
    private readonly ClientOptions _options;
    private readonly IDatagramSocket? _socket;
    private readonly PayloadSender? _sender;
    private readonly DatagramBatch _inbound = new(32);
    private readonly DatagramBatch _outbound = new(16);
    private readonly byte[] _message = new byte[Limits.DatagramBytesMax];
    private readonly List<EntityReplica> _others = new(256);
    private readonly List<EntityReplica> _owned = new(64);
    private readonly List<EntityReplica> _ownedBefore = new(64);
    private readonly SnapshotReader _reader;
    private readonly InputHistory _history;
    private readonly InputPacket _packet;
    private readonly EventInbox _inbox;
    private readonly ChatInbox _chat = new();
    private string _schemaPlace = string.Empty;
    private readonly ShotClaims _claims;
    private readonly Predictor _predictor;
    private TransportEndpoint? _endpoint;
    private ServerClock _clock = new(60);
    private ViewClock _viewClock = new(60);
    private PeerId _peer;
    private JoinMessage _join;
    private TInput _input;
    private readonly PressLatch _presses = new();
    private long _lastUpdateMicros;
    private long _joinSentMicros;
    private long _joinAgainMicros;
    private long _inputsSentMicros;
    private long _nextReportMicros;
    private ReportMessage _reported;
    private long _lostBefore;
    private long _snapshotArrivedMicros;
    private bool _hasSnapshot;
    private readonly SessionRoundTrip _roundTrip = new();
    private bool _hasTick;
    private bool _hasMatch;
    private long _joinRepeatedMicros;

    /// <summary>A client of a game on a socket.</summary>
    public GameClient(Game<TInput> game, IDatagramSocket socket, ClientOptions? options = null)
        : this(game, options) => _socket = Argument.Given(socket, nameof(socket), "give the socket that the client sends and receives on");

    /// <summary>A client of a game on a transport of the caller's, for example LiteNetLib itself.</summary>
    /// <remarks>The caller tells <see cref="Connected"/>, <see cref="Receive(ReadOnlySpan{byte}, bool, long)"/> and <see cref="Disconnected(LeaveReason)"/>.</remarks>
    public GameClient(Game<TInput> game, PayloadSender sender, ClientOptions? options = null)
        : this(game, options) => _sender = Argument.Given(sender, nameof(sender), "give what sends the client's payloads");

    private GameClient(Game<TInput> game, ClientOptions? options)
    {
        _game = Argument.Given(game, nameof(game), "give the game that the client plays");
        _options = options ?? new ClientOptions();
        _options.Check();
        game.CheckStateless();
        _schema = GameSchema<TInput>.Of(game);
        _reader = new SnapshotReader(_schema, this, Drops, _options.FirstEventSequence);
        _history = new InputHistory(_schema.Input, _schema.InputBytes);
        _packet = new InputPacket(_schema.Input);
        _inbox = new EventInbox(_schema, _reader.Events);
        _claims = new ShotClaims(Stats);
        var screen = new ScreenView(_others, _claims);
        _predictor = new Predictor(_schema, _reader.Replicas, _owned, _history, _inbox, screen, _claims, Stats, _options);
        View = new ClientView(_schema, _reader.Replicas, _others, _predictor);
    }

    /// <summary>Where the client is in its life.</summary>
    public ClientState State { get; private set; }

    /// <summary>Why it ended; null while it has not.</summary>
    public LeaveReason? EndReason { get; private set; }

    /// <summary>Why it ended, as a sentence for a person; empty before that.</summary>
    public string EndText { get; private set; } = string.Empty;

    /// <summary>True once nothing is left to be sent: the farewell has arrived, or was given up.</summary>
    public bool IsClosed => _endpoint is null || (State == ClientState.Ended && _endpoint.PeerCount == 0);

    /// <summary>The client's seat.</summary>
    public PlayerId Player { get; private set; }

    /// <summary>What the server told at the join.</summary>
    public WelcomeMessage Welcome { get; private set; }

    /// <summary>What there is to draw.</summary>
    public ClientView View { get; }

    /// <summary>Who is in the match.</summary>
    public PlayerNames Names { get; } = new();

    /// <summary>How the client is doing.</summary>
    public ClientStats Stats { get; } = new();

    /// <summary>What was received and not used, by reason.</summary>
    public DropCounters Drops { get; } = new();

    /// <summary>The newest predicted tick.</summary>
    public Tick Tick => _predictor.Current;

    /// <summary>Seconds until the server stops, once it has said so; else −1.</summary>
    public int DrainingSeconds { get; private set; } = -1;

    /// <summary>The last line from whoever runs the server, for example that it will stop; empty: none yet. Show it as text of a stranger.</summary>
    public string LastNotice { get; private set; } = string.Empty;

    /// <summary>Notices so far: it has grown when <see cref="LastNotice"/> is one that was not there before, the same words included.</summary>
    public int NoticeCount { get; private set; }

    /// <summary>The last line of chat: who said it, and what.</summary>
    public (PlayerId From, string Text) LastChat { get; private set; }

    internal SnapshotReader Reader => _reader;

    internal Predictor Predictor => _predictor;

    /// <summary>The tick of which others are drawn, as far as their states have come.</summary>
    internal Tick Shown => _reader.HasNewest && _viewClock.Tick > _reader.Newest.Tick ? _reader.Newest.Tick : _viewClock.Tick;

    internal long Presses => _history.Presses;

    internal bool HasInput(Tick tick) => _history.Has(tick);

    internal ReadOnlySpan<byte> InputOf(Tick tick) => _history.InputOf(tick);

    internal TransportEndpoint? Endpoint => _endpoint;

    /// <summary>Begins to join a match; also again, after an attempt that ended before the welcome.</summary>
    /// <exception cref="InvalidOperationException">The client is joining, is or was in a match, or is on a transport of the caller's.</exception>
    /// <exception cref="ArgumentException">The name is not allowed, or the address has no port; the message says why.</exception>
    public void Join(in PeerAddress server, string name, long nowMicros)
    {
        if (_sender is not null)
        {
            throw new InvalidOperationException("this client is on a transport of the caller's: connect that, and call Connected");
        }

        if (server.Port == 0)
        {
            throw new ArgumentException($"the server's address {server} has port 0; give one of 1 to 65535", nameof(server));
        }

        Begin(name, nowMicros);
        var options = new TransportOptions
        {
            MaxPeers = 1,
            Channels = 1,
            AcceptConnections = false,
            OpenChannels = ChannelSet.Match,
            Line = _options.Line,
            IdleTimeoutMicros = _options.IdleTimeoutMillis * 1000L,
            MaxReliableQueueBytes = 64 * 1024,
            MaxMessageBytes = 64 * 1024,
            FragmentBytesPerPeer = 256 * 1024,
            StartMtuBytes = Limits.DatagramBytesMin,
            EventQueueBytes = 128 * 1024,
        };
        _endpoint = new TransportEndpoint(options, _options.Seed, nowMicros);
        _peer = _endpoint.Connect(in server, _message.AsSpan(0, _join.Write(_message)), nowMicros);
        State = ClientState.Connecting;
    }

    /// <summary>Leaves the match; a few more updates deliver the farewell.</summary>
    public void Leave(long nowMicros)
    {
        if (State is ClientState.Idle or ClientState.Ended)
        {
            return;
        }

        if (State == ClientState.Playing && _endpoint is not null && _endpoint.TryGetStats(_peer, out PeerStats stats))
        {
            SendReliable(ControlMessage.WriteLeave(_message, stats.ConnectionTime));
        }

        _endpoint?.Disconnect(_peer, stackalloc byte[] { (byte)LeaveReason.Left });
        End(LeaveReason.Left);
        Send(nowMicros);
    }

    /// <summary>Takes the next line of chat, in the order in which they were said; own ones come back as well.</summary>
    public bool TryTakeChat(out ChatLine line) => _chat.TryTake(out line);

    /// <summary>Says something to everybody; the server passes on 2 lines a second, 5 at once. False when it cannot be sent.</summary>
    public bool Chat(string text)
    {
        Argument.Given(text, nameof(text), "a line of chat; what it may hold is up to the player");
        int size = State == ClientState.Playing && text.Length <= Limits.ChatCharsMax ? ControlMessage.WriteChat(_message, 0, text.AsSpan()) : 0;
        return size > 0 && SendReliable(size);
    }

    /// <summary>The newest predicted state of the first own entity of a kind, as exact as the simulation has it.</summary>
    public bool TryGetOwned<T>(EntityKind<T> kind, out T component)
        where T : unmanaged
    {
        int index = _schema.IndexOf(kind);
        foreach (PredictedEntity entity in _predictor.Entities)
        {
            if (entity.Kind.Index == index && !entity.HasEnded)
            {
                component = Unsafe.As<byte, T>(ref entity.State[0]);
                return true;
            }
        }

        component = default;
        return false;
    }

    /// <summary>Takes the next event of a kind.</summary>
    /// <remarks>
    /// A brief event of an own step comes at its prediction, another's when the view reaches its tick; after late inputs an own one may come twice or not at all. A
    /// reliable event comes exactly once, after all reliable ones that were emitted before it, and an own step's when the server tells it.
    /// </remarks>
    public bool TryTakeEvent<T>(EventKind<T> kind, out T value)
        where T : unmanaged => _inbox.TryTake(_schema.IndexOf(kind), _viewClock.Tick, out value, out _);

    /// <summary>Receives, runs the ticks that are due, sends.</summary>
    /// <param name="nowMicros">The time, of any monotonic clock.</param>
    /// <param name="sample">What the player does.</param>
    public void Update(long nowMicros, InputSampler<TInput>? sample = null)
    {
        if (_endpoint is not null)
        {
            Receive(nowMicros);
            _endpoint.Advance(nowMicros);
            TakeEvents(nowMicros);
        }

        if (State == ClientState.Playing)
        {
            Play(nowMicros, sample);
        }
        else if (State == ClientState.Joining && _endpoint is not null && nowMicros >= _joinAgainMicros)
        {
            SendReliable(_join.Write(_message));
            _joinAgainMicros = long.MaxValue;
        }
        else if (State == ClientState.Joining && nowMicros - _joinSentMicros > JoinMicrosMax)
        {
            _endpoint?.Disconnect(_peer, stackalloc byte[] { (byte)LeaveReason.JoinTimeout });
            End(LeaveReason.JoinTimeout);
        }
        else if (State == ClientState.Joining)
        {
            RepeatJoin(nowMicros);
        }

        Send(nowMicros);
        _lastUpdateMicros = nowMicros;
    }

    void ISnapshotSink.OnEvent(int eventIndex, ushort sequence, Tick tick, byte ordinal, bool ownKey, ReadOnlySpan<int> row) =>
        _inbox.AddReceived(eventIndex, sequence, tick, ordinal, ownKey, row);

    void ISnapshotSink.OnVerdict(in ShotVerdict verdict) => _claims.Add(in verdict);

    void ISnapshotSink.OnBegin(EntityReplica replica)
    {
        _others.Remove(replica);
        _owned.Remove(replica);
        _ownedBefore.Remove(replica);
        (replica.IsOwned ? _owned : _others).Add(replica);
    }

    void ISnapshotSink.OnRemove(EntityReplica replica)
    {
        if (_owned.Remove(replica))
        {
            _ownedBefore.Add(replica);
        }
    }

    private void End(LeaveReason reason, string text = "")
    {
        if (State != ClientState.Ended)
        {
            State = ClientState.Ended;
            EndReason = reason;
            EndText = text.Length > 0 ? text : reason == LeaveReason.WrongSchema && _schemaPlace.Length > 0 ? _schemaPlace : LeaveReasonText.Of(reason);
        }
    }
}
