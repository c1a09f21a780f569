using GameServer.Netcode.Messages;

namespace GameServer.Netcode.Server;

/// <summary>Sends clients the names of those who are in the room: all of them at the join, changes once a tick.</summary>
/// <remarks>Those who see the match late hear late who came. Owner: simulation thread. Allocates: only at start.</remarks>
internal sealed class Roster(Room room, SessionTable sessions, InboundDrain drain)
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
        foreach (Session session in sessions.All)
        {
            string name = to.DelayTicks > 0 ? room.Delayed!.NameAt(session.Seat) : session.Name;
            if (name.Length > 0)
            {
                _seats[count++] = (session.Seat, name);
                count = count == _seats.Length ? Send(to, count) : count;
            }
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

    /// <summary>Sends a message to everybody, each at its time.</summary>
    public void SendToAll(ReadOnlySpan<byte> message)
    {
        bool isKept = room.Delayed?.TryKeep(room.NextTick, message) ?? true;
        foreach (Session session in sessions.Joined)
        {
            if (session.DelayTicks == 0)
            {
                drain.Send(session, message);
            }
            else if (!isKept)
            {
                session.EndsBy = LeaveReason.Overflow;
            }
        }
    }

    private int SendToAll(int count)
    {
        SendToAll(_message.AsSpan(0, PlayersMessage.Write(_message, _seats.AsSpan(0, count))));
        return 0;
    }

    private int Send(Session to, int count)
    {
        drain.Send(to, _message.AsSpan(0, PlayersMessage.Write(_message, _seats.AsSpan(0, count))));
        return 0;
    }
}
