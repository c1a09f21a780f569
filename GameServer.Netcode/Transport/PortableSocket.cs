using System.Net;
using System.Net.Sockets;

namespace GameServer.Netcode.Transport;

/// <summary>A UDP socket over the framework's own, for every platform.</summary>
/// <remarks>
/// Owner: one thread, but for <see cref="Wake"/> and the counters. Arrival times are those of <see cref="Receive"/>. Allocates: no on .NET;
/// on netstandard2.1 one address per datagram that comes from another address than the one before.
/// </remarks>
internal sealed class PortableSocket : IDatagramSocket
{
    private const int UdpConnectionReset = -1744830452; // SIO_UDP_CONNRESET
    private const int ScratchBytes = 65536;

    private readonly Socket _socket;
    private readonly Socket _waker;
    private readonly PortableAddress _source;
    private readonly PortableAddress _target;
    private readonly PeerAddress _wakerAddress;
    private readonly EndPoint _wakeTarget;
    private readonly byte[] _nothing = [];
    // Windows reports a datagram longer than the buffer as an exception, so every datagram is taken into a buffer that holds any.
    private readonly byte[] _scratch = new byte[ScratchBytes];
    private WakeState _wake;
    private bool _stalled;
    private long _sendErrors;
    private long _sendStalls;

    private PortableSocket(Socket socket, Socket waker)
    {
        _socket = socket;
        _waker = waker;
        _source = new PortableAddress(socket.AddressFamily);
        _target = new PortableAddress(socket.AddressFamily);
        var local = (IPEndPoint)socket.LocalEndPoint!;
        LocalAddress = PeerAddress.From(local);
        _wakerAddress = PeerAddress.From((IPEndPoint)waker.LocalEndPoint!);
        _wakeTarget = new IPEndPoint(Reachable(local.Address), local.Port);
        ReceiveBufferBytes = Granted(socket.ReceiveBufferSize);
        SendBufferBytes = Granted(socket.SendBufferSize);
    }

    /// <inheritdoc/>
    public PeerAddress LocalAddress { get; }

    /// <inheritdoc/>
    public long KernelDrops => 0;

    /// <inheritdoc/>
    public long SendErrors => Volatile.Read(ref _sendErrors);

    /// <inheritdoc/>
    public long SendStalls => Volatile.Read(ref _sendStalls);

    /// <inheritdoc/>
    public int ReceiveBufferBytes { get; }

    /// <inheritdoc/>
    public int SendBufferBytes { get; }

    /// <inheritdoc/>
    public SocketFilterState Filter { get; private init; }

    /// <summary>Opens and binds a socket.</summary>
    /// <exception cref="SocketOpenException">The address cannot be had.</exception>
    public static PortableSocket Open(SocketOptions options)
    {
        if (options.ReusePort)
        {
            throw new SocketOpenException(SocketOpenError.NotSupported, options.Bind, "the portable socket cannot share a port");
        }

        Socket? socket = null;
        Socket? waker = null;
        try
        {
            socket = OpenBound(options.Bind);
            socket.ReceiveBufferSize = options.ReceiveBufferBytes;
            socket.SendBufferSize = options.SendBufferBytes;
            waker = OpenBound(new IPEndPoint(Reachable(options.Bind.Address), 0));
            return new PortableSocket(socket, waker) { Filter = options.Filter ? SocketFilterState.Unsupported : SocketFilterState.Off };
        }
        catch (SocketException e)
        {
            waker?.Dispose();
            socket?.Dispose();
            throw new SocketOpenException(Kind(e.SocketErrorCode), options.Bind, e.Message);
        }
    }

    /// <inheritdoc/>
    public int Receive(DatagramBatch batch)
    {
        long nowMicros = SocketClock.Micros;
        int count = 0;
        while (count < batch.Capacity && TryReceive(out int lengthBytes))
        {
            PeerAddress from = _source.Get();
            if (lengthBytes == 0 && from == _wakerAddress)
            {
                continue;
            }

            int kept = Math.Min(lengthBytes, DatagramBatch.BufferBytes);
            _scratch.AsSpan(0, kept).CopyTo(batch.Buffer(count));
            batch.Lengths[count] = kept;
            batch.Addresses[count] = from;
            batch.ArrivalMicros[count] = nowMicros;
            count++;
        }

        return count;
    }

    /// <inheritdoc/>
    public int Send(DatagramBatch batch, int start, int count)
    {
        _stalled = false;
        for (int i = 0; i < count; i++)
        {
            _target.Set(batch.Addresses[start + i]);
            try
            {
                _target.Send(_socket, batch, start + i);
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.WouldBlock or SocketError.NoBufferSpaceAvailable)
            {
                Volatile.Write(ref _sendStalls, _sendStalls + 1);
                _stalled = true;
                return i;
            }
            catch (SocketException)
            {
                Volatile.Write(ref _sendErrors, _sendErrors + 1);
            }
        }

        return count;
    }

    /// <inheritdoc/>
    public void Wait(long timeoutMicros)
    {
        if (!_wake.TrySleep())
        {
            return;
        }

        // The framework rounds the time down to milliseconds, and a wait that is too short becomes a spin.
        long millis = (Math.Min(Math.Max(timeoutMicros, 0), _stalled ? 1000 : int.MaxValue - 1000) + 999) / 1000;
        _socket.Poll((int)(millis * 1000), SelectMode.SelectRead);
        _wake.Rise();
    }

    /// <inheritdoc/>
    public void Wake()
    {
        if (!_wake.MustSignal())
        {
            return;
        }

        try
        {
            _waker.SendTo(_nothing, _wakeTarget);
        }
        catch (SocketException)
        {
            // A full buffer means that the socket is readable and the owner awake.
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _socket.Dispose();
        _waker.Dispose();
    }

    private bool TryReceive(out int lengthBytes)
    {
        lengthBytes = 0;
        // Asked first, because an empty socket throws; Available would not do, it is 0 before an empty datagram.
        if (!_socket.Poll(0, SelectMode.SelectRead))
        {
            return false;
        }

        try
        {
            lengthBytes = _source.Receive(_socket, _scratch);
            return true;
        }
        catch (SocketException)
        {
            return false; // a datagram with a wrong checksum, or an error that an earlier send left behind
        }
    }

    private static Socket OpenBound(IPEndPoint bind)
    {
        var socket = new Socket(bind.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { Blocking = false };
        try
        {
            if (bind.AddressFamily == AddressFamily.InterNetworkV6)
            {
                socket.DualMode = true;
            }
            else
            {
                socket.DontFragment = true;
            }

            if (Environment.OSVersion.Platform == PlatformID.Win32NT)
            {
                // Else "port unreachable" about one client ends the next receive of all.
                socket.IOControl(UdpConnectionReset, [0, 0, 0, 0], null);
                socket.ExclusiveAddressUse = true;
            }

            socket.Bind(bind);
            return socket;
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static IPAddress Reachable(IPAddress bound) =>
        bound.Equals(IPAddress.Any) ? IPAddress.Loopback : bound.Equals(IPAddress.IPv6Any) ? IPAddress.IPv6Loopback : bound;

    // Linux answers with twice what was asked for, to cover its own overhead.
    private static int Granted(int bytes) => Environment.OSVersion.Platform == PlatformID.Unix ? bytes / 2 : bytes;

    private static SocketOpenError Kind(SocketError error) => error switch
    {
        SocketError.AddressAlreadyInUse => SocketOpenError.AddressInUse,
        SocketError.AccessDenied => SocketOpenError.PermissionDenied,
        SocketError.AddressNotAvailable => SocketOpenError.AddressNotAvailable,
        SocketError.AddressFamilyNotSupported or SocketError.ProtocolNotSupported or SocketError.OperationNotSupported => SocketOpenError.NotSupported,
        _ => SocketOpenError.Other,
    };
}
