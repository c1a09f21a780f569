using GameServer.Operations.Logging;
using Microsoft.Extensions.Logging;

namespace GameServer.Operations.Orchestrators;

/// <summary>Whether an orchestrator answers; logs each change once, however many of its parts fail.</summary>
/// <remarks>Any thread.</remarks>
internal sealed class Reachability(string orchestrator, ILogger log)
{
    private readonly Lock _changing = new();
    private readonly HashSet<string> _down = [];
    private bool _wasUp;

    /// <summary>A part answers.</summary>
    public void Up(string part = "")
    {
        lock (_changing)
        {
            bool isNews = _down.Remove(part) || !_wasUp;
            if (isNews && _down.Count == 0)
            {
                _wasUp = true;
                ServerLog.OrchestratorUp(log, orchestrator);
            }
        }
    }

    /// <summary>A part does not answer, or its answer makes no sense.</summary>
    public void Down(string problem, string part = "")
    {
        lock (_changing)
        {
            if (_down.Add(part) && _down.Count == 1)
            {
                ServerLog.OrchestratorDown(log, orchestrator, problem);
            }
        }
    }
}
