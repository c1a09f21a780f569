using System.Globalization;
using System.Text.Json;

namespace GameServer.Operations.Orchestrators;

/// <summary>What we read of a GameServer as the sidecar shows it.</summary>
internal sealed record AgonesGameServer
{
    private const string LastAllocatedKey = "agones.dev/last-allocated";

    /// <summary>Its name in the cluster.</summary>
    public required string Name { get; init; }

    /// <summary>Ready, Allocated and so on.</summary>
    public required string State { get; init; }

    /// <summary>True when it is being deleted.</summary>
    public bool IsDeleted { get; init; }

    /// <summary>The annotation that changes with every allocation; the state does not.</summary>
    public string? LastAllocated { get; init; }

    /// <summary>How often a ping is looked for; 0: health is disabled.</summary>
    public int HealthPeriodSeconds { get; init; }

    /// <summary>The first port, that of the host; null while there is none.</summary>
    public int? Port { get; init; }

    /// <summary>Whether the counter "rooms" is declared.</summary>
    public bool HasRooms { get; init; }

    /// <summary>Who is in the list "players"; null when it is not declared.</summary>
    public IReadOnlyList<string>? Players { get; init; }

    /// <summary>How many the list "players" may hold; null when it does not say.</summary>
    public int? PlayersCapacity { get; init; }

    /// <summary>Labels and annotations that are not the platform's own.</summary>
    public required IReadOnlyDictionary<string, string> Parameters { get; init; }

    /// <summary>Labels and annotations that the server gave itself, by whole name.</summary>
    public required IReadOnlyDictionary<string, string> Own { get; init; }

    /// <summary>Reads the answer of /gameserver or the "result" of a line of the watch; null when it is neither.</summary>
    /// <remarks>Names in snake_case, int64 as text, absent values as null or empty: everything is looked for, nothing expected.</remarks>
    public static AgonesGameServer? Read(string json)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            JsonElement root = document.RootElement;
            root = Find(root, "result") ?? root;
            return Find(root, "object_meta") is { ValueKind: JsonValueKind.Object } meta ? Read(meta, root) : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>The match of the last allocation: its id is the parameter "match-id" (with or without a domain) or made of what is known.</summary>
    public MatchRequest ToMatch()
    {
        string? id = Parameters.FirstOrDefault(static p => p.Key == "match-id" || p.Key.EndsWith("/match-id", StringComparison.Ordinal)).Value
            ?? Parameters.FirstOrDefault(static p => p.Key.EndsWith("/id", StringComparison.Ordinal)).Value;
        return new MatchRequest(!string.IsNullOrEmpty(id) ? id : LastAllocated is null ? Name : $"{Name}-{LastAllocated}", Parameters);
    }

    private static AgonesGameServer Read(JsonElement meta, JsonElement root)
    {
        JsonElement? health = Find(Find(root, "spec"), "health");
        JsonElement? status = Find(root, "status");
        JsonElement? ports = Find(status, "ports");
        JsonElement? players = Find(Find(status, "lists"), "players");
        var parameters = new Dictionary<string, string>(StringComparer.Ordinal);
        var own = new Dictionary<string, string>(StringComparer.Ordinal);
        Collect(Find(meta, "labels"), parameters, own);
        Collect(Find(meta, "annotations"), parameters, own);
        return new AgonesGameServer
        {
            Name = Text(Find(meta, "name")),
            State = Text(Find(status, "state")),
            IsDeleted = Find(meta, "deletion_timestamp") is { } deleted && deleted.ToString() is not ("" or "0"),
            LastAllocated = Text(Find(Find(meta, "annotations"), LastAllocatedKey)) is { Length: > 0 } allocated ? allocated : null,
            HealthPeriodSeconds = Find(health, "disabled") is { ValueKind: JsonValueKind.True } ? 0 : Math.Max(1, Number(Find(health, "period_seconds")) ?? 5),
            Port = ports is { ValueKind: JsonValueKind.Array } && ports.Value.GetArrayLength() > 0 ? PortOf(ports.Value[0]) : null,
            HasRooms = Find(Find(status, "counters"), "rooms") is not null,
            Players = players is null ? null : Values(Find(players, "values")),
            PlayersCapacity = Number(Find(players, "capacity")),
            Parameters = parameters,
            Own = own,
        };
    }

    private static void Collect(JsonElement? map, Dictionary<string, string> parameters, Dictionary<string, string> own)
    {
        if (map is not { ValueKind: JsonValueKind.Object } entries)
        {
            return;
        }

        foreach (JsonProperty entry in entries.EnumerateObject())
        {
            string domain = entry.Name.Split('/') is [var before, _] ? before : "";
            bool isPlatforms = domain.EndsWith("agones.dev", StringComparison.Ordinal) || domain.EndsWith("kubernetes.io", StringComparison.Ordinal) || domain.EndsWith("k8s.io", StringComparison.Ordinal);
            if (entry.Value.ValueKind == JsonValueKind.String)
            {
                (isPlatforms ? own : parameters)[entry.Name] = entry.Value.GetString()!;
            }
        }
    }

    private static List<string> Values(JsonElement? list) =>
        list is { ValueKind: JsonValueKind.Array } values ? [.. values.EnumerateArray().Where(static v => v.ValueKind == JsonValueKind.String).Select(static v => v.GetString()!)] : [];

    // A port that is not there yet reads as 0.
    private static int? PortOf(JsonElement port) => Number(Find(port, "port")) is int number and > 0 and <= 65_535 ? number : null;

    private static JsonElement? Find(JsonElement? parent, string name) =>
        parent is { ValueKind: JsonValueKind.Object } element && element.TryGetProperty(name, out JsonElement child) && child.ValueKind != JsonValueKind.Null ? child : null;

    private static string Text(JsonElement? value) => value is { ValueKind: JsonValueKind.String } text ? text.GetString()! : "";

    private static int? Number(JsonElement? value) => value switch
    {
        { ValueKind: JsonValueKind.Number } number when number.TryGetInt32(out int whole) => whole,
        { ValueKind: JsonValueKind.String } text when int.TryParse(text.GetString(), NumberStyles.None, CultureInfo.InvariantCulture, out int whole) => whole,
        _ => null,
    };
}
