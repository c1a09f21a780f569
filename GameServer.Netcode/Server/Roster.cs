using GameServer.Netcode.Messages;

namespace GameServer.Netcode.Server;

/// <summary>Sends clients the names of those who are in the room: all of them at the join, changes once a tick.</summary>
/// <remarks>Owner: simulation thread. Allocates: only at start.</remarks>
internal sealed class Roster(SessionTable sessions, Action<Session, ReadOnlyMemory<byte>> send)
{
    private readonly byte[] _message = new byte[PlayersMessage.BytesMax];
    private readonly bool[] _hasChanged = new bool[sessions.All.Length];
    private readonly (int Seat, string Name)[] _seats = new (int, string)[PlayersMessage.SeatsMax];
    private bool _anyChanged;

    /// <summary>Somebody came to this seat or left it.</summary>
    public void Change(int seat) => _anyChanged = _hasChanged[seat] = true;

    /// <summary>Everybody who is there, to one who has just come.</summary>
    public void SendAll(Session to)
    {
        int count = 0;
        foreach (Session session in sessions.Joined)
        {
            _seats[count++] = (session.Seat, session.Name);
            count = count == _seats.Length ? Send(to, count) : count;
        }

        _ = count > 0 ? Send(to, count) : 0;
    }

    /// <summary>What has changed since the last call, to everybody.</summary>
    public void SendChanges()
    {
        if (!_anyChanged)
        {
            return;
        }

        _anyChanged = false;
        int count = 0;
        foreach (Session session in sessions.All)
        {
            if (_hasChanged[session.Seat])
            {
                _hasChanged[session.Seat] = false;
                _seats[count++] = (session.Seat, session.State == SessionState.Joined ? session.Name : "");
                count = count == _seats.Length ? SendToAll(count) : count;
            }
        }

        _ = count > 0 ? SendToAll(count) : 0;
    }

    private int SendToAll(int count)
    {
        foreach (Session session in sessions.Joined)
        {
            Send(session, count);
        }

        return 0;
    }

    private int Send(Session to, int count)
    {
        send(to, _message.AsMemory(0, PlayersMessage.Write(_message, _seats.AsSpan(0, count))));
        return 0;
    }
}
