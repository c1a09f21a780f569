using GameServer.Operations.Logging;
using Microsoft.Extensions.Logging;

namespace GameServer.Operations.Orchestrators;

/// <summary>Whether an orchestrator answers; logs each change once.</summary>
/// <remarks>Any thread.</remarks>
internal sealed class Reachability(string orchestrator, ILogger log)
{
    private int _state; // 0: nothing known, 1: answers, 2: does not

    public void Up()
    {
        if (Interlocked.Exchange(ref _state, 1) != 1)
        {
            ServerLog.OrchestratorUp(log, orchestrator);
        }
    }

    public void Down(string problem)
    {
        if (Interlocked.Exchange(ref _state, 2) != 2)
        {
            ServerLog.OrchestratorDown(log, orchestrator, problem);
        }
    }
}
