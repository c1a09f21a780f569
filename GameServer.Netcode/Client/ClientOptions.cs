using GameServer.Netcode.Game;
using GameServer.Netcode.Primitives;
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

    /// <summary>Silence after which the server is given up, in milliseconds: 1 to 3,600,000.</summary>
    public int IdleTimeoutMillis { get; init; } = 5000;

    /// <summary>
    /// Most ticks that updates simulate again, each on average: 1 to 128, and sixty times as many in a second. A correction that would exceed it waits, and then
    /// corrects all at once.
    /// </summary>
    public int ReplayTicksMax { get; init; } = 96;

    /// <summary>Time in which the drawn error of a correction fades to a tenth, in milliseconds: 0 (at once) to 10,000.</summary>
    public int SmoothingMillis { get; init; } = 150;

    /// <summary>How long others are drawn beyond their newest state, in ticks, before they stand still: 0 to 128.</summary>
    public int ExtrapolationTicksMax { get; init; } = 6;

    /// <summary>Sequence of the first event; only tests of the wrap set it, as they set <see cref="Server.RoomOptions.FirstEventSequence"/>.</summary>
    internal ushort FirstEventSequence { get; init; }

    internal void Check()
    {
        Argument.InRange((int)Line, (int)ProtocolLine.LiteNetLib1, (int)ProtocolLine.LiteNetLib2, nameof(Line));
        Argument.InRange(IdleTimeoutMillis, 1, 3_600_000, nameof(IdleTimeoutMillis));
        Argument.InRange(ReplayTicksMax, 1, Limits.HistoryTicks, nameof(ReplayTicksMax));
        Argument.InRange(SmoothingMillis, 0, 10_000, nameof(SmoothingMillis));
        Argument.InRange(ExtrapolationTicksMax, 0, Limits.HistoryTicks, nameof(ExtrapolationTicksMax));
    }
}
