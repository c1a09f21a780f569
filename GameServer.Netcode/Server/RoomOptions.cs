using GameServer.Netcode.Game;
using GameServer.Netcode.Rewind;

namespace GameServer.Netcode.Server;

/// <summary>Settings of a room.</summary>
public sealed record RoomOptions
{
    /// <summary>Ticks per second, 1–1000.</summary>
    public int TickRateHz { get; init; } = 60;

    /// <summary>Seats for players.</summary>
    public int PlayersMax { get; init; } = 64;

    /// <summary>Seats for those who only watch.</summary>
    public int SpectatorsMax { get; init; } = 8;

    /// <summary>Snapshot bytes per client and tick (UDP payload).</summary>
    public int BudgetBytes { get; init; } = 1200;

    /// <summary>Longest rewind of any hit test, in milliseconds, delays included; see <see cref="MaxRewindRoundTripMillis"/>.</summary>
    public int MaxRewindMillis { get; init; } = 500;

    /// <summary>Longest round trip for which hit tests go back as far as the shooter saw, in milliseconds: a rewind reaches the client's round trip up to this, and <see cref="RewindCap.DelayMillis"/> on top.</summary>
    public int MaxRewindRoundTripMillis { get; init; } = 250;

    /// <summary>How far back hit tests look, as the options have it.</summary>
    public RewindCap RewindCap => new(TickRateHz, MaxRewindMillis, MaxRewindRoundTripMillis);

    /// <summary>Silence after which the transport gives a client up, in milliseconds; told in the welcome.</summary>
    public int IdleTimeoutMillis { get; init; } = 5000;

    /// <summary>Seed of the chance in rules, which never leaves the room; null: drawn from the system's chance. Given, a run can be repeated, and whoever guesses the seed can foretell it.</summary>
    public ulong? Seed { get; init; }

    /// <summary>Seed of the chance in steps, which every client is told; null: derived from <see cref="Seed"/> one way, or drawn.</summary>
    public ulong? StepSeed { get; init; }

    /// <summary>Number of the first tick.</summary>
    public uint FirstTick { get; init; } = 1;

    /// <summary>Sequence of each client's first snapshot; only tests of the wrap set it.</summary>
    public ushort FirstSnapshotSequence { get; init; }

    /// <summary>Sequence of each client's first event; only tests of the wrap set it.</summary>
    internal ushort FirstEventSequence { get; init; }

    /// <summary>Network threads, each with a ring in and a ring out.</summary>
    public int NetworkThreads { get; init; } = 1;

    /// <summary>Peers that one network thread can hold.</summary>
    public int PeersPerThread { get; init; } = 512;

    /// <summary>How late spectators see the match, in milliseconds: states, events and chat; 0: live.</summary>
    public int SpectatorDelayMillis { get; init; }

    /// <summary>Spectators on loopback addresses see the match live all the same: for a server that only this machine reaches.</summary>
    public bool IsLiveOnLoopback { get; init; }

    /// <summary>Seats that one address may have, players and spectators together; 0: as many as there are.</summary>
    public int SeatsPerAddress { get; init; }

    /// <summary>Further seats of loopback addresses: those of the host's own bots.</summary>
    public int LoopbackSeatsMore { get; init; }

    /// <summary>Connections without a seat that the room keeps; beyond that the oldest gives way.</summary>
    public int WaitingMax { get; init; } = 256;

    /// <summary>
    /// Runs every step twice and compares the bytes, and refuses steps and hitboxes whose compiled code converts a float to a whole number by a plain cast or
    /// calls a function that differs between runtimes. For tests: it costs more than twice the time of the steps.
    /// </summary>
    public bool SyncTest { get; init; }

    /// <summary>Reads a nanosecond clock, to time the phases of a tick; none: they are not timed.</summary>
    public Func<long>? NanosClock { get; init; }

    /// <summary>Ticks by which spectators are late.</summary>
    internal int SpectatorDelayTicks => ((SpectatorDelayMillis * TickRateHz) + 999) / 1000;

    internal void Check()
    {
        Argument.InRange(TickRateHz, 1, 1000, nameof(TickRateHz));
        Argument.InRange(PlayersMax, 1, Primitives.Limits.PlayersMax, nameof(PlayersMax));
        Argument.InRange(SpectatorsMax, 0, Primitives.Limits.PlayersMax, nameof(SpectatorsMax));
        Argument.InRange(BudgetBytes, 256, 16_384, nameof(BudgetBytes));
        Argument.InRange(MaxRewindMillis, 0, 1000, nameof(MaxRewindMillis));
        Argument.InRange(MaxRewindRoundTripMillis, 0, 1000, nameof(MaxRewindRoundTripMillis));
        Argument.InRange(IdleTimeoutMillis, 1000, 3_600_000, nameof(IdleTimeoutMillis));
        Argument.InRange(SpectatorDelayMillis, 0, Primitives.Limits.SpectatorDelayMillisMax, nameof(SpectatorDelayMillis));
        Argument.InRange(SeatsPerAddress, 0, Primitives.Limits.PlayersMax, nameof(SeatsPerAddress));
        Argument.InRange(LoopbackSeatsMore, 0, Primitives.Limits.PlayersMax, nameof(LoopbackSeatsMore));
        Argument.InRange(WaitingMax, 1, 65_535, nameof(WaitingMax));
        Argument.InRange(NetworkThreads, 1, 64, nameof(NetworkThreads));
        Argument.InRange(PeersPerThread, 1, 65_535, nameof(PeersPerThread));
    }
}
