using System.Net;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Transport;
using GameServer.Operations;
using static GameServer.Configuration.SettingKinds;

namespace GameServer.Configuration;

/// <summary>The one table of all settings.</summary>
public static class Settings
{
    private const Commands Serve = Commands.Serve;
    private const Commands Bots = Commands.Bots;
    private const string LabelNames = "; names of at most 59 letters, digits, '-', '_' and '.', the first and the last a letter or digit";

    // serve
    internal static readonly Setting<int> Port = Whole("port", Serve, 9050, 0, 65535, "", "UDP port of the game; 0 takes a free one");
    internal static readonly Setting<IPAddress> Bind = Address("bind", Serve, "0.0.0.0", "address that the game's sockets are bound to");
    internal static readonly Setting<int> TickRate = Whole("tick-rate", Serve | Commands.Doctor, 60, 1, 1000, "Hz", "simulation steps per second");
    internal static readonly Setting<int> MaxPlayers = Whole("max-players", Serve, 64, 1, Limits.PlayersMax, "", "players in the match; the server's own bots have seats of their own, 256 in all");
    internal static readonly Setting<int> SeatsPerAddress = Whole("seats-per-address", Serve, 0, 0, Limits.PlayersMax, "", "seats that one address may have; 0 as many as there are");
    internal static readonly Setting<SpectatorAccess> Spectators = Choice("spectators", Serve, SpectatorAccess.On, "whether clients may watch");
    internal static readonly Setting<int> SpectatorDelay = Whole("spectator-delay", Serve, 3, 0, 60, "s", "how late clients that watch see the match; a loopback client of a server bound to loopback sees it live");
    internal static readonly Setting<int> BotCount = Whole("bots", Serve, 8, 0, Limits.PlayersMax, "", "bots that play along, as clients over UDP");
    internal static readonly Setting<int> MaxRewind = Whole("max-rewind-ms", Serve, 500, 0, 1000, "ms", "how far back a hit test may look at most, delays included");
    internal static readonly Setting<int> MaxRewindRoundTrip = Whole("max-rewind-rtt-ms", Serve, 250, 0, 1000, "ms", "longest round trip whose shots are judged as seen; the delay comes on top");
    internal static readonly Setting<int> SessionTimeout = Whole("session-timeout", Serve, 5, 2, 300, "s", "silence after which a client's session ends; time in which the server itself stood still does not count");
    internal static readonly Setting<int> ServeSeconds = Whole("seconds", Serve, 0, 0, 100_000_000, "s", "ends the server after this time; 0 runs until it is stopped");
    internal static readonly Setting<CpuAffinity> Affinity = Affinity("cpu-affinity", Serve | Commands.Doctor, "processors for the hot threads: simulation first, then network");
    internal static readonly Setting<bool> Realtime = Flag("realtime", Serve | Commands.Doctor, "asks for SCHED_FIFO for the simulation thread, where the system allows it");
    internal static readonly Setting<int> NetworkThreads = Whole("network-threads", Serve, 1, 1, 16, "", "threads that move datagrams, each with its own socket");
    internal static readonly Setting<int> SocketBuffer = Whole("socket-buffer-bytes", Serve, 4 << 20, 65_536, 1 << 30, "bytes", "receive and send buffer asked for each socket");
    internal static readonly Setting<int> Budget = Whole("budget", Serve, 1200, 256, 16_384, "bytes", "snapshot bytes per client and tick, UDP payload");
    internal static readonly Setting<ulong> ServeSeed = Seed(Serve, "0", "seed of the game's chance, for runs that repeat; 0 draws one");

    internal static readonly Setting<IPEndPoint?> Http = EndPointOrNone("http", Serve | Commands.Health, "127.0.0.1:9051", "where health, metrics and control are served");
    internal static readonly Setting<IPEndPoint?> HealthHttp = EndPointOrNone("health-http", Serve | Commands.Health, "none", "where the health routes alone are served, without TLS: for probes that have no certificate");
    internal static readonly Setting<bool> MetricsOpen = Flag("metrics-open", Serve, "lets /metrics be read from elsewhere without the token");
    internal static readonly Setting<string?> HttpHosts = Text("http-hosts", Serve, "", "host names, separated by commas", "names that HTTP requests may be addressed to, besides localhost and IP addresses");
    internal static readonly Setting<bool> MetricsScope = Flag("metrics-scope-labels", Serve, "adds the otel_scope labels to every sample of /metrics");
    internal static readonly Setting<string?> AdminTokenFile = InputFile("admin-token-file", Serve, "file with the bearer token for requests that change something or come from elsewhere; without a token only loopback may", reloadable: true);
    internal static readonly Setting<string?> AdminToken = Text("admin-token", Serve, "", "at least 16 characters", "the bearer token itself", secret: true, check: static text => text.Length >= 16);
    internal static readonly Setting<string?> TlsCert = InputFile("tls-cert", Serve | Commands.Health, "PEM certificate chain; turns HTTP into HTTPS", reloadable: true);
    internal static readonly Setting<string?> TlsKey = InputFile("tls-key", Serve, "PEM private key of tls-cert; may be left out when that file holds it", reloadable: true);
    internal static readonly Setting<string?> TlsClientCa = InputFile("tls-client-ca", Serve, "PEM certificates of the authorities whose clients may connect (mutual TLS)", reloadable: true);

    internal static readonly Setting<LogFormat> LogFormat = Choice("log-format", Serve, Configuration.LogFormat.Auto, "how log lines look; auto is text on a terminal, else JSON");
    internal static readonly Setting<LogThreshold> LogLevel = Choice("log-level", Serve, LogThreshold.Info, "least important level that is logged", reloadable: true);
    internal static readonly Setting<int?> StatusSeconds = WholeOrAuto("status-seconds", Serve, 0, 86_400, "s", "how often the figures are logged; auto is 1 as text and 60 as JSON, 0 never");
    internal static readonly Setting<int> DrainTimeout = Whole("drain-timeout", Serve, 25, 0, 86_400, "s", "how long a running match may go on after SIGTERM", reloadable: true);
    internal static readonly Setting<int> ExitWhenEmpty = Whole("exit-when-empty", Serve, 0, 0, 86_400, "s", "drains after this long without players (and up to a tenth more), once a match had some; 0 never", reloadable: true);
    internal static readonly Setting<int> Lifetime = Whole("lifetime", Serve, 0, 0, 100_000_000, "s", "drains after this long; 0 never", reloadable: true);
    internal static readonly Setting<int> MaxMatches = Whole("max-matches", Serve, 0, 0, 1_000_000, "", "drains after so many matches that had players or were asked for by the orchestrator; 0 never", reloadable: true);
    internal static readonly Setting<int> AllocationLifetime = Whole("allocation-lifetime", Serve, 0, 0, 100_000_000, "s", "drains this long after the orchestrator allocated this server; 0 never");
    internal static readonly Setting<bool> SelfAllocate = Flag("self-allocate", Serve, "says Allocated when players join a server that nobody allocated, so that it is not removed under them (Agones)");
    internal static readonly Setting<int> Reserve = Whole("reserve", Serve, 0, 0, 86_400, "s", "says Reserved for this long instead of Ready at the start (Agones); 0 says Ready");
    internal static readonly Setting<IReadOnlyDictionary<string, string>> OrchestratorLabels = JsonObject("orchestrator-labels", Serve, "labels that the server gives itself at the start (Agones: agones.dev/sdk-NAME)", LabelNames + ", values of at most 63 of these", static (key, value) => IsLabelName(key) && (value.Length == 0 || IsLabel(value, 63)));
    internal static readonly Setting<IReadOnlyDictionary<string, string>> OrchestratorAnnotations = JsonObject("orchestrator-annotations", Serve, "annotations that the server gives itself at the start (Agones: agones.dev/sdk-NAME)", LabelNames, static (key, _) => IsLabelName(key));
    internal static readonly Setting<string?> DrainNotice = Text("drain-notice", Serve, "The server stops within {seconds} seconds.", "nothing, or " + NoticeText.Allowed, "what players read when a drain begins; {seconds} is replaced, empty: nothing", check: NoticeText.IsRight);
    internal static readonly Setting<string?> MatchId = Text("match-id", Serve, "", "up to 64 letters, digits, '-', '_' and '.'", "name of the first match", check: IsIdentifier);
    internal static readonly Setting<IReadOnlyDictionary<string, string>> MatchConfig = JsonObject("match-config", Serve, "parameters of the first match, for the game");
    internal static readonly Setting<OrchestratorKind> Orchestrator = Choice("orchestrator", Serve, OrchestratorKind.Auto, "who launched this server; auto goes by the environment");
    internal static readonly Setting<bool> PortFromOrchestrator = Flag("port-from-orchestrator", Serve, "binds the port that the orchestrator chose (Agones: portPolicy Passthrough) instead of --port");

    // bots, watch
    internal static readonly Setting<ServerAddress> Connect = Server("connect", Bots | Commands.Watch, "127.0.0.1:9050", "the server to join");
    internal static readonly Setting<int> Count = Whole("count", Bots, 32, 1, 1000, "", "clients, each with its own socket");
    internal static readonly Setting<int> BotSeconds = Whole("seconds", Bots, 0, 0, 100_000_000, "s", "ends after this time; 0 runs until stopped");
    internal static readonly Setting<LinkModel> Link = Link("link", Bots, "impairs each direction of each client's link");
    internal static readonly Setting<FrameRates> Fps = Frames(
        "fps", Bots, "frames a second of the clients, in turn; without it they run at 1,000 or what the machine gives");
    internal static readonly Setting<ulong> BotSeed = Seed(Bots, "1", "seed of movement and of the impaired link");

    // doctor
    internal static readonly Setting<bool> Json = Flag("json", Commands.Doctor, "prints one JSON object instead of text");

    // several
    internal static readonly Setting<bool> PortableSocket = Flag("portable-socket", Serve | Bots, "uses the portable socket instead of the batched Linux one");
    internal static readonly Setting<string?> StatsJson = OutputFile("stats-json", Serve | Bots, "file that the figures of the run are written to at its end");

    /// <summary>Every row, in the order of the help.</summary>
    public static IReadOnlyList<Setting> All { get; } =
    [
        Port, Bind, TickRate, MaxPlayers, SeatsPerAddress, Spectators, SpectatorDelay, BotCount, MaxRewind, MaxRewindRoundTrip, SessionTimeout, ServeSeconds, ServeSeed, Affinity,
        Realtime, NetworkThreads, SocketBuffer, Budget,
        Connect, Count, BotSeconds, Link, Fps, BotSeed, Json, PortableSocket, StatsJson,
        MatchId, MatchConfig, DrainTimeout, DrainNotice, ExitWhenEmpty, Lifetime, MaxMatches, Orchestrator, PortFromOrchestrator,
        AllocationLifetime, SelfAllocate, Reserve, OrchestratorLabels, OrchestratorAnnotations,
        Http, HealthHttp, HttpHosts, MetricsOpen, MetricsScope, AdminTokenFile, AdminToken, TlsCert, TlsKey, TlsClientCa, LogFormat, LogLevel, StatusSeconds,
    ];

    /// <summary>The rows of one command.</summary>
    public static IEnumerable<Setting> Of(Commands command) => All.Where(s => (s.Commands & command) != 0);

    // Kubernetes allows 63 characters, of which Agones takes four for "sdk-".
    private static bool IsLabelName(string key) => IsLabel(key, 59);

    private static bool IsLabel(string text, int charsMax) => text.Length > 0 && text.Length <= charsMax
        && char.IsAsciiLetterOrDigit(text[0]) && char.IsAsciiLetterOrDigit(text[^1]) && text.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');

    private static bool IsIdentifier(string text) => text.Length <= 64 && text.All(static c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');
}
