using System.Globalization;
using System.Text.Json;

namespace GameServer.Operations.Orchestrators;

/// <summary>What we read of a GameServer as the sidecar shows it.</summary>
/// <param name="Name">Its name in the cluster.</param>
/// <param name="State">Ready, Allocated and so on.</param>
/// <param name="LastAllocated">The annotation that changes with every allocation; the state does not.</param>
/// <param name="HealthPeriodSeconds">How often a ping is looked for; 0: health is disabled.</param>
/// <param name="Port">The first port, that of the host.</param>
/// <param name="HasRooms">Whether the counter "rooms" is declared.</param>
/// <param name="HasPlayers">Whether the list "players" is declared.</param>
/// <param name="Parameters">Labels and annotations that are not the platform's own.</param>
internal sealed record AgonesGameServer(
    string Name, string State, string? LastAllocated, int HealthPeriodSeconds, int? Port, bool HasRooms, bool HasPlayers, IReadOnlyDictionary<string, string> Parameters)
{
    private const string LastAllocatedKey = "agones.dev/last-allocated";

    /// <summary>Reads the answer of /gameserver or the "result" of a line of the watch; null when it is neither.</summary>
    /// <remarks>Names in snake_case, int64 as text, absent values as null or empty (agones-sdk facts §2): everything is looked for, nothing expected.</remarks>
    public static AgonesGameServer? Read(string json)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(json);
            JsonElement root = document.RootElement;
            root = Find(root, "result") ?? root;
            if (Find(root, "object_meta") is not { } meta)
            {
                return null;
            }

            JsonElement? health = Find(Find(root, "spec"), "health");
            JsonElement? status = Find(root, "status");
            JsonElement? ports = Find(status, "ports");
            var parameters = new Dictionary<string, string>(StringComparer.Ordinal);
            Collect(Find(meta, "labels"), parameters);
            Collect(Find(meta, "annotations"), parameters);
            return new AgonesGameServer(
                Text(Find(meta, "name")),
                Text(Find(status, "state")),
                Find(Find(meta, "annotations"), LastAllocatedKey)?.GetString(),
                Find(health, "disabled") is { ValueKind: JsonValueKind.True } ? 0 : Number(Find(health, "period_seconds")) ?? 5,
                ports is { ValueKind: JsonValueKind.Array } && ports.Value.GetArrayLength() > 0 ? Number(Find(ports.Value[0], "port")) : null,
                Find(Find(status, "counters"), "rooms") is not null,
                Find(Find(status, "lists"), "players") is not null,
                parameters);
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
        return new MatchRequest(string.IsNullOrEmpty(id) ? $"{Name}-{LastAllocated}" : id, Parameters);
    }

    private static void Collect(JsonElement? map, Dictionary<string, string> parameters)
    {
        if (map is not { ValueKind: JsonValueKind.Object } entries)
        {
            return;
        }

        foreach (JsonProperty entry in entries.EnumerateObject())
        {
            string domain = entry.Name.Split('/') is [var before, _] ? before : "";
            bool isPlatforms = domain.EndsWith("agones.dev", StringComparison.Ordinal) || domain.EndsWith("kubernetes.io", StringComparison.Ordinal) || domain.EndsWith("k8s.io", StringComparison.Ordinal);
            if (!isPlatforms && entry.Value.ValueKind == JsonValueKind.String)
            {
                parameters[entry.Name] = entry.Value.GetString()!;
            }
        }
    }

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
