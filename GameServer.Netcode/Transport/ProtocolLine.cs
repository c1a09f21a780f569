namespace GameServer.Netcode.Transport;

/// <summary>A line of LiteNetLib releases that number the packet properties alike.</summary>
public enum ProtocolLine : byte
{
    /// <summary>Releases 1.x.</summary>
    LiteNetLib1 = 1,

    /// <summary>Releases 2.x.</summary>
    LiteNetLib2 = 2,
}
