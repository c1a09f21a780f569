using System.Buffers;
using System.Globalization;
using System.Text.Json;
using GameServer.Operations.Logging;
using Microsoft.Extensions.Logging;

namespace GameServer.Operations.Orchestrators;

/// <summary>PlayFab's agent: one heartbeat a second with state, health and players; its answer says what to do.</summary>
/// <remarks>A change of state goes out at once. States: Initializing, StandingBy, Active, Terminating.</remarks>
internal sealed class GsdkOrchestrator(GsdkConfig config, ServerControl control, ILogger log) : IOrchestrator
{
    private static readonly TimeSpan Period = TimeSpan.FromSeconds(1);

    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(2) };
    private readonly Reachability _reachability = new("gsdk", log);
    private readonly CancellationTokenSource _end = new();
    private readonly SemaphoreSlim _changed = new(0, 1);
    private readonly Lock _state = new();
    private readonly HashSet<int> _players = [];
    private string _current = "Initializing";
    private string? _session;
    private Task _heart = Task.CompletedTask;

    public string Name => "gsdk";

    public bool IsPooled
    {
        get
        {
            lock (_state)
            {
                return _current == "StandingBy";
            }
        }
    }

    public Task<int?> FindPort() => Task.FromResult(config.GamePort);

    public void Started() => _heart = Task.Run(Beat);

    public void Ready() => Change("StandingBy");

    public void PlayerJoined(int playerId)
    {
        lock (_state)
        {
            _players.Add(playerId);
        }
    }

    public void PlayerLeft(int playerId)
    {
        lock (_state)
        {
            _players.Remove(playerId);
        }
    }

    public bool MatchEnded(string matchId)
    {
        // One process is one session there: the drain that ends the process is what the agent waits for.
        bool isOurs = Volatile.Read(ref _session) == matchId;
        if (isOurs)
        {
            control.RequestDrain("match_ended");
        }

        return isOurs;
    }

    public void Draining(int secondsLeft) => Change("Terminating");

    public async Task Shutdown()
    {
        Change("Terminating");
        await _end.CancelAsync();
        await _heart;
        await Send(CancellationToken.None);
    }

    public void Dispose()
    {
        _client.Dispose();
        _changed.Dispose();
        _end.Dispose();
    }

    private void Change(string state)
    {
        lock (_state)
        {
            if (_current == state || _current == "Terminating")
            {
                return;
            }

            _current = state;
            if (_changed.CurrentCount == 0)
            {
                _changed.Release();
            }
        }
    }

    private async Task Beat()
    {
        try
        {
            while (true)
            {
                await Send(_end.Token);
                await _changed.WaitAsync(Period, _end.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The server ends.
        }
    }

    private async Task Send(CancellationToken end)
    {
        try
        {
            using var content = new ByteArrayContent(Heartbeat());
            content.Headers.ContentType = new System.Net.Http.Headers.MediaTypeHeaderValue("application/json");
            using HttpResponseMessage response = await _client.PatchAsync(config.Heartbeats, content, end);
            if (response.IsSuccessStatusCode)
            {
                Obey(await response.Content.ReadAsStringAsync(end));
                _reachability.Up(); // an answer that is none throws before
            }
            else
            {
                _reachability.Down("HTTP " + ((int)response.StatusCode).ToString(CultureInfo.InvariantCulture));
            }
        }
        catch (Exception e) when (e is HttpRequestException or IOException or JsonException or InvalidOperationException || (e is OperationCanceledException && !end.IsCancellationRequested))
        {
            _reachability.Down(e.Message);
        }
    }

    private byte[] Heartbeat()
    {
        var buffer = new ArrayBufferWriter<byte>(256);
        using (var json = new Utf8JsonWriter(buffer))
        {
            lock (_state)
            {
                json.WriteStartObject();
                json.WriteString("CurrentGameState", _current);
                json.WriteString("CurrentGameHealth", control.IsAlive() || control.LastTick < 0 ? "Healthy" : "Unhealthy");
                json.WriteStartArray("CurrentPlayers");
                foreach (int player in _players)
                {
                    json.WriteStartObject();
                    json.WriteString("PlayerId", "player-" + player.ToString(CultureInfo.InvariantCulture));
                    json.WriteEndObject();
                }

                json.WriteEndArray();
                json.WriteEndObject();
            }
        }

        return buffer.WrittenSpan.ToArray();
    }

    private void Obey(string answer)
    {
        using JsonDocument document = JsonDocument.Parse(answer);
        JsonElement root = document.RootElement;
        string operation = root.TryGetProperty("operation", out JsonElement asked) ? asked.ToString() : "";
        if (operation.Equals("Terminate", StringComparison.OrdinalIgnoreCase))
        {
            control.RequestDrain("gsdk");
        }
        else if (operation.Equals("Active", StringComparison.OrdinalIgnoreCase))
        {
            // The operation is repeated until a heartbeat says Active: a session that is known is no news. It may come without any configuration.
            JsonElement session = root.TryGetProperty("sessionConfig", out JsonElement config) && config.ValueKind == JsonValueKind.Object ? config : default;
            string id = Text(session, "sessionId") is { Length: > 0 } named ? named : "session";
            if (id != _session)
            {
                Volatile.Write(ref _session, id);
                ServerLog.Allocated(log, Name, id);
                if (!control.RequestMatch(new MatchRequest(id, Parameters(session))))
                {
                    ServerLog.AllocationLost(log, Name, id, control.DrainReason ?? "too many matches wait");
                }

                Change("Active");
            }
        }
    }

    private static Dictionary<string, string> Parameters(JsonElement session)
    {
        var parameters = new Dictionary<string, string>(StringComparer.Ordinal);
        if (session.ValueKind != JsonValueKind.Object)
        {
            return parameters;
        }

        if (session.TryGetProperty("metadata", out JsonElement metadata) && metadata.ValueKind == JsonValueKind.Object)
        {
            foreach (JsonProperty entry in metadata.EnumerateObject())
            {
                parameters[entry.Name] = entry.Value.ToString();
            }
        }

        if (Text(session, "sessionCookie") is { Length: > 0 } cookie)
        {
            parameters["session-cookie"] = cookie;
        }

        if (session.TryGetProperty("initialPlayers", out JsonElement players) && players.ValueKind == JsonValueKind.Array)
        {
            parameters["initial-players"] = string.Join(',', players.EnumerateArray());
        }

        return parameters;
    }

    private static string Text(JsonElement parent, string name) =>
        parent.ValueKind == JsonValueKind.Object && parent.TryGetProperty(name, out JsonElement value) && value.ValueKind == JsonValueKind.String ? value.GetString()! : "";
}
