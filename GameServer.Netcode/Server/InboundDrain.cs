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
    private const int SchemaBytesMax = 12 * 1024;

    private readonly Room _room;
    private readonly SpscRing[] _inbound;
    private readonly SessionTable _sessions;
    private readonly Outbox _outbox;
    private readonly GameRules _rules;
    private readonly RoomOptions _options;
    private readonly RoomObserver _observer;
    private readonly InputPacket _packet;
    private readonly Roster _roster;
    private readonly byte[] _message = new byte[SchemaBytesMax];
    private readonly int _joinTicksMax;

    public InboundDrain(Room room, SpscRing[] inbound, SessionTable sessions, Outbox outbox, GameRules rules, RoomOptions options, RoomObserver observer)
    {
        _room = room;
        _inbound = inbound;
        _sessions = sessions;
        _outbox = outbox;
        _rules = rules;
        _options = options;
        _observer = observer;
        _packet = new InputPacket(rules.Schema.Input);
        _roster = new Roster(sessions, (session, message) => Send(session, message.Span));
        _joinTicksMax = options.TickRateHz * 10; // a join that is lost again and again takes seconds
    }

    /// <summary>Takes every record that has arrived.</summary>
    public void Run(long nowMicros)
    {
        foreach (SpscRing ring in _inbound)
        {
            while (ring.TryPeek(out ReadOnlySpan<byte> record))
            {
                Take(record, nowMicros);
                ring.Release();
            }
        }
    }

    /// <summary>Takes one record if there is one and it is quickly taken: no joins and leaves.</summary>
    public bool TryTakeOne(long nowMicros)
    {
        foreach (SpscRing ring in _inbound)
        {
            if (ring.TryPeek(out ReadOnlySpan<byte> record) && record.Length >= RecordHeader.SizeBytes
                && MemoryMarshal.Read<RecordHeader>(record).Kind == RecordKind.Unreliable)
            {
                Take(record, nowMicros);
                ring.Release();
                return true;
            }
        }

        return false;
    }

    /// <summary>Ends what has to end once a tick is done, and those who connected but never joined.</summary>
    public void EndTick()
    {
        _outbox.FlushEnds();
        _roster.SendChanges();
        foreach (Session session in _sessions.All)
        {
            session.RecordsThisTick = 0;
            if (session.State == SessionState.Connected && _room.NextTick - session.ConnectedAt > _joinTicksMax)
            {
                session.EndsBy = LeaveReason.JoinTimeout;
            }

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

    public void EndAll(LeaveReason reason)
    {
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

        Session? session = _sessions.Find(in header);
        if (session is null)
        {
            // A client that said goodbye is gone before its transport is; anything else is from nobody.
            if (header.Kind != RecordKind.Disconnect)
            {
                _room.Drops.Add(DropReason.SessionUnknown);
            }

            return;
        }

        session.RoundTripTicks = header.RoundTrip > 0 ? header.RoundTrip * RecordHeader.RoundTripUnitMicros / (float)_room.PeriodMicros : session.RoundTripTicks;
        switch (header.Kind)
        {
            case RecordKind.Disconnect:
                End(session, ReasonOf((DisconnectReason)header.Detail, payload), tellPeer: false);
                break;
            case RecordKind.Reliable:
                TakeMessage(session, payload);
                break;
            case RecordKind.Unreliable when ++session.RecordsThisTick > Limits.RecordsPerPeer:
                _room.Drops.Add(DropReason.RecordsPerPeer);
                break;
            case RecordKind.Unreliable:
                TakeInputs(session, payload, header.Micros);
                break;
        }
    }

    // The connect data may be a join, which saves a round trip; else the join comes as a message.
    private void TakeConnect(in RecordHeader header, ReadOnlySpan<byte> payload)
    {
        bool hasTime = MemoryMarshal.TryRead(payload, out long time);
        ReadOnlySpan<byte> connectData = hasTime ? payload[sizeof(long)..] : default;
        Session? session = _sessions.Connect(in header, _room.NextTick);
        if (session is null)
        {
            _observer.JoinRefused(LeaveReason.Full, LeaveReasonText.Of(LeaveReason.Full));
            _outbox.Refuse(in header, (byte)LeaveReason.Full);
            return;
        }

        session.ConnectionTime = time;
        if (ControlMessage.TryReadKind(connectData, out ControlKind kind) && kind == ControlKind.Join)
        {
            TakeJoin(session, connectData);
        }
    }

    // A client that closes leaves, unless its transport broke off or it did not get its welcome: of the server's own reasons it may claim none.
    private static LeaveReason ReasonOf(DisconnectReason reason, ReadOnlySpan<byte> data)
    {
        if (reason != DisconnectReason.RemoteClosed)
        {
            return LeaveReasonText.Of(reason);
        }

        bool broke = data.Length == 1 && data[0] >= TransportEndpoint.AbortDataFirst;
        return LeaveReasonText.TryRead(data, out LeaveReason said) && (broke || said == LeaveReason.JoinTimeout) ? said : LeaveReason.Left;
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
            case ControlKind.Join when session.State == SessionState.Connected:
                TakeJoin(session, message);
                break;
            case ControlKind.Leave when ControlMessage.TryReadLeave(message, out long time) && time == session.ConnectionTime && time != 0:
                End(session, LeaveReason.Left, tellPeer: true);
                break;
            case ControlKind.Leave:
                _room.Drops.Add(DropReason.LeaveMismatch);
                break;
            case ControlKind.Chat when session.State == SessionState.Joined:
                TakeChat(session, message);
                break;
            case ControlKind.Report when session.State == SessionState.Joined:
                TakeReport(session, message);
                break;
            default:
                _room.Drops.Add(DropReason.MessageUnexpected);
                break;
        }
    }

    private void TakeJoin(Session session, ReadOnlySpan<byte> message)
    {
        if (JoinMessage.TryReadProtocol(message, out int protocol) && protocol != Limits.ProtocolVersion)
        {
            Refuse(session, LeaveReason.WrongProtocol, LeaveReasonText.OfProtocols(protocol, Limits.ProtocolVersion));
            return;
        }

        if (!JoinMessage.TryRead(message, out JoinMessage join))
        {
            _room.Drops.Add(DropReason.JoinMalformed);
            Refuse(session, LeaveReason.Protocol, "the join cannot be read");
            return;
        }

        if (!PlayerName.TryNormalize(join.Name, out string name, out string problem))
        {
            Refuse(session, LeaveReason.WrongName, problem);
            return;
        }

        LeaveReason refusal = RefusalOf(in join);
        if (refusal != LeaveReason.Left)
        {
            Refuse(session, refusal, LeaveReasonText.Of(refusal));
            return;
        }

        name = _sessions.Distinct(name);
        session.Join(name, join.IsSpectator, _options.FirstSnapshotSequence, _options.FirstEventSequence);
        _room.World.Players.Take(session.Player, name, join.IsSpectator);
        _sessions.AddJoined(session);
        var welcome = new WelcomeMessage(
            session.Seat, _options.TickRateHz, _room.NextTick, _options.BudgetBytes, _options.IdleTimeoutMillis, _options.RewindCap.MaxMillis, _room.StepSeed) { Name = name };
        Send(session, _message.AsSpan(0, welcome.Write(_message)));
        Send(session, _message.AsSpan(0, SchemaMessage.Write(_message, _rules.Schema)));
        _roster.SendAll(session);
        _roster.Change(session.Seat);
        if (!join.IsSpectator)
        {
            _rules.PlayerJoined(_room.Context(_room.NextTick), session.Player);
        }

        _observer.PlayerJoined(session.Player, name, join.IsSpectator);
    }

    private void Refuse(Session session, LeaveReason reason, string text)
    {
        _observer.JoinRefused(reason, text);
        Send(session, _message.AsSpan(0, ControlMessage.WriteRefuse(_message, reason, text.AsSpan())));
        End(session, reason, tellPeer: true);
    }

    private LeaveReason RefusalOf(in JoinMessage join)
    {
        if (join.Game != _rules.Name)
        {
            return LeaveReason.WrongGame;
        }

        if (join.Version != _rules.Version)
        {
            return LeaveReason.WrongVersion;
        }

        if (join.SchemaHash != _rules.Schema.Hash)
        {
            return LeaveReason.WrongSchema;
        }

        if (_room.IsDraining)
        {
            return LeaveReason.Draining;
        }

        int max = join.IsSpectator ? _options.SpectatorsMax : _options.PlayersMax;
        return _sessions.CountJoined(join.IsSpectator) >= max ? LeaveReason.Full : LeaveReason.Left;
    }

    private void TakeChat(Session session, ReadOnlySpan<byte> message)
    {
        if (!ControlMessage.TryReadChat(message, out _, out string text))
        {
            _room.Drops.Add(DropReason.MessageMalformed);
            return;
        }

        int size = ControlMessage.WriteChat(_message, session.Seat, text.AsSpan());
        foreach (Session other in _sessions.Joined)
        {
            Send(other, _message.AsSpan(0, size));
        }
    }

    private void TakeReport(Session session, ReadOnlySpan<byte> message)
    {
        if (!ReportMessage.TryRead(message, out ReportMessage report))
        {
            _room.Drops.Add(DropReason.MessageMalformed);
            return;
        }

        session.Report = report;
        _observer.ClientReported(session.Player, in report);
    }

    private void End(Session session, LeaveReason reason, bool tellPeer)
    {
        if (session.State == SessionState.Free)
        {
            return;
        }

        bool joined = session.State == SessionState.Joined;
        if (tellPeer)
        {
            _outbox.FlushBacklog(session);
            _outbox.Disconnect(session, (byte)reason);
        }

        if (joined)
        {
            Leave(session);
        }

        PlayerId player = session.Player;
        _sessions.Remove(session);
        if (joined)
        {
            _roster.Change(player.Index);
            _observer.PlayerLeft(player, reason);
        }
    }

    private void Leave(Session session)
    {
        if (!session.IsSpectator)
        {
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
