namespace GameServer.Netcode.Messages;

/// <summary>First byte of every unreliable payload. Frozen by a test.</summary>
public enum PayloadKind : byte
{
    /// <summary>Client to server: inputs and acknowledgements.</summary>
    Input = 1,

    /// <summary>Server to client: one datagram of a snapshot.</summary>
    Snapshot = 2,
}
