namespace GameServer.Netcode.Transport;

/// <summary>Sizes, times and rules of an endpoint; read once when the endpoint is made.</summary>
/// <remarks>All buffers are sized by these numbers and made at start. Times are microseconds.</remarks>
public sealed class TransportOptions
{
    private const int SmallestPartBytes = FragmentAssembler.PartBytesMin;

    /// <summary>Connections at the same time, incoming and outgoing.</summary>
    public int MaxPeers { get; set; } = 64;

    /// <summary>Channels per delivery method, 1 to 64. Packets of higher channels are dropped.</summary>
    public int Channels { get; set; } = 4;

    /// <summary>Line that outgoing connects speak; incoming ones are told apart by their first datagram.</summary>
    public ProtocolLine Line { get; set; } = ProtocolLine.LiteNetLib2;

    /// <summary>Whether incoming connect requests are accepted at start; <see cref="TransportEndpoint.AcceptConnections"/> changes it.</summary>
    public bool AcceptConnections { get; set; } = true;

    /// <summary>When set, connect data must begin with this key, written as LiteNetLib writes a string; others are refused.</summary>
    public string? ConnectionKey { get; set; }

    /// <summary>A connection that is silent for longer has ended. Time in which this side's own thread did not run does not count.</summary>
    public long IdleTimeoutMicros { get; set; } = 5_000_000;

    /// <summary>Time between pings of a connection.</summary>
    public long PingIntervalMicros { get; set; } = 1_000_000;

    /// <summary>Time between connect requests.</summary>
    public long ConnectRetryMicros { get; set; } = 200_000;

    /// <summary>Connect requests before an outgoing connection has failed.</summary>
    public int ConnectAttempts { get; set; } = 25;

    /// <summary>How long a disconnect waits until what was queued reliably before it is acknowledged.</summary>
    public long DisconnectFlushMicros { get; set; } = 1_000_000;

    /// <summary>A reliable packet that is not acknowledged for this long ends the connection.</summary>
    public long ReliableStallMicros { get; set; } = 30_000_000;

    /// <summary>A fragmented message that makes no progress for this long ends the connection.</summary>
    public long FragmentTimeoutMicros { get; set; } = 10_000_000;

    /// <summary>Bytes of buffers that the reliable messages of one peer may hold, waiting and unacknowledged.</summary>
    public int MaxReliableQueueBytes { get; set; } = 512 * 1024;

    /// <summary>Largest reliable message, sent or received. A larger one ends the connection of its sender.</summary>
    public int MaxMessageBytes { get; set; } = 256 * 1024;

    /// <summary>Bytes of buffers for the early reliable packets of one peer: half of them split evenly among its channels, the rest for any of them.</summary>
    public int HeldBytesPerPeer { get; set; } = 384 * 1024;

    /// <summary>Bytes of unfinished fragmented messages of one peer.</summary>
    public int FragmentBytesPerPeer { get; set; } = 1024 * 1024;

    /// <summary>Bytes of unfinished fragmented messages of all peers together; 0: enough for 8 peers.</summary>
    public int FragmentBytesTotal { get; set; }

    /// <summary>Bytes of messages that wait to be consumed.</summary>
    public int EventQueueBytes { get; set; } = 256 * 1024;

    /// <summary>Events of one peer that wait to be consumed; more are dropped or not acknowledged, beyond 256 already when half of the queue is in use.</summary>
    public int EventsPerPeerMax { get; set; } = 1024;

    /// <summary>Reliable messages that one peer may bring per second; beyond that they stay unacknowledged for a while. 0: no limit.</summary>
    public int ReliableMessagesPerSecond { get; set; }

    /// <summary>Channels that messages are taken on, beside Unreliable. The more a game leaves closed, the less can be forged.</summary>
    public ChannelSet OpenChannels { get; set; } = ChannelSet.All;

    /// <summary>Says which connect requests are accepted, and what a refused one is told; null accepts all that have the key.</summary>
    public RequestJudge? Judge { get; set; }

    /// <summary>Datagram size that a connection begins with and returns to, 508 to 1432 bytes; larger ones are used as far as the path proves them.</summary>
    public int StartMtuBytes { get; set; } = Primitives.Limits.DatagramBytesStart;

    /// <summary>Whether larger datagrams than <see cref="StartMtuBytes"/> are tried.</summary>
    public bool MtuDiscovery { get; set; } = true;

    /// <summary>Whether a peer may move to another address once that address has answered an unpredictable ping.</summary>
    public bool Roaming { get; set; } = true;

    /// <summary>Whether datagrams outside of connections are reported.</summary>
    public bool UnconnectedMessages { get; set; }

    /// <summary>Adds and checks a CRC32C of each datagram, as LiteNetLib's layer does. Both sides need it.</summary>
    public bool Crc32c { get; set; }

    /// <summary>The layer that seals each datagram; null for plain datagrams, or CRC32C by <see cref="Crc32c"/>.</summary>
    public ISealedLayer? SealedLayer { get; set; }

    /// <summary>Connections per second and IP address, counted once the address has proved itself.</summary>
    public int RequestsPerAddress { get; set; } = 64;

    /// <summary>Connections per second and prefix (/24 of IPv4, /48 of IPv6), counted once the address has proved itself.</summary>
    public int RequestsPerPrefix { get; set; } = 512;

    /// <summary>UTC in ticks of 100 ns at microsecond 0 of the caller's clock: connection times and pongs are made of it. 0: a seeded value of this era.</summary>
    /// <remarks>
    /// With sockets <see cref="SocketClock.UtcTicksAtZero"/>: LiteNetLib clients read the server's time off the pongs, and its servers ignore
    /// a request that is older than the last connection of the same address.
    /// </remarks>
    public long UtcTicksAtZero { get; set; }

    /// <summary>Throws when a value is out of its range.</summary>
    internal void Validate()
    {
        Check(MaxPeers, 1, 16384, nameof(MaxPeers));
        Check(Channels, 1, 64, nameof(Channels));
        Check(ConnectAttempts, 1, 1000, nameof(ConnectAttempts));
        Check(MaxReliableQueueBytes, 16 * 1024, 64 * 1024 * 1024, nameof(MaxReliableQueueBytes));
        Check(MaxMessageBytes, 1024, 32 * 1024 * 1024, nameof(MaxMessageBytes));
        Check(HeldBytesPerPeer, 4 * 1024, 64 * 1024 * 1024, nameof(HeldBytesPerPeer));
        Check(FragmentBytesPerPeer, 16 * 1024, 64 * 1024 * 1024, nameof(FragmentBytesPerPeer));
        Check(FragmentBytesTotal, 0, 1024 * 1024 * 1024, nameof(FragmentBytesTotal));
        Check(EventQueueBytes, 16 * 1024, 256 * 1024 * 1024, nameof(EventQueueBytes));
        Check(EventsPerPeerMax, 16, 65536, nameof(EventsPerPeerMax));
        Check(ReliableMessagesPerSecond, 0, 1_000_000, nameof(ReliableMessagesPerSecond));
        Check(StartMtuBytes, Primitives.Limits.DatagramBytesMin, Primitives.Limits.DatagramBytesMax, nameof(StartMtuBytes));
        Check(RequestsPerAddress, 1, 1_000_000, nameof(RequestsPerAddress));
        Check(RequestsPerPrefix, 1, 1_000_000, nameof(RequestsPerPrefix));
        CheckMicros(IdleTimeoutMicros, nameof(IdleTimeoutMicros));
        CheckMicros(PingIntervalMicros, nameof(PingIntervalMicros));
        CheckMicros(ConnectRetryMicros, nameof(ConnectRetryMicros));
        CheckMicros(DisconnectFlushMicros, nameof(DisconnectFlushMicros));
        CheckMicros(ReliableStallMicros, nameof(ReliableStallMicros));
        CheckMicros(FragmentTimeoutMicros, nameof(FragmentTimeoutMicros));
        // Parts of the smallest size that a peer sends, each in a buffer of the largest.
        long partBuffers = ((MaxMessageBytes / SmallestPartBytes) + 1) * (long)Primitives.Limits.DatagramBytesMax;
        if (partBuffers > FragmentBytesPerPeer)
        {
            throw new ArgumentOutOfRangeException(
                nameof(FragmentBytesPerPeer), FragmentBytesPerPeer, $"at least {partBuffers}, which a message of {nameof(MaxMessageBytes)} takes");
        }

        if (Crc32c && SealedLayer != null)
        {
            throw new ArgumentException("a sealed layer and CRC32C exclude each other", nameof(Crc32c));
        }
    }

    private static void Check(int value, int min, int max, string name)
    {
        if (value < min || value > max)
        {
            throw new ArgumentOutOfRangeException(name, value, $"{min} to {max}");
        }
    }

    private static void CheckMicros(long value, string name)
    {
        if (value is < 1_000 or > 3_600_000_000)
        {
            throw new ArgumentOutOfRangeException(name, value, "1,000 to 3,600,000,000 microseconds");
        }
    }
}
