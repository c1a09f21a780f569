using GameServer.Netcode.Game;
using GameServer.Netcode.Messages;
using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Client;

/// <summary>The names of those who are in the match, watchers included, as the server last sent them.</summary>
/// <remarks>Owner: the client's thread. Allocates: when somebody comes.</remarks>
public sealed class PlayerNames
{
    private readonly string[] _names = new string[2 * Limits.PlayersMax]; // as many watch at most as play
    private readonly List<(int Seat, string Name)> _read = new(PlayersMessage.SeatsMax);

    /// <summary>The name of a player; empty when nobody is in that seat, or the name has not arrived yet.</summary>
    public string Of(PlayerId player) => (uint)player.Index < (uint)_names.Length ? _names[player.Index] ?? string.Empty : string.Empty;

    internal bool TryTake(ReadOnlySpan<byte> message)
    {
        if (!PlayersMessage.TryRead(message, _read))
        {
            return false;
        }

        foreach ((int seat, string name) in _read)
        {
            if (seat < _names.Length)
            {
                _names[seat] = name;
            }
        }

        return true;
    }
}
