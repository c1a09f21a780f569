using GameServer.Netcode.Game;
using GameServer.Netcode.Messages;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Transport;

namespace GameServer.Netcode.Server;

/// <summary>Sums over the inputs of all sessions.</summary>
public readonly record struct InputTotals(long Executed, long Starved, long Late, long Duplicate, long StarveBursts);

/// <summary>How one client is doing.</summary>
/// <remarks>
/// The corrections, delay, loss and round trip are what the client reports; the rest the server knows itself. <c>HeldAckTicks</c> are those in which it held
/// its acknowledgements back, and was judged in the world as it is.
/// </remarks>
public readonly record struct PlayerStatus(
    PlayerId Player, string Name, bool IsSpectator, InputTotals Inputs, float MarginTicks, float AckAgeTicks, long SnapshotsLost, int EventBacklog, ReportMessage Report, long HeldAckTicks);

/// <summary>All sessions of a room, found by peer and by seat.</summary>
/// <remarks>Owner: simulation thread. Allocates: only at start.</remarks>
internal sealed class SessionTable
{
    private readonly Session[] _sessions;
    private readonly short[][] _seatOfPeer;
    private readonly List<Session> _joined;
    private readonly HashSet<string> _names = [];
    private readonly RoomOptions _options;
    private InputTotals _ended;

    public SessionTable(World world, RoomOptions options)
    {
        _options = options;
        _sessions = new Session[options.PlayersMax + options.SpectatorsMax];
        _joined = new List<Session>(_sessions.Length);
        for (int i = 0; i < _sessions.Length; i++)
        {
            _sessions[i] = new Session(i, world, options);
        }

        _seatOfPeer = new short[options.NetworkThreads][];
        for (int i = 0; i < _seatOfPeer.Length; i++)
        {
            _seatOfPeer[i] = new short[options.PeersPerThread];
            _seatOfPeer[i].AsSpan().Fill(-1);
        }
    }

    /// <summary>Sessions of players and watchers that have joined, in the order of seats.</summary>
    public List<Session> Joined => _joined;

    public ReadOnlySpan<Session> All => _sessions;

    /// <summary>The session of a peer, unless the record is of an earlier peer in the same slot.</summary>
    public Session? Find(in RecordHeader header)
    {
        if (header.NetworkThread >= _seatOfPeer.Length || header.Slot >= _options.PeersPerThread)
        {
            return null;
        }

        int seat = _seatOfPeer[header.NetworkThread][header.Slot];
        return seat >= 0 && _sessions[seat].IsOf(in header) ? _sessions[seat] : null;
    }

    /// <summary>True when the room has a place for this peer in its tables.</summary>
    public bool CanHold(in RecordHeader header) => header.NetworkThread < _seatOfPeer.Length && header.Slot < _options.PeersPerThread;

    /// <summary>Gives a peer the first free seat; players and spectators are counted before.</summary>
    public Session Take(in WaitingPeer peer, Tick now)
    {
        foreach (Session session in _sessions)
        {
            if (session.State == SessionState.Free)
            {
                session.Take(in peer, now);
                _seatOfPeer[peer.Header.NetworkThread][peer.Header.Slot] = (short)session.Seat;
                return session;
            }
        }

        throw new InvalidOperationException("no seat is free, although fewer have joined than there are seats");
    }

    /// <summary>True when somebody sees the match late.</summary>
    public bool HasDelayed
    {
        get
        {
            foreach (Session session in _joined)
            {
                if (session.DelayTicks > 0)
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>Those of one host that have joined.</summary>
    public int CountOf(in PeerAddress address)
    {
        int count = 0;
        foreach (Session session in _joined)
        {
            count += session.Address.IsSameHost(in address) ? 1 : 0;
        }

        return count;
    }

    /// <summary>The player who has given no other input for the longest time; none when nobody has for <paramref name="ticks"/>.</summary>
    public Session? FindIdle(Tick now, int ticks)
    {
        Session? idle = null;
        foreach (Session session in _joined)
        {
            if (!session.IsSpectator && now - session.InputChangedAt >= ticks)
            {
                idle = idle is null || session.InputChangedAt < idle.InputChangedAt ? session : idle;
            }
        }

        return idle;
    }

    /// <summary>The name itself, or with a number behind it when one who is here has a name that people take for the same.</summary>
    public string Distinct(string name)
    {
        string distinct = name;
        for (int number = 2; _names.Contains(PlayerName.KeyOf(distinct)); number++)
        {
            distinct = PlayerName.Numbered(name, number);
        }

        return distinct;
    }

    public void AddJoined(Session session)
    {
        _names.Add(PlayerName.KeyOf(session.Name));
        int index = 0;
        while (index < _joined.Count && _joined[index].Seat < session.Seat)
        {
            index++;
        }

        _joined.Insert(index, session);
    }

    public void Remove(Session session)
    {
        if (_joined.Remove(session))
        {
            _names.Remove(PlayerName.KeyOf(session.Name));
        }

        _ended = Add(_ended, session);
        _seatOfPeer[session.NetworkThread][session.Slot] = -1;
        session.Inputs.Clear();
        session.End();
    }

    public int CountJoined(bool spectators)
    {
        int count = 0;
        foreach (Session session in _joined)
        {
            count += session.IsSpectator == spectators ? 1 : 0;
        }

        return count;
    }

    public InputTotals InputTotals()
    {
        InputTotals totals = _ended;
        foreach (Session session in _joined)
        {
            totals = Add(totals, session);
        }

        return totals;
    }

    public bool TryGetStatus(int seat, out PlayerStatus status)
    {
        status = default;
        if ((uint)seat >= (uint)_sessions.Length || _sessions[seat].State != SessionState.Joined)
        {
            return false;
        }

        Session session = _sessions[seat];
        status = new PlayerStatus(
            session.Player, session.Name, session.IsSpectator, Add(default, session), session.MarginMean,
            session.Stream.AckAge, session.Stream.SnapshotsLost, session.Stream.Events.Backlog + session.Stream.BriefEvents.Backlog, session.Report, session.Acks.HeldTicks);
        return true;
    }

    private static InputTotals Add(InputTotals totals, Session session) => new(
        totals.Executed + session.Inputs.Executed,
        totals.Starved + session.Inputs.Starved,
        totals.Late + session.Inputs.Late,
        totals.Duplicate + session.Inputs.Duplicate,
        totals.StarveBursts + session.Inputs.StarveBursts);
}
