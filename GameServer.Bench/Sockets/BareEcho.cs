using GameServer.Netcode.Transport;
using GameServer.Netcode.Transport.Linux;

namespace GameServer.Bench.Sockets;

/// <summary>The least that an echo server can do: ppoll, recvmmsg, and sendmmsg of the very headers that were received.</summary>
internal sealed unsafe class BareEcho : IEcho
{
    private const int Capacity = DatagramBatch.CapacityMax;

    private readonly int _socket;
    private readonly MultiMessageHeader[] _headers = GC.AllocateArray<MultiMessageHeader>(Capacity, pinned: true);
    private readonly BufferDescriptor[] _buffers = GC.AllocateArray<BufferDescriptor>(Capacity, pinned: true);
    private readonly SocketAddressBytes[] _names = GC.AllocateArray<SocketAddressBytes>(Capacity, pinned: true);
    private readonly byte[] _bytes = GC.AllocateArray<byte>(Capacity * DatagramBatch.BufferBytes, pinned: true);

    public BareEcho()
    {
        _socket = Libc.Socket(Libc.AddressFamilyIPv4, Libc.DatagramNonBlockingCloseOnExec, 0);
        int bytes = 4 << 20;
        _ = Libc.SetOption(_socket, Libc.LevelSocket, Libc.ReceiveBuffer, &bytes, sizeof(int));
        _ = Libc.SetOption(_socket, Libc.LevelSocket, Libc.SendBuffer, &bytes, sizeof(int));
        int probe = Libc.MtuDiscoverProbe;
        _ = Libc.SetOption(_socket, Libc.LevelIPv4, Libc.IPv4MtuDiscover, &probe, sizeof(int));
        SocketAddressBytes address = default;
        uint length = address.Set(PeerAddress.FromIPv4(0x0100007F, 0), Libc.AddressFamilyIPv4);
        _ = Libc.Bind(_socket, &address, length);
        length = SocketAddressBytes.SizeBytes;
        _ = Libc.GetSocketName(_socket, &address, &length);
        Address = address.ToPeerAddress();
        fixed (MultiMessageHeader* headers = _headers)
        fixed (BufferDescriptor* buffers = _buffers)
        fixed (SocketAddressBytes* names = _names)
        fixed (byte* start = _bytes)
        {
            for (int i = 0; i < Capacity; i++)
            {
                buffers[i] = new BufferDescriptor { Start = start + (i * DatagramBatch.BufferBytes), Length = DatagramBatch.BufferBytes };
                headers[i].Name = names + i;
                headers[i].NameLength = SocketAddressBytes.SizeBytes;
                headers[i].Buffers = buffers + i;
                headers[i].BufferCount = 1;
            }
        }
    }

    public string Name => "(a) bare recvmmsg and sendmmsg";

    public PeerAddress Address { get; }

    public int Serve()
    {
        var descriptor = new PollDescriptor { Descriptor = _socket, Events = Libc.PollIn };
        TimeSpec timeout = default;
        _ = Libc.Poll(&descriptor, 1, &timeout, null);
        int total = 0;
        int count;
        do
        {
            count = Exchange();
            total += count;
        }
        while (count == Capacity);
        return total;
    }

    public void Dispose() => _ = Libc.Close(_socket);

    private int Exchange()
    {
        fixed (MultiMessageHeader* headers = _headers)
        fixed (BufferDescriptor* buffers = _buffers)
        {
            int count = Math.Max(0, Libc.ReceiveMessages(_socket, headers, Capacity, Libc.MessageDontWait, null));
            for (int i = 0; i < count; i++)
            {
                buffers[i].Length = headers[i].Length;
            }

            int sent = count == 0 ? 0 : Libc.SendMessages(_socket, headers, (uint)count, Libc.MessageDontWait);
            for (int i = 0; i < count; i++)
            {
                buffers[i].Length = DatagramBatch.BufferBytes;
                headers[i].NameLength = SocketAddressBytes.SizeBytes;
            }

            return sent;
        }
    }
}
