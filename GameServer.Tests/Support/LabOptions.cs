using GameServer.Netcode.Transport;

namespace GameServer.Tests.Support;

/// <summary>What a run of the lab is made of.</summary>
internal sealed record LabOptions
{
    public ulong Seed { get; init; } = 1;

    public int Clients { get; init; } = 8;

    public int PlayersMax { get; init; } = 32;

    public int SpectatorsMax { get; init; } = 4;

    public int SpectatorDelayMillis { get; init; }

    public int TickRateHz { get; init; } = 60;

    public LinkModel Up { get; init; }

    public LinkModel Down { get; init; }

    /// <summary>The link of each client, by its number; none: <see cref="Up"/> and <see cref="Down"/>.</summary>
    public Func<int, (LinkModel Up, LinkModel Down)>? LinkOf { get; init; }

    public long[] FramePeriodsMicros { get; init; } = [8_000];

    /// <summary>Whether the socket of each client says when a datagram arrived, in turn.</summary>
    public bool[] ArrivalStamps { get; init; } = [false];

    public double DriftPpm { get; init; }

    /// <summary>The time at which the lab begins, by the clock of the server; clocks of clients are some seconds ahead of it.</summary>
    public long StartMicros { get; init; }

    public uint FirstTick { get; init; } = 1;

    public ushort FirstSnapshotSequence { get; init; }

    public ushort FirstEventSequence { get; init; }

    public int BudgetBytes { get; init; } = 1200;

    public int IdleTimeoutMillis { get; init; } = 5000;

    public int MaxRewindMillis { get; init; } = 250;

    public int MaxRewindRoundTripMillis { get; init; } = 250;

    public bool SyncTest { get; init; } = true;

    public bool Checks { get; init; } = true;

    /// <summary>Bits are flipped on the way and nothing seals them: only T5, M1, M2, P1, S6 and L2 can be demanded.</summary>
    public bool Corrupts { get; init; }
}
