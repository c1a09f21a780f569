namespace GameServer.Netcode.Transport;

/// <summary>Why a connection ended. The values leave the process in metrics and are frozen by a test.</summary>
public enum DisconnectReason : byte
{
    /// <summary>It did not end.</summary>
    None = 0,

    /// <summary>Nobody answered the connect requests.</summary>
    ConnectionFailed = 1,

    /// <summary>Nothing was heard for <see cref="TransportOptions.IdleTimeoutMicros"/>.</summary>
    Timeout = 2,

    /// <summary>The other side refused the connect request; the payload says why.</summary>
    Rejected = 3,

    /// <summary>The other side disconnected; the payload is what it said.</summary>
    RemoteClosed = 4,

    /// <summary>This side disconnected, and the other side knows or could not be reached.</summary>
    LocalClosed = 5,

    /// <summary>The other side speaks another protocol line or version.</summary>
    InvalidProtocol = 6,

    /// <summary>The same address connected anew and proved that it is there.</summary>
    Reconnected = 7,

    /// <summary>Both sides connected at the same time and this side's request lost; the other side's goes on.</summary>
    SimultaneousConnect = 8,

    /// <summary>A fragmented message was larger than allowed or did not complete in time.</summary>
    FragmentLimit = 9,

    /// <summary>The other side broke the protocol in a way that would lose acknowledged messages.</summary>
    ProtocolViolation = 10,

    /// <summary>More reliable messages waited for the peer than its queue holds.</summary>
    QueueOverflow = 11,

    /// <summary>A reliable packet was not acknowledged for <see cref="TransportOptions.ReliableStallMicros"/>.</summary>
    ReliableStalled = 12,

    /// <summary>The other side does not know the connection any more: it was started again, or ended the connection while nothing came through.</summary>
    PeerNotFound = 13,

    /// <summary>Small datagrams pass and none of <see cref="TransportOptions.StartMtuBytes"/> does.</summary>
    PathTooSmall = 14,

    /// <summary>No place was free, and this one had not joined: a newer connection has it.</summary>
    GaveWay = 15,
}
