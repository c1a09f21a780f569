namespace GameServer.Netcode.Transport;

/// <summary>What became of a message that was given to an endpoint.</summary>
public enum SendResult
{
    /// <summary>It leaves at the next poll, or as soon as window and pacing allow.</summary>
    Queued,

    /// <summary>The peer is not connected, or is being disconnected.</summary>
    NotConnected,

    /// <summary>It is larger than <see cref="TransportEndpoint.PayloadBytesMax"/> of its method.</summary>
    TooLarge,

    /// <summary>Too much waits for this peer; try again later or end the connection.</summary>
    QueueFull,
}
