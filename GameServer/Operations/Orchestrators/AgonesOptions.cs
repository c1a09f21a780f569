using GameServer.Configuration;

namespace GameServer.Operations.Orchestrators;

/// <summary>What an Agones server is to do besides the ordinary.</summary>
internal sealed record AgonesOptions
{
    /// <summary>Seats for people: what the list "players" is to hold; 0: whatever it is declared for.</summary>
    public int Seats { get; init; }

    /// <summary>Says Allocated when somebody joins a server that nobody allocated.</summary>
    public bool SelfAllocate { get; init; }

    /// <summary>Says Reserved for so long instead of Ready at the start; 0: Ready.</summary>
    public int ReserveSeconds { get; init; }

    /// <summary>Drains this long after an allocation; 0: never.</summary>
    public int AllocationLifetimeSeconds { get; init; }

    /// <summary>Labels of the server's own.</summary>
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    /// <summary>Annotations of the server's own.</summary>
    public IReadOnlyDictionary<string, string> Annotations { get; init; } = new Dictionary<string, string>();

    /// <summary>By the settings of the server.</summary>
    public static AgonesOptions Of(ServeOptions options) => new()
    {
        Seats = options.MaxPlayers, // bots of its own have seats besides
        SelfAllocate = options.SelfAllocate,
        ReserveSeconds = options.ReserveSeconds,
        AllocationLifetimeSeconds = options.AllocationLifetimeSeconds,
        Labels = options.OrchestratorLabels,
        Annotations = options.OrchestratorAnnotations,
    };
}
