using System.Collections;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;

namespace GameServer.Operations.Orchestrators;

/// <summary>How a call to the sidecar ended.</summary>
internal enum AgonesResult
{
    /// <summary>Done.</summary>
    Done,

    /// <summary>Refused for good: asking again would get the same answer.</summary>
    Refused,

    /// <summary>The sidecar was not there; nothing has happened.</summary>
    Unreachable,

    /// <summary>No answer; it may have happened or not.</summary>
    Unknown,
}

/// <summary>The REST calls of the Agones sidecar, one try each.</summary>
/// <remarks>Any thread. Agones 1.56: agones-sdk facts §2; a body is always sent, because /health refuses a request without one.</remarks>
internal sealed class AgonesRest(Uri address) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5), ConnectTimeout = Patience })
    {
        BaseAddress = address,
        Timeout = Timeout.InfiniteTimeSpan, // the watch stays open; each other call has a limit of its own
    };

    /// <summary>The sidecar's address by the variables that Agones sets.</summary>
    public static Uri AddressOf(IDictionary environment)
    {
        string port = environment["AGONES_SDK_HTTP_PORT"] as string ?? "9358";
        return ushort.TryParse(port, NumberStyles.None, CultureInfo.InvariantCulture, out ushort number) && number > 0
            ? new Uri($"http://localhost:{number}/")
            : throw new ArgumentException($"AGONES_SDK_HTTP_PORT is \"{port}\"; allowed: 1 to 65535", nameof(environment));
    }

    public Task<(AgonesResult Result, string Answer)> Post(string path, CancellationToken end, string body = "{}") => Send(HttpMethod.Post, path, body, end);

    public Task<(AgonesResult Result, string Answer)> Patch(string path, string body, CancellationToken end) => Send(HttpMethod.Patch, path, body, end);

    public Task<(AgonesResult Result, string Answer)> Get(string path, CancellationToken end) => Send(HttpMethod.Get, path, null, end);

    /// <summary>The lines of the watch, from the current state on, until the sidecar ends the stream.</summary>
    /// <exception cref="HttpRequestException">The sidecar is not there.</exception>
    /// <exception cref="IOException">It went away.</exception>
    public async IAsyncEnumerable<string> Watch([EnumeratorCancellation] CancellationToken end)
    {
        using HttpResponseMessage response = await _client.GetAsync("watch/gameserver", HttpCompletionOption.ResponseHeadersRead, end);
        response.EnsureSuccessStatusCode();
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(end), Encoding.UTF8);
        while (await reader.ReadLineAsync(end) is { } line)
        {
            if (line.Length > 0)
            {
                yield return line;
            }
        }
    }

    public void Dispose() => _client.Dispose();

    private async Task<(AgonesResult Result, string Answer)> Send(HttpMethod method, string path, string? body, CancellationToken end)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(end);
        limit.CancelAfter(Patience);
        try
        {
            using var request = new HttpRequestMessage(method, path);
            if (body is not null)
            {
                request.Content = new StringContent(body, Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
            }

            using HttpResponseMessage response = await _client.SendAsync(request, limit.Token);
            string answer = await response.Content.ReadAsStringAsync(limit.Token);
            return response.StatusCode switch
            {
                < HttpStatusCode.BadRequest => (AgonesResult.Done, answer),
                // 500 is how the sidecar says that a rule forbids it; a proxy or a restart answers with these three.
                HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout => (AgonesResult.Unreachable, "HTTP " + (int)response.StatusCode),
                _ => (AgonesResult.Refused, MessageOf(answer, response.StatusCode)),
            };
        }
        catch (HttpRequestException e)
        {
            return (e.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError ? AgonesResult.Unreachable : AgonesResult.Unknown, e.Message);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            return (AgonesResult.Unknown, e is OperationCanceledException ? "no answer in time" : e.Message);
        }
    }

    private static string MessageOf(string answer, HttpStatusCode status)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(answer);
            return document.RootElement.TryGetProperty("message", out JsonElement message) ? message.GetString() ?? "" : answer;
        }
        catch (JsonException)
        {
            return $"HTTP {(int)status} {answer}";
        }
    }
}
