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

    /// <summary>Whether a packet of this kind belongs to a connection and carries its number.</summary>
    public static bool IsOfPeers(PacketKind kind) => kind is PacketKind.Unreliable or PacketKind.Channeled or PacketKind.ReliableMerged or PacketKind.Ack
        or PacketKind.Ping or PacketKind.Pong or PacketKind.MtuCheck or PacketKind.MtuOk or PacketKind.Merged;

    /// <summary>The line of someone without a connection who sends a packet of one; null when it is none.</summary>
    /// <param name="packet">The packet.</param>
    /// <param name="guess">What is returned for packets that both lines write alike.</param>
    public static WireLine? OfStranger(ReadOnlySpan<byte> packet, WireLine guess)
    {
        int length = packet.Length;
        bool fragmented = (packet[0] & FragmentedBit) != 0;
        return (packet[0] & PropertyMask) switch
        {
            1 when length >= (fragmented ? 10 : 4) => guess,
            _ when fragmented => null,
            0 => guess,
            2 when length is 4 or 13 => guess, // an acknowledgement of line 1, or reliable messages of line 2
            2 => length > 4 ? Two : null,
            3 => length == 3 ? One : length is 4 or 13 ? Two : null,
            4 => length == 3 ? Two : length == 11 ? One : null,
            5 => length == 11 ? Two : null,
            12 => Wire.IsMergedWellFormed(One, packet) ? One : null,
            13 => Wire.IsMergedWellFormed(Two, packet) ? Two : null,
            _ => null,
        };
    }

    /// <summary>Connection number in byte 0.</summary>
    public static int NumberOf(byte first) => (first >> 5) & 3;

    /// <summary>What a packet with this byte 0 is.</summary>
    public PacketKind KindOf(byte first) => _kinds[first & PropertyMask];

    /// <summary>Byte 0 of a packet.</summary>
    public byte First(PacketKind kind, int number) => (byte)(_properties[(int)kind] | (number << 5));
}
