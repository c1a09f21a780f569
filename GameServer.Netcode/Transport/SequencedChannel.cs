namespace GameServer.Netcode.Transport;

/// <summary>A sequenced or reliable sequenced channel, both directions (protocol notes §8.2, §8.3).</summary>
/// <remarks>Sequences start at 1. A reliable one resends its last message until it is acknowledged. Owner: one thread. Allocates: no.</remarks>
internal struct SequencedChannel
{
    /// <summary>Sequence of the last message sent.</summary>
    public ushort Sent;

    /// <summary>Newest sequence received.</summary>
    public ushort Accepted;

    /// <summary>Newest sequence whose message was consumed.</summary>
    public ushort Consumed;

    /// <summary>True while an acknowledgement waits to be sent.</summary>
    public bool AckDue;

    /// <summary>How often the last message was sent again.</summary>
    public int Sends;

    /// <summary>The last message as a packet plus 1, while unacknowledged; 0: none.</summary>
    public int LastBlockPlusOne;

    /// <summary>When the last message is sent again.</summary>
    public long DueMicros;
}
