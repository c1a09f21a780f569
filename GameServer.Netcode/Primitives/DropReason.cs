namespace GameServer.Netcode.Primitives;

/// <summary>Why something that arrived was not used. The values leave the process in metrics and are frozen by a test.</summary>
/// <remarks>Each reason belongs to one check in one parser. 1–63 transport, 64–79 messages and sessions, 80–95 inputs, 96–127 snapshots.</remarks>
public enum DropReason
{
    /// <summary>Nothing was dropped.</summary>
    None = 0,

    /// <summary>A datagram held nothing.</summary>
    DatagramEmpty = 1,

    /// <summary>A datagram was longer than <see cref="Limits.DatagramBytesMax"/>.</summary>
    DatagramTooLong = 2,

    /// <summary>The sealed layer refused a datagram.</summary>
    SealRejected = 3,

    /// <summary>A datagram was sealed for another connection than its address holds.</summary>
    SealMismatch = 4,

    /// <summary>Byte 0 names no packet of the peer's line.</summary>
    PropertyUnknown = 5,

    /// <summary>A packet was shorter than its kind allows.</summary>
    PacketTooShort = 6,

    /// <summary>A packet carried another connection number than the peer's.</summary>
    ConnectionNumberWrong = 7,

    /// <summary>A packet from an address without a connection that needs one.</summary>
    StrangerPacket = 8,

    /// <summary>A packet that looks like a connect request but is none of either line.</summary>
    RequestMalformed = 9,

    /// <summary>A connect request beyond the rate of its address or prefix.</summary>
    RequestRateLimited = 10,

    /// <summary>A connect request that the options refuse.</summary>
    RequestRefused = 11,

    /// <summary>An answer to an address check with a wrong sequence.</summary>
    ProofWrong = 15,

    /// <summary>A connect accept that answers no request.</summary>
    AcceptUnexpected = 16,

    /// <summary>A disconnect with another connection time or number.</summary>
    DisconnectMismatch = 17,

    /// <summary>A claim that a peer is unknown, which ends nothing on its own.</summary>
    PeerNotFoundIgnored = 18,

    /// <summary>An acknowledgement of a disconnect that was not sent.</summary>
    ShutdownUnexpected = 19,

    /// <summary>A protocol refusal that answers no request.</summary>
    InvalidProtocolIgnored = 20,

    /// <summary>A kind of packet that no connected peer sends.</summary>
    KindNotForPeer = 21,

    /// <summary>An entry of a merged datagram was empty or overran.</summary>
    MergedMalformed = 22,

    /// <summary>A merged packet inside a merged packet.</summary>
    MergedNested = 23,

    /// <summary>A channel id beyond <c>TransportOptions.Channels</c>.</summary>
    ChannelOutOfRange = 24,

    /// <summary>An acknowledgement of a wrong length or with an invalid sequence.</summary>
    AckMalformed = 25,

    /// <summary>An acknowledgement of packets that are not outstanding.</summary>
    AckOutOfWindow = 26,

    /// <summary>A reliable or sequenced packet whose sequence has bit 15 set.</summary>
    SequenceInvalid = 27,

    /// <summary>A reliable packet further ahead than the window.</summary>
    SequenceAhead = 28,

    /// <summary>A reliable packet from before the window.</summary>
    SequenceOld = 29,

    /// <summary>A reliable packet that had been received before.</summary>
    ReliableDuplicate = 30,

    /// <summary>An entry of a merged reliable packet overran.</summary>
    ReliableMergedMalformed = 31,

    /// <summary>A fragment with an impossible header.</summary>
    FragmentMalformed = 32,

    /// <summary>A fragment that contradicts the first of its message.</summary>
    FragmentMismatch = 33,

    /// <summary>A fragmented message larger than allowed, or one that did not complete in time.</summary>
    FragmentLimit = 34,

    /// <summary>A fragment that found no room; it is not acknowledged.</summary>
    FragmentNotTaken = 35,

    /// <summary>An unreliable message that found no room in the event queue.</summary>
    EventQueueFull = 36,

    /// <summary>A reliable message that found no room in the event queue; it is not acknowledged.</summary>
    ReliableNotTaken = 37,

    /// <summary>An early reliable packet that found no buffer; it is not acknowledged.</summary>
    HeldFull = 38,

    /// <summary>A sequenced packet that is not newer than the last.</summary>
    SequencedOld = 39,

    /// <summary>A fragment on a channel that has none.</summary>
    SequencedFragmented = 40,

    /// <summary>A ping that is not newer than the last one answered.</summary>
    PingOld = 41,

    /// <summary>A pong that answers no open ping.</summary>
    PongUnexpected = 42,

    /// <summary>An MTU probe or answer with inconsistent lengths.</summary>
    MtuMalformed = 43,

    /// <summary>An MTU answer that answers no probe.</summary>
    MtuUnexpected = 44,

    /// <summary>A packet that the state of the connection does not take.</summary>
    StateIgnored = 45,

    /// <summary>A message outside of connections while these are off.</summary>
    UnconnectedDisabled = 46,

    /// <summary>An address change of a connection that is not held, or that may not move.</summary>
    ClaimUnknown = 47,

    /// <summary>An address change too soon after the last attempt.</summary>
    ClaimRateLimited = 48,

    /// <summary>An answer to a stranger that found no room in the queue of answers.</summary>
    ControlQueueFull = 49,

    /// <summary>A simultaneous connect request that loses against this side's.</summary>
    RequestLost = 50,

    /// <summary>A proved connection that found no free peer.</summary>
    PeersFull = 51,

    /// <summary>An outgoing message found no room in its peer's queue, or was larger than the path takes.</summary>
    SendQueueFull = 52,

    /// <summary>A reliable message beyond <c>TransportOptions.ReliableMessagesPerSecond</c>; it is not acknowledged yet.</summary>
    ReliableTooFast = 53,

    /// <summary>A connect request of an address whose four connection numbers were all used within the last seconds.</summary>
    NumbersResting = 58,

    /// <summary>Connect data that gave way to newer ones, perhaps before their address answered.</summary>
    ConnectDataDisplaced = 59,

    /// <summary>A packet of a channel that nobody has opened.</summary>
    ChannelClosed = 60,

    /// <summary>An inbound ring had no room for an unreliable record, and a newer one of its peer was kept.</summary>
    InboundRingFull = 64,

    /// <summary>An outbound ring had no room for an unreliable record.</summary>
    OutboundRingFull = 65,

    /// <summary>A peer brought more records than one tick takes.</summary>
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

    /// <summary>An unreliable message of a peer that brings more than the room takes, replaced by a newer one of the same peer.</summary>
    UnreliableReplaced = 72,

    /// <summary>
    /// An unreliable message of a peer that brings more than the room takes, too long to be kept
    /// (<see cref="Limits.KeptMessageBytesMax"/>).
    /// </summary>
    UnreliableOverBudget = 73,

    /// <summary>A leave without the connection's time, which only its two sides know.</summary>
    LeaveMismatch = 74,

    /// <summary>A connection that had not joined, ended because no place was free for a newer one.</summary>
    UnjoinedGaveWay = 75,

    /// <summary>A line of chat beyond <see cref="Limits.ChatLinesPerSecond"/> and <see cref="Limits.ChatLinesBurst"/> of its player.</summary>
    ChatTooFast = 77,

    /// <summary>A line of chat of a player who is muted, or one that the game refused.</summary>
    ChatRefused = 78,

    /// <summary>A line of chat for a client of which too much chat waits already: a quarter of its reliable queue.</summary>
    ChatQueueFull = 79,

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
