using GameServer.Netcode.Game;
using GameServer.Netcode.Messages;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Snapshots;
using GameServer.Netcode.Transport;

namespace GameServer.Netcode.Client;

// The connection: datagrams, control messages, the beginning and the end.
public sealed partial class GameClient<TInput>
{
    private void Receive(long nowMicros)
    {
        int count;
        do
        {
            count = _socket!.Receive(_inbound);
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
                    _joinSentMicros = nowMicros; // the join went along with the connect request
                    _joinAgainMicros = nowMicros + JoinAgainMicros;
                    State = ClientState.Joining;
                    break;
                case TransportEventKind.Disconnected:
                    EndByTransport(e.Reason, payload);
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

    private void EndByTransport(DisconnectReason reason, ReadOnlySpan<byte> data)
    {
        if (reason == DisconnectReason.RemoteClosed && LeaveReasonText.TryRead(data, out LeaveReason said))
        {
            End(said);
        }
        else if (reason == DisconnectReason.InvalidProtocol)
        {
            End(LeaveReason.WrongProtocol, "what answers at the address speaks another version of the transport, or is no game server");
        }
        else
        {
            End(reason == DisconnectReason.Rejected ? LeaveReasonText.OfRefusal(data) : LeaveReasonText.Of(reason));
        }
    }

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
        if (header.HasInputs && header.StarvedAge != 0)
        {
            _history.NoteExecuted(header.Tick);
        }

        _snapshotArrivedMicros = arrivalMicros;
        _hasSnapshot = true;
        if (header.HasInputs)
        {
            _clock.OnMargin(header.MarginTick, header.MarginParts / 16.0);
            _roundTrip.OnSnapshot(header.Tick, header.MarginTick, header.MarginParts, 1e6 / Welcome.TickRateHz, arrivalMicros);
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
            case ControlKind.Refuse when State is ClientState.Joining or ClientState.Playing && ControlMessage.TryReadRefuse(message, out LeaveReason reason, out string why):
                End(reason, why);
                break;
            case ControlKind.Draining when ControlMessage.TryReadDraining(message, out int seconds):
                DrainingSeconds = seconds;
                break;
            case ControlKind.Chat when ControlMessage.TryReadChat(message, out int seat, out string text):
                LastChat = (new PlayerId(seat), text);
                _chat.Add(new ChatLine(new PlayerId(seat), text));
                Stats.ChatOverflowed = _chat.Overflows;
                break;
            case ControlKind.Notice when NoticeMessage.TryRead(message, out string notice):
                (LastNotice, NoticeCount) = (notice, NoticeCount + 1);
                break;
            case ControlKind.Players when Names.TryTake(message):
                break;
            case ControlKind.Declarations when State == ClientState.Joining && _schemaPlace.Length == 0:
                AnswerDifference(message);
                break;
            case ControlKind.Schema:
                break; // for tools: this client has the game itself, and the join compared the hashes
            default:
                Drops.Add(DropReason.MessageUnexpected);
                break;
        }
    }

    private void AnswerDifference(ReadOnlySpan<byte> question)
    {
        byte[] answer = SchemaDifference.WriteAnswer(_schema.Declarations, question, out _schemaPlace);
        if (answer.Length == 0)
        {
            Drops.Add(DropReason.MessageMalformed);
            return;
        }

        SendPayload(DeliveryMethod.ReliableOrdered, answer);
    }

    private void Enter(in WelcomeMessage welcome, long nowMicros)
    {
        Welcome = welcome;
        Player = new PlayerId(welcome.Seat);
        _clock = new ServerClock(welcome.TickRateHz);
        _viewClock = new ViewClock(welcome.TickRateHz);
        // The answer to the join has taken a round trip and some; the transport may not have measured one yet.
        // Too short a lead is mended by one jump, too long a one only by waiting: so a join that had to be repeated does not count in full.
        long roundTripMicros = Math.Min(nowMicros - _joinSentMicros, RoundTripMicrosMax);
        if (_endpoint is not null && _endpoint.TryGetStats(_peer, out PeerStats stats) && stats.RttMicros > 0)
        {
            roundTripMicros = Math.Min(roundTripMicros, stats.RttMicros * 2);
        }

        _clock.Start(welcome.Tick, roundTripMicros, nowMicros);
        _hasMatch = true;
        StartHistories(Limits.PredictionTicks(welcome.TickRateHz), roundTripMicros);
        _hasTick = false;
        _nextReportMicros = nowMicros + 1_000_000;
        State = ClientState.Playing;
    }

    // Only now is known how many ticks the time of a long round trip has.
    private void StartHistories(int ticks, long roundTripMicros)
    {
        _history.Start(ticks);
        _claims.Start(ticks);
        _inbox.Start(ticks);
        _roundTrip.Start(roundTripMicros, ticks * 4);
        _predictor.Start(Player, Welcome.Seed, Welcome.TickRateHz, _clock.Now, ticks);
    }

    private void Send(long nowMicros)
    {
        if (_endpoint is null)
        {
            return;
        }

        _endpoint.Advance(nowMicros);
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
            _ = count > 0 ? _socket!.Send(_outbound, 0, count) : 0;
        }
    }
}
