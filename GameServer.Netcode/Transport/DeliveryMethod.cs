namespace GameServer.Netcode.Transport;

/// <summary>How a message travels; the values are those of LiteNetLib.</summary>
public enum DeliveryMethod : byte
{
    /// <summary>Arrives exactly once, in any order.</summary>
    ReliableUnordered = 0,

    /// <summary>May be lost; never arrives after a newer one.</summary>
    Sequenced = 1,

    /// <summary>Arrives exactly once and in order.</summary>
    ReliableOrdered = 2,

    /// <summary>The last one arrives; older ones may be lost and never arrive after a newer one.</summary>
    ReliableSequenced = 3,

    /// <summary>May be lost or overtaken; has no channel.</summary>
    Unreliable = 4,
}
