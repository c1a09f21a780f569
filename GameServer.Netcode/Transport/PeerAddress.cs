using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;

namespace GameServer.Netcode.Transport;

/// <summary>An IP address and port as a plain value: what a datagram came from or goes to.</summary>
/// <remarks>IPv4 is held as an IPv4-mapped IPv6 address, so that one dual-mode socket and one table serve both. Allocates: only in the conversions.</remarks>
public readonly struct PeerAddress : IEquatable<PeerAddress>
{
    private const uint MappedPrefix = 0xFFFF0000; // the bytes 00 00 FF FF of ::ffff:0:0/96, little-endian

    /// <summary>First 8 bytes of the IPv6 address, in network order read as little-endian.</summary>
    public readonly ulong High;

    /// <summary>Last 8 bytes of the IPv6 address, in network order read as little-endian.</summary>
    public readonly ulong Low;

    /// <summary>Scope of a link-local address, else 0.</summary>
    public readonly uint Scope;

    /// <summary>UDP port in host order.</summary>
    public readonly ushort Port;

    /// <summary>An address of its raw parts.</summary>
    public PeerAddress(ulong high, ulong low, ushort port, uint scope = 0)
    {
        High = high;
        Low = low;
        Port = port;
        Scope = scope;
    }

    /// <summary>True when this is an IPv4 address.</summary>
    public bool IsIPv4 => High == 0 && (uint)Low == MappedPrefix;

    /// <summary>True for 127.0.0.0/8 and ::1.</summary>
    public bool IsLoopback => IsIPv4 ? (byte)(Low >> 32) == 127 : High == 0 && Low == 1UL << 56;

    /// <summary>True when both are the same host, whatever the port.</summary>
    public bool IsSameHost(in PeerAddress other) => High == other.High && Low == other.Low;

    /// <summary>True when both lie in one /24 (IPv4) or /48 (IPv6): as much as one owner usually has.</summary>
    public bool IsSamePrefix(in PeerAddress other) => IsIPv4
        ? other.IsIPv4 && (uint)(Low >> 32) << 8 == (uint)(other.Low >> 32) << 8
        : !other.IsIPv4 && High << 16 == other.High << 16;

    /// <summary>An IPv4 address from its four bytes in network order, read as little-endian.</summary>
    public static PeerAddress FromIPv4(uint address, ushort port) => new(0, ((ulong)address << 32) | MappedPrefix, port);

    /// <summary>Converts from the framework's type.</summary>
    public static PeerAddress From(IPEndPoint endPoint)
    {
        Span<byte> bytes = stackalloc byte[16];
        endPoint.Address.MapToIPv6().TryWriteBytes(bytes, out _);
        bool scoped = endPoint.AddressFamily == AddressFamily.InterNetworkV6;
        return new PeerAddress(
            BinaryPrimitives.ReadUInt64LittleEndian(bytes),
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]),
            (ushort)endPoint.Port,
            scoped ? (uint)endPoint.Address.ScopeId : 0);
    }

    /// <summary>Converts to the framework's type; IPv4 comes out as IPv4.</summary>
    public IPEndPoint ToEndPoint()
    {
        Span<byte> bytes = stackalloc byte[16];
        WriteBytes(bytes);
        var address = new IPAddress(bytes, Scope);
        return new IPEndPoint(IsIPv4 ? address.MapToIPv4() : address, Port);
    }

    /// <summary>Writes the 16 address bytes in network order.</summary>
    public void WriteBytes(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(destination, High);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[8..], Low);
    }

    /// <inheritdoc/>
    public bool Equals(PeerAddress other) => High == other.High && Low == other.Low && Port == other.Port && Scope == other.Scope;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is PeerAddress other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(High, Low, Port, Scope);

    /// <summary>True when both name the same endpoint.</summary>
    public static bool operator ==(PeerAddress a, PeerAddress b) => a.Equals(b);

    /// <summary>True when they name different endpoints.</summary>
    public static bool operator !=(PeerAddress a, PeerAddress b) => !a.Equals(b);

    /// <inheritdoc/>
    public override string ToString() => ToEndPoint().ToString();
}
