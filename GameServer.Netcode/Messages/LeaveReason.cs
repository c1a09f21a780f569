using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Messages;

/// <summary>Why a join was refused or a session ended. Frozen by a test; also the one byte of disconnect data.</summary>
public enum LeaveReason : byte
{
    /// <summary>The client left.</summary>
    Left = 0,

    /// <summary>The client was silent for too long.</summary>
    Timeout = 1,

    /// <summary>No seat is free.</summary>
    Full = 2,

    /// <summary>The client plays another game.</summary>
    WrongGame = 3,

    /// <summary>The client has another version of the game.</summary>
    WrongVersion = 4,

    /// <summary>The client declares other tables.</summary>
    WrongSchema = 5,

    /// <summary>The server is about to stop.</summary>
    Draining = 6,

    /// <summary>The server stops.</summary>
    ServerStopped = 7,

    /// <summary>An operator removed the player.</summary>
    Kicked = 8,

    /// <summary>More waited for the client than may.</summary>
    Overflow = 9,

    /// <summary>The client broke the protocol.</summary>
    Protocol = 10,

    /// <summary>Nothing answered at the address.</summary>
    NoAnswer = 11,

    /// <summary>The client speaks another version of the wire protocol; the sentence names both.</summary>
    WrongProtocol = 12,

    /// <summary>The server asks for another connection key.</summary>
    WrongKey = 13,

    /// <summary>The name is not allowed; the sentence says why.</summary>
    WrongName = 14,

    /// <summary>The client connected and did not join in time, or the server did not answer the join in time.</summary>
    JoinTimeout = 15,

    /// <summary>The address has as many connections as it may.</summary>
    AddressFull = 16,

    /// <summary>The server lets nobody watch.</summary>
    NoSpectators = 17,

    /// <summary>The room was full and the player had given no input for too long.</summary>
    Idle = 18,

    /// <summary>The same address connected again.</summary>
    Replaced = 19,

    /// <summary>What was sent reliably was not acknowledged for too long.</summary>
    Stalled = 20,

    /// <summary>The server has failed.</summary>
    ServerFailed = 21,

    /// <summary>The other side ended the connection and gave no reason. Never on the wire.</summary>
    Unexplained = 22,

    /// <summary>The client acknowledged no snapshot for 5 s.</summary>
    Unacknowledged = 23,

    /// <summary>The path carries too little: not one datagram of <see cref="Limits.DatagramBytesMin"/> bytes arrives.</summary>
    PathTooSmall = 24,

    /// <summary>The other side no longer knows the session: it was restarted, or it ended the session while nothing came through. Never on the wire.</summary>
    SessionLost = 25,
}
