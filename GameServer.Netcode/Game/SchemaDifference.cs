using System.Buffers.Binary;
using System.Globalization;
using GameServer.Netcode.Messages;
using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Game;

/// <summary>Where the declarations of a client and a server differ first: the question, the answer, and the sentence for both.</summary>
/// <remarks>
/// Question: MessagePack [11, bytes], eight for each declaration. Answer: [12, index, title, line, …], the declaration of the client at the first index
/// that differs, or [12, index] when it declares no more. Reading checks every value and never throws. Allocates: yes, once per refused client.
/// </remarks>
internal static class SchemaDifference
{
    /// <summary>Most bytes of an answer; lines beyond are left out.</summary>
    public const int AnswerBytesMax = 8 * 1024;

    /// <summary>Most characters of a title or a line in an answer.</summary>
    private const int LineCharsMax = 110;

    /// <summary>Most lines of a declaration: its columns, the fields of its struct, its properties.</summary>
    private const int LinesMax = Limits.FieldsMax + Limits.ComponentBytesMax + 2;

    /// <summary>Characters of a line in the sentence.</summary>
    private const int QuoteChars = 52;

    /// <summary>Writes the server's question.</summary>
    public static byte[] WriteQuestion(Declarations own)
    {
        var hashes = new byte[own.All.Length * sizeof(ulong)];
        for (int i = 0; i < own.All.Length; i++)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(hashes.AsSpan(i * sizeof(ulong)), own.All[i].Hash);
        }

        var buffer = new byte[hashes.Length + 16];
        var writer = new MessagePackWriter(buffer);
        writer.WriteArrayHeader(2);
        writer.WriteInt32((int)ControlKind.Declarations);
        writer.WriteBinary(hashes);
        return buffer[..writer.ByteCount];
    }

    /// <summary>Writes the client's answer to a question; empty when that cannot be read.</summary>
    /// <param name="own">What the client declares.</param>
    /// <param name="question">The question.</param>
    /// <param name="place">A sentence that names the declaration, for when no better one comes.</param>
    public static byte[] WriteAnswer(Declarations own, ReadOnlySpan<byte> question, out string place)
    {
        place = string.Empty;
        if (!ControlMessage.TryOpen(question, ControlKind.Declarations, 2, out MessagePackReader reader))
        {
            return [];
        }

        ReadOnlySpan<byte> hashes = reader.ReadBinary();
        if (reader.Failed || hashes.Length % sizeof(ulong) != 0)
        {
            return [];
        }

        int count = hashes.Length / sizeof(ulong);
        int index = 0;
        while (index < count && index < own.All.Length && BinaryPrimitives.ReadUInt64LittleEndian(hashes[(index * sizeof(ulong))..]) == own.All[index].Hash)
        {
            index++;
        }

        Declaration? declared = index < own.All.Length ? own.All[index] : null;
        place = $"the client declares other tables than the server: {declared?.Title ?? "the end"} is the first that differs";
        return WriteAnswer(index, declared);
    }

    /// <summary>The sentence for a client's answer: which declaration, and how its name, type, range or order differs.</summary>
    public static string Describe(Declarations own, ReadOnlySpan<byte> answer)
    {
        if (!TryReadAnswer(answer, out int index, out List<string> lines) || index > own.All.Length)
        {
            return LeaveReasonText.Of(LeaveReason.WrongSchema);
        }

        Declaration? declared = index < own.All.Length ? own.All[index] : null;
        string client = lines.Count > 0 ? lines[0] : "";
        if (declared is null || client != Shown(declared.Title, LineCharsMax))
        {
            bool isElsewhere = client.Length > 0 && Array.Exists(own.All, d => Shown(d.Title, LineCharsMax) == client);
            string how = client.Length == 0 || declared is null ? "number" : isElsewhere ? "order" : "name";
            return Sentence($"declaration {(index + 1).ToString(CultureInfo.InvariantCulture)}", how, declared?.Title ?? "", client);
        }

        return DescribeLines(declared, lines);
    }

    private static byte[] WriteAnswer(int index, Declaration? declared)
    {
        var buffer = new byte[AnswerBytesMax];
        int count = 0;
        int bytes = 0;
        for (int lines = declared is null ? 0 : declared.Lines.Length + 1; bytes == 0; lines = count - 1)
        {
            count = lines;
            var writer = new MessagePackWriter(buffer);
            writer.WriteArrayHeader(2 + count);
            writer.WriteInt32((int)ControlKind.Difference);
            writer.WriteInt32(index);
            for (int i = 0; i < count; i++)
            {
                writer.WriteString(Shown(i == 0 ? declared!.Title : declared!.Lines[i - 1], LineCharsMax).AsSpan());
            }

            bytes = writer.Overflowed ? 0 : writer.ByteCount;
        }

        return buffer[..bytes];
    }

    private static bool TryReadAnswer(ReadOnlySpan<byte> answer, out int index, out List<string> lines)
    {
        index = -1;
        lines = [];
        var reader = new MessagePackReader(answer);
        int count = reader.ReadArrayHeader();
        if (answer.Length > AnswerBytesMax || count is < 2 or > LinesMax + 3 || reader.ReadInt32() != (int)ControlKind.Difference)
        {
            return false;
        }

        index = reader.ReadInt32();
        for (int i = 2; i < count && !reader.Failed; i++)
        {
            lines.Add(Shown(reader.ReadString(LineCharsMax), LineCharsMax));
        }

        return !reader.Failed && index >= 0;
    }

    private static string DescribeLines(Declaration declared, List<string> client)
    {
        for (int i = 0; i < declared.Lines.Length || i + 1 < client.Count; i++)
        {
            string mine = i < declared.Lines.Length ? declared.Lines[i] : "";
            string other = i + 1 < client.Count ? client[i + 1] : "";
            if (Shown(mine, LineCharsMax) != other)
            {
                return Sentence(declared.Title, HowOf(mine, other, declared.Lines), mine, other);
            }
        }

        return Sentence(declared.Title, "a long line", "", "");
    }

    private static string HowOf(string mine, string other, string[] lines)
    {
        string name = NameOf(other);
        return mine.Length == 0 || other.Length == 0 ? "number of fields"
            : name != NameOf(mine) ? Array.Exists(lines, line => NameOf(line) == name) ? "order" : "name"
            : TypeOf(mine) != TypeOf(other) ? "type"
            : name is "properties" or "distances" ? name
            : "range";
    }

    private static string NameOf(string line) => line.Split(':')[0];

    private static string TypeOf(string line)
    {
        string[] words = line[(line.IndexOf(':') + 1)..].Split([' '], StringSplitOptions.RemoveEmptyEntries);
        return words.Length > 0 ? words[0] : "";
    }

    private static string Sentence(string where, string how, string server, string client) => Shown(
        $"the schemas differ in {Shown(where, 60)} ({how}): {Quote(server)} on the server, {Quote(client)} on the client", Limits.ReasonCharsMax);

    private static string Quote(string text) => text.Length == 0 ? "nothing" : $"'{Shown(text, QuoteChars)}'";

    // It comes from a stranger and goes into logs and onto screens.
    private static string Shown(string text, int charsMax) => DeclaredName.Shown(text, charsMax);
}
