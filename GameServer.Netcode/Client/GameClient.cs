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
public sealed class GameClient<TInput> : ISnapshotSink
    where TInput : unmanaged
{
    private const int TicksPerUpdateMax = Limits.HistoryTicks / 2;

    private readonly Game<TInput> _game;
    private readonly GameSchema<TInput> _schema;
    private readonly ClientOptions _options;
    private readonly IDatagramSocket _socket;
    private readonly DatagramBatch _inbound = new(32);
    private readonly DatagramBatch _outbound = new(16);
    private readonly byte[] _message = new byte[Limits.DatagramBytesMax];
    private readonly List<EntityReplica> _others = new(256);
    private readonly List<EntityReplica> _owned = new(64);
    private readonly SnapshotReader _reader;
    private readonly InputHistory _history;
    private readonly InputPacket _packet;
    private readonly EventInbox _inbox;
    private readonly ShotClaims _claims;
    private readonly Predictor _predictor;
    private TransportEndpoint? _endpoint;
    private ServerClock _clock = new(60);
    private ViewClock _viewClock = new(60);
    private PeerId _peer;
    private JoinMessage _join;
    private TInput _input;
    private ushort _heldBefore;
    private ushort _latched;
    private long _lastUpdateMicros;
    private long _nextReportMicros;
    private ReportMessage _reported;
    private int _lostBefore;
    private bool _hasTick;

    /// <summary>A client of a game on a socket.</summary>
    public GameClient(Game<TInput> game, IDatagramSocket socket, ClientOptions? options = null)
    {
        game.CheckStateless();
        _game = game;
        _socket = socket;
        _options = options ?? new ClientOptions();
        _schema = GameSchema<TInput>.Of(game);
        _reader = new SnapshotReader(_schema, this, Drops);
        _history = new InputHistory(_schema.Input, _schema.InputBytes);
        _packet = new InputPacket(_schema.Input);
        _inbox = new EventInbox(_schema);
        _claims = new ShotClaims(Stats);
        var screen = new ScreenView(_others, _claims);
        _predictor = new Predictor(_schema, _reader.Replicas, _owned, _history, _inbox, screen, Stats, _options);
        View = new ClientView(_schema, _reader.Replicas, _others, _predictor);
    }

    /// <summary>Where the client is in its life.</summary>
    public ClientState State { get; private set; }

    /// <summary>Why it ended.</summary>
    public LeaveReason EndReason { get; private set; }

    /// <summary>The client's seat.</summary>
    public PlayerId Player { get; private set; }

    /// <summary>What the server told at the join.</summary>
    public WelcomeMessage Welcome { get; private set; }

    /// <summary>What there is to draw.</summary>
    public ClientView View { get; }

    /// <summary>How the client is doing.</summary>
    public ClientStats Stats { get; } = new();

    /// <summary>What was received and not used, by reason.</summary>
    public DropCounters Drops { get; } = new();

    /// <summary>The newest predicted tick.</summary>
    public Tick Tick => _predictor.Current;

    /// <summary>Seconds until the server stops, once it has said so; else −1.</summary>
    public int DrainingSeconds { get; private set; } = -1;

    /// <summary>The last line of chat: who said it, and what.</summary>
    public (PlayerId From, string Text) LastChat { get; private set; }

    internal SnapshotReader Reader => _reader;

    internal Predictor Predictor => _predictor;

    internal ReadOnlySpan<byte> InputOf(Tick tick) => _history.InputOf(tick);

    internal TransportEndpoint? Endpoint => _endpoint;

    /// <summary>Begins to join a match.</summary>
    public void Join(in PeerAddress server, string name, long nowMicros)
    {
        if (name.Length > Limits.PlayerNameCharsMax)
        {
            throw new ArgumentException($"a name has at most {Limits.PlayerNameCharsMax} characters", nameof(name));
        }

        _join = new JoinMessage(_game.Name, _game.Version, _schema.Hash, name, _options.IsSpectator);
        var options = new TransportOptions
        {
            MaxPeers = 1,
            Channels = 1,
            AcceptConnections = false,
            Line = _options.Line,
            IdleTimeoutMicros = _options.IdleTimeoutMillis * 1000L,
            MaxReliableQueueBytes = 64 * 1024,
            MaxMessageBytes = 64 * 1024,
            FragmentBytesPerPeer = 128 * 1024,
            EventQueueBytes = 128 * 1024,
        };
        _endpoint = new TransportEndpoint(options, _options.Seed, nowMicros);
        _peer = _endpoint.Connect(in server, default, nowMicros);
        State = ClientState.Connecting;
        _lastUpdateMicros = nowMicros;
    }

    /// <summary>Leaves the match; a few more updates deliver the farewell.</summary>
    public void Leave(long nowMicros)
    {
        if (_endpoint is null || State == ClientState.Ended)
        {
            return;
        }

        if (State == ClientState.Playing)
        {
            int size = ControlMessage.WriteLeave(_message);
            _endpoint.Send(_peer, DeliveryMethod.ReliableOrdered, 0, _message.AsSpan(0, size));
        }

        _endpoint.Disconnect(_peer, default);
        End(LeaveReason.Left);
        Send(nowMicros);
    }

    /// <summary>Says something to everybody; false when it cannot be sent.</summary>
    public bool Chat(string text)
    {
        int size = State == ClientState.Playing && text.Length <= Limits.ChatCharsMax ? ControlMessage.WriteChat(_message, 0, text.AsSpan()) : 0;
        return size > 0 && _endpoint!.Send(_peer, DeliveryMethod.ReliableOrdered, 0, _message.AsSpan(0, size)) == SendResult.Queued;
    }

    /// <summary>The newest predicted state of the first own entity of a kind, as exact as the simulation has it.</summary>
    public bool TryGetOwned<T>(EntityKind<T> kind, out T component)
        where T : unmanaged
    {
        foreach (PredictedEntity entity in _predictor.Entities)
        {
            if (entity.Kind.Index == kind.Index && !entity.HasEnded)
            {
                component = Unsafe.As<byte, T>(ref entity.State[0]);
                return true;
            }
        }

        component = default;
        return false;
    }

    /// <summary>Takes the next event of a kind: an own one at its prediction, another's when the view reaches its tick.</summary>
    public bool TryTakeEvent<T>(EventKind<T> kind, out T value)
        where T : unmanaged => _inbox.TryTake(kind.Index, _viewClock.Tick, out value, out _);

    /// <summary>Receives, runs the ticks that are due, sends.</summary>
    /// <param name="nowMicros">The time, of any monotonic clock.</param>
    /// <param name="sample">What the player does.</param>
    public void Update(long nowMicros, InputSampler<TInput>? sample = null)
    {
        if (_endpoint is null)
        {
            return;
        }

        Receive(nowMicros);
        _endpoint.Advance(nowMicros);
        TakeEvents(nowMicros);
        if (State == ClientState.Playing)
        {
            Play(nowMicros, sample);
        }

        Send(nowMicros);
        _lastUpdateMicros = nowMicros;
    }

    void ISnapshotSink.OnEvent(int eventIndex, Tick tick, byte ordinal, bool ownKey, ReadOnlySpan<int> row) =>
        _inbox.AddReceived(eventIndex, tick, ordinal, ownKey, row);

    void ISnapshotSink.OnVerdict(in ShotVerdict verdict) => _claims.Judge(in verdict);

    void ISnapshotSink.OnBegin(EntityReplica replica)
    {
        _others.Remove(replica);
        _owned.Remove(replica);
        (replica.IsOwned ? _owned : _others).Add(replica);
    }

    void ISnapshotSink.OnRemove(EntityReplica replica) => _owned.Remove(replica);

    private void Receive(long nowMicros)
    {
        int count;
        do
        {
            count = _socket.Receive(_inbound);
            for (int i = 0; i < count; i++)
            {
                Stats.BytesReceived += _inbound.Lengths[i];
                long arrival = _inbound.ArrivalMicros[i];
                _endpoint!.Handle(_inbound.Datagram(i), in _inbound.Addresses[i], arrival > 0 && arrival < nowMicros ? arrival : nowMicros);
            }

            TakeEvents(nowMicros);
        }
        while (count == _inbound.Capacity);
    }

    private void TakeEvents(long nowMicros)
    {
        while (_endpoint!.TryPeekEvent(out TransportEvent e, out ReadOnlySpan<byte> payload))
        {
            switch (e.Kind)
            {
                case TransportEventKind.Connected when State == ClientState.Connecting:
                    int size = _join.Write(_message);
                    _endpoint.Send(_peer, DeliveryMethod.ReliableOrdered, 0, _message.AsSpan(0, size));
                    State = ClientState.Joining;
                    break;
                case TransportEventKind.Disconnected:
                    End(ReasonOf(e.Reason, payload));
                    break;
                case TransportEventKind.Message when e.Method == DeliveryMethod.Unreliable:
                    TakeSnapshot(payload, e.ArrivalMicros > 0 ? e.ArrivalMicros : nowMicros);
                    break;
                case TransportEventKind.Message:
                    TakeMessage(payload, nowMicros);
                    break;
            }

            _endpoint.ConsumeEvent();
        }
    }

    private static LeaveReason ReasonOf(DisconnectReason reason, ReadOnlySpan<byte> data) => reason switch
    {
        DisconnectReason.ConnectionFailed => LeaveReason.NoAnswer,
        DisconnectReason.Timeout => LeaveReason.Timeout,
        DisconnectReason.RemoteClosed or DisconnectReason.Rejected when data.Length == 1 && data[0] <= (byte)LeaveReason.NoAnswer => (LeaveReason)data[0],
        DisconnectReason.RemoteClosed => LeaveReason.ServerStopped,
        DisconnectReason.Rejected => LeaveReason.Full,
        DisconnectReason.LocalClosed => LeaveReason.Left,
        _ => LeaveReason.Protocol,
    };

    private void TakeSnapshot(ReadOnlySpan<byte> payload, long arrivalMicros)
    {
        if (State != ClientState.Playing)
        {
            Drops.Add(DropReason.SnapshotBeforeWelcome);
            return;
        }

        if (payload.Length == 0 || payload[0] != (byte)PayloadKind.Snapshot)
        {
            Drops.Add(DropReason.PacketKindUnknown);
            return;
        }

        if (!_reader.TryRead(payload))
        {
            return;
        }

        SnapshotHeader header = _reader.Newest;
        Stats.SnapshotBytes += payload.Length;
        _viewClock.OnSnapshot(header.Tick, (int)(_reader.Lost - _lostBefore), arrivalMicros);
        _lostBefore = (int)_reader.Lost;
        if (header.HasInputs)
        {
            _clock.OnMargin(header.MarginTick, header.MarginParts / 16.0);
        }
    }

    private void TakeMessage(ReadOnlySpan<byte> message, long nowMicros)
    {
        if (!ControlMessage.TryReadKind(message, out ControlKind kind))
        {
            Drops.Add(DropReason.MessageMalformed);
            return;
        }

        switch (kind)
        {
            case ControlKind.Welcome when State == ClientState.Joining && WelcomeMessage.TryRead(message, out WelcomeMessage welcome):
                Enter(in welcome, nowMicros);
                break;
            case ControlKind.Refuse when State == ClientState.Joining && ControlMessage.TryReadRefuse(message, out LeaveReason reason):
                End(reason);
                break;
            case ControlKind.Draining when ControlMessage.TryReadDraining(message, out int seconds):
                DrainingSeconds = seconds;
                break;
            case ControlKind.Chat when ControlMessage.TryReadChat(message, out int seat, out string text):
                LastChat = (new PlayerId(seat), text);
                break;
            case ControlKind.Schema:
                break; // for tools: this client has the game itself, and the join compared the hashes
            default:
                Drops.Add(DropReason.MessageUnexpected);
                break;
        }
    }

    private void Enter(in WelcomeMessage welcome, long nowMicros)
    {
        Welcome = welcome;
        Player = new PlayerId(welcome.Seat);
        _clock = new ServerClock(welcome.TickRateHz);
        _viewClock = new ViewClock(welcome.TickRateHz);
        _endpoint!.TryGetStats(_peer, out PeerStats stats);
        _clock.Start(welcome.Tick, stats.RttMicros, nowMicros);
        _predictor.Start(Player, welcome.Seed, welcome.TickRateHz, _clock.Now);
        _hasTick = false;
        _nextReportMicros = nowMicros + 1_000_000;
        State = ClientState.Playing;
    }

    private void Play(long nowMicros, InputSampler<TInput>? sample)
    {
        _clock.Advance(nowMicros);
        _viewClock.Advance(nowMicros);
        Tick newest = _reader.HasNewest ? _reader.Newest.Tick : default;
        if (_reader.HasNewest)
        {
            _predictor.Reconcile(_reader.Newest);
            DropLeftBehind();
        }

        ViewStamp stamp = _viewClock.IsRunning ? new ViewStamp(_viewClock.Tick, _viewClock.Fraction, newest) : default;
        SampleInput(sample);
        bool ran = RunTicks(in stamp);
        if (ran)
        {
            SendInputs();
        }

        _predictor.Smooth((nowMicros - _lastUpdateMicros) / 1000.0);
        View.Show(in stamp, (float)_clock.Fraction, _options.ExtrapolationTicksMax);
        UpdateStats();
        Report(nowMicros);
    }

    private void SampleInput(InputSampler<TInput>? sample)
    {
        sample?.Invoke(ref _input);
        if (_schema.ButtonsOffset >= 0)
        {
            ref Buttons buttons = ref Unsafe.As<byte, Buttons>(ref Unsafe.Add(ref Unsafe.As<TInput, byte>(ref _input), _schema.ButtonsOffset));
            _latched |= (ushort)((buttons.Held & ~_heldBefore) | buttons.Pressed);
            _heldBefore = buttons.Held;
            buttons.Pressed = 0;
        }
    }

    private bool RunTicks(in ViewStamp stamp)
    {
        Tick due = _clock.Now;
        Tick last = _predictor.Current;
        if (!_hasTick || due - last > TicksPerUpdateMax)
        {
            _predictor.SkipTo(due - 1); // the process slept: the server has made up these inputs
            last = due - 1;
            _hasTick = true;
        }

        if (due <= last || _options.IsSpectator)
        {
            if (due > last)
            {
                _predictor.SkipTo(due);
            }

            return due > last;
        }

        for (Tick tick = last + 1; tick <= due; tick += 1)
        {
            TInput input = _input;
            if (_schema.ButtonsOffset >= 0)
            {
                Unsafe.As<byte, Buttons>(ref Unsafe.Add(ref Unsafe.As<TInput, byte>(ref input), _schema.ButtonsOffset)).Pressed = _latched;
                _latched = 0;
            }

            _history.Add(tick, ref Unsafe.As<TInput, byte>(ref input), in stamp);
            _clock.InputSent(tick);
            _predictor.Predict(tick);
        }

        return true;
    }

    private void SendInputs()
    {
        _packet.Clear();
        _packet.HasAck = _reader.HasNewest;
        _packet.AckSequence = _reader.AckSequence;
        _packet.AckBits = _reader.AckHistory;
        if (!_options.IsSpectator && _reader.HasNewest)
        {
            AddInputs();
        }

        int size = _packet.Write(_message);
        if (size > 0)
        {
            _endpoint!.Send(_peer, DeliveryMethod.Unreliable, 0, _message.AsSpan(0, size));
        }
    }

    private void AddInputs()
    {
        Tick newest = _predictor.Current;
        SnapshotHeader header = _reader.Newest;
        Tick from = header.HasInputs && header.InputAck > header.Tick ? header.InputAck + 1 : header.Tick + 1;
        from = newest - from >= Limits.InputsPerPacketMax ? newest - (Limits.InputsPerPacketMax - 1) : from;
        while (from <= newest && !_history.Has(from))
        {
            from += 1;
        }

        for (Tick tick = from; tick <= newest; tick += 1)
        {
            _packet.Add(tick, in _history.StampOf(tick), _history.RowOf(tick));
        }
    }

    private void DropLeftBehind()
    {
        for (int i = _others.Count - 1; i >= 0; i--)
        {
            EntityReplica replica = _others[i];
            if (replica.IsRemoved && replica.RemovedAt < _viewClock.Tick - 64)
            {
                replica.Forget();
                _others.RemoveAt(i);
            }
        }
    }

    private void UpdateStats()
    {
        Stats.SnapshotsReceived = _reader.Received;
        Stats.SnapshotsLost = _reader.Lost;
        Stats.EventGaps = _reader.EventGaps;
        Stats.BaselineMisses = _reader.BaselineMisses;
        Stats.MarginTicks = _clock.MarginTicks;
        Stats.LeadTicks = _reader.HasNewest ? _predictor.Current - _reader.Newest.Tick : 0;
        Stats.InterpolationDelayMillis = _viewClock.DelayTicks * 1000 / Welcome.TickRateHz;
        if (_endpoint!.TryGetStats(_peer, out PeerStats stats))
        {
            Stats.RoundTripMillis = stats.RttMicros / 1000.0;
        }
    }

    private void Report(long nowMicros)
    {
        if (nowMicros < _nextReportMicros)
        {
            return;
        }

        _nextReportMicros = nowMicros + 1_000_000;
        var total = new ReportMessage((int)Stats.CorrectionsOwn, (int)Stats.CorrectionsExternal, (int)Stats.CorrectionsStarved, 0, (int)Stats.SnapshotsLost, (int)Stats.SnapshotsReceived);
        int lost = total.LossPermille - _reported.LossPermille;
        int received = total.RoundTripMillis - _reported.RoundTripMillis;
        var report = new ReportMessage(
            Math.Min(total.Own - _reported.Own, 9999),
            Math.Min(total.External - _reported.External, 9999),
            Math.Min(total.Starved - _reported.Starved, 9999),
            (int)Math.Min(Stats.InterpolationDelayMillis, 59_999),
            lost * 1000 / Math.Max(1, lost + received),
            (int)Math.Min(Stats.RoundTripMillis, 59_999));
        _reported = total;
        int size = report.Write(_message);
        _endpoint!.Send(_peer, DeliveryMethod.ReliableOrdered, 0, _message.AsSpan(0, size));
    }

    private void Send(long nowMicros)
    {
        _endpoint!.Advance(nowMicros);
        bool more = true;
        while (more)
        {
            int count = 0;
            while (count < _outbound.Capacity && (more = _endpoint.TryPollDatagram(_outbound.Buffer(count), out int length, out PeerAddress to)))
            {
                _outbound.Lengths[count] = length;
                _outbound.Addresses[count++] = to;
                Stats.BytesSent += length;
            }

            // What the system does not take is lost like any datagram.
            _ = count > 0 ? _socket.Send(_outbound, 0, count) : 0;
        }
    }

    private void End(LeaveReason reason)
    {
        if (State != ClientState.Ended)
        {
            State = ClientState.Ended;
            EndReason = reason;
        }
    }
}
