using GameServer.Netcode.Primitives;
using GameServer.Netcode.Server;

namespace GameServer.Operations;

/// <summary>What the hot threads count about themselves, for whoever wants to look: metrics, the status page, the summary.</summary>
/// <remarks>One per server. Each part names the thread that alone writes it; every thread may read. Nothing here locks, waits or allocates.</remarks>
public sealed class ServerTelemetry
{
    /// <summary>Makes the parts: one for the simulation thread and one for each network thread.</summary>
    public ServerTelemetry(int networkThreads = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(networkThreads, 1);
        Network = new NetworkTelemetry[networkThreads];
        for (int i = 0; i < networkThreads; i++)
        {
            Network[i] = new NetworkTelemetry();
        }
    }

    /// <summary>Written by the simulation thread.</summary>
    public SimulationTelemetry Simulation { get; } = new();

    /// <summary>One each, written by the network thread of that index.</summary>
    public NetworkTelemetry[] Network { get; }

    /// <summary>Joins, leaves, matches and overrun ticks, from the simulation thread to the operations thread.</summary>
    public EventQueue Events { get; } = new(1024);

    /// <summary>Names of the codes that index <see cref="SimulationTelemetry.JoinsRefused"/>; snake_case, they leave the process.</summary>
    public Func<int, string> RefusalName { get; set; } = static code => $"code_{code}";

    /// <summary>Codes that are exported before they have happened: a series that begins at 1 hides its first event from every rate.</summary>
    public IReadOnlyList<int> Refusals { get; set; } = [];
}

/// <summary>The parts of a tick that are timed apart, in their order.</summary>
public enum TickPhase
{
    /// <summary>Records of the inbound ring into sessions and input buffers.</summary>
    Drain,

    /// <summary>One step of every owned entity, hit tests included.</summary>
    Step,

    /// <summary>The game's own rules.</summary>
    Rules,

    /// <summary>Quantising every entity into the frame.</summary>
    Capture,

    /// <summary>Choosing and writing the snapshots.</summary>
    Encode,

    /// <summary>Handing the datagrams to the network threads.</summary>
    Publish,
}

/// <summary>Whose fault a correction on a client was.</summary>
public enum CorrectionKind
{
    /// <summary>Client and server disagreed.</summary>
    Own,

    /// <summary>The server changed the entity from outside its step.</summary>
    External,

    /// <summary>The server had to substitute an input.</summary>
    Starved,
}

/// <summary>Counters of the simulation thread.</summary>
/// <remarks>Owner: simulation thread. Histogram values are microseconds unless their summary says otherwise.</remarks>
public sealed class SimulationTelemetry
{
    /// <summary>Number of <see cref="TickPhase"/> values.</summary>
    public const int PhaseCount = 6;

    /// <summary>Size of <see cref="JoinsRefused"/>.</summary>
    public const int RefusalCodes = 32;

    /// <summary>Ticks executed.</summary>
    public Counter Ticks;

    /// <summary>Ticks that ended after the deadline of the next one.</summary>
    public Counter Overruns;

    /// <summary>Ticks that were never executed because time was skipped.</summary>
    public Counter SkippedTicks;

    /// <summary>Players that have joined and not left, bots included.</summary>
    public Gauge Players;

    /// <summary>Joined clients that only watch.</summary>
    public Gauge Spectators;

    /// <summary>Living entities.</summary>
    public Gauge Entities;

    /// <summary>Joins that were welcomed.</summary>
    public Counter JoinsAccepted;

    /// <summary>Joins that were refused, by the code of the reason; <see cref="ServerTelemetry.RefusalName"/> names them.</summary>
    public readonly Counter[] JoinsRefused = new Counter[RefusalCodes];

    /// <summary>Sessions that ended, whatever the reason.</summary>
    public Counter Leaves;

    /// <summary>Matches that have ended.</summary>
    public Counter MatchesEnded;

    /// <summary>Inputs executed in their tick.</summary>
    public Counter InputsExecuted;

    /// <summary>Ticks of a player for which no input was there.</summary>
    public Counter InputsStarved;

    /// <summary>Inputs that came after their tick.</summary>
    public Counter InputsLate;

    /// <summary>Inputs that had been received before; the redundancy of input packets makes them normal.</summary>
    public Counter InputsDuplicate;

    /// <summary>Entity updates written into snapshots.</summary>
    public Counter EntitiesSent;

    /// <summary>Entity updates that were due and did not fit the budget of their tick.</summary>
    public Counter EntitiesDeferred;

    /// <summary>Corrections that clients reported, by <see cref="CorrectionKind"/>.</summary>
    public readonly Counter[] Corrections = new Counter[3];

    /// <summary>Predictions that clients reported to differ, in however little, without a cause.</summary>
    public Counter UnexplainedRollbacks;

    /// <summary>Rewinds at the view tick that the client stated.</summary>
    public Counter RewindsAccepted;

    /// <summary>Rewinds whose view tick the server moved: beyond the cap; faster or slower than time; beyond its own estimate; acknowledgements were held back.</summary>
    public Counter RewindsByAge, RewindsBySpeed, RewindsByEstimate, RewindsByHeldAcks;

    /// <summary>Rewinds against a target that the client had extrapolated.</summary>
    public Counter RewindsExtrapolated;

    /// <summary>Rewinds that met somebody who had been behind cover for too long.</summary>
    public Counter RewindsHidden;

    /// <summary>Takes over what became of the rewinds so far.</summary>
    public void SetRewinds(in RewindTotals rewinds)
    {
        RewindsAccepted.Set(rewinds.Accepted);
        RewindsByAge.Set(rewinds.Age);
        RewindsBySpeed.Set(rewinds.Speed);
        RewindsByEstimate.Set(rewinds.Estimate);
        RewindsByHeldAcks.Set(rewinds.HeldAcks);
        RewindsExtrapolated.Set(rewinds.Extrapolated);
        RewindsHidden.Set(rewinds.Hidden);
    }

    /// <summary>Shots fired.</summary>
    public Counter ShotsFired;

    /// <summary>Shots that hit.</summary>
    public Counter ShotsHit;

    /// <summary>Bytes that wait in the inbound rings, as found at the start of the tick.</summary>
    public Gauge InboundRingBytes;

    /// <summary>Events that wait for an acknowledgement, all clients together.</summary>
    public Gauge EventBacklog;

    /// <summary>Updates of own entities that were due and did not fit their half of the budget.</summary>
    public Counter OwnedDeferred;

    /// <summary>What the game's declarations did not hold, and its events. The room puts its own counters here before the server starts.</summary>
    public Netcode.Game.GameCounters? Game { get; set; }

    /// <summary>What sessions, inputs and rings dropped. The room may put its own counters here before the server starts.</summary>
    public DropCounters Drops { get; set; } = new();

    /// <summary>Duration of the whole tick.</summary>
    public readonly Distribution TickDuration = Buckets.Durations();

    /// <summary>Duration of each <see cref="TickPhase"/>.</summary>
    public readonly Distribution[] Phases =
        [Buckets.Durations(), Buckets.Durations(), Buckets.Durations(), Buckets.Durations(), Buckets.Durations(), Buckets.Durations()];

    /// <summary>How long after its deadline a tick began.</summary>
    public readonly Distribution Lateness = Buckets.Durations();

    /// <summary>How long an executed input waited for its tick; one sample per input.</summary>
    public readonly Distribution InputMargin = Buckets.Latencies();

    /// <summary>From the arrival of a datagram in the kernel to the tick that executed its newest input.</summary>
    public readonly Distribution ArrivalToExecution = Buckets.Latencies();

    /// <summary>From the network thread's publishing of a record to the simulation's reading of it.</summary>
    public readonly Distribution TimeInRing = Buckets.Durations();

    /// <summary>Round trip time, sampled once a second and client.</summary>
    public readonly Distribution RoundTrip = Buckets.Latencies();

    /// <summary>Share of lost snapshot datagrams in 1/10,000, sampled once a second and client.</summary>
    public readonly Distribution Loss = new(1e4, 0, 10, 50, 100, 200, 500, 1000, 2000, 5000);

    /// <summary>Bytes of the snapshot datagrams of one client and tick.</summary>
    public readonly Distribution SnapshotBytes = new(1, 64, 128, 256, 384, 512, 768, 1024, 1232, 2464);

    /// <summary>How far back a hit test went.</summary>
    public readonly Distribution RewindDepth = Buckets.Latencies();
}

/// <summary>Counters of one network thread.</summary>
/// <remarks>Owner: that network thread.</remarks>
public sealed class NetworkTelemetry
{
    /// <summary>Datagrams received.</summary>
    public Counter DatagramsIn;

    /// <summary>Datagrams sent.</summary>
    public Counter DatagramsOut;

    /// <summary>UDP payload bytes received.</summary>
    public Counter BytesIn;

    /// <summary>UDP payload bytes sent.</summary>
    public Counter BytesOut;

    /// <summary>Reliable packets sent again.</summary>
    public Counter Resends;

    /// <summary>Datagrams that the kernel dropped: no room in the receive buffer, or refused by the socket filter, in one number.</summary>
    public Counter KernelDrops;

    /// <summary>Deviation of the round trip by pings, sampled once a second and peer.</summary>
    public readonly Distribution Jitter = new(1e6, 100, 250, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 35_000, 50_000, 100_000, 250_000);

    /// <summary>Connected peers.</summary>
    public Gauge Peers;

    /// <summary>Datagrams that wait because the kernel took no more.</summary>
    public Gauge SendBacklog;

    /// <summary>Bytes that wait in the outbound rings to this thread, as found at its last round.</summary>
    public Gauge OutboundRingBytes;

    /// <summary>1 while the kernel's socket filter is on, else 0.</summary>
    public Gauge FilterActive;

    /// <summary>What the protocol dropped. The endpoint may put its own counters here before the server starts.</summary>
    public DropCounters Drops { get; set; } = new();
}

internal static class Buckets
{
    /// <summary>Work inside a tick: 5 µs to 50 ms.</summary>
    public static Distribution Durations() =>
        new(1e6, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_000, 4_000, 8_000, 16_000, 33_000, 50_000);

    /// <summary>Paths over a network: 1 ms to 1 s.</summary>
    public static Distribution Latencies() =>
        new(1e6, 1_000, 2_000, 5_000, 10_000, 20_000, 35_000, 50_000, 75_000, 100_000, 150_000, 200_000, 250_000, 500_000, 1_000_000);
}
