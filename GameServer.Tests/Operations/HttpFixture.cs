using System.Net.Sockets;
using System.Text;
using System.Text.Json;
using GameServer.Configuration;
using GameServer.Operations;
using GameServer.Operations.Http;
using GameServer.Operations.Logging;
using GameServer.Operations.Telemetry;

namespace GameServer.Tests.Operations;

/// <summary>An HTTP surface over a server that does not run: what it counts and says is put there by the test.</summary>
public abstract class HttpFixture
{
    private ServerMeter _meter = null!;
    private TelemetryExport _export = null!;
    private LogOutput _log = null!;

    protected StringWriter Lines { get; } = new();

    protected ServerControl Control { get; private set; } = null!;

    protected ServerTelemetry Telemetry { get; private set; } = null!;

    protected HttpSurface? Surface { get; private set; }

    protected HttpClient Client { get; private set; } = null!;

    protected string Folder { get; private set; } = "";

    [SetUp]
    public void Prepare()
    {
        Lines.GetStringBuilder().Clear();
        Folder = Directory.CreateTempSubdirectory("gameserver-").FullName;
        Control = new ServerControl(8, 25);
        Telemetry = new ServerTelemetry();
        _meter = new ServerMeter(Telemetry, Control, 60, 8);
        _export = new TelemetryExport(_meter, withScope: false);
        _log = new LogOutput(Lines, json: true, LogThreshold.Info, ServerControl.NowMicros);
    }

    [TearDown]
    public async Task End()
    {
        if (Surface is not null)
        {
            await Surface.DisposeAsync();
            Surface = null;
            Client.Dispose();
        }

        _export.Dispose();
        _meter.Dispose();
        _log.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    protected async Task Start(params string[] args)
    {
        var surface = new HttpSurface(Options(args), Telemetry, Control, new Lazy<TelemetryExport>(_export), _log);
        try
        {
            await surface.Start();
        }
        catch
        {
            await surface.DisposeAsync();
            throw;
        }

        Surface = surface;
        Client = new HttpClient { BaseAddress = new Uri(surface.Address) };
    }

    protected static ServeOptions Options(params string[] args) =>
        (ServeOptions)CommandLine.Parse(args.Contains("--http") ? args : [.. args, "--http", "127.0.0.1:0"], new System.Collections.Hashtable(), TextWriter.Null, TextWriter.Null).Options!;

    protected async Task<int> Status(string path)
    {
        using HttpResponseMessage response = await Client.GetAsync(path);
        return (int)response.StatusCode;
    }

    protected async Task<int> Post(string path, string? body = null)
    {
        using StringContent? content = body is null ? null : new StringContent(body, Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await Client.PostAsync(path, content);
        return (int)response.StatusCode;
    }

    protected async Task<JsonElement> Json(string path)
    {
        using JsonDocument document = JsonDocument.Parse(await Client.GetStringAsync(path));
        return document.RootElement.Clone();
    }

    protected async Task<string> Raw(string request)
    {
        using var client = new TcpClient();
        await client.ConnectAsync(Client.BaseAddress!.Host, Client.BaseAddress.Port);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request));
        byte[] answer = new byte[1024];
        int length = await client.GetStream().ReadAsync(answer);
        return Encoding.ASCII.GetString(answer, 0, length);
    }

    protected string Write(string name, string content)
    {
        string path = Path.Combine(Folder, name);
        File.WriteAllText(path, content);
        return path;
    }
}
