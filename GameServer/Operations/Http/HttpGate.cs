using System.Diagnostics;
using System.Net;
using System.Threading.RateLimiting;
using GameServer.Configuration;
using GameServer.Operations.Logging;
using GameServer.Operations.Telemetry;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace GameServer.Operations.Http;

/// <summary>What every request passes first: rate, host, origin, and the right to read or to change something; and what every failure becomes.</summary>
internal sealed class HttpGate(ServeOptions options, ServerControl control, AdminToken token, OpenConnections healthListener, ILogger log) : IDisposable
{
    /// <summary>Requests per second of one address, and how many more at once.</summary>
    public const int RequestsPerSecond = 200;

    private static readonly string[] HealthRoutes = ["/healthz", "/livez", "/readyz"];
    private static readonly string[] OpenRoutes = [.. HealthRoutes, "/openapi.json"];

    // Whoever passes a request on for somebody else says so in one of these (RFC 7239, and the older habits).
    private static readonly string[] ForwardingHeaders = ["Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-IP", "Via"];

    private readonly PartitionedRateLimiter<HttpContext> _rate = PartitionedRateLimiter.Create<HttpContext, IPAddress>(static context =>
        RateLimitPartition.GetTokenBucketLimiter(context.Connection.RemoteIpAddress ?? IPAddress.None, static _ => new TokenBucketRateLimiterOptions
        {
            TokenLimit = RequestsPerSecond * 2,
            TokensPerPeriod = RequestsPerSecond / 10,
            ReplenishmentPeriod = TimeSpan.FromMilliseconds(100),
            QueueLimit = 0,
        }));

    public async Task Pass(HttpContext context, RequestDelegate next)
    {
        HttpRequest request = context.Request;
        context.Response.Headers.CacheControl = "no-store";
        context.Response.Headers.XContentTypeOptions = "nosniff";
        using Activity? span = StartSpan(context);
        OpenConnection? connection = context.Features.Get<OpenConnection>();
        connection?.BeginRequest();
        try
        {
            await (Refusal(context) is { } refusal ? HttpReply.Problem(context, refusal.Status, refusal.Detail) : next(context));
            if (context.Response is { StatusCode: >= 400, HasStarted: false })
            {
                await HttpReply.Problem(context, context.Response.StatusCode, $"{request.Method} {request.Path} is not served here; /openapi.json lists what is.");
            }
        }
        catch (BadHttpRequestException e) when (!context.Response.HasStarted)
        {
            await HttpReply.Problem(context, e.StatusCode, e.Message);
        }
        catch (Exception e) when (!context.RequestAborted.IsCancellationRequested)
        {
            ServerLog.HttpFailed(log, e, request.Method, request.Path);
            if (!context.Response.HasStarted)
            {
                await HttpReply.Problem(context, StatusCodes.Status500InternalServerError, "The request failed; the log says why.");
            }
        }
        finally
        {
            connection?.EndRequest();
        }

        span?.SetTag("http.request.method", request.Method).SetTag("gameserver.match.id", control.MatchId);
        span?.SetTag("http.route", Route(context));
        span?.SetTag("url.path", request.Path.Value);
        span?.SetTag("http.response.status_code", context.Response.StatusCode);
    }

    public void Dispose() => _rate.Dispose();

    private static Activity? StartSpan(HttpContext context)
    {
        // The web framework's own activity is exported by nobody: under it, the sampler would drop ours as the child of an unsampled parent.
        Activity.Current = null;
        _ = ActivityContext.TryParse(context.Request.Headers.TraceParent, context.Request.Headers.TraceState, isRemote: true, out ActivityContext parent);
        return TelemetryExport.Spans.StartActivity($"{context.Request.Method} {Route(context)}", ActivityKind.Server, parent);
    }

    private (int Status, string Detail)? Refusal(HttpContext context)
    {
        bool isHealth = IsOneOf(HealthRoutes, context.Request.Path);
        if (context.Features.Get<OpenConnection>()?.IsOf(healthListener) == true && !isHealth)
        {
            return (StatusCodes.Status404NotFound, "Only /healthz, /livez and /readyz are served at --health-http.");
        }

        // Whether the server is well is answered to everybody at any rate: a probe that is refused restarts a server that is well.
        if (!isHealth)
        {
            using RateLimitLease lease = _rate.AttemptAcquire(context);
            if (!lease.IsAcquired)
            {
                context.Response.Headers.RetryAfter = "1";
                return (StatusCodes.Status429TooManyRequests, $"An address may ask {RequestsPerSecond} times a second.");
            }
        }

        if ((PlaceRefusal(context) ?? RightRefusal(context)) is not { } refused)
        {
            return null;
        }

        ServerLog.HttpRefused(log, context.Request.Method, context.Request.Path, context.Connection.RemoteIpAddress?.ToString() ?? "", refused.Detail);
        return refused;
    }

    /// <summary>Where the request was addressed to, and which page sends it.</summary>
    private (int Status, string Detail)? PlaceRefusal(HttpContext context)
    {
        if (!IsHostAllowed(context.Request.Host.Host))
        {
            return (StatusCodes.Status400BadRequest, $"The Host header \"{Shown(context.Request.Host.Host)}\" names neither an IP address nor localhost nor one of --http-hosts.");
        }

        string origin = context.Request.Headers.Origin.ToString();
        return origin.Length > 0 && !string.Equals(origin, $"{context.Request.Scheme}://{context.Request.Host}", StringComparison.OrdinalIgnoreCase)
            ? (StatusCodes.Status403Forbidden, $"Pages of another origin may not ask; this one is \"{Shown(origin)}\".")
            : null;
    }

    /// <summary>Who may ask. With a token: whoever has it, and to read also loopback. Without one: loopback only.</summary>
    private (int Status, string Detail)? RightRefusal(HttpContext context)
    {
        bool isRead = HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method);
        if (token.IsIn(context.Request.Headers.Authorization) || (isRead && IsFreeToRead(context)) || (!token.IsSet && IsLocal(context)))
        {
            return null;
        }

        if (token.IsSet)
        {
            context.Response.Headers.WWWAuthenticate = "Bearer realm=\"gameserver\"";
            return (StatusCodes.Status401Unauthorized, "This needs the bearer token of --admin-token-file.");
        }

        return (StatusCodes.Status403Forbidden, isRead
            ? "Without --admin-token-file only loopback may read this; --metrics-open opens /metrics."
            : "Without --admin-token-file only loopback may change something.");
    }

    /// <summary>Names of players and figures are for who is on this machine, shows a certificate of --tls-client-ca, or has the token.</summary>
    private bool IsFreeToRead(HttpContext context) =>
        IsOneOf(OpenRoutes, context.Request.Path) || context.GetEndpoint() is not RouteEndpoint || IsLocal(context)
        || (options.TlsClientCa is not null && context.Connection.ClientCertificate is not null)
        || (options.MetricsOpen && IsOneOf(["/metrics"], context.Request.Path));

    /// <summary>Whether the one who asks is on this machine; a proxy on it passes on the requests of others.</summary>
    private static bool IsLocal(HttpContext context) =>
        IPAddress.IsLoopback(context.Connection.RemoteIpAddress ?? IPAddress.None)
        && !Array.Exists(ForwardingHeaders, context.Request.Headers.ContainsKey);

    private static bool IsOneOf(string[] routes, PathString path) => Array.Exists(routes, route => path.Equals(route, StringComparison.OrdinalIgnoreCase));

    private static string Shown(string text) => text.Length > 100 ? text[..100] : text;

    /// <summary>Names could be pointed at us by whoever owns them (DNS rebinding); addresses and listed names could not.</summary>
    private bool IsHostAllowed(string host) =>
        string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase)
        || IPAddress.TryParse(host.Trim('[', ']'), out _)
        || options.HttpHosts.Contains(host, StringComparer.OrdinalIgnoreCase);

    private static string Route(HttpContext context) => (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "unknown";
}
