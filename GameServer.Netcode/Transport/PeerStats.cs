namespace GameServer.Netcode.Transport;

/// <summary>Measurements and totals of one connection.</summary>
public struct PeerStats
{
    /// <summary>Smoothed round trip in microseconds by pings; 0 before the first answer.</summary>
    public long RttMicros;

    /// <summary>Smoothed deviation of the round trip in microseconds.</summary>
    public long RttVarianceMicros;

    /// <summary>Largest packet that is sent to the peer, in bytes of UDP payload without the sealed layer.</summary>
    public int MtuBytes;

    /// <summary>Bytes that wait in reliable queues and windows, in the units of <see cref="TransportOptions.MaxReliableQueueBytes"/>.</summary>
    public int ReliableQueueBytes;

    /// <summary>Reliable packets sent for the first time.</summary>
    public long ReliablePackets;

    /// <summary>Reliable packets sent again.</summary>
    public long Resends;

    /// <summary>Datagrams sent.</summary>
    public long DatagramsSent;

    /// <summary>Datagrams received that passed the connection's checks.</summary>
    public long DatagramsReceived;

    /// <summary>Bytes of UDP payload sent.</summary>
    public long BytesSent;

    /// <summary>Bytes of UDP payload received that passed the connection's checks.</summary>
    public long BytesReceived;

    /// <summary>Where the peer is.</summary>
    public PeerAddress Address;

    /// <summary>Which line of the protocol it speaks.</summary>
    public ProtocolLine Line;

    /// <summary>The connection's time, which only its two sides know.</summary>
    public long ConnectionTime;
}
