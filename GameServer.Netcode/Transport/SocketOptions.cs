using System.Net;

namespace GameServer.Netcode.Transport;

/// <summary>How a datagram socket is opened.</summary>
public sealed class SocketOptions
{
    /// <summary>Local address and port. <c>0.0.0.0</c> serves IPv4, <c>::</c> serves IPv4 and IPv6; port 0 takes a free one.</summary>
    public IPEndPoint Bind { get; init; } = new(IPAddress.Any, 0);

    /// <summary>Wanted receive buffer in bytes; about 800 bytes of it are used by each small datagram that waits.</summary>
    public int ReceiveBufferBytes { get; init; } = 4 << 20;

    /// <summary>Wanted send buffer in bytes.</summary>
    public int SendBufferBytes { get; init; } = 4 << 20;

    /// <summary>Lets several sockets of this user share one port; the kernel spreads senders over them. Linux only.</summary>
    public bool ReusePort { get; init; }

    /// <summary>Has the kernel drop what no line of the LiteNetLib protocol ever sends. Linux only; a refusal is reported by <see cref="IDatagramSocket.Filter"/>.</summary>
    public bool Filter { get; init; }

    /// <summary>Uses the framework's socket also where a faster one exists.</summary>
    public bool Portable { get; init; }
}
