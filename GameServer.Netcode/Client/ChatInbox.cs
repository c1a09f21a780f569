using GameServer.Netcode.Game;
using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Client;

/// <summary>A line of chat: who said it, and what.</summary>
public readonly record struct ChatLine(PlayerId From, string Text);

/// <summary>Lines of chat that wait until they are taken; when there are too many, the oldest makes room.</summary>
/// <remarks>Owner: the client's thread. Allocates: only at start.</remarks>
internal sealed class ChatInbox
{
    private readonly ChatLine[] _lines = new ChatLine[Limits.ChatLinesWaiting];
    private int _first;
    private int _count;

    /// <summary>Lines that nobody took.</summary>
    public long Overflows { get; private set; }

    public void Add(in ChatLine line)
    {
        if (_count == _lines.Length)
        {
            Overflows++;
            TryTake(out _);
        }

        _lines[(_first + _count++) % _lines.Length] = line;
    }

    public bool TryTake(out ChatLine line)
    {
        line = _count > 0 ? _lines[_first] : default;
        if (_count == 0)
        {
            return false;
        }

        _lines[_first] = default;
        _first = (_first + 1) % _lines.Length;
        _count--;
        return true;
    }
}
