namespace GameServer.Netcode.Transport;

/// <summary>What a packet is, the same for both lines; the number on the wire is in <see cref="WireLine"/>.</summary>
internal enum PacketKind : byte
{
    Unreliable,
    Channeled,
    ReliableMerged,
    Ack,
    Ping,
    Pong,
    ConnectRequest,
    ConnectAccept,
    Disconnect,
    UnconnectedMessage,
    MtuCheck,
    MtuOk,
    Broadcast,
    Merged,
    ShutdownOk,
    PeerNotFound,
    InvalidProtocol,
    NatMessage,
    Empty,
    Unknown,
}
