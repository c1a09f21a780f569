using System.Text.Json;

namespace GameServer.Operations.Orchestrators;

/// <summary>The file that PlayFab's agent leaves for the server (GSDK_CONFIG_FILE).</summary>
internal sealed record GsdkConfig(Uri Heartbeats, int? GamePort)
{
    /// <exception cref="ArgumentException">There is no file, or it lacks what is needed.</exception>
    /// <exception cref="JsonException">It is not JSON.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static GsdkConfig Read(string? path)
    {
        if (string.IsNullOrEmpty(path))
        {
            throw new ArgumentException("GSDK_CONFIG_FILE is not set", nameof(path));
        }

        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(path));
        JsonElement root = document.RootElement;
        string endpoint = Text(root, "heartbeatEndpoint"), session = Text(root, "sessionHostId");
        if (endpoint.Length == 0 || session.Length == 0 || !Uri.TryCreate($"http://{endpoint}/v1/sessionHosts/{Uri.EscapeDataString(session)}", UriKind.Absolute, out Uri? address))
        {
            throw new ArgumentException($"{path} lacks heartbeatEndpoint or sessionHostId", nameof(path));
        }

        int? port = null;
        if (root.TryGetProperty("gamePorts", out JsonElement ports) && ports.ValueKind == JsonValueKind.Object && ports.EnumerateObject().FirstOrDefault().Value is { } first)
        {
            port = int.TryParse(first.ToString(), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out int number) ? number : null;
        }

        return new GsdkConfig(address, port);
    }

    private static string Text(JsonElement root, string name) =>
        root.ValueKind == JsonValueKind.Object && root.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
