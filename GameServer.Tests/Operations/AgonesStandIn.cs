using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace GameServer.Tests.Operations;

/// <summary>How a sidecar may answer besides the right way.</summary>
internal enum Fault
{
    /// <summary>As recorded.</summary>
    None,

    /// <summary>500 with a message.</summary>
    Refuses,

    /// <summary>No answer.</summary>
    Hangs,

    /// <summary>200 with a page of something else.</summary>
    SendsGarbage,

    /// <summary>200 with bytes that do not end.</summary>
    SendsWithoutEnd,

    /// <summary>As if all were well, and nothing happens.</summary>
    Forgets,
}

/// <summary>Answers as the sdk-server 1.56 was recorded to (status codes, error texts, spaces after some commas, numbers as text), or badly on demand.</summary>
internal sealed class AgonesStandIn : IAsyncDisposable
{
    private static readonly byte[] Filler = [.. Enumerable.Repeat((byte)'x', 65_536)];
    private readonly ConcurrentDictionary<Channel<string>, bool> _watchers = new();
    private readonly CancellationTokenSource _end = new();
    private WebApplication? _app;

    public ConcurrentQueue<string> Calls { get; } = new();

    public HashSet<string> Players { get; } = ["test0"];

    public string? LastAllocated { get; set; }

    public string State { get; set; } = "Ready";

    public bool DeclaresRoomsAndPlayers { get; set; } = true;

    public string ExtraAnnotations { get; set; } = "";

    public int Rooms { get; set; } = 1;

    public int Capacity { get; set; } = 100;

    public int? Port { get; set; } = 7777;

    /// <summary>By path of the request: how it is answered from here on.</summary>
    public ConcurrentDictionary<string, Fault> Faults { get; } = new();

    /// <summary>Labels and annotations that the server gave itself.</summary>
    public ConcurrentDictionary<string, string> Metadata { get; } = new();

    public Uri Address { get; private set; } = new("http://localhost:1/");

    public (string Name, string Value) Environment => ("AGONES_SDK_HTTP_PORT", Address.Port.ToString(CultureInfo.InvariantCulture));

    public int Count(string call) => Calls.Count(c => c == call);

    public bool Has(string player)
    {
        lock (Players)
        {
            return Players.Contains(player);
        }
    }

    public async Task Start(int port = 0)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRoutingCore();
        builder.WebHost.UseKestrelCore().ConfigureKestrel(k =>
        {
            k.ListenLocalhost(port == 0 ? FreePort() : port);
            k.Limits.MinResponseDataRate = null;
        });
        _app = builder.Build();
        _app.Run(Answer);
        await _app.StartAsync();
        Address = new Uri(_app.Urls.First().Replace("127.0.0.1", "localhost", StringComparison.Ordinal));
    }

    /// <summary>Dies as a killed sidecar does: streams end in the middle.</summary>
    public async Task Kill()
    {
        using var now = new CancellationTokenSource(0);
        foreach (Channel<string> watcher in _watchers.Keys)
        {
            watcher.Writer.TryComplete(new IOException("killed"));
        }

        await _app!.StopAsync(now.Token);
        await _app.DisposeAsync();
        _app = null;
    }

    /// <summary>Sends the current state to all watchers.</summary>
    public void Push(string? line = null)
    {
        foreach (Channel<string> watcher in _watchers.Keys)
        {
            watcher.Writer.TryWrite(line ?? $"{{\"result\":{GameServer()}}}");
        }
    }

    /// <summary>Allocates, as the allocation service does.</summary>
    public void Allocate(string lastAllocated, string annotations = "")
    {
        (LastAllocated, State, ExtraAnnotations) = (lastAllocated, "Allocated", annotations);
        Push();
    }

    /// <summary>Waits for so many more pings: time as the server itself keeps it.</summary>
    public Task MorePings(int count)
    {
        int before = Count("POST /health");
        return AgonesTests.Eventually(() => Count("POST /health") >= before + count);
    }

    public async ValueTask DisposeAsync()
    {
        await _end.CancelAsync();
        if (_app is not null)
        {
            await Kill();
        }

        _end.Dispose();
    }

    private static int FreePort()
    {
        using var probe = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        probe.Start();
        return ((System.Net.IPEndPoint)probe.LocalEndpoint).Port;
    }

    private string GameServer()
    {
        string allocated = LastAllocated is null ? "" : $",\"agones.dev/last-allocated\":\"{LastAllocated}\"";
        string own = string.Concat(Metadata.Select(m => $",\"agones.dev/sdk-{m.Key}\":\"{m.Value}\""));
        string ports = Port is int port ? $"{{\"name\":\"default\",\"port\":{port}}}" : "";
        string players;
        lock (Players)
        {
            players = string.Join(",", Players.Select(p => $"\"{p}\""));
        }

        string declared = DeclaresRoomsAndPlayers
            ? $"\"counters\":{{\"rooms\":{{\"count\":\"{Rooms}\",\"capacity\":\"10\"}}}},\"lists\":{{\"players\":{{\"capacity\":\"{Capacity}\",\"values\":[{players}]}}}}"
            : "\"counters\":{},\"lists\":{}";
        return "{\"object_meta\":{\"name\":\"local\",\"namespace\":\"default\",\"uid\":\"1234\",\"resource_version\":\"v1\",\"generation\":\"1\",\"creation_timestamp\":\"1795172948\",\"deletion_timestamp\":\"0\"," +
            $"\"annotations\":{{\"annotation\":\"true\",\"agones.dev/sdk-x\":\"y\"{allocated}{own}{ExtraAnnotations}}},\"labels\":{{\"islocal\":\"true\",\"mode\":\"dm\"}}}}," +
            "\"spec\":{\"health\":{\"disabled\":false,\"period_seconds\":1,\"failure_threshold\":5,\"initial_delay_seconds\":10}}," +
            $"\"status\":{{\"state\":\"{State}\",\"address\":\"127.0.0.1\",\"addresses\":[],\"ports\":[{ports}],\"players\":null,{declared}}}}}";
    }

    private async Task Answer(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        string path = context.Request.Path.Value!, body = await reader.ReadToEndAsync();
        Calls.Enqueue($"{context.Request.Method} {path}{(path.Contains("v1beta1", StringComparison.Ordinal) ? " " + body : "")}");
        Fault fault = Faults.GetValueOrDefault(path);
        Task answer = fault is Fault.None or Fault.Forgets ? Answer(context, path, body, isForgotten: fault == Fault.Forgets) : AnswerBadly(context, fault);
        await answer;
    }

    private Task Answer(HttpContext context, string path, string body, bool isForgotten) => (context.Request.Method, path) switch
    {
        ("GET", "/watch/gameserver") => StreamStates(context),
        ("GET", "/gameserver") => Send(context, 200, GameServer().Replace(",\"", ", \"", StringComparison.Ordinal)),
        ("POST", "/health") when body.Length == 0 => Send(context, 400, ""),
        ("POST", "/health") => Send(context, 200, "{}"),
        ("POST", "/ready" or "/allocate" or "/reserve" or "/shutdown") => ChangeState(context, path, isForgotten),
        ("PUT", "/metadata/label" or "/metadata/annotation") => ChangeMetadata(context, body),
        ("PATCH", "/v1beta1/counters/rooms") => Rooms-- > 0 && DeclaresRoomsAndPlayers
            ? Send(context, 200, $"{{\"name\":\"rooms\", \"count\":\"{Rooms}\", \"capacity\":\"10\"}}")
            : Error(context, 500, 2, "out of range. Count must be within range [0,Capacity]. Found Count: -1, Capacity: 10"),
        ("PATCH", "/v1beta1/lists/players") => ChangeCapacity(context, body),
        ("POST", "/v1beta1/lists/players:addValue") => ChangeList(context, body, add: true),
        ("POST", "/v1beta1/lists/players:removeValue") => ChangeList(context, body, add: false),
        (_, "/ready" or "/health" or "/shutdown") => Error(context, 501, 12, "Method Not Allowed"),
        _ => Error(context, 404, 5, "Not Found"),
    };

    private async Task AnswerBadly(HttpContext context, Fault fault)
    {
        try
        {
            switch (fault)
            {
                case Fault.Refuses:
                    await Error(context, 500, 2, "not today");
                    break;
                case Fault.SendsGarbage:
                    await Send(context, 200, "<html>\nlog in\n</html>\n");
                    break;
                case Fault.SendsWithoutEnd:
                    while (!_end.IsCancellationRequested)
                    {
                        await context.Response.Body.WriteAsync(Filler, context.RequestAborted);
                    }

                    break;
                default:
                    await Task.Delay(Timeout.Infinite, CancellationTokenSource.CreateLinkedTokenSource(_end.Token, context.RequestAborted).Token);
                    break;
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            context.Abort();
        }
    }

    private Task ChangeState(HttpContext context, string path, bool isForgotten)
    {
        if (!isForgotten)
        {
            State = path switch { "/ready" => "Ready", "/allocate" => "Allocated", "/reserve" => "Reserved", _ => "Shutdown" };
            LastAllocated = path == "/allocate" ? $"by itself {Count("POST /allocate")}" : LastAllocated; // by whomever: the allocator or the server
            Push();
        }

        return Send(context, 200, "{}");
    }

    private Task ChangeMetadata(HttpContext context, string body)
    {
        using JsonDocument document = JsonDocument.Parse(body);
        Metadata[document.RootElement.GetProperty("key").GetString()!] = document.RootElement.GetProperty("value").GetString()!;
        Push();
        return Send(context, 200, "{}");
    }

    private Task ChangeCapacity(HttpContext context, string body)
    {
        using JsonDocument document = JsonDocument.Parse(body);
        int capacity = int.Parse(document.RootElement.GetProperty("capacity").GetString()!, CultureInfo.InvariantCulture);
        if (capacity > 100)
        {
            return Error(context, 500, 2, $"out of range. Capacity must be within range [0,1000]. Found Capacity: {capacity}");
        }

        Capacity = capacity;
        return Send(context, 200, $"{{\"name\":\"players\", \"capacity\":\"{capacity}\", \"values\":[]}}");
    }

    private Task ChangeList(HttpContext context, string body, bool add)
    {
        using JsonDocument document = JsonDocument.Parse(body);
        string value = document.RootElement.GetProperty("value").GetString()!;
        lock (Players)
        {
            return (add ? Players.Add(value) : Players.Remove(value))
                ? Send(context, 200, "{\"name\":\"players\", \"capacity\":\"100\", \"values\":[]}")
                : Error(context, 500, 2, add ? $"already exists. Value: {value} already in List: players" : $"not found. Value: {value} not found in List: players");
        }
    }

    private async Task StreamStates(HttpContext context)
    {
        Channel<string> lines = Channel.CreateUnbounded<string>();
        lines.Writer.TryWrite($"{{\"result\":{GameServer()}}}");
        _watchers.TryAdd(lines, true);
        context.Response.ContentType = "application/json";
        try
        {
            await foreach (string line in lines.Reader.ReadAllAsync(context.RequestAborted))
            {
                await context.Response.WriteAsync(line + "\n");
                await context.Response.Body.FlushAsync();
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            context.Abort();
        }
        finally
        {
            _watchers.TryRemove(lines, out _);
        }
    }

    private static Task Error(HttpContext context, int status, int code, string message) =>
        Send(context, status, $"{{\"code\":{code}, \"message\":\"{message}\", \"details\":[]}}");

    private static Task Send(HttpContext context, int status, string body)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(body);
    }
}
