using GameServer.Netcode.Transport;

namespace GameServer.Netcode.Client;

/// <summary>Settings of a client.</summary>
public sealed record ClientOptions
{
    /// <summary>Only watches; the player has no entity and sends no inputs.</summary>
    public bool IsSpectator { get; init; }

    /// <summary>Line of the wire protocol.</summary>
    public ProtocolLine Line { get; init; } = ProtocolLine.LiteNetLib2;

    /// <summary>Seed of the transport's unpredictable numbers.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Silence after which the server is given up, in milliseconds.</summary>
    public int IdleTimeoutMillis { get; init; } = 5000;

    /// <summary>Most ticks that updates simulate again, each on average; sixty times as many in a second. A correction that would exceed it waits, and then corrects all at once.</summary>
    public int ReplayTicksMax { get; init; } = 96;

    /// <summary>Time in which the drawn error of a correction fades to a tenth, in milliseconds.</summary>
    public int SmoothingMillis { get; init; } = 150;

    /// <summary>How long others are drawn beyond their newest state, in ticks, before they stand still.</summary>
    public int ExtrapolationTicksMax { get; init; } = 6;

    /// <summary>Sequence of the first event; only tests of the wrap set it, as they set <see cref="Server.RoomOptions.FirstEventSequence"/>.</summary>
    internal ushort FirstEventSequence { get; init; }
}
