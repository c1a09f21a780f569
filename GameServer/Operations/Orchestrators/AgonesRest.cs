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
    private static readonly TimeSpan PatienceForWatch = TimeSpan.FromSeconds(5);
    private readonly HttpClient _client = new(new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5), ConnectTimeout = Patience })
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

    public Task<(AgonesResult Result, string Answer)> Put(string path, string body, CancellationToken end) => Send(HttpMethod.Put, path, body, end);

    public Task<(AgonesResult Result, string Answer)> Patch(string path, string body, CancellationToken end) => Send(HttpMethod.Patch, path, body, end);

    public Task<(AgonesResult Result, string Answer)> Get(string path, CancellationToken end) => Send(HttpMethod.Get, path, null, end);

    /// <summary>The lines of the watch, from the current state on, until the sidecar ends the stream.</summary>
    /// <exception cref="HttpRequestException">The sidecar is not there.</exception>
    /// <exception cref="IOException">It went away.</exception>
    /// <exception cref="InvalidDataException">It sends what no sidecar sends.</exception>
    /// <exception cref="OperationCanceledException">It took too long to begin.</exception>
    public async IAsyncEnumerable<string> Watch([EnumeratorCancellation] CancellationToken end)
    {
        // The current state comes at once: only after it may the stream be silent for as long as it likes.
        using var beginning = CancellationTokenSource.CreateLinkedTokenSource(end);
        beginning.CancelAfter(PatienceForWatch);
        using HttpResponseMessage response = await _client.GetAsync("watch/gameserver", HttpCompletionOption.ResponseHeadersRead, beginning.Token);
        if (response.StatusCode != HttpStatusCode.OK)
        {
            throw new InvalidDataException($"HTTP {(int)response.StatusCode} to the watch");
        }

        Stream stream = await response.Content.ReadAsStreamAsync(beginning.Token);
        await foreach (string line in BoundedLines.Read(stream, beginning.Token))
        {
            beginning.CancelAfter(Timeout.InfiniteTimeSpan);
            yield return line;
        }
    }

    public void Dispose() => _client.Dispose();

    public async Task<(AgonesResult Result, string Answer)> Send(HttpMethod method, string path, string? body, CancellationToken end)
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

            using HttpResponseMessage response = await _client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, limit.Token);
            string answer = await BoundedLines.ReadAll(await response.Content.ReadAsStreamAsync(limit.Token), limit.Token);
            return response.StatusCode switch
            {
                HttpStatusCode.OK when IsObject(answer) => (AgonesResult.Done, answer),
                // Somebody else answers there, or the sidecar is out of its mind: whether anything happened is not known.
                < HttpStatusCode.BadRequest => (AgonesResult.Unknown, $"HTTP {(int)response.StatusCode} with an answer that is none: {Shortened(answer)}"),
                // 500 is how the sidecar says that a rule forbids it; a proxy or a restart answers with these three.
                HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout => (AgonesResult.Unreachable, "HTTP " + (int)response.StatusCode),
                _ => (AgonesResult.Refused, MessageOf(answer, response.StatusCode)),
            };
        }
        catch (HttpRequestException e)
        {
            return (e.HttpRequestError is HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError ? AgonesResult.Unreachable : AgonesResult.Unknown, e.Message);
        }
        catch (Exception e) when (e is IOException or InvalidDataException or OperationCanceledException)
        {
            return (AgonesResult.Unknown, e is OperationCanceledException ? "no answer in time" : e.Message);
        }
    }

    private static bool IsObject(string answer)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(answer);
            return document.RootElement.ValueKind == JsonValueKind.Object;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private static string Shortened(string answer) => answer.Length <= 200 ? answer : answer[..200] + "…";

    private static string MessageOf(string answer, HttpStatusCode status)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(answer);
            return document.RootElement.TryGetProperty("message", out JsonElement message) ? Shortened(message.ToString()) : Shortened(answer);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return $"HTTP {(int)status} {Shortened(answer)}".TrimEnd();
        }
    }
}
