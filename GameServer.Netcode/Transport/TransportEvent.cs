namespace GameServer.Netcode.Transport;

/// <summary>What a <see cref="TransportEvent"/> says.</summary>
public enum TransportEventKind : byte
{
    /// <summary>A peer is connected; of an incoming one the address has answered. Payload: its connect data.</summary>
    Connected,

    /// <summary>A connection ended or could not be made. Payload: the other side's disconnect data.</summary>
    Disconnected,

    /// <summary>A message of a connected peer.</summary>
    Message,

    /// <summary>A datagram outside of any connection, from <see cref="TransportEvent.Address"/>, which may be forged.</summary>
    Unconnected,
}

/// <summary>One thing that happened at an endpoint; its payload comes beside it.</summary>
public struct TransportEvent
{
    /// <summary>What happened.</summary>
    public TransportEventKind Kind;

    /// <summary>How a message was sent.</summary>
    public DeliveryMethod Method;

    /// <summary>Channel of a message, from 0.</summary>
    public byte Channel;

    /// <summary>Why a connection ended.</summary>
    public DisconnectReason Reason;

    /// <summary>Which peer; <see cref="PeerId.None"/> for an unconnected message.</summary>
    public PeerId Peer;

    /// <summary>Arrival time of the datagram that caused it, in microseconds of the caller's clock.</summary>
    public long ArrivalMicros;

    /// <summary>The peer's address at that moment.</summary>
    public PeerAddress Address;

    /// <summary>Of a Connected event: the connection's time, which both sides know and which nobody else can guess.</summary>
    public long ConnectionTime;

    /// <summary>Of an unconnected message: the line that its sender speaks.</summary>
    public ProtocolLine Line;
}
