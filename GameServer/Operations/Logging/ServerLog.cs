using Microsoft.Extensions.Logging;

namespace GameServer.Operations.Logging;

/// <summary>Every event that the server logs. The names leave the process; players, matches and addresses stand in values of their own.</summary>
public static partial class ServerLog
{
    internal const int TelemetryProblemId = 60;

    /// <summary>A socket of the game is bound.</summary>
    [LoggerMessage(1, LogLevel.Information, "listening udp {Address}")]
    public static partial void Listening(ILogger log, string address);

    /// <summary>The last line of the start.</summary>
    [LoggerMessage(2, LogLevel.Information, "ready after {StartMillis} ms: players on {Addresses}, http on {Http}, match {MatchId}, version {Version}, watch with: {Watch}")]
    public static partial void Ready(ILogger log, long startMillis, string addresses, string http, string matchId, string version, string watch);

    /// <summary>The server lets nobody in any more.</summary>
    [LoggerMessage(3, LogLevel.Information, "draining ({Reason}): {Players} players have at most {Seconds} s to end the match")]
    public static partial void Draining(ILogger log, string reason, long players, long seconds);

    /// <summary>The simulation has ended.</summary>
    [LoggerMessage(4, LogLevel.Information, "ended ({Reason}) after {Ticks} ticks, {Overruns} overruns, {Skipped} skipped")]
    public static partial void Ended(ILogger log, string reason, long ticks, long overruns, long skipped);

    /// <summary>An event of the game that clients will miss, or that will end their sessions, at the next silence.</summary>
    [LoggerMessage(70, LogLevel.Warning, "the game emits {Count} events '{Event}' a second: {Cost} after a silence of {SilenceMillis} ms; emit fewer, or change its life (KeepFor, Reliable)")]
    public static partial void EventsTooMany(ILogger log, string @event, int count, long silenceMillis, string cost);

    /// <summary>The player's character does not do what they want: nothing of it arrives in time.</summary>
    [LoggerMessage(71, LogLevel.Warning, "each input of player {PlayerId} has come too late for 5 s: the round trip is {RoundTripMillis} ms, at this tick rate clients follow {FollowedMillis} ms")]
    public static partial void InputsTooLate(ILogger log, int playerId, long roundTripMillis, int followedMillis);

    /// <summary>The second signal.</summary>
    [LoggerMessage(5, LogLevel.Warning, "stopping at once: a second signal came while draining")]
    public static partial void StoppingAtOnce(ILogger log);

    /// <summary>How the server has done since the status before: the figures as values, and as text where people read.</summary>
    public static void Status(ILogger log, IReadOnlyList<KeyValuePair<string, object?>> figures, string text) =>
        log.Log(LogLevel.Information, new EventId(6, nameof(Status)), figures, null, (_, _) => text);

    /// <summary>The figures of the whole run.</summary>
    [LoggerMessage(7, LogLevel.Information, "{Summary}")]
    public static partial void Summary(ILogger log, string summary);

    /// <summary>The server does not come up, and why; the process ends.</summary>
    [LoggerMessage(8, LogLevel.Critical, "the start failed with exit code {ExitCode}: {Problem}")]
    public static partial void StartFailed(ILogger log, int exitCode, string problem);

    /// <summary>The file for the figures of the run cannot be written: they stand here.</summary>
    [LoggerMessage(9, LogLevel.Error, "--stats-json \"{File}\" is not written: {Problem}; the figures: {Figures}")]
    public static partial void StatsNotWritten(ILogger log, string file, string problem, System.Text.Json.JsonElement figures);

    /// <summary>Something that the configuration holds and that is not used.</summary>
    [LoggerMessage(10, LogLevel.Warning, "{Problem}")]
    public static partial void ConfigurationIgnored(ILogger log, string problem);

    /// <summary>A setting was taken over on SIGHUP.</summary>
    [LoggerMessage(11, LogLevel.Information, "reloaded --{Setting}: {Before} -> {After}")]
    public static partial void Reloaded(ILogger log, string setting, string before, string after);

    /// <summary>A setting has changed and cannot be taken over.</summary>
    [LoggerMessage(12, LogLevel.Warning, "--{Setting} has changed ({Before} -> {After}) and needs a restart")]
    public static partial void ReloadNeedsRestart(ILogger log, string setting, string before, string after);

    /// <summary>A file that a setting names was read again on SIGHUP and holds something else than before.</summary>
    [LoggerMessage(15, LogLevel.Information, "reloaded --{Setting}: {File} has changed{Detail}")]
    public static partial void ReloadedFile(ILogger log, string setting, string file, string detail);

    /// <summary>A parameter of a match that the game does not use.</summary>
    [LoggerMessage(16, LogLevel.Warning, "match {MatchId}: parameter {Parameter} \"{Value}\" is ignored; {Problem}")]
    public static partial void MatchParameterIgnored(ILogger log, string matchId, string parameter, string value, string problem);

    /// <summary>A reload that changed nothing.</summary>
    [LoggerMessage(13, LogLevel.Information, "reloaded: nothing has changed")]
    public static partial void ReloadedNothing(ILogger log);

    /// <summary>A reload met a wrong value; all stays as it was.</summary>
    [LoggerMessage(14, LogLevel.Error, "not reloaded: {Problem}")]
    public static partial void ReloadFailed(ILogger log, string problem);

    /// <summary>Something about the machine that costs tick latency.</summary>
    [LoggerMessage(20, LogLevel.Warning, "{Finding}: {Value}; cost: {Cost}; fix: {Fix}")]
    public static partial void MachineFinding(ILogger log, string finding, string value, string cost, string fix);

    /// <summary>Everything about the machine that is as it should be.</summary>
    [LoggerMessage(21, LogLevel.Information, "machine: {Facts}")]
    public static partial void MachineFacts(ILogger log, string facts);

    /// <summary>A player was welcomed.</summary>
    [LoggerMessage(30, LogLevel.Information, "player {PlayerId} joined match {MatchId} as {PlayerName}")]
    public static partial void Joined(ILogger log, int playerId, string playerName, string matchId);

    /// <summary>A join was refused.</summary>
    [LoggerMessage(31, LogLevel.Information, "join refused: {Reason}: {Text}")]
    public static partial void JoinRefused(ILogger log, string reason, string text);

    /// <summary>A session ended.</summary>
    [LoggerMessage(32, LogLevel.Information, "player {PlayerId} left: {Reason}: {Text}; from match {MatchId}")]
    public static partial void Left(ILogger log, int playerId, string reason, string text, string matchId);

    /// <summary>A match began.</summary>
    [LoggerMessage(33, LogLevel.Information, "match {MatchId} started")]
    public static partial void MatchStarted(ILogger log, string matchId);

    /// <summary>A match ended.</summary>
    [LoggerMessage(34, LogLevel.Information, "match {MatchId} ended after {Seconds} s")]
    public static partial void MatchEnded(ILogger log, string matchId, long seconds);

    /// <summary>A tick ended after the deadline of the next one.</summary>
    [LoggerMessage(35, LogLevel.Warning, "tick {Tick} ended too late: it began {LateMicros} us after its time and took {Micros} us, of which {Phase} {PhaseMicros} us; its thread waited {WaitMicros} us for a processor")]
    public static partial void Overrun(ILogger log, uint tick, long lateMicros, long micros, string phase, long phaseMicros, long waitMicros);

    /// <summary>Ticks were left out.</summary>
    [LoggerMessage(36, LogLevel.Warning, "{Count} ticks skipped before tick {Tick}")]
    public static partial void TicksSkipped(ILogger log, int count, uint tick);

    /// <summary>The simulation has stood still for 2 s.</summary>
    [LoggerMessage(37, LogLevel.Critical, "the simulation hangs since tick {Tick}")]
    public static partial void SimulationHangs(ILogger log, long tick);

    /// <summary>The orchestrator answers.</summary>
    [LoggerMessage(40, LogLevel.Information, "orchestrator {Orchestrator} answers")]
    public static partial void OrchestratorUp(ILogger log, string orchestrator);

    /// <summary>The orchestrator does not answer; it is asked again.</summary>
    [LoggerMessage(41, LogLevel.Warning, "orchestrator {Orchestrator} does not answer: {Problem}")]
    public static partial void OrchestratorDown(ILogger log, string orchestrator, string problem);

    /// <summary>The orchestrator refuses a call; it is not repeated.</summary>
    [LoggerMessage(42, LogLevel.Warning, "orchestrator {Orchestrator} refuses {Call}: {Problem}")]
    public static partial void OrchestratorRefuses(ILogger log, string orchestrator, string call, string problem);

    /// <summary>The orchestrator gave this server a match.</summary>
    [LoggerMessage(43, LogLevel.Information, "allocated by {Orchestrator} for match {MatchId}")]
    public static partial void Allocated(ILogger log, string orchestrator, string matchId);

    /// <summary>The orchestrator gave this server a match that it cannot begin.</summary>
    [LoggerMessage(44, LogLevel.Warning, "match {MatchId} of {Orchestrator} is not begun: {Problem}")]
    public static partial void AllocationLost(ILogger log, string orchestrator, string matchId, string problem);

    /// <summary>The orchestrator ends this server.</summary>
    [LoggerMessage(45, LogLevel.Warning, "orchestrator {Orchestrator} shows this server as {State}: it drains")]
    public static partial void OrchestratorEnds(ILogger log, string orchestrator, string state);

    /// <summary>What the orchestrator has declared does not fit the settings of this server.</summary>
    [LoggerMessage(46, LogLevel.Warning, "orchestrator {Orchestrator}: {Problem}")]
    public static partial void OrchestratorMisfit(ILogger log, string orchestrator, string problem);

    /// <summary>The first tick is a long time coming.</summary>
    [LoggerMessage(39, LogLevel.Warning, "still starting after {Seconds} s")]
    public static partial void StillStarting(ILogger log, long seconds);

    /// <summary>An HTTP request ended in an error of ours.</summary>
    [LoggerMessage(50, LogLevel.Error, "{Method} {Path} failed")]
    public static partial void HttpFailed(ILogger log, Exception exception, string method, string path);

    /// <summary>Somebody asked for a change over HTTP and was let.</summary>
    [LoggerMessage(51, LogLevel.Information, "{Action} asked for over http by {Address}")]
    public static partial void HttpAction(ILogger log, string action, string address);

    /// <summary>A request over HTTP was refused at the gate: its host, its origin, or no right to ask.</summary>
    [LoggerMessage(52, LogLevel.Warning, "{Method} {Path} from {Address} refused: {Problem}")]
    public static partial void HttpRefused(ILogger log, string method, string path, string address, string problem);

    /// <summary>The address that HTTP has by default is taken.</summary>
    [LoggerMessage(53, LogLevel.Warning, "no http: {Problem}")]
    public static partial void HttpOff(ILogger log, string problem);

    /// <summary>The receiver of metrics and traces did not answer at the end.</summary>
    [LoggerMessage(65, LogLevel.Warning, "the last metrics and traces were given up: their receiver did not take them within {Seconds} s")]
    public static partial void TelemetryLost(ILogger log, long seconds);

    /// <summary>An idle connection gave way to another one.</summary>
    [LoggerMessage(54, LogLevel.Warning, "http is crowded: the longest idle connection, of {Address}, made room for another one; an address may hold {PerAddress}, all {Most}")]
    public static partial void HttpCrowded(ILogger log, string address, int perAddress, int most);

    /// <summary>A connection could not be accepted; it is tried again until it works.</summary>
    [LoggerMessage(55, LogLevel.Error, "http accepts no connection: {Problem}; idle ones are closed, and it is tried again")]
    public static partial void HttpAcceptFailed(ILogger log, string problem);

    /// <summary>The simulation hangs although the server is to end.</summary>
    [LoggerMessage(38, LogLevel.Critical, "giving up: the simulation hangs and the time of the drain is over")]
    public static partial void GivesUp(ILogger log);

    /// <summary>OpenTelemetry's SDK or an exporter complains.</summary>
    [LoggerMessage(TelemetryProblemId, LogLevel.Warning, "telemetry: {Source}: {Problem}")]
    public static partial void TelemetryProblem(ILogger log, string source, string problem);

    /// <summary>Something failed that should not; the server goes on.</summary>
    [LoggerMessage(90, LogLevel.Error, "{What} failed")]
    public static partial void Unexpected(ILogger log, Exception exception, string what);
}
