using System.Net;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Transport;

namespace GameServer.Configuration;

/// <summary>The settings of one command, checked and typed.</summary>
public abstract record CommandOptions;

/// <summary>Settings of <c>serve</c>; each is explained in <see cref="Settings"/>.</summary>
public sealed record ServeOptions : CommandOptions
{
    internal ServeOptions(SettingValues values)
    {
        Port = values.Of(Settings.Port);
        Bind = values.Of(Settings.Bind);
        TickRate = values.Of(Settings.TickRate);
        MaxPlayers = values.Of(Settings.MaxPlayers);
        SeatsPerAddress = values.Of(Settings.SeatsPerAddress);
        Spectators = values.Of(Settings.Spectators);
        SpectatorDelaySeconds = values.Of(Settings.SpectatorDelay);
        Bots = values.Of(Settings.BotCount);
        SessionTimeoutSeconds = values.Of(Settings.SessionTimeout);
        MaxRewindMillis = values.Of(Settings.MaxRewind);
        MaxRewindRoundTripMillis = values.Of(Settings.MaxRewindRoundTrip);
        Seconds = values.Of(Settings.ServeSeconds);
        Seed = values.Of(Settings.ServeSeed);
        CpuAffinity = values.Of(Settings.Affinity);
        Realtime = values.Of(Settings.Realtime);
        NetworkThreads = values.Of(Settings.NetworkThreads);
        SocketBufferBytes = values.Of(Settings.SocketBuffer);
        BudgetBytes = values.Of(Settings.Budget);
        PortableSocket = values.Of(Settings.PortableSocket);
        StatsJson = values.Of(Settings.StatsJson);
        MatchId = values.Of(Settings.MatchId);
        MatchConfig = values.Of(Settings.MatchConfig);
        DrainNotice = values.Of(Settings.DrainNotice) ?? "";
        DrainTimeoutSeconds = values.Of(Settings.DrainTimeout);
        ExitWhenEmptySeconds = values.Of(Settings.ExitWhenEmpty);
        LifetimeSeconds = values.Of(Settings.Lifetime);
        MaxMatches = values.Of(Settings.MaxMatches);
        AllocationLifetimeSeconds = values.Of(Settings.AllocationLifetime);
        SelfAllocate = values.Of(Settings.SelfAllocate);
        ReserveSeconds = values.Of(Settings.Reserve);
        OrchestratorLabels = values.Of(Settings.OrchestratorLabels);
        OrchestratorAnnotations = values.Of(Settings.OrchestratorAnnotations);
        Orchestrator = values.Of(Settings.Orchestrator);
        PortFromOrchestrator = values.Of(Settings.PortFromOrchestrator);
        Http = values.Of(Settings.Http);
        HealthHttp = values.Of(Settings.HealthHttp);
        MetricsOpen = values.Of(Settings.MetricsOpen);
        HttpHosts = values.Of(Settings.HttpHosts)?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) ?? [];
        MetricsScopeLabels = values.Of(Settings.MetricsScope);
        AdminTokenFile = values.Of(Settings.AdminTokenFile);
        AdminToken = values.Of(Settings.AdminToken);
        TlsCert = values.Of(Settings.TlsCert);
        TlsKey = values.Of(Settings.TlsKey);
        TlsClientCa = values.Of(Settings.TlsClientCa);
        LogFormat = values.Of(Settings.LogFormat);
        LogLevel = values.Of(Settings.LogLevel);
        StatusSeconds = values.Of(Settings.StatusSeconds);
    }

    /// <summary>UDP port; 0: any free one.</summary>
    public int Port { get; init; }

    /// <summary>Address of the game's sockets.</summary>
    public IPAddress Bind { get; init; }

    /// <summary>Hz.</summary>
    public int TickRate { get; init; }

    /// <summary>Players, without the server's own bots.</summary>
    public int MaxPlayers { get; init; }

    /// <summary>Seats for players, those of the server's own bots included.</summary>
    public int PlayerSeats => Math.Min(Limits.PlayersMax, MaxPlayers + Bots);

    /// <summary>Seats that one address may have; 0: as many as there are.</summary>
    public int SeatsPerAddress { get; init; }

    /// <summary>Whether clients may watch.</summary>
    public SpectatorAccess Spectators { get; init; }

    /// <summary>How late clients that watch see the match.</summary>
    public int SpectatorDelaySeconds { get; init; }

    /// <summary>Bots that play along.</summary>
    public int Bots { get; init; }

    /// <summary>Silence after which a client's session ends.</summary>
    public int SessionTimeoutSeconds { get; init; } = 5;

    /// <summary>Cap of the rewind, delays included.</summary>
    public int MaxRewindMillis { get; init; }

    /// <summary>Cap of the rewind as a round trip, to which the delay comes.</summary>
    public int MaxRewindRoundTripMillis { get; init; }

    /// <summary>Length of the run; 0: until stopped.</summary>
    public int Seconds { get; init; }

    /// <summary>Seed of the game's chance; 0: draw one.</summary>
    public ulong Seed { get; init; }

    /// <summary>Processors of the hot threads.</summary>
    public CpuAffinity CpuAffinity { get; init; }

    /// <summary>Whether to ask for SCHED_FIFO for the simulation thread.</summary>
    public bool Realtime { get; init; }

    /// <summary>Threads that move datagrams.</summary>
    public int NetworkThreads { get; init; }

    /// <summary>Socket buffer to ask for, each direction.</summary>
    public int SocketBufferBytes { get; init; }

    /// <summary>Snapshot bytes per client and tick.</summary>
    public int BudgetBytes { get; init; }

    /// <summary>Whether to use the portable socket on Linux too.</summary>
    public bool PortableSocket { get; init; }

    /// <summary>File for the figures of the run.</summary>
    public string? StatsJson { get; init; }

    /// <summary>Name of the first match.</summary>
    public string? MatchId { get; init; }

    /// <summary>Parameters of the first match.</summary>
    public IReadOnlyDictionary<string, string> MatchConfig { get; init; }

    /// <summary>How long a match may go on after SIGTERM.</summary>
    public int DrainTimeoutSeconds { get; init; }

    /// <summary>What players read when a drain begins.</summary>
    public string DrainNotice { get; init; }

    /// <summary>Drain after this long without players; 0: never.</summary>
    public int ExitWhenEmptySeconds { get; init; }

    /// <summary>Drain after this long; 0: never.</summary>
    public int LifetimeSeconds { get; init; }

    /// <summary>Drain after so many matches that had players; 0: never.</summary>
    public int MaxMatches { get; init; }

    /// <summary>Drain this long after an allocation; 0: never.</summary>
    public int AllocationLifetimeSeconds { get; init; }

    /// <summary>Whether players who join without an allocation make the server say Allocated.</summary>
    public bool SelfAllocate { get; init; }

    /// <summary>How long the server is Reserved at its start instead of Ready; 0: not at all.</summary>
    public int ReserveSeconds { get; init; }

    /// <summary>Labels that the server gives itself.</summary>
    public IReadOnlyDictionary<string, string> OrchestratorLabels { get; init; }

    /// <summary>Annotations that the server gives itself.</summary>
    public IReadOnlyDictionary<string, string> OrchestratorAnnotations { get; init; }

    /// <summary>Who launched the server.</summary>
    public OrchestratorKind Orchestrator { get; init; }

    /// <summary>Whether the orchestrator chooses the port.</summary>
    public bool PortFromOrchestrator { get; init; }

    /// <summary>Where HTTP is served; null: nowhere.</summary>
    public IPEndPoint? Http { get; init; }

    /// <summary>Where the health routes alone are served, without TLS; null: nowhere.</summary>
    public IPEndPoint? HealthHttp { get; init; }

    /// <summary>Whether the metrics may be read from elsewhere without the token.</summary>
    public bool MetricsOpen { get; init; }

    /// <summary>Further names that HTTP requests may be addressed to.</summary>
    public IReadOnlyList<string> HttpHosts { get; init; }

    /// <summary>Whether samples of /metrics carry the otel_scope labels.</summary>
    public bool MetricsScopeLabels { get; init; }

    /// <summary>File with the bearer token.</summary>
    public string? AdminTokenFile { get; init; }

    /// <summary>The bearer token itself, from the environment or a file. Never print it.</summary>
    public string? AdminToken { get; init; }

    /// <summary>PEM certificate chain.</summary>
    public string? TlsCert { get; init; }

    /// <summary>PEM private key.</summary>
    public string? TlsKey { get; init; }

    /// <summary>PEM certificates of the authorities whose clients may connect.</summary>
    public string? TlsClientCa { get; init; }

    /// <summary>How log lines look.</summary>
    public LogFormat LogFormat { get; init; }

    /// <summary>Least important level that is logged.</summary>
    public LogThreshold LogLevel { get; init; }

    /// <summary>Seconds between two lines of figures; 0: none; null: as it suits the log's format.</summary>
    public int? StatusSeconds { get; init; }

    /// <summary>The port alone: a record would print every member, the token too.</summary>
    public override string ToString() => $"serve on port {Port}";
}

/// <summary>Settings of <c>bots</c>.</summary>
public sealed record BotsOptions : CommandOptions
{
    internal BotsOptions(SettingValues values)
    {
        Connect = values.Of(Settings.Connect);
        Count = values.Of(Settings.Count);
        Seconds = values.Of(Settings.BotSeconds);
        Link = values.Of(Settings.Link);
        Fps = values.Of(Settings.Fps);
        Seed = values.Of(Settings.BotSeed);
        StatsJson = values.Of(Settings.StatsJson);
        PortableSocket = values.Of(Settings.PortableSocket);
    }

    /// <summary>The server.</summary>
    public ServerAddress Connect { get; init; }

    /// <summary>Clients.</summary>
    public int Count { get; init; }

    /// <summary>Length of the run; 0: until stopped.</summary>
    public int Seconds { get; init; }

    /// <summary>How the links are impaired.</summary>
    public LinkModel Link { get; init; }

    /// <summary>Frames a second.</summary>
    public FrameRates Fps { get; init; }

    /// <summary>Seed of movement and link.</summary>
    public ulong Seed { get; init; }

    /// <summary>File for the figures of the run.</summary>
    public string? StatsJson { get; init; }

    /// <summary>Whether to use the portable socket on Linux too.</summary>
    public bool PortableSocket { get; init; }
}

/// <summary>Settings of <c>watch</c>.</summary>
public sealed record WatchOptions : CommandOptions
{
    internal WatchOptions(SettingValues values) => Connect = values.Of(Settings.Connect);

    /// <summary>The server.</summary>
    public ServerAddress Connect { get; init; }
}

/// <summary>Settings of <c>doctor</c>.</summary>
public sealed record DoctorOptions : CommandOptions
{
    internal DoctorOptions(SettingValues values)
    {
        TickRate = values.Of(Settings.TickRate);
        CpuAffinity = values.Of(Settings.Affinity);
        Realtime = values.Of(Settings.Realtime);
        Json = values.Of(Settings.Json);
    }

    /// <summary>Whether to print JSON.</summary>
    public bool Json { get; init; }

    /// <summary>Hz.</summary>
    public int TickRate { get; init; }

    /// <summary>Processors of the hot threads.</summary>
    public CpuAffinity CpuAffinity { get; init; }

    /// <summary>Whether to ask for SCHED_FIFO.</summary>
    public bool Realtime { get; init; }
}

/// <summary>Settings of <c>health</c>: those of the server that is asked.</summary>
public sealed record HealthOptions : CommandOptions
{
    internal HealthOptions(SettingValues values)
    {
        IPEndPoint? health = values.Of(Settings.HealthHttp);
        Http = health ?? values.Of(Settings.Http);
        IsSecure = health is null && values.Of(Settings.TlsCert) is not null;
    }

    /// <summary>Where the server serves the health routes; null: nowhere.</summary>
    public IPEndPoint? Http { get; init; }

    /// <summary>Whether it does so by TLS.</summary>
    public bool IsSecure { get; init; }
}
