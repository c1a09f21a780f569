using System.Net;
using System.Net.Sockets;
using GameServer.Configuration;
using GameServer.Netcode.Transport;
using GameServer.Operations;

namespace GameServer.Commands;

/// <summary>Finds the address behind the name of a server.</summary>
internal static class ServerResolver
{
    /// <summary>The first address, IPv4 before IPv6.</summary>
    /// <exception cref="StartFailedException">The name does not resolve.</exception>
    public static PeerAddress Resolve(ServerAddress server)
    {
        try
        {
            IPAddress[] addresses = Dns.GetHostAddresses(server.Host);
            IPAddress? address = addresses.OrderBy(static a => a.AddressFamily == AddressFamily.InterNetwork ? 0 : 1).FirstOrDefault();
            if (address is not null)
            {
                return PeerAddress.From(new IPEndPoint(address, server.Port));
            }
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            throw new StartFailedException($"--connect \"{server}\": the host does not resolve: {e.Message}", ExitCode.TemporaryFailure, e);
        }

        throw new StartFailedException($"--connect \"{server}\": the host has no address", ExitCode.TemporaryFailure);
    }
}
