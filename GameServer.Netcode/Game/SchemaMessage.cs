using GameServer.Netcode.Messages;
using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Game;

/// <summary>Writes the tables of a game, so that a browser or a debug tool can decode any game.</summary>
/// <remarks>
/// Layout: MessagePack [7, hash, input columns, [kind…], [event…]] with kind = [name, first slot, capacity, bytes, position column or −1, columns]
/// and event = [name, columns]; columns = [[name, type, offset, bits, minimum, steps, first value, error bound]…]. Snapshots name kinds by slot.
/// </remarks>
internal static class SchemaMessage
{
    /// <summary>The message of a complete schema.</summary>
    /// <exception cref="ArgumentException">It is longer than a message may be.</exception>
    public static byte[] Of(Schema schema)
    {
        var buffer = new byte[Limits.SchemaBytesMax];
        int bytes = Write(buffer, schema);
        while (bytes == 0)
        {
            buffer = new byte[buffer.Length * 2];
            bytes = Write(buffer, schema);
        }

        return bytes <= Limits.SchemaBytesMax
            ? buffer[..bytes]
            : throw new ArgumentException(
                $"the declarations of the game take {bytes} bytes in the schema message, at most {Limits.SchemaBytesMax} are allowed: declare fewer fields, or give them shorter names");
    }

    /// <summary>Writes it; returns its size, 0 when it does not fit.</summary>
    public static int Write(Span<byte> destination, Schema schema)
    {
        var writer = new MessagePackWriter(destination);
        writer.WriteArrayHeader(5);
        writer.WriteInt32((int)ControlKind.Schema);
        writer.WriteUInt64(schema.Hash);
        WriteColumns(ref writer, schema.Input);
        writer.WriteArrayHeader(schema.Kinds.Length);
        foreach (KindSchema kind in schema.Kinds)
        {
            writer.WriteArrayHeader(6);
            writer.WriteString(kind.Name.AsSpan());
            writer.WriteInt32(kind.FirstSlot);
            writer.WriteInt32(kind.Capacity);
            writer.WriteInt32(kind.SizeBytes);
            writer.WriteInt32(kind.PositionColumn);
            WriteColumns(ref writer, kind.Seen);
        }

        writer.WriteArrayHeader(schema.Events.Length);
        foreach (EventSchema e in schema.Events)
        {
            writer.WriteArrayHeader(2);
            writer.WriteString(e.Name.AsSpan());
            WriteColumns(ref writer, e.Fields);
        }

        return writer.Overflowed ? 0 : writer.ByteCount;
    }

    private static void WriteColumns(ref MessagePackWriter writer, FieldTable table)
    {
        writer.WriteArrayHeader(table.Count);
        foreach (ref readonly FieldSpec column in table.Columns)
        {
            writer.WriteArrayHeader(8);
            writer.WriteString(column.Name.AsSpan());
            writer.WriteInt32((int)column.Type);
            writer.WriteInt32(column.Offset);
            writer.WriteInt32(column.Bits);
            writer.WriteInt32(column.Minimum);
            writer.WriteUInt32(column.Type is FieldType.Float or FieldType.Int ? column.Range : 0);
            writer.WriteSingle(column.Type == FieldType.Float ? column.Quantizer.Dequantize(0) : 0);
            writer.WriteSingle(column.Type == FieldType.Float ? column.Quantizer.ErrorBound : 0);
        }
    }
}
