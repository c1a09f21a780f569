using System.Collections;
using GameServer.Configuration;
using GameServer.Operations.Logging;
using Microsoft.Extensions.Logging;

namespace GameServer.Operations.Orchestrators;

/// <summary>Chooses the orchestrator by option or by what the environment shows.</summary>
internal static class Orchestrator
{
    /// <summary>Makes the one that is asked for.</summary>
    /// <exception cref="StartFailedException">It is asked for by name and its environment is not there.</exception>
    public static IOrchestrator Create(ServeOptions options, IDictionary environment, ServerControl control, ILogger log)
    {
        OrchestratorKind kind = options.Orchestrator;
        try
        {
            return (kind == OrchestratorKind.Auto ? Find(environment) : kind) switch
            {
                OrchestratorKind.Agones => new AgonesOrchestrator(AgonesRest.AddressOf(environment), AgonesOptions.Of(options), control, log),
                OrchestratorKind.Systemd => new SystemdNotifier(
                    environment["NOTIFY_SOCKET"] as string, environment["WATCHDOG_USEC"] as string, environment["WATCHDOG_PID"] as string, control, log),
                OrchestratorKind.Gsdk => new GsdkOrchestrator(GsdkConfig.Read(environment["GSDK_CONFIG_FILE"] as string), control, log),
                _ => new NoOrchestrator(),
            };
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or System.Text.Json.JsonException or ArgumentException)
        {
            if (kind == OrchestratorKind.Auto)
            {
                // Nobody asked for it by name: what a platform leaves in the environment is no reason not to serve.
                ServerLog.ConfigurationIgnored(log, $"no orchestrator: {e.Message.Split(" (Parameter")[0]}");
                return new NoOrchestrator();
            }

            throw new StartFailedException($"--orchestrator \"{kind.ToString().ToLowerInvariant()}\": {e.Message.Split(" (Parameter")[0]}", ExitCode.BadArguments, e);
        }
    }

    /// <summary>By the variables that each of them sets; the most specific first.</summary>
    internal static OrchestratorKind Find(IDictionary environment) =>
        environment.Contains("AGONES_SDK_HTTP_PORT") || environment.Contains("AGONES_SDK_GRPC_PORT") ? OrchestratorKind.Agones
        : environment.Contains("GSDK_CONFIG_FILE") ? OrchestratorKind.Gsdk
        : environment.Contains("NOTIFY_SOCKET") ? OrchestratorKind.Systemd
        : OrchestratorKind.None;
}
