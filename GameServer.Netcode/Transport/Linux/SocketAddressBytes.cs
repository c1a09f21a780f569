using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace GameServer.Netcode.Transport.Linux;

/// <summary>sockaddr_in and sockaddr_in6 in one: the kernel's form of a <see cref="PeerAddress"/>.</summary>
[StructLayout(LayoutKind.Explicit, Size = SizeBytes)]
internal struct SocketAddressBytes
{
    public const int SizeBytes = 32;
    public const uint IPv4Bytes = 16;
    public const uint IPv6Bytes = 28;

    [FieldOffset(0)]
    private ushort _family;

    [FieldOffset(2)]
    private ushort _portBigEndian;

    [FieldOffset(4)]
    private uint _addressIPv4; // sockaddr_in

    [FieldOffset(8)]
    private ulong _high; // sockaddr_in6: 4 bytes of flow lie between

    [FieldOffset(16)]
    private ulong _low;

    [FieldOffset(24)]
    private uint _scope;

    /// <summary>The address that the kernel wrote.</summary>
    public readonly PeerAddress ToPeerAddress()
    {
        ushort port = BinaryPrimitives.ReverseEndianness(_portBigEndian);
        return _family == Libc.AddressFamilyIPv4
            ? PeerAddress.FromIPv4(_addressIPv4, port)
            : new PeerAddress(_high, _low, port, _scope);
    }

    /// <summary>Writes <paramref name="address"/> for a socket of <paramref name="family"/>; returns the length to pass,
    /// 0 when an IPv4 socket cannot reach it, which the kernel then refuses for this datagram alone.</summary>
    public uint Set(in PeerAddress address, int family)
    {
        _family = (ushort)family;
        _portBigEndian = BinaryPrimitives.ReverseEndianness(address.Port);
        if (family == Libc.AddressFamilyIPv4)
        {
            _addressIPv4 = (uint)(address.Low >> 32);
            return address.IsIPv4 ? IPv4Bytes : 0;
        }

        _addressIPv4 = 0; // the flow label
        _high = address.High;
        _low = address.Low;
        _scope = address.Scope;
        return IPv6Bytes;
    }
}
