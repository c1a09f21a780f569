using System.Runtime.InteropServices;

namespace GameServer.Netcode.Transport.Linux;

/// <summary>The C library's calls and constants that the socket uses, as they are on 64-bit Linux (x86-64 and Arm64 alike).</summary>
internal static unsafe partial class Libc
{
    public const int AddressFamilyIPv4 = 2;
    public const int AddressFamilyIPv6 = 10;
    public const int DatagramNonBlockingCloseOnExec = 2 | 0x800 | 0x80000;
    public const int EventNonBlockingCloseOnExec = 0x800 | 0x80000;
    public const int MessageDontWait = 0x40;
    public const int MessageNoSignal = 0x4000;
    public const short PollIn = 1;

    public const int LevelSocket = 1;
    public const int SendBuffer = 7;
    public const int ReceiveBuffer = 8;
    public const int ReusePort = 15;
    public const int AttachFilter = 26;
    public const int SendBufferForce = 32;
    public const int ReceiveBufferForce = 33;
    public const int TimestampNanos = 35;
    public const int ReceiveQueueOverflow = 40;

    public const int LevelIPv4 = 0;
    public const int IPv4MtuDiscover = 10;
    public const int LevelIPv6 = 41;
    public const int IPv6MtuDiscover = 23;
    public const int IPv6Only = 26;
    public const int IPv6DontFragment = 62;
    public const int MtuDiscoverProbe = 3;

    public const int ErrorNotPermitted = 1;
    public const int ErrorInterrupted = 4;
    public const int ErrorAgain = 11;
    public const int ErrorNoMemory = 12;
    public const int ErrorAccess = 13;
    public const int ErrorFamilyNotSupported = 97;
    public const int ErrorAddressInUse = 98;
    public const int ErrorAddressNotAvailable = 99;
    public const int ErrorNoBuffers = 105;
    public const int ErrorConnectionRefused = 111;

    public const int ClockRealtime = 0;

    [LibraryImport("libc", EntryPoint = "socket", SetLastError = true)]
    public static partial int Socket(int family, int type, int protocol);

    [LibraryImport("libc", EntryPoint = "bind", SetLastError = true)]
    public static partial int Bind(int socket, SocketAddressBytes* address, uint length);

    [LibraryImport("libc", EntryPoint = "getsockname", SetLastError = true)]
    public static partial int GetSocketName(int socket, SocketAddressBytes* address, uint* length);

    [LibraryImport("libc", EntryPoint = "setsockopt", SetLastError = true)]
    public static partial int SetOption(int socket, int level, int name, void* value, uint length);

    [LibraryImport("libc", EntryPoint = "getsockopt", SetLastError = true)]
    public static partial int GetOption(int socket, int level, int name, void* value, uint* length);

    [LibraryImport("libc", EntryPoint = "recvmmsg", SetLastError = true)]
    public static partial int ReceiveMessages(int socket, MultiMessageHeader* messages, uint count, int flags, TimeSpec* timeout);

    [LibraryImport("libc", EntryPoint = "sendmmsg", SetLastError = true)]
    public static partial int SendMessages(int socket, MultiMessageHeader* messages, uint count, int flags);

    [LibraryImport("libc", EntryPoint = "ppoll", SetLastError = true)]
    public static partial int Poll(PollDescriptor* descriptors, ulong count, TimeSpec* timeout, void* signalMask);

    [LibraryImport("libc", EntryPoint = "eventfd", SetLastError = true)]
    public static partial int EventDescriptor(uint initial, int flags);

    [LibraryImport("libc", EntryPoint = "read", SetLastError = true)]
    public static partial nint Read(int descriptor, void* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "write", SetLastError = true)]
    public static partial nint Write(int descriptor, void* buffer, nuint count);

    [LibraryImport("libc", EntryPoint = "close")]
    public static partial int Close(int descriptor);

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    [SuppressGCTransition]
    public static partial int GetTime(int clock, TimeSpec* time);
}

/// <summary>struct timespec.</summary>
internal struct TimeSpec
{
    public long Seconds;
    public long Nanos;

    public readonly long TotalNanos => (Seconds * 1_000_000_000) + Nanos;
}

/// <summary>struct pollfd.</summary>
internal struct PollDescriptor
{
    public int Descriptor;
    public short Events;
    public short Returned;
}

/// <summary>struct iovec.</summary>
internal unsafe struct BufferDescriptor
{
    public byte* Start;
    public nuint Length;
}

/// <summary>struct mmsghdr: a struct msghdr of 56 bytes, then the length that was moved.</summary>
[StructLayout(LayoutKind.Explicit, Size = 64)]
internal unsafe struct MultiMessageHeader
{
    [FieldOffset(0)]
    public SocketAddressBytes* Name;

    [FieldOffset(8)]
    public uint NameLength;

    [FieldOffset(16)]
    public BufferDescriptor* Buffers;

    [FieldOffset(24)]
    public nuint BufferCount;

    [FieldOffset(32)]
    public byte* Control;

    [FieldOffset(40)]
    public nuint ControlLength;

    [FieldOffset(48)]
    public int Flags;

    [FieldOffset(56)]
    public uint Length;
}

/// <summary>struct cmsghdr; its data follows, padded to 8 bytes.</summary>
internal struct ControlHeader
{
    public nuint Length;
    public int Level;
    public int Type;
}
