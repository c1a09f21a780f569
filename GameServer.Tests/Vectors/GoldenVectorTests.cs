using System.Globalization;
using System.Text;
using GameServer.Netcode.Game;
using GameServer.Netcode.Inputs;
using GameServer.Netcode.Messages;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Snapshots;
using GameServer.Tests.Source;

namespace GameServer.Tests.Vectors;

/// <summary>The golden vectors of docs/PROTOCOL.md: each file's bytes are decoded, their meaning compared line by line, and encoded again.</summary>
/// <remarks>GAMESERVER_WRITE_VECTORS=1 writes the files anew, after a deliberate change of the format.</remarks>
public sealed class GoldenVectorTests
{
    private static readonly Schema Schema = GameSchema<VectorInput>.Of(new VectorGame());

    private static string Folder => Path.Combine(SourceTree.Root, "docs", "vectors");

    [Test]
    public void Input_Vectors_MeanWhatTheySay() => Compare("input", WriteInputs(), DescribeInput);

    [Test]
    public void Control_Vectors_MeanWhatTheySay() => Compare("control", WriteMessages(), DescribeMessage);

    [Test]
    public void Snapshot_Vectors_MeanWhatTheySay()
    {
        var sink = new TextSink();
        var reader = new SnapshotReader(Schema, sink, new DropCounters());
        Compare("snapshot", VectorRoom.Record(), bytes =>
        {
            sink.Text.Clear();
            Assert.That(reader.TryRead(bytes), Is.True, "the snapshot is refused");
            return DescribeSnapshot(reader) + sink.Text;
        });
    }

    private static void Compare(string name, List<(string Name, byte[] Bytes)> encoded, Func<byte[], string> describe)
    {
        string path = Path.Combine(Folder, name + ".txt");
        if (Environment.GetEnvironmentVariable("GAMESERVER_WRITE_VECTORS") == "1")
        {
            Directory.CreateDirectory(Folder);
            File.WriteAllText(path, string.Join("\n", encoded.Select(v => $"name={v.Name}\nhex={Convert.ToHexStringLower(v.Bytes)}\n{describe(v.Bytes)}")));
            return;
        }

        string[] vectors = File.ReadAllText(path).Split("\n\n", StringSplitOptions.RemoveEmptyEntries);
        Assert.That(vectors, Has.Length.EqualTo(encoded.Count));
        for (int i = 0; i < vectors.Length; i++)
        {
            string[] lines = vectors[i].Split('\n', 3);
            byte[] bytes = Convert.FromHexString(lines[1]["hex=".Length..]);
            Assert.That(lines[0], Is.EqualTo("name=" + encoded[i].Name));
            Assert.That(describe(bytes).TrimEnd(), Is.EqualTo(lines[2].TrimEnd()), lines[0]);
            Assert.That(Convert.ToHexStringLower(encoded[i].Bytes), Is.EqualTo(lines[1]["hex=".Length..]), $"{lines[0]}: encoded again");
        }
    }

    private static List<(string Name, byte[] Bytes)> WriteInputs()
    {
        var buffer = new byte[256];
        var none = new InputPacket(Schema.Input);
        var two = new InputPacket(Schema.Input) { HasAck = true, AckSequence = 515, AckBits = 0b1011 };
        var row = new int[Schema.Input.Count];
        var input = new VectorInput { Move = 1, Buttons = new Buttons { Held = 2, Pressed = 2 } };
        Schema.Input.Capture(ref System.Runtime.CompilerServices.Unsafe.As<VectorInput, byte>(ref input), 0, row);
        two.Add(new Tick(1000), new ViewStamp(new Tick(992), 128, new Tick(995)), row);
        two.Add(new Tick(1001), new ViewStamp(new Tick(993), 120, new Tick(996)), row);
        two.Add(new Tick(1002), new ViewStamp(new Tick(994), 120, new Tick(997)), Schema.Input.ZeroRow);
        return [("no snapshot yet, no input", buffer[..none.Write(buffer)]), ("three inputs, the second like the first", buffer[..two.Write(buffer)])];
    }

    private static string DescribeInput(byte[] bytes)
    {
        var packet = new InputPacket(Schema.Input);
        Assert.That(packet.TryRead(bytes), Is.True);
        var text = new StringBuilder();
        Line(text, "payload kind", bytes[0]);
        Line(text, "ack", packet.HasAck ? $"{packet.AckSequence}, bits {packet.AckBits:x8}" : "none");
        for (int i = 0; i < packet.Count; i++)
        {
            ref readonly ViewStamp stamp = ref packet.StampOf(i);
            Line(text, $"input {packet.TickOf(i)}", $"view {stamp.Tick}+{stamp.Fraction}/256, newest {stamp.Newest}, columns {string.Join(' ', packet.RowOf(i).ToArray())}");
        }

        return text.ToString();
    }

    private static List<(string Name, byte[] Bytes)> WriteMessages()
    {
        var buffer = new byte[4096];
        return
        [
            ("join", buffer[..new JoinMessage("vectors", 1, 0x0123456789ABCDEF, "Åse", false).Write(buffer)]),
            ("welcome", buffer[..new WelcomeMessage(3, 60, new Tick(4_000_000_000), 1200, 5000, 250, 42) { Name = "Åse" }.Write(buffer)]),
            ("refuse", buffer[..ControlMessage.WriteRefuse(buffer, LeaveReason.WrongProtocol, LeaveReasonText.OfProtocols(1, 2))]),
            ("leave", buffer[..ControlMessage.WriteLeave(buffer, 639_307_699_266_584_415)]),
            ("chat", buffer[..ControlMessage.WriteChat(buffer, 3, "well met")]),
            ("report", buffer[..new ReportMessage(1, 2, 3, 95, 12, 61, 4).Write(buffer)]),
            ("schema", buffer[..SchemaMessage.Write(buffer, Schema)]),
            ("draining", buffer[..ControlMessage.WriteDraining(buffer, 30)]),
            ("notice", buffer[..NoticeMessage.Write(buffer, "maintenance at six")]),
            ("players", buffer[..PlayersMessage.Write(buffer, [(3, "Åse"), (7, "")])]),
        ];
    }

    private static string DescribeMessage(byte[] bytes)
    {
        Assert.That(ControlMessage.TryReadKind(bytes, out ControlKind kind), Is.True);
        var text = new StringBuilder();
        Line(text, "kind", $"{(int)kind} {kind}");
        switch (kind)
        {
            case ControlKind.Join when JoinMessage.TryRead(bytes, out JoinMessage join):
                Assert.That(JoinMessage.TryReadProtocol(bytes, out int protocol), Is.True);
                Line(text, "protocol", protocol);
                Line(text, "value", join);
                break;
            case ControlKind.Welcome when WelcomeMessage.TryRead(bytes, out WelcomeMessage welcome):
                Line(text, "value", welcome);
                break;
            case ControlKind.Report when ReportMessage.TryRead(bytes, out ReportMessage report):
                Line(text, "value", report);
                break;
            case ControlKind.Refuse when ControlMessage.TryReadRefuse(bytes, out LeaveReason reason, out string why):
                Line(text, "reason", $"{(int)reason} {reason}: {why}");
                break;
            case ControlKind.Chat when ControlMessage.TryReadChat(bytes, out int seat, out string said):
                Line(text, "value", $"seat {seat}: {said}");
                break;
            case ControlKind.Draining when ControlMessage.TryReadDraining(bytes, out int seconds):
                Line(text, "seconds", seconds);
                break;
            case ControlKind.Notice when NoticeMessage.TryRead(bytes, out string notice):
                Line(text, "text", notice);
                break;
            case ControlKind.Players:
                var seats = new List<(int Seat, string Name)>();
                Assert.That(PlayersMessage.TryRead(bytes, seats), Is.True);
                Line(text, "seats", string.Join(", ", seats.Select(static s => s.Name.Length > 0 ? $"{s.Seat} {s.Name}" : $"{s.Seat} is free")));
                break;
            case ControlKind.Schema:
                var reader = new MessagePackReader(bytes);
                Line(text, "elements", reader.ReadArrayHeader());
                reader.ReadInt32();
                Line(text, "hash", $"{reader.ReadUInt64():x16}");
                break;
            case ControlKind.Leave when ControlMessage.TryReadLeave(bytes, out long time):
                Line(text, "connection time", time);
                break;
            default:
                Assert.Fail($"{kind}");
                break;
        }

        return text.ToString();
    }

    private static string DescribeSnapshot(SnapshotReader reader)
    {
        var text = new StringBuilder();
        SnapshotHeader header = reader.Newest;
        Line(text, "sequence", header.Sequence);
        Line(text, "tick", header.Tick);
        Line(text, "common baseline age", header.CommonBaselineAge);
        Line(text, "inputs", header.HasInputs ? $"up to {header.InputAck}, margin of {header.MarginTick} {header.MarginParts}/16" : "none");
        Line(text, "made-up input", header.StarvedAge < 0 ? "none" : $"{header.StarvedAge} ticks ago");
        Line(text, "own block is whole", reader.HasNewestOwned && reader.NewestOwned.Sequence == header.Sequence);
        foreach (EntityReplica replica in reader.Replicas.Span)
        {
            if (replica.IsKnown)
            {
                SampleRing ring = replica.IsOwned ? replica.Owned! : replica.Seen;
                Line(text, $"{(replica.IsOwned ? "own" : "other")} {replica.Id}", $"tick {ring.Newest.Tick}, since {ring.Newest.ChangedAt}, spawned {replica.SpawnTick}, columns {string.Join(' ', ring.NewestRow.ToArray())}");
            }
        }

        return text.ToString();
    }

    private static void Line<T>(StringBuilder text, string key, T value) => text.Append(CultureInfo.InvariantCulture, $"{key}={value}\n");

    private sealed class TextSink : ISnapshotSink
    {
        public StringBuilder Text { get; } = new();

        public void OnEvent(int eventIndex, ushort sequence, Tick tick, byte ordinal, bool ownKey, ReadOnlySpan<int> row) =>
            Line(Text, "event", $"{eventIndex}, tick {tick}, ordinal {ordinal}, own {ownKey}, columns {string.Join(' ', row.ToArray())}");

        public void OnVerdict(in ShotVerdict verdict) => Line(Text, "verdict", verdict);

        public void OnBegin(EntityReplica replica) => Line(Text, "begins", replica.Id);

        public void OnRemove(EntityReplica replica) => Line(Text, "ends", replica.Id);
    }
}
