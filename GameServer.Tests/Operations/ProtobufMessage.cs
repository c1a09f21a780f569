using System.Buffers.Binary;
using System.Text;

namespace GameServer.Tests.Operations;

/// <summary>The fields of one protobuf message as they stand in its bytes (protobuf.dev, Encoding), read by number.</summary>
internal sealed class ProtobufMessage
{
    private const int Varint = 0, Fixed64 = 1, Bytes = 2, Fixed32 = 5;

    private readonly List<(int Field, int Wire, ulong Number, byte[] Content)> _fields = [];

    /// <summary>Reads a message to its last byte; anything that is not protobuf fails the test.</summary>
    public ProtobufMessage(ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length > 0)
        {
            ulong tag = TakeVarint(ref bytes);
            (int field, int wire) = ((int)(tag >> 3), (int)(tag & 7));
            Assert.That(field, Is.GreaterThan(0));
            switch (wire)
            {
                case Varint:
                    _fields.Add((field, wire, TakeVarint(ref bytes), []));
                    break;
                case Fixed64:
                    _fields.Add((field, wire, BinaryPrimitives.ReadUInt64LittleEndian(bytes), []));
                    bytes = bytes[8..];
                    break;
                case Bytes:
                    int length = checked((int)TakeVarint(ref bytes));
                    _fields.Add((field, wire, 0, bytes[..length].ToArray()));
                    bytes = bytes[length..];
                    break;
                case Fixed32:
                    _fields.Add((field, wire, BinaryPrimitives.ReadUInt32LittleEndian(bytes), []));
                    bytes = bytes[4..];
                    break;
                default:
                    Assert.Fail($"wire type {wire} of field {field}");
                    break;
            }
        }
    }

    /// <summary>The numbers of the fields that are there.</summary>
    public IEnumerable<int> Numbers => _fields.Select(static f => f.Field).Distinct();

    public bool Has(int field) => _fields.Any(f => f.Field == field);

    /// <summary>The messages of a repeated field, or of several, one below the other.</summary>
    public IEnumerable<ProtobufMessage> All(params int[] path)
    {
        IEnumerable<ProtobufMessage> found = [this];
        foreach (int field in path)
        {
            found = found.SelectMany(m => m.Contents(field)).Select(static c => new ProtobufMessage(c));
        }

        return found;
    }

    public ProtobufMessage One(int field) => All(field).Single();

    public string Text(int field) => Contents(field).Select(static c => new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(c)).SingleOrDefault() ?? "";

    public byte[] Raw(int field) => Contents(field).SingleOrDefault() ?? [];

    public ulong Number(int field) => _fields.Where(f => f.Field == field).Select(f => Of(f, Varint)).SingleOrDefault();

    public ulong Long(int field) => _fields.Where(f => f.Field == field).Select(f => Of(f, Fixed64)).SingleOrDefault();

    public double Double(int field) => BitConverter.UInt64BitsToDouble(Long(field));

    /// <summary>A packed field of eight bytes each.</summary>
    public ulong[] Longs(int field)
    {
        byte[] packed = Raw(field);
        Assert.That(packed.Length % 8, Is.Zero);
        return [.. Enumerable.Range(0, packed.Length / 8).Select(i => BinaryPrimitives.ReadUInt64LittleEndian(packed.AsSpan(i * 8)))];
    }

    /// <summary>A field of KeyValue messages (common.proto).</summary>
    public Dictionary<string, string> Attributes(int field) => All(field).ToDictionary(static a => a.Text(1), static a => ValueOf(a.One(2)));

    private static string ValueOf(ProtobufMessage any)
    {
        int kind = any.Numbers.Single();
        return kind switch
        {
            1 => any.Text(1),
            2 => any.Number(2) == 1 ? "true" : "false",
            3 => ((long)any.Number(3)).ToString(System.Globalization.CultureInfo.InvariantCulture),
            4 => any.Double(4).ToString(System.Globalization.CultureInfo.InvariantCulture),
            _ => throw new AssertionException($"a value of kind {kind}"),
        };
    }

    private IEnumerable<byte[]> Contents(int field) => _fields.Where(f => f.Field == field).Select(static f =>
    {
        Assert.That(f.Wire, Is.EqualTo(Bytes), $"field {f.Field}");
        return f.Content;
    });

    private static ulong Of((int Field, int Wire, ulong Number, byte[] Content) field, int wire)
    {
        Assert.That(field.Wire, Is.EqualTo(wire), $"field {field.Field}");
        return field.Number;
    }

    private static ulong TakeVarint(ref ReadOnlySpan<byte> bytes)
    {
        ulong value = 0;
        for (int i = 0; i < 10; i++)
        {
            byte next = bytes[0];
            bytes = bytes[1..];
            value |= (ulong)(next & 0x7F) << (7 * i);
            if (next < 0x80)
            {
                return value;
            }
        }

        throw new AssertionException("a varint of more than ten bytes");
    }
}
