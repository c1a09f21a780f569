namespace GameServer.Tests.Scenarios;

/// <summary>A run of the lab that one seed describes, whatever the game.</summary>
internal interface ISeedRun
{
    /// <summary>What was violated.</summary>
    IEnumerable<string> Violations { get; }

    /// <summary>Bytes received and sent by each client.</summary>
    IEnumerable<(long Received, long Sent)> Traffic { get; }

    /// <summary>Faults, then a good network, then rest; returns a line that says what the run was.</summary>
    string Run();

    /// <summary>How the server and each client ended up.</summary>
    string Describe();
}
