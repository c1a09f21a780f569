namespace GameServer.Netcode.Primitives;

/// <summary>Why something that arrived was not used. The values leave the process in metrics and are frozen by a test.</summary>
/// <remarks>Each reason belongs to one check in one parser. 1–63 transport, 64–79 messages and sessions, 80–95 inputs, 96–127 snapshots.</remarks>
public enum DropReason
{
    /// <summary>Nothing was dropped.</summary>
    None = 0,

    /// <summary>An inbound ring had no room for an unreliable record.</summary>
    InboundRingFull = 64,

    /// <summary>An outbound ring had no room for an unreliable record.</summary>
    OutboundRingFull = 65,

    /// <summary>A peer sent more records than one tick takes.</summary>
    RecordsPerPeer = 66,

    /// <summary>A record named a session that has ended.</summary>
    SessionUnknown = 67,

    /// <summary>A control message could not be parsed.</summary>
    MessageMalformed = 68,

    /// <summary>A control message of a kind that is not allowed in this state.</summary>
    MessageUnexpected = 69,

    /// <summary>An unreliable payload of an unknown kind.</summary>
    PacketKindUnknown = 70,

    /// <summary>A join request could not be parsed.</summary>
    JoinMalformed = 71,

    /// <summary>An input packet ended early or held an impossible value.</summary>
    InputMalformed = 80,

    /// <summary>An input packet acknowledged a snapshot that was never sent.</summary>
    InputAckUnsent = 81,

    /// <summary>An input for a tick that had been executed.</summary>
    InputLate = 82,

    /// <summary>An input further ahead than <see cref="Limits.InputLeadMax"/>.</summary>
    InputTooFarAhead = 83,

    /// <summary>An input that had been received before.</summary>
    InputDuplicate = 84,

    /// <summary>An input packet from a client that has not joined.</summary>
    InputBeforeJoin = 85,

    /// <summary>A snapshot ended early or held an impossible value.</summary>
    SnapshotMalformed = 96,

    /// <summary>A snapshot older than one already applied.</summary>
    SnapshotOld = 97,

    /// <summary>A snapshot received twice.</summary>
    SnapshotDuplicate = 98,

    /// <summary>A delta against a state that is not held.</summary>
    SnapshotBaselineMissing = 99,

    /// <summary>An update of an entity that is not known.</summary>
    SnapshotEntityUnknown = 100,

    /// <summary>A snapshot before the welcome.</summary>
    SnapshotBeforeWelcome = 101,
}
