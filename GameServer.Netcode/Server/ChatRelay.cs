using GameServer.Netcode.Game;
using GameServer.Netcode.Messages;
using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Server;

/// <summary>Hands a line of chat on to everybody: within the speaker's allowance, past the game, and never at the cost of what a receiver needs.</summary>
/// <remarks>Owner: simulation thread. Allocates: no.</remarks>
internal sealed class ChatRelay(Room room, SessionTable sessions, GameRules rules, InboundDrain drain)
{
    private readonly char[] _text = new char[Limits.ChatCharsMax];
    private readonly byte[] _message = new byte[ControlMessage.ChatBytesMax];

    /// <summary>A player has said something.</summary>
    public void Relay(Session session, ReadOnlySpan<byte> message, in TickContext context)
    {
        if (!ControlMessage.TryReadChat(message, _text, out _, out int length))
        {
            room.Drops.Add(DropReason.MessageMalformed);
            return;
        }

        if (!session.Chat.TryTake(context.Tick))
        {
            room.Drops.Add(DropReason.ChatTooFast);
            return;
        }

        ReadOnlySpan<char> text = _text.AsSpan(0, ChatText.Clean(_text.AsSpan(0, length)));
        room.BeginHook();
        if (text.IsEmpty || context.Players.IsMuted(session.Player) || !rules.Chat(in context, session.Player, text))
        {
            room.Drops.Add(DropReason.ChatRefused);
            return;
        }

        int size = ControlMessage.WriteChat(_message, session.Seat, text);
        Send(_message.AsSpan(0, size));
    }

    // Those who see the match late hear late what was said.
    private void Send(ReadOnlySpan<byte> message)
    {
        bool isKept = room.Delayed?.TryKeepChat(room.NextTick, message) ?? true;
        foreach (Session session in sessions.Joined)
        {
            if (session.DelayTicks == 0)
            {
                drain.SendChat(session, message);
            }
            else if (!isKept)
            {
                room.Drops.Add(DropReason.ChatQueueFull);
            }
        }
    }
}
