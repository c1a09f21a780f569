using System.Net;
using System.Net.Sockets;
using System.Text;
using GameServer.Configuration;
using GameServer.Hosting;
using GameServer.Operations.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace GameServer.Operations.Http;

/// <summary>The web server for health, metrics and control, on threads of its own.</summary>
/// <remarks>It reads what the simulation publishes and leaves wishes in mailboxes; no request can make a hot thread wait.</remarks>
public sealed class HttpSurface : IAsyncDisposable
{
    private const int HandlesForProbes = 4;

    private readonly IPEndPoint? _endPoint;
    private readonly IPEndPoint? _healthEndPoint;
    private readonly OpenConnections _connections;
    private readonly OpenConnections _healthConnections;
    private readonly HandleReserve _reserve = new(HandlesForProbes);
    private readonly WebApplication _app;
    private readonly HttpGate _gate;
    private readonly AdminToken _token;
    private readonly TlsFiles _tls;

    /// <summary>Sets everything up; nothing listens yet.</summary>
    /// <param name="options">Where to listen, and with which files.</param>
    /// <param name="telemetry">What the hot threads count.</param>
    /// <param name="control">Where wishes go.</param>
    /// <param name="export">Makes the metrics page; first asked for by the first scrape, if nobody was earlier.</param>
    /// <param name="logs">Takes the web server's log.</param>
    /// <exception cref="StartFailedException">A TLS file is wrong.</exception>
    public HttpSurface(ServeOptions options, ServerTelemetry telemetry, ServerControl control, Lazy<TelemetryExport> export, ILoggerProvider logs)
    {
        (_endPoint, _healthEndPoint) = (options.Http, options.HealthHttp);
        if (_endPoint is null && _healthEndPoint is null)
        {
            throw new ArgumentException("--http and --health-http are none", nameof(options));
        }

        ILogger log = logs.CreateLogger("GameServer.Operations.Http");
        (_token, _tls) = (new AdminToken(options), new TlsFiles(options));
        int most = Math.Min(OpenConnections.Max, FileHandles.ForConnections(options.Bots) / 2);
        (_connections, _healthConnections) = (new OpenConnections(log, most), new OpenConnections(log, most));
        _gate = new HttpGate(options, control, _token, _healthConnections, log);

        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Logging.AddProvider(logs);
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<IHostLifetime, HostedByUs>();
        builder.Services.AddSingleton<IConnectionListenerFactory>(new PatientListenerFactory(log, _reserve, () => Task.WhenAll(_connections.MakeRoom(), _healthConnections.MakeRoom())));
        // Only what is configured here: no ASPNETCORE_URLS, no further endpoints.
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            Limit(kestrel);
            Listen(kestrel, _endPoint, _connections, _tls.IsOn);
            Listen(kestrel, _healthEndPoint, _healthConnections, isSecure: false);
        });
        _app = builder.Build();
        _app.UseRouting();
        _app.Use(next => context => _gate.Pass(context, next));
        new HttpEndpoints(options, telemetry, control, export, log).Map(_app);
    }

    /// <summary>The bound address with the real port, as a URL; empty before the start.</summary>
    public string Address { get; private set; } = "";

    /// <summary>The bound address of the health routes alone, as a URL; empty when there is none.</summary>
    public string HealthAddress { get; private set; } = "";

    /// <summary>Listens.</summary>
    /// <exception cref="StartFailedException">The address is in use or not ours.</exception>
    public async Task Start()
    {
        try
        {
            await _app.StartAsync();
        }
        catch (Exception e) when (e is IOException or SocketException)
        {
            string settings = string.Join(", ", new[] { ("--http", _endPoint), ("--health-http", _healthEndPoint) }.Where(static s => s.Item2 is not null).Select(static s => $"{s.Item1} {s.Item2}"));
            throw new StartFailedException($"{settings}: {e.Message.TrimEnd('.')}. Give another address, or none.", ExitCode.TemporaryFailure, e);
        }

        string[] bound = [.. _app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses ?? []];
        Address = _endPoint is null ? "" : bound[0];
        HealthAddress = _healthEndPoint is null ? "" : bound[^1];
    }

    /// <summary>Asks itself what probes and scrapers will ask, so that all code for it is loaded while the process has handles to load it with.</summary>
    public async Task WarmUp()
    {
        string address = HealthAddress.Length > 0 ? HealthAddress : Address;
        string[] paths = HealthAddress.Length > 0 ? ["/livez"] : ["/livez", "/metrics"];
        foreach (string path in address.StartsWith("http://", StringComparison.Ordinal) ? paths : [])
        {
            try
            {
                using var client = new TcpClient();
                await client.ConnectAsync(new Uri(address).Host, new Uri(address).Port);
                await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes($"GET {path} HTTP/1.1\r\nHost: localhost\r\nAccept-Encoding: gzip\r\nConnection: close\r\n\r\n"));
                await client.GetStream().CopyToAsync(Stream.Null);
            }
            catch (Exception e) when (e is IOException or SocketException)
            {
                // It is about to end, or an address like 0.0.0.0 is not reached from here.
            }
        }
    }

    /// <summary>Reads token and certificates again.</summary>
    /// <exception cref="StartFailedException">A TLS file is wrong; the old one stays.</exception>
    public void Reload(ServeOptions options)
    {
        _tls.Load(options);
        _token.Load(options);
    }

    /// <summary>Stops; running requests have two seconds.</summary>
    public async ValueTask DisposeAsync()
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        try
        {
            await _app.StopAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            // Who has not read the answer by now is cut.
        }

        await _app.DisposeAsync();
        _reserve.Dispose();
        _gate.Dispose();
    }

    private void Listen(KestrelServerOptions kestrel, IPEndPoint? endPoint, OpenConnections connections, bool isSecure)
    {
        if (endPoint is null)
        {
            return;
        }

        kestrel.Listen(endPoint, listen =>
        {
            listen.Protocols = HttpProtocols.Http1;
            listen.Use(connections.Watch);
            if (isSecure)
            {
                listen.UseHttps(_tls.Handshake());
                listen.Use(OpenConnections.AwaitFirstByte);
            }
        });
    }

    private static void Limit(KestrelServerOptions kestrel)
    {
        kestrel.AddServerHeader = false;
        KestrelServerLimits limits = kestrel.Limits;
        limits.MaxConcurrentConnections = OpenConnections.Max + 256; // what is being closed counts here still
        limits.MaxConcurrentUpgradedConnections = 0;
        limits.MaxRequestBodySize = 4_096;
        limits.MaxRequestBufferSize = 16_384;
        limits.MaxRequestHeadersTotalSize = 8_192;
        limits.MaxRequestHeaderCount = 40;
        limits.MaxRequestLineSize = 2_048;
        limits.MaxResponseBufferSize = 65_536;
        limits.KeepAliveTimeout = TimeSpan.FromSeconds(60);
        limits.RequestHeadersTimeout = TimeSpan.FromSeconds(5);
        limits.MinRequestBodyDataRate = new MinDataRate(240, TimeSpan.FromSeconds(2));
        // A page of metrics has some six seconds: the time goes by the bytes that wait, so a low rate would be patient for minutes.
        limits.MinResponseDataRate = new MinDataRate(8_192, TimeSpan.FromSeconds(5));
    }

    /// <summary>Signals are ours: the framework's own lifetime would take them, too.</summary>
    private sealed class HostedByUs : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
