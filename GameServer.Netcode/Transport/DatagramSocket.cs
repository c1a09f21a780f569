namespace GameServer.Netcode.Transport;

/// <summary>Opens the best datagram socket that the platform has.</summary>
public static class DatagramSocket
{
    /// <summary>Opens and binds a socket: batched system calls on 64-bit Linux, the framework's socket elsewhere.</summary>
    /// <exception cref="SocketOpenException">The address cannot be had.</exception>
    public static IDatagramSocket Open(SocketOptions options)
    {
#if !NETSTANDARD2_1
        if (!options.Portable && Linux.LinuxSocket.IsSupported)
        {
            return Linux.LinuxSocket.Open(options);
        }
#endif
        return PortableSocket.Open(options);
    }
}
