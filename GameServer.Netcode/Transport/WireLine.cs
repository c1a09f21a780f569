namespace GameServer.Netcode.Transport;

/// <summary>The property numbers of one protocol line, and the shortest packet of each (protocol notes §3).</summary>
/// <remarks>Everything that differs between the lines is in these tables; no other code branches on the line.</remarks>
internal sealed class WireLine
{
    /// <summary>Low five bits of byte 0.</summary>
    public const int PropertyMask = 0x1F;

    /// <summary>Bit 7 of byte 0: a fragment header follows the channel header.</summary>
    public const int FragmentedBit = 0x80;

    /// <summary>The low five bits that no line uses: the forms of a sealed layer.</summary>
    public const int SealedProperty = 31;

    private const byte Absent = 0xFF;

    private static readonly byte[] MinLengths = [1, 4, 4, 4, 3, 11, 18, 15, 9, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1];

    private readonly byte[] _properties;
    private readonly PacketKind[] _kinds = new PacketKind[PropertyMask + 1];

    private WireLine(ProtocolLine line, byte[] properties)
    {
        Line = line;
        _properties = properties;
        Array.Fill(_kinds, PacketKind.Unknown);
        for (int kind = 0; kind < properties.Length; kind++)
        {
            if (properties[kind] != Absent)
            {
                _kinds[properties[kind]] = (PacketKind)kind;
            }
        }
    }

    /// <summary>Releases 1.x: no merged reliable packets, so all later numbers are one lower.</summary>
    public static WireLine One { get; } = new(
        ProtocolLine.LiteNetLib1, [0, 1, Absent, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17]);

    /// <summary>Releases 2.x.</summary>
    public static WireLine Two { get; } = new(
        ProtocolLine.LiteNetLib2, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18]);

    /// <summary>Which line this is.</summary>
    public ProtocolLine Line { get; }

    /// <summary>True when several reliable messages may share one packet.</summary>
    public bool MergesReliable => _properties[(int)PacketKind.ReliableMerged] != Absent;

    /// <summary>The table of <paramref name="line"/>.</summary>
    public static WireLine Of(ProtocolLine line) => line == ProtocolLine.LiteNetLib1 ? One : Two;

    /// <summary>The shortest packet of this kind, without a fragment header.</summary>
    public static int MinLength(PacketKind kind) => MinLengths[(int)kind];

    /// <summary>Connection number in byte 0.</summary>
    public static int NumberOf(byte first) => (first >> 5) & 3;

    /// <summary>What a packet with this byte 0 is.</summary>
    public PacketKind KindOf(byte first) => _kinds[first & PropertyMask];

    /// <summary>Byte 0 of a packet.</summary>
    public byte First(PacketKind kind, int number) => (byte)(_properties[(int)kind] | (number << 5));
}
