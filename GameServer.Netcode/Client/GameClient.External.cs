using GameServer.Netcode.Game;
using GameServer.Netcode.Messages;
using GameServer.Netcode.Transport;

namespace GameServer.Netcode.Client;

/// <summary>Sends a payload to the server: ReliableOrdered on channel 0, or Unreliable.</summary>
public delegate void PayloadSender(ReadOnlySpan<byte> payload, bool isReliable);

// The same client on a transport of the caller's.
public sealed partial class GameClient<TInput>
{
    /// <summary>The caller's transport has connected: asks to join; also again, after an attempt that ended before the welcome.</summary>
    /// <exception cref="InvalidOperationException">The client is joining, is or was in a match, or is on a socket.</exception>
    /// <exception cref="ArgumentException">The name is not allowed; the message says why.</exception>
    public void Connected(string name, long nowMicros)
    {
        CheckExternal();
        Begin(name, nowMicros);
        SendJoin(nowMicros);
    }

    /// <summary>The caller's transport has received a payload of the server.</summary>
    /// <param name="payload">The payload.</param>
    /// <param name="isReliable">It came ReliableOrdered.</param>
    /// <param name="nowMicros">The time.</param>
    /// <exception cref="InvalidOperationException">The client is on a socket.</exception>
    public void Receive(ReadOnlySpan<byte> payload, bool isReliable, long nowMicros)
    {
        CheckExternal();
        Stats.BytesReceived += payload.Length;
        if (isReliable)
        {
            TakeMessage(payload, nowMicros);
        }
        else
        {
            TakeSnapshot(payload, nowMicros);
        }
    }

    /// <summary>The caller's transport has ended.</summary>
    /// <param name="data">What the server sent with its disconnect, which says why; empty when there is nothing.</param>
    /// <exception cref="InvalidOperationException">The client is on a socket.</exception>
    public void Disconnected(ReadOnlySpan<byte> data) => Disconnected(data, LeaveReason.Unexplained);

    /// <summary>The caller's transport has ended.</summary>
    /// <param name="data">What the server sent with its disconnect, which says why; empty when there is nothing.</param>
    /// <param name="otherwise">Why, when the data does not say.</param>
    /// <exception cref="InvalidOperationException">The client is on a socket.</exception>
    public void Disconnected(ReadOnlySpan<byte> data, LeaveReason otherwise)
    {
        CheckExternal();
        End(LeaveReasonText.TryRead(data, out LeaveReason said) ? said : otherwise);
    }

    /// <summary>The caller's transport has ended, and the caller knows why.</summary>
    /// <exception cref="InvalidOperationException">The client is on a socket.</exception>
    public void Disconnected(LeaveReason reason) => Disconnected([], reason);

    private void CheckExternal()
    {
        if (_sender is null)
        {
            throw new InvalidOperationException("this client is on a socket, which it reads itself: call Join and Update");
        }
    }

    // What a match leaves behind (states, clocks, events, statistics) is not undone: the next match is another client's.
    private void Begin(string name, long nowMicros)
    {
        if (_hasMatch || State is not (ClientState.Idle or ClientState.Ended))
        {
            throw new InvalidOperationException(
                _hasMatch ? "this client has been in a match: make another GameClient for the next one" : $"this client has begun to join already, it is {State}");
        }

        Argument.Given(name, nameof(name), $"the player's name; an empty one makes it '{PlayerName.Default}'");
        if (!PlayerName.TryNormalize(name, out string normal, out string problem))
        {
            throw new ArgumentException(problem, nameof(name));
        }

        _join = new JoinMessage(_game.Name, _game.Version, _schema.Hash, normal, _options.IsSpectator);
        _lastUpdateMicros = nowMicros;
        EndReason = null;
        EndText = _schemaPlace = string.Empty;
        DrainingSeconds = -1;
        (LastNotice, NoticeCount) = (string.Empty, 0);
    }

    // On a bad link a reliable message is sent again more and more rarely, and the server waits for a join for two seconds.
    private void RepeatJoin(long nowMicros)
    {
        if (_sender is not null && nowMicros - _joinRepeatedMicros >= JoinRepeatMicros)
        {
            _joinRepeatedMicros = nowMicros;
            SendUnreliable(_join.Write(_message));
        }
    }

    private void SendJoin(long nowMicros)
    {
        _joinSentMicros = _joinRepeatedMicros = nowMicros;
        State = ClientState.Joining;
        SendReliable(_join.Write(_message));
    }

    private bool SendReliable(int size) => SendPayload(DeliveryMethod.ReliableOrdered, size);

    private void SendUnreliable(int size) => SendPayload(DeliveryMethod.Unreliable, size);

    private bool SendPayload(DeliveryMethod method, int size) => SendPayload(method, _message.AsSpan(0, size));

    private bool SendPayload(DeliveryMethod method, ReadOnlySpan<byte> payload)
    {
        if (_sender is null)
        {
            return _endpoint!.Send(_peer, method, 0, payload) == SendResult.Queued;
        }

        Stats.BytesSent += payload.Length;
        _sender(payload, method == DeliveryMethod.ReliableOrdered);
        return true;
    }
}
