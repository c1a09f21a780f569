using System.Net;
using System.Net.Security;
using GameServer.Configuration;
using GameServer.Operations;

namespace GameServer.Commands;

/// <summary>Asks the server on this machine for <c>/livez</c>: what a container without a shell or curl needs for its health check.</summary>
internal static class HealthCommand
{
    /// <summary>Docker knows no other than 0 and 1.</summary>
    private const int Unhealthy = 1;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    public static async Task<int> Run(HealthOptions options, TextWriter output, TextWriter error)
    {
        if (options.Http is null)
        {
            error.WriteLine("error: --http \"none\": the server has nothing that could be asked; allowed: its --http or --health-http");
            return ExitCode.BadArguments;
        }

        var address = new Uri($"{(options.IsSecure ? "https" : "http")}://{Reachable(options.Http)}/livez");
        using var handler = new SocketsHttpHandler { UseProxy = false, AllowAutoRedirect = false };
        // The certificate is made for the server's name, and this is the server itself, on this machine.
        handler.SslOptions = new SslClientAuthenticationOptions { RemoteCertificateValidationCallback = (_, _, _, errors) => errors == SslPolicyErrors.None || address.IsLoopback };
        using var client = new HttpClient(handler) { Timeout = Patience, MaxResponseContentBufferSize = 65_536 };
        try
        {
            using HttpResponseMessage response = await client.GetAsync(address);
            string answer = await response.Content.ReadAsStringAsync();
            output.WriteLine($"{(int)response.StatusCode} {answer.Trim()}");
            return response.StatusCode == HttpStatusCode.OK ? ExitCode.Clean : Unhealthy;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            error.WriteLine($"error: {address}: {(e is OperationCanceledException ? $"no answer within {Patience.TotalSeconds:0} s" : e.Message)}");
            return Unhealthy;
        }
    }

    private static IPEndPoint Reachable(IPEndPoint bound) => new(
        bound.Address.Equals(IPAddress.Any) ? IPAddress.Loopback : bound.Address.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback : bound.Address, bound.Port);
}
