namespace GameServer.Netcode.Messages;

/// <summary>A sentence for a person about each <see cref="LeaveReason"/>; it reads the same on the client and on the server.</summary>
public static class LeaveReasonText
{
    /// <summary>The sentence. Allocates: only for a reason that is not known here.</summary>
    public static string Of(LeaveReason reason) => reason switch
    {
        LeaveReason.Left => "the client left",
        LeaveReason.Timeout => "nothing arrived from the other side for too long",
        LeaveReason.Full => "every seat is taken",
        LeaveReason.WrongGame => "the server runs another game",
        LeaveReason.WrongVersion => "the client has another version of the game than the server",
        LeaveReason.WrongSchema => "the client declares other tables than the server",
        LeaveReason.Draining => "the server is about to stop and lets nobody in",
        LeaveReason.ServerStopped => "the server has stopped",
        LeaveReason.Kicked => "an operator removed the player",
        LeaveReason.Overflow => "more waited for the client than it may",
        LeaveReason.Protocol => "the other side broke the protocol",
        LeaveReason.NoAnswer => "no server answers at the address",
        LeaveReason.WrongProtocol => "the client speaks another version of the protocol than the server",
        _ => $"for a reason that this version does not know ({(int)reason})",
    };

    internal static string OfProtocols(int client, int server) => $"the client speaks protocol version {client}, the server version {server}";
}
