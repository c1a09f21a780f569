using GameServer.Netcode.Messages;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Transport;

namespace GameServer.Netcode.Client;

/// <summary>Sends a payload to the server: ReliableOrdered on channel 0, or Unreliable.</summary>
public delegate void PayloadSender(ReadOnlySpan<byte> payload, bool isReliable);

// The same client on a transport of the caller's.
public sealed partial class GameClient<TInput>
{
    /// <summary>The caller's transport has connected: asks to join.</summary>
    public void Connected(string name, long nowMicros)
    {
        _join = JoinOf(name);
        _lastUpdateMicros = nowMicros;
        SendJoin(nowMicros);
    }

    /// <summary>The caller's transport has received a payload of the server.</summary>
    /// <param name="payload">The payload.</param>
    /// <param name="isReliable">It came ReliableOrdered.</param>
    /// <param name="nowMicros">The time.</param>
    public void Receive(ReadOnlySpan<byte> payload, bool isReliable, long nowMicros)
    {
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
    public void Disconnected(LeaveReason reason) => End(reason);

    private JoinMessage JoinOf(string name) => name.Length <= Limits.PlayerNameCharsMax
        ? new JoinMessage(_game.Name, _game.Version, _schema.Hash, name, _options.IsSpectator)
        : throw new ArgumentException($"a name has at most {Limits.PlayerNameCharsMax} characters", nameof(name));

    private void SendJoin(long nowMicros)
    {
        _joinSentMicros = nowMicros;
        State = ClientState.Joining;
        SendReliable(_join.Write(_message));
    }

    private bool SendReliable(int size) => SendPayload(DeliveryMethod.ReliableOrdered, size);

    private void SendUnreliable(int size) => SendPayload(DeliveryMethod.Unreliable, size);

    private bool SendPayload(DeliveryMethod method, int size)
    {
        ReadOnlySpan<byte> payload = _message.AsSpan(0, size);
        if (_sender is null)
        {
            return _endpoint!.Send(_peer, method, 0, payload) == SendResult.Queued;
        }

        Stats.BytesSent += size;
        _sender(payload, method == DeliveryMethod.ReliableOrdered);
        return true;
    }
}
