using System.Buffers.Binary;

namespace GameServer.Tests.Transport.Library;

/// <summary>Packet kinds by their 1.x numbers; 2.x has one more at 2, so that everything from Ack on is one higher there.</summary>
internal enum LibraryKind
{
    Unreliable = 0,
    Channeled = 1,
    Ack = 2,
    Ping = 3,
    Pong = 4,
    ConnectRequest = 5,
    ConnectAccept = 6,
    Disconnect = 7,
    UnconnectedMessage = 8,
    MtuCheck = 9,
    MtuOk = 10,
    Broadcast = 11,
    Merged = 12,
    ShutdownOk = 13,
    PeerNotFound = 14,
    InvalidProtocol = 15,
    NatMessage = 16,
    Empty = 17,
    ReliableMerged = 18,
    Invalid = 19,
}

/// <summary>First byte, sizes and sequence arithmetic as the library has them (protocol notes §3, §7).</summary>
internal static class LibraryPacket
{
    public const int DatagramBytesMax = 1432;

    public static readonly int[] MtuLadder = [1024, 1164, 1392, 1404, 1424, 1432];

    public static byte First(int line, LibraryKind kind, int number) => (byte)((number << 5) | Property(line, kind));

    public static LibraryKind KindOf(int line, byte first)
    {
        int property = first & 0x1F;
        if (line == 2)
        {
            return property == 2 ? LibraryKind.ReliableMerged : property > 18 ? LibraryKind.Invalid : (LibraryKind)(property - (property > 2 ? 1 : 0));
        }

        return property > 17 ? LibraryKind.Invalid : (LibraryKind)property;
    }

    public static int NumberOf(byte first) => (first >> 5) & 3;

    public static bool IsFragmented(byte[] packet) => (packet[0] & 0x80) != 0;

    public static ushort Word(byte[] packet, int at) => BinaryPrimitives.ReadUInt16LittleEndian(packet.AsSpan(at));

    /// <summary>What the library checks of every packet before it looks at it.</summary>
    public static bool IsValid(int line, byte[] packet)
    {
        LibraryKind kind = KindOf(line, packet[0]);
        int header = kind switch
        {
            LibraryKind.Channeled or LibraryKind.Ack or LibraryKind.ReliableMerged => 4,
            LibraryKind.Ping => 3,
            LibraryKind.Pong => 11,
            LibraryKind.ConnectRequest => 18,
            LibraryKind.ConnectAccept => 15,
            LibraryKind.Disconnect => 9,
            _ => 1,
        };
        return kind != LibraryKind.Invalid && packet.Length >= header + (IsFragmented(packet) ? 6 : 0);
    }

    /// <summary>The library's distance, which it also applies to 16-bit ping sequences, where it is wrong.</summary>
    public static int Relative(int number, int expected) => ((number - expected + 32768 + 16384) % 32768) - 16384;

    private static int Property(int line, LibraryKind kind) =>
        kind == LibraryKind.ReliableMerged ? 2 : (int)kind + (line == 2 && kind >= LibraryKind.Ack ? 1 : 0);
}
