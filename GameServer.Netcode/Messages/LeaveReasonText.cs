using GameServer.Netcode.Transport;

namespace GameServer.Netcode.Messages;

/// <summary>A sentence for a person about each <see cref="LeaveReason"/>; it reads the same on the client and on the server.</summary>
public static class LeaveReasonText
{
    /// <summary>A byte of disconnect data from here on is not a <see cref="LeaveReason"/> but this plus a <see cref="DisconnectReason"/>.</summary>
    private const byte TransportFirst = TransportEndpoint.AbortDataFirst;

    /// <summary>The sentence. Allocates: only for a reason that is not known here.</summary>
    public static string Of(LeaveReason reason) => reason switch
    {
        LeaveReason.Left => "the client left",
        LeaveReason.Timeout => "nothing arrived from the other side for too long",
        LeaveReason.Full => "every seat is taken",
        LeaveReason.WrongGame => "the server runs another game",
        LeaveReason.WrongVersion => "the client has another version of the game than the server",
        LeaveReason.WrongSchema => "the client declares other tables than the server",
        LeaveReason.Draining => "the server is about to stop",
        LeaveReason.ServerStopped => "the server has stopped",
        LeaveReason.Kicked => "an operator removed the player",
        LeaveReason.Overflow => "more waited for the client than may",
        LeaveReason.Protocol => "the protocol was broken",
        LeaveReason.NoAnswer => "no server answers at the address",
        LeaveReason.WrongProtocol => "the client speaks another version of the protocol than the server",
        LeaveReason.WrongKey => "the server asks for another connection key",
        LeaveReason.WrongName => "the name is not allowed",
        LeaveReason.JoinTimeout => "the join was not done in time",
        LeaveReason.AddressFull => "the address has as many connections as it may",
        LeaveReason.NoSpectators => "the server lets nobody watch",
        LeaveReason.Idle => "the room was full and the player had given no input for too long",
        LeaveReason.Replaced => "the same address connected again",
        LeaveReason.Stalled => "what was sent reliably was not acknowledged for too long",
        LeaveReason.ServerFailed => "the server has failed",
        LeaveReason.PathTooSmall => "the network path carries no datagrams of 508 bytes",
        LeaveReason.Unexplained => "the other side ended the connection and gave no reason",
        LeaveReason.SessionLost => "the other side no longer knows the session: it was restarted, or ended the session while nothing came through",
        LeaveReason.Unacknowledged => "the client acknowledged no snapshot for 5 s",
        _ => $"for a reason that this version does not know ({(int)reason})",
    };

    /// <summary>What an end by the transport means to a session.</summary>
    public static LeaveReason Of(DisconnectReason reason) => reason switch
    {
        DisconnectReason.ConnectionFailed => LeaveReason.NoAnswer,
        DisconnectReason.Timeout => LeaveReason.Timeout,
        DisconnectReason.LocalClosed => LeaveReason.Left,
        DisconnectReason.InvalidProtocol => LeaveReason.WrongProtocol,
        DisconnectReason.Reconnected => LeaveReason.Replaced,
        DisconnectReason.PeerNotFound => LeaveReason.SessionLost,
        DisconnectReason.QueueOverflow => LeaveReason.Overflow,
        DisconnectReason.PathTooSmall => LeaveReason.PathTooSmall,
        DisconnectReason.GaveWay => LeaveReason.JoinTimeout,
        DisconnectReason.ReliableStalled => LeaveReason.Stalled,
        DisconnectReason.RemoteClosed or DisconnectReason.Rejected => LeaveReason.Unexplained,
        _ => LeaveReason.Protocol,
    };

    /// <summary>What the other side said in the data of its disconnect; false when it said nothing that means something.</summary>
    public static bool TryRead(ReadOnlySpan<byte> disconnectData, out LeaveReason reason)
    {
        reason = LeaveReason.Unexplained;
        if (disconnectData.Length != 1)
        {
            return false;
        }

        byte said = disconnectData[0];
        reason = said >= TransportFirst ? Of((DisconnectReason)(said - TransportFirst)) : (LeaveReason)said;
        return true;
    }

    /// <summary>What the end of a client's connection means to the server.</summary>
    /// <remarks>A client that closes leaves, unless its transport broke off or it did not get its welcome: of the server's own reasons it may claim none.</remarks>
    public static LeaveReason OfClient(DisconnectReason reason, ReadOnlySpan<byte> data)
    {
        if (reason != DisconnectReason.RemoteClosed)
        {
            return Of(reason);
        }

        return TryRead(data, out LeaveReason said) && (data[0] >= TransportFirst || said == LeaveReason.JoinTimeout) ? said : LeaveReason.Left;
    }

    /// <summary>What a refusal of the transport means: the server's endpoint refused the request before a room saw it.</summary>
    public static LeaveReason OfRefusal(ReadOnlySpan<byte> data) => data.Length != 1 ? LeaveReason.Unexplained : (ConnectRefusal)data[0] switch
    {
        ConnectRefusal.Closed => LeaveReason.Draining,
        ConnectRefusal.Full => LeaveReason.Full,
        ConnectRefusal.WrongKey => LeaveReason.WrongKey,
        _ => LeaveReason.Unexplained,
    };

    internal static string OfProtocols(int client, int server) => $"the client speaks protocol version {client}, the server version {server}";
}
