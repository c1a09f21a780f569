namespace GameServer.Netcode.Transport;

/// <summary>What became of the filter in the kernel. The values leave the process in metrics.</summary>
public enum SocketFilterState
{
    /// <summary>It was not asked for.</summary>
    Off = 0,

    /// <summary>It runs in front of the receive buffer.</summary>
    Attached = 1,

    /// <summary>The kernel did not take it.</summary>
    Refused = 2,

    /// <summary>This kind of socket has none.</summary>
    Unsupported = 3,
}
