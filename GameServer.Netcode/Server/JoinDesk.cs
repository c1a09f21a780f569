using GameServer.Netcode.Messages;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Transport;

namespace GameServer.Netcode.Server;

/// <summary>Decides who gets a seat, and says why not.</summary>
/// <remarks>Changes nothing. Owner: simulation thread. Allocates: for joins.</remarks>
internal sealed class JoinDesk
{
    private readonly Room _room;
    private readonly SessionTable _sessions;
    private readonly GameRules _rules;
    private readonly RoomOptions _options;

    public JoinDesk(Room room, SessionTable sessions, GameRules rules, RoomOptions options)
    {
        _room = room;
        _sessions = sessions;
        _rules = rules;
        _options = options;
    }

    /// <summary>Reads a join, its name in the form in which it is kept; false, and why, when there is no seat for it.</summary>
    public bool TryAdmit(in WaitingPeer peer, ReadOnlySpan<byte> message, out JoinMessage join, out LeaveReason reason, out string text)
    {
        join = default;
        if (JoinMessage.TryReadProtocol(message, out int protocol) && protocol != Limits.ProtocolVersion)
        {
            reason = LeaveReason.WrongProtocol;
            text = LeaveReasonText.OfProtocols(protocol, Limits.ProtocolVersion);
            return false;
        }

        if (!JoinMessage.TryRead(message, out join))
        {
            _room.Drops.Add(DropReason.JoinMalformed);
            reason = LeaveReason.Protocol;
            text = "the join cannot be read";
            return false;
        }

        if (!PlayerName.TryNormalize(join.Name, out string name, out text))
        {
            reason = LeaveReason.WrongName;
            return false;
        }

        join = join with { Name = name };
        reason = RefusalOf(in join, peer.Address);
        text = LeaveReasonText.Of(reason);
        return reason == LeaveReason.Left;
    }

    /// <summary>The player who has to give way for a join that was admitted; none when a seat is free.</summary>
    public Session? FindGivingWay(bool isSpectator) => !isSpectator && _sessions.CountJoined(spectators: false) >= _options.PlayersMax ? FindIdle() : null;

    private LeaveReason RefusalOf(in JoinMessage join, in PeerAddress address)
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

        if (join.IsSpectator && _options.SpectatorsMax == 0)
        {
            return LeaveReason.NoSpectators;
        }

        int perAddress = _options.SeatsPerAddress + (address.IsLoopback ? _options.LoopbackSeatsMore : 0);
        if (_options.SeatsPerAddress > 0 && _sessions.CountOf(in address) >= perAddress)
        {
            return LeaveReason.AddressFull;
        }

        int max = join.IsSpectator ? _options.SpectatorsMax : _options.PlayersMax;
        bool isFull = _sessions.CountJoined(join.IsSpectator) >= max && (join.IsSpectator || FindIdle() is null);
        return isFull ? LeaveReason.Full : LeaveReason.Left;
    }

    private Session? FindIdle() => _sessions.FindIdle(_room.NextTick, _options.TickRateHz * Limits.IdleSeconds);
}
