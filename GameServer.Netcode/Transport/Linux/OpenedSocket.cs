using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace GameServer.Netcode.Transport.Linux;

/// <summary>Opens a UDP socket with everything set on it, and says what the kernel granted.</summary>
internal unsafe struct OpenedSocket
{
    public int Socket;
    public int Event;
    public int Family;
    public PeerAddress LocalAddress;
    public int ReceiveBufferBytes;
    public int SendBufferBytes;
    public SocketFilterState Filter;

    /// <summary>Opens and binds; nothing stays open when it throws.</summary>
    /// <exception cref="SocketOpenException">The address cannot be had.</exception>
    public static OpenedSocket Open(SocketOptions options)
    {
        var opened = new OpenedSocket { Socket = -1, Event = -1 };
        opened.Family = options.Bind.AddressFamily == AddressFamily.InterNetwork ? Libc.AddressFamilyIPv4 : Libc.AddressFamilyIPv6;
        try
        {
            opened.Socket = Libc.Socket(opened.Family, Libc.DatagramNonBlockingCloseOnExec, 0);
            Require(opened.Socket, options.Bind);
            opened.Event = Libc.EventDescriptor(0, Libc.EventNonBlockingCloseOnExec);
            Require(opened.Event, options.Bind);
            opened.SetOptions(options);
            opened.BindTo(options.Bind);
            return opened;
        }
        catch
        {
            Close(opened.Socket);
            Close(opened.Event);
            throw;
        }
    }

    private static void Close(int descriptor)
    {
        if (descriptor >= 0)
        {
            _ = Libc.Close(descriptor);
        }
    }

    private static void Require(int result, IPEndPoint bind)
    {
        if (result >= 0)
        {
            return;
        }

        int number = Marshal.GetLastPInvokeError();
        SocketOpenError error = number switch
        {
            Libc.ErrorAddressInUse => SocketOpenError.AddressInUse,
            Libc.ErrorAccess or Libc.ErrorNotPermitted => SocketOpenError.PermissionDenied,
            Libc.ErrorAddressNotAvailable => SocketOpenError.AddressNotAvailable,
            Libc.ErrorFamilyNotSupported => SocketOpenError.NotSupported,
            _ => SocketOpenError.Other,
        };
        throw new SocketOpenException(error, bind, Marshal.GetPInvokeErrorMessage(number));
    }

    private void SetOptions(SocketOptions options)
    {
        if (options.ReusePort)
        {
            Require(Set(Libc.LevelSocket, Libc.ReusePort, 1), options.Bind);
        }

        if (Family == Libc.AddressFamilyIPv6)
        {
            Require(Set(Libc.LevelIPv6, Libc.IPv6Only, 0), options.Bind);
            _ = Set(Libc.LevelIPv6, Libc.IPv6MtuDiscover, Libc.MtuDiscoverProbe);
            _ = Set(Libc.LevelIPv6, Libc.IPv6DontFragment, 1);
        }

        // Don't-fragment, as LiteNetLib's sockets; "probe" also keeps forged "too big" messages from shrinking what we may send.
        _ = Set(Libc.LevelIPv4, Libc.IPv4MtuDiscover, Libc.MtuDiscoverProbe);
        _ = Set(Libc.LevelSocket, Libc.TimestampNanos, 1);
        _ = Set(Libc.LevelSocket, Libc.ReceiveQueueOverflow, 1);
        ReceiveBufferBytes = Grow(Libc.ReceiveBufferForce, Libc.ReceiveBuffer, options.ReceiveBufferBytes);
        SendBufferBytes = Grow(Libc.SendBufferForce, Libc.SendBuffer, options.SendBufferBytes);
        Filter = options.Filter ? LiteNetFilter.Attach(Socket) : SocketFilterState.Off;
    }

    private void BindTo(IPEndPoint bind)
    {
        SocketAddressBytes address = default;
        uint length = address.Set(PeerAddress.From(bind), Family);
        Require(Libc.Bind(Socket, &address, length), bind);
        length = SocketAddressBytes.SizeBytes;
        Require(Libc.GetSocketName(Socket, &address, &length), bind);
        LocalAddress = address.ToPeerAddress();
    }

    private readonly int Grow(int forcedName, int name, int bytes)
    {
        // Only an administrator gets past the system's maximum; everybody else gets as much as that.
        if (Set(Libc.LevelSocket, forcedName, bytes) < 0)
        {
            _ = Set(Libc.LevelSocket, name, bytes);
        }

        int granted = 0;
        uint length = sizeof(int);
        _ = Libc.GetOption(Socket, Libc.LevelSocket, name, &granted, &length);
        return granted / 2; // the kernel books twice what was asked for, to cover its own overhead
    }

    private readonly int Set(int level, int name, int value) => Libc.SetOption(Socket, level, name, &value, sizeof(int));
}
