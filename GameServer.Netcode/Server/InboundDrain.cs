using System.Buffers.Binary;
using System.Runtime.InteropServices;
using GameServer.Netcode.Game;
using GameServer.Netcode.Inputs;
using GameServer.Netcode.Messages;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Transport;

namespace GameServer.Netcode.Server;

/// <summary>Turns inbound records into sessions, inputs and acknowledgements. Nothing is simulated here.</summary>
/// <remarks>Owner: simulation thread. Allocates: at joins and leaves. Bad input is counted by reason and dropped.</remarks>
internal sealed partial class InboundDrain
{
    private readonly Room _room;
    private readonly InboundLane[] _inbound;
    private readonly SessionTable _sessions;
    private readonly Outbox _outbox;
    private readonly GameRules _rules;
    private readonly RoomOptions _options;
    private readonly RoomObserver _observer;
    private readonly InputPacket _packet;
    private readonly Roster _roster;
    private readonly byte[] _message = new byte[Limits.SchemaBytesMax];
    private readonly WaitingPeers _waiting = new();
    private readonly JoinDesk _desk;
    private readonly ChatRelay _chat;
    private readonly SchemaInquiry _inquiry;

    public InboundDrain(
        Room room, InboundLane[] inbound, SessionTable sessions, Outbox outbox, GameRules rules, RoomOptions options, RoomObserver observer)
    {
        _room = room;
        _inbound = inbound;
        _sessions = sessions;
        _outbox = outbox;
        _rules = rules;
        _options = options;
        _observer = observer;
        _packet = new InputPacket(rules.Schema.Input);
        _roster = new Roster(room, sessions, this);
        _desk = new JoinDesk(room, sessions, rules, options);
        _chat = new ChatRelay(room, sessions, rules, this);
        _inquiry = new SchemaInquiry(rules.Schema.Declarations, _waiting, outbox, options.WaitingMax);
    }

    /// <summary>Takes every record that has arrived.</summary>
    public void Run(long nowMicros)
    {
        foreach (InboundLane lane in _inbound)
        {
            lane.BeginRound();
            while (lane.Ring.TryPeek(out ReadOnlySpan<byte> record))
            {
                Take(record, nowMicros);
                lane.Ring.Release();
            }

            TakeNewest(lane.Newest, nowMicros);
        }
    }

    /// <summary>Ends what has to end once a tick is done, and those who connected but never joined.</summary>
    public void EndTick()
    {
        _outbox.FlushEnds();
        _roster.SendChanges();
        while (_waiting.Count > 0 && _room.NextTick - _waiting.Oldest.Since >= _options.TickRateHz * Limits.JoinSeconds)
        {
            LeaveReason reason = _waiting.Oldest.IsAsked ? LeaveReason.WrongSchema : LeaveReason.JoinTimeout;
            Refuse(_waiting.Oldest, reason, LeaveReasonText.Of(reason));
        }

        foreach (Session session in _sessions.All)
        {
            session.RecordsThisTick = 0;
            if (session.EndsBy is { } reason)
            {
                End(session, reason, tellPeer: true);
            }
        }
    }

    /// <summary>Sends a reliable message; a client for whom too much waits is ended after the tick.</summary>
    public void Send(Session session, ReadOnlySpan<byte> message)
    {
        if (!_outbox.SendReliable(session, message))
        {
            session.EndsBy = LeaveReason.Overflow;
        }
    }

    /// <summary>Sends a line of chat; it alone is dropped when too much of it waits for the client.</summary>
    public void SendChat(Session session, ReadOnlySpan<byte> message)
    {
        if (!_outbox.SendChat(session, message))
        {
            _room.Drops.Add(DropReason.ChatQueueFull);
        }
    }

    public void EndAll(LeaveReason reason)
    {
        while (_waiting.Count > 0)
        {
            Refuse(_waiting.Oldest, reason, LeaveReasonText.Of(reason));
        }

        foreach (Session session in _sessions.All)
        {
            End(session, reason, tellPeer: true);
        }
    }

    /// <summary>Ends the session of a seat; the client is sent the sentence first, if there is one. False when the seat is free.</summary>
    public bool EndSeat(int seat, LeaveReason reason, string text)
    {
        if ((uint)seat >= (uint)_sessions.All.Length || _sessions.All[seat].State == SessionState.Free)
        {
            return false;
        }

        Session session = _sessions.All[seat];
        if (text.Length > 0)
        {
            Send(session, _message.AsSpan(0, ControlMessage.WriteRefuse(_message, reason, text.AsSpan())));
        }

        End(session, reason, tellPeer: true);
        return true;
    }

    private void Take(ReadOnlySpan<byte> record, long nowMicros)
    {
        if (record.Length >= RecordHeader.SizeBytes)
        {
            RecordHeader header = MemoryMarshal.Read<RecordHeader>(record);
            _observer.RecordDrained(nowMicros - header.Micros);
            Take(in header, record[RecordHeader.SizeBytes..]);
        }
    }

    private void Take(in RecordHeader header, ReadOnlySpan<byte> payload)
    {
        if (header.Kind == RecordKind.Connect)
        {
            TakeConnect(in header, payload);
            return;
        }

        if (_sessions.Find(in header) is { } session)
        {
            Take(session, in header, payload);
        }
        else if (_waiting.TryFind(in header, out WaitingPeer peer))
        {
            TakeWaiting(in peer, in header, payload);
        }
        else if (header.Kind != RecordKind.Disconnect)
        {
            _room.Drops.Add(DropReason.SessionUnknown); // a client that said goodbye is gone before its transport is; anything else is from nobody
        }
    }

    private void Take(Session session, in RecordHeader header, ReadOnlySpan<byte> payload)
    {
        session.NoteRoundTrip(in header, (float)_room.PeriodMicros);
        switch (header.Kind)
        {
            case RecordKind.Disconnect:
                End(session, LeaveReasonText.OfClient((DisconnectReason)header.Detail, payload), tellPeer: false);
                break;
            case RecordKind.Reliable:
                TakeMessage(session, payload);
                break;
            case RecordKind.Path when payload.Length == sizeof(ushort):
                session.PathBytes = Math.Min((int)BinaryPrimitives.ReadUInt16LittleEndian(payload), Session.PathBytesMax);
                break;
            case RecordKind.Unreliable when ++session.RecordsThisTick > Limits.RecordsPerTick:
                _room.Drops.Add(DropReason.RecordsPerPeer);
                break;
            case RecordKind.Unreliable or RecordKind.Newest when IsJoin(payload):
                _room.Drops.Add(DropReason.MessageUnexpected); // said again before the welcome was there
                break;
            case RecordKind.Unreliable or RecordKind.Newest:
                TakeInputs(session, payload, header.Micros);
                break;
        }
    }

    // The connect data may be a join, which saves a round trip; else the join comes as a message, and the connection waits without a seat.
    private void TakeConnect(in RecordHeader header, ReadOnlySpan<byte> payload)
    {
        PeerAddress address = ConnectRecord.Read(payload, out long time, out ReadOnlySpan<byte> connectData);
        var peer = new WaitingPeer(header, address, time, _room.NextTick);
        if (!_sessions.CanHold(in header))
        {
            Refuse(in peer, LeaveReason.Full, LeaveReasonText.Of(LeaveReason.Full));
        }
        else if (IsJoin(connectData))
        {
            TakeJoin(in peer, connectData);
        }
        else if (!_waiting.TryAdd(in peer, out string problem))
        {
            Refuse(in peer, LeaveReason.AddressFull, problem);
        }
        else if (_waiting.Count > _options.WaitingMax)
        {
            Refuse(_waiting.Oldest, LeaveReason.JoinTimeout, LeaveReasonText.Of(LeaveReason.JoinTimeout));
        }
    }

    private void TakeWaiting(in WaitingPeer peer, in RecordHeader header, ReadOnlySpan<byte> payload)
    {
        switch (header.Kind)
        {
            case RecordKind.Disconnect:
                _waiting.Remove(in header);
                break;
            case RecordKind.Unreliable or RecordKind.Newest when IsJoin(payload):
                TakeJoin(in peer, payload);
                break;
            case RecordKind.Unreliable or RecordKind.Newest:
                bool isInput = payload.Length > 0 && payload[0] == (byte)PayloadKind.Input;
                _room.Drops.Add(isInput ? DropReason.InputBeforeJoin : DropReason.PacketKindUnknown);
                break;
            case RecordKind.Reliable:
                TakeWaitingMessage(in peer, payload);
                break;
        }
    }

    private static bool IsJoin(ReadOnlySpan<byte> payload) => payload.Length > 0 && payload[0] > (byte)PayloadKind.Snapshot && ControlMessage.TryReadKind(payload, out ControlKind kind) && kind == ControlKind.Join;

    private void TakeWaitingMessage(in WaitingPeer peer, ReadOnlySpan<byte> message)
    {
        if (!ControlMessage.TryReadKind(message, out ControlKind kind))
        {
            _room.Drops.Add(DropReason.MessageMalformed);
        }
        else if (kind == ControlKind.Join)
        {
            TakeJoin(in peer, message);
        }
        else if (kind == ControlKind.Leave && ControlMessage.TryReadLeave(message, out long time) && time == peer.ConnectionTime && time != 0)
        {
            _waiting.Remove(peer.Header);
            _outbox.Refuse(peer.Header, (byte)LeaveReason.Left);
        }
        else if (kind == ControlKind.Leave)
        {
            _room.Drops.Add(DropReason.LeaveMismatch);
        }
        else if (kind == ControlKind.Difference && peer.IsAsked)
        {
            Refuse(in peer, LeaveReason.WrongSchema, _inquiry.Answer(message));
        }
        else
        {
            _room.Drops.Add(DropReason.MessageUnexpected);
        }
    }

    private void TakeMessage(Session session, ReadOnlySpan<byte> message)
    {
        if (!ControlMessage.TryReadKind(message, out ControlKind kind))
        {
            _room.Drops.Add(DropReason.MessageMalformed);
            return;
        }

        switch (kind)
        {
            case ControlKind.Leave when ControlMessage.TryReadLeave(message, out long time) && time == session.ConnectionTime && time != 0:
                End(session, LeaveReason.Left, tellPeer: true);
                break;
            case ControlKind.Leave:
                _room.Drops.Add(DropReason.LeaveMismatch);
                break;
            case ControlKind.Chat:
                _chat.Relay(session, message, _room.Context(_room.NextTick));
                break;
            case ControlKind.Report:
                TakeReport(session, message);
                break;
            default:
                _room.Drops.Add(DropReason.MessageUnexpected);
                break;
        }
    }

    private void TakeJoin(in WaitingPeer peer, ReadOnlySpan<byte> message)
    {
        if (!_desk.TryAdmit(in peer, message, out JoinMessage join, out LeaveReason reason, out string text))
        {
            if (reason != LeaveReason.WrongSchema || !_inquiry.TryAsk(in peer))
            {
                Refuse(in peer, reason, text);
            }

            return;
        }

        if (_desk.FindGivingWay(join.IsSpectator) is { } idle)
        {
            End(idle, LeaveReason.Idle, tellPeer: true);
        }

        _waiting.Remove(peer.Header);
        string name = _sessions.Distinct(join.Name);
        Session session = _sessions.Take(in peer, _room.NextTick);
        _inbound[session.NetworkThread].SetJoined(session.Slot, session.Generation, hasJoined: true);
        session.Join(name, join.IsSpectator, _options.FirstSnapshotSequence, _options.FirstEventSequence);
        if (join.IsSpectator && _room.Delayed is { } late && !(_options.IsLiveOnLoopback && peer.Address.IsLoopback))
        {
            session.Watch(late);
        }

        session.Chat = new ChatAllowance(_options.TickRateHz, _room.NextTick);
        _room.World.Players.Take(session.Player, name, join.IsSpectator);
        _sessions.AddJoined(session);
        var welcome = new WelcomeMessage(
            session.Seat, _options.TickRateHz, _room.NextTick - session.DelayTicks, _options.BudgetBytes, _options.IdleTimeoutMillis, _options.RewindCap.MaxMillis, _room.StepSeed) { Name = name };
        Send(session, _message.AsSpan(0, welcome.Write(_message)));
        Send(session, _rules.Schema.Message);
        _roster.SendAll(session);
        _roster.Change(session.Seat);
        if (!join.IsSpectator)
        {
            _room.BeginHook();
            _rules.PlayerJoined(_room.Context(_room.NextTick), session.Player);
        }

        _observer.PlayerJoined(session.Player, name, join.IsSpectator);
    }

    // The sentence goes along when there is room for it; the reason always does.
    private void Refuse(in WaitingPeer peer, LeaveReason reason, string text)
    {
        _observer.JoinRefused(reason, text);
        _waiting.Remove(peer.Header);
        _outbox.TrySend(peer.Header, _message.AsSpan(0, ControlMessage.WriteRefuse(_message, reason, text.AsSpan())));
        _outbox.Refuse(peer.Header, (byte)reason);
    }

    private void End(Session session, LeaveReason reason, bool tellPeer)
    {
        if (session.State == SessionState.Free)
        {
            return;
        }

        if (tellPeer)
        {
            _outbox.FlushBacklog(session);
            _outbox.Disconnect(session, (byte)reason);
        }

        Leave(session);
        _inbound[session.NetworkThread].SetJoined(session.Slot, session.Generation, hasJoined: false);
        PlayerId player = session.Player;
        _sessions.Remove(session);
        _roster.Change(player.Index);
        _observer.PlayerLeft(player, reason);
    }

    private void Leave(Session session)
    {
        if (!session.IsSpectator)
        {
            _room.BeginHook();
            _rules.PlayerLeft(_room.Context(_room.NextTick), session.Player);
        }

        List<int> owned = _room.World.OwnedSlots(session.Player);
        while (owned.Count > 0)
        {
            _room.World.Despawn(_room.World.IdOf(owned[^1]));
        }

        _room.World.Players.Free(session.Player);
    }
}
