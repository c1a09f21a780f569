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

/// <summary>What every request passes first: rate, host, origin, and the right to change something; and what every failure becomes.</summary>
internal sealed class HttpGate(ServeOptions options, ServerControl control, AdminToken token, ILogger log) : IDisposable
{
    /// <summary>Requests per second of one address, and how many more at once.</summary>
    public const int RequestsPerSecond = 200;

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
        using RateLimitLease lease = _rate.AttemptAcquire(context);
        if (!lease.IsAcquired)
        {
            context.Response.Headers.RetryAfter = "1";
            return (StatusCodes.Status429TooManyRequests, $"An address may ask {RequestsPerSecond} times a second.");
        }

        if (!IsHostAllowed(context.Request.Host.Host))
        {
            return (StatusCodes.Status400BadRequest, "The Host header names neither an IP address nor localhost nor one of --http-hosts.");
        }

        string origin = context.Request.Headers.Origin.ToString();
        if (origin.Length > 0 && !string.Equals(origin, $"{context.Request.Scheme}://{context.Request.Host}", StringComparison.OrdinalIgnoreCase))
        {
            return (StatusCodes.Status403Forbidden, "Pages of another origin may not ask.");
        }

        return HttpMethods.IsGet(context.Request.Method) || HttpMethods.IsHead(context.Request.Method) ? null : ChangeRefusal(context);
    }

    /// <summary>With a token: whoever has it. Without: loopback only.</summary>
    private (int Status, string Detail)? ChangeRefusal(HttpContext context)
    {
        (int Status, string Detail)? refusal = null;
        if (token.IsSet && !token.IsIn(context.Request.Headers.Authorization))
        {
            context.Response.Headers.WWWAuthenticate = "Bearer realm=\"gameserver\"";
            refusal = (StatusCodes.Status401Unauthorized, "This needs the bearer token of --admin-token-file.");
        }
        else if (!token.IsSet && !IPAddress.IsLoopback(context.Connection.RemoteIpAddress ?? IPAddress.None))
        {
            refusal = (StatusCodes.Status403Forbidden, "Without --admin-token-file only loopback may change something.");
        }

        if (refusal is { } refused)
        {
            ServerLog.HttpRefused(log, context.Request.Method, context.Request.Path, context.Connection.RemoteIpAddress?.ToString() ?? "", refused.Detail);
        }

        return refusal;
    }

    /// <summary>Names could be pointed at us by whoever owns them (DNS rebinding); addresses and listed names could not.</summary>
    private bool IsHostAllowed(string host) =>
        string.Equals(host, "localhost", StringComparison.OrdinalIgnoreCase)
        || IPAddress.TryParse(host.Trim('[', ']'), out _)
        || options.HttpHosts.Contains(host, StringComparer.OrdinalIgnoreCase);

    private static string Route(HttpContext context) => (context.GetEndpoint() as RouteEndpoint)?.RoutePattern.RawText ?? "unknown";
}
