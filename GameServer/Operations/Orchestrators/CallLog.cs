using GameServer.Operations.Logging;
using Microsoft.Extensions.Logging;

namespace GameServer.Operations.Orchestrators;

/// <summary>Logs what became of calls: refusals when they change, silence and garbage once.</summary>
/// <remarks>Any thread.</remarks>
internal sealed class CallLog(string orchestrator, ILogger log)
{
    private readonly Reachability _reachability = new(orchestrator, log);
    private readonly Lock _changing = new();
    private readonly Dictionary<string, string> _refusals = new(StringComparer.Ordinal); // by call: the last one that was logged

    /// <summary>A part of the orchestrator answers.</summary>
    public void Up(string part) => _reachability.Up(part);

    /// <summary>It does not, or makes no sense.</summary>
    public void Down(string problem, string part) => _reachability.Down(problem, part);

    /// <summary>A call ended.</summary>
    public void Add(AgonesResult result, string call, string answer, string part)
    {
        if (result is AgonesResult.Unreachable or AgonesResult.Unknown)
        {
            _reachability.Down($"{call}: {answer}", part);
            return;
        }

        _reachability.Up(part);
        lock (_changing)
        {
            if (result == AgonesResult.Done)
            {
                _refusals.Remove(call);
            }
            else if (!_refusals.TryGetValue(call, out string? before) || before != answer)
            {
                _refusals[call] = answer;
                ServerLog.OrchestratorRefuses(log, orchestrator, call, answer);
            }
        }
    }
}
