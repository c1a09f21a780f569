using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Messages;

/// <summary>Server: who is in which seat. All of them to whoever joins, then each who comes or goes, to everybody.</summary>
/// <remarks>Layout: MessagePack [9, seat, name, seat, name, …]; an empty name frees the seat. At most <see cref="SeatsMax"/> seats in one message.</remarks>
public static class PlayersMessage
{
    /// <summary>Seats that one message tells of.</summary>
    public const int SeatsMax = 16;

    /// <summary>Largest message: each character of a name takes at most three bytes.</summary>
    internal const int BytesMax = 8 + (SeatsMax * (4 + 3 + (3 * Limits.PlayerNameCharsMax)));

    /// <summary>Writes it; returns its size, 0 when it does not fit.</summary>
    public static int Write(Span<byte> destination, ReadOnlySpan<(int Seat, string Name)> seats)
    {
        var writer = new MessagePackWriter(destination);
        writer.WriteArrayHeader(1 + (2 * seats.Length));
        writer.WriteInt32((int)ControlKind.Players);
        foreach ((int seat, string name) in seats)
        {
            writer.WriteInt32(seat);
            writer.WriteString(name.AsSpan());
        }

        return writer.Overflowed ? 0 : writer.ByteCount;
    }

    /// <summary>Reads it into <paramref name="seats"/>; false when it is malformed or tells of too many.</summary>
    public static bool TryRead(ReadOnlySpan<byte> message, List<(int Seat, string Name)> seats)
    {
        seats.Clear();
        var reader = new MessagePackReader(message);
        int count = (reader.ReadArrayHeader() - 1) / 2;
        if (reader.ReadInt32() != (int)ControlKind.Players || count > SeatsMax)
        {
            return false;
        }

        for (int i = 0; i < count && !reader.Failed; i++)
        {
            int seat = reader.ReadInt32();
            string name = reader.ReadString(Limits.PlayerNameCharsMax);
            if (reader.Failed || seat is < 0 or >= 65536)
            {
                return false;
            }

            seats.Add((seat, name));
        }

        return !reader.Failed;
    }
}
