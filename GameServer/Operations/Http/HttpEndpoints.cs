using System.Globalization;
using System.Text.Json;
using GameServer.Configuration;
using GameServer.Operations.Logging;
using GameServer.Operations.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;
using Microsoft.Net.Http.Headers;

namespace GameServer.Operations.Http;

/// <summary>What the HTTP surface answers. Every route stands in openapi.json too.</summary>
internal sealed class HttpEndpoints(ServeOptions options, ServerTelemetry telemetry, ServerControl control, Lazy<TelemetryExport> export, ILogger log)
{
    private static readonly string[] Reads = [HttpMethods.Get, HttpMethods.Head];

    private static readonly Lazy<CompressedPage> OpenApi = new(static () =>
    {
        using Stream stream = typeof(HttpEndpoints).Assembly.GetManifestResourceStream("openapi.json")!;
        using var copy = new MemoryStream();
        stream.CopyTo(copy);
        return new CompressedPage(copy.ToArray());
    });

    private readonly long _startedMicros = ServerControl.NowMicros();

    public void Map(IEndpointRouteBuilder routes)
    {
        void MapRead(string route, RequestDelegate answer) => routes.MapMethods(route, Reads, answer);
        MapRead("/healthz", static context => HttpReply.Json(context, 200, static json => json.WriteString("status", "ok")));
        MapRead("/livez", Live);
        MapRead("/readyz", Ready);
        MapRead("/metrics", Metrics);
        routes.MapPost("/drain", Drain);
        MapRead("/api/status", context => HttpReply.Json(context, 200, WriteStatus));
        MapRead("/api/players", context => HttpReply.Json(context, 200, WritePlayers));
        routes.MapPost("/api/players/{id}/kick", Kick);
        routes.MapPost("/api/notice", Notice);
        MapRead("/openapi.json", static context => HttpReply.Page(context, "application/json; charset=utf-8", OpenApi.Value));
    }

    /// <summary>The format that the client prefers; text when it has no preference.</summary>
    internal static ExpositionFormat Negotiate(IList<string> accept)
    {
        if (!MediaTypeHeaderValue.TryParseList(accept, out IList<MediaTypeHeaderValue>? wishes))
        {
            return ExpositionFormat.Text;
        }

        double open = wishes.Where(static w => w.MediaType == "application/openmetrics-text").Max(static w => w.Quality ?? (double?)1) ?? 0;
        double text = wishes.Where(static w => w.MediaType.Value is "text/plain" or "text/*" or "*/*").Max(static w => w.Quality ?? (double?)1) ?? 0;
        return open > text ? ExpositionFormat.OpenMetrics : ExpositionFormat.Text;
    }

    private Task Live(HttpContext context) => control.IsAlive()
        ? HttpReply.Json(context, 200, json => json.WriteString("status", control.LastTick < 0 ? "starting" : "alive"))
        : HttpReply.Problem(context, 503, $"The simulation stands still since tick {control.LastTick}.");

    private Task Ready(HttpContext context) => control.IsReady
        ? HttpReply.Json(context, 200, static json => json.WriteString("status", "ready"))
        : HttpReply.Problem(context, 503, control.Drain == DrainState.Running ? "The server is starting." : $"The server is draining ({control.DrainReason}).");

    private Task Metrics(HttpContext context)
    {
        ExpositionFormat format = Negotiate([.. context.Request.Headers.Accept.OfType<string>()]);
        CompressedPage page = export.Value.ScrapePage(format);
        return page.Plain.Length > 0 ? HttpReply.Page(context, PrometheusText.ContentType(format), page) : HttpReply.Problem(context, 503, "The collection failed.");
    }

    private Task Drain(HttpContext context)
    {
        if (control.RequestDrain("http"))
        {
            ServerLog.HttpAction(log, "drain", Address(context));
        }

        return HttpReply.Json(context, 202, WriteDrain);
    }

    private async Task Kick(HttpContext context)
    {
        if (!int.TryParse((string?)context.Request.RouteValues["id"], NumberStyles.None, CultureInfo.InvariantCulture, out int id)
            || !control.Players.Snapshot().Any(p => p.Id == id))
        {
            await HttpReply.Problem(context, 404, "There is no such player.");
        }
        else if (await ReadText(context, "reason") is not { } reason || !NoticeText.IsRightReason(reason))
        {
            await HttpReply.Problem(context, 400, $"The body is not a JSON object with a \"reason\" of {NoticeText.AllowedReason}.");
        }
        else if (!control.RequestKick(id, reason))
        {
            await HttpReply.Problem(context, 503, "Too many requests wait for the simulation.");
        }
        else
        {
            ServerLog.HttpAction(log, reason.Length > 0 ? $"kick of player {id} ({reason})" : $"kick of player {id}", Address(context));
            await HttpReply.Json(context, 202, json => json.WriteNumber("player_id", id));
        }
    }

    private async Task Notice(HttpContext context)
    {
        if (await ReadText(context, "text") is not { } text || !NoticeText.IsRight(text))
        {
            await HttpReply.Problem(context, 400, $"The body is not a JSON object with a \"text\" of {NoticeText.Allowed}.");
        }
        else if (!control.RequestNotice(text))
        {
            await HttpReply.Problem(context, 503, "Too many requests wait for the simulation.");
        }
        else
        {
            ServerLog.HttpAction(log, $"notice to all players ({text})", Address(context));
            await HttpReply.Json(context, 202, json => json.WriteString("text", text));
        }
    }

    /// <summary>A text in the body, empty when there is none, null when the body is wrong.</summary>
    private static async Task<string?> ReadText(HttpContext context, string name)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        if (body.Length == 0)
        {
            return "";
        }

        try
        {
            using JsonDocument document = JsonDocument.Parse(body.ToArray());
            bool isObject = document.RootElement.ValueKind == JsonValueKind.Object;
            return !isObject ? null
                : !document.RootElement.TryGetProperty(name, out JsonElement value) ? ""
                : value.ValueKind == JsonValueKind.String && value.GetString() is { Length: > 0 } text ? text : null;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException) // half a character (\ud800) is found only when it is read
        {
            return null;
        }
    }

    private void WriteStatus(Utf8JsonWriter json)
    {
        SimulationTelemetry simulation = telemetry.Simulation;
        json.WriteString("version", BuildVersion.Full);
        json.WriteString("match_id", control.MatchId);
        json.WriteBoolean("ready", control.IsReady);
        json.WriteBoolean("alive", control.IsAlive());
        json.WriteNumber("uptime_seconds", (ServerControl.NowMicros() - _startedMicros) / 1_000_000);
        json.WriteStartArray("addresses");
        foreach (string address in control.Addresses)
        {
            json.WriteStringValue(address);
        }

        json.WriteEndArray();
        json.WriteStartObject("tick");
        json.WriteNumber("rate_hz", options.TickRate);
        json.WriteNumber("last", control.LastTick);
        json.WriteNumber("executed", simulation.Ticks.Value);
        json.WriteNumber("overruns", simulation.Overruns.Value);
        json.WriteNumber("skipped", simulation.SkippedTicks.Value);
        json.WriteEndObject();
        json.WriteStartObject("players");
        json.WriteNumber("count", simulation.Players.Value);
        json.WriteNumber("limit", options.PlayerSeats);
        json.WriteNumber("spectators", simulation.Spectators.Value);
        json.WriteEndObject();
        json.WriteStartObject("drain");
        WriteDrain(json);
        json.WriteEndObject();
    }

    private void WriteDrain(Utf8JsonWriter json)
    {
        DrainState state = control.Drain;
        json.WriteString("state", SnakeCase.Of(state.ToString()));
        if (state != DrainState.Running)
        {
            json.WriteString("reason", control.DrainReason);
            json.WriteNumber("seconds_left", Math.Max(0, (control.DrainDeadlineMicros - ServerControl.NowMicros()) / 1_000_000));
        }
    }

    private void WritePlayers(Utf8JsonWriter json)
    {
        long now = ServerControl.NowMicros();
        json.WriteStartArray("players");
        foreach (PlayerStatus player in control.Players.Snapshot())
        {
            json.WriteStartObject();
            json.WriteNumber("id", player.Id);
            json.WriteString("name", player.Name);
            json.WriteNumber("score", player.Score);
            json.WriteNumber("round_trip_ms", player.RoundTripMicros / 1000.0);
            json.WriteNumber("loss_percent", player.LossPerTenThousand / 100.0);
            json.WriteNumber("joined_seconds_ago", (now - player.JoinedMicros) / 1_000_000);
            json.WriteBoolean("spectator", player.IsSpectator);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static string Address(HttpContext context) => context.Connection.RemoteIpAddress?.ToString() ?? "";
}
