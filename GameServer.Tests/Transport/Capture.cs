using System.Buffers.Binary;
using System.Globalization;
using System.Text.RegularExpressions;
using GameServer.Netcode.Transport;

namespace GameServer.Tests.Transport;

/// <summary>
/// A session of the real library as a relay saw it. Lines: time, direction (x: lost), length, bytes, and behind a bar what they mean, of
/// which the bytes that a line leaves out are made; lines with ## say what happened at the ends.
/// </summary>
internal sealed partial class Capture
{
    public enum Direction
    {
        ToServer,
        ToClient,
        Note,
    }

    public sealed record Entry(Direction Direction, bool Lost, byte[] Bytes, string Text);

    private Capture(string name, List<Entry> entries)
    {
        Name = name;
        Entries = entries;
        Line = name.StartsWith("v1", StringComparison.Ordinal) || name.StartsWith("sec", StringComparison.Ordinal)
            || name.StartsWith("interop-v1", StringComparison.Ordinal) ? WireLine.One : WireLine.Two;
    }

    public string Name { get; }

    public WireLine Line { get; }

    public List<Entry> Entries { get; }

    public static IEnumerable<string> Names => Directory.EnumerateFiles(Folder, "*.txt").Select(f => Path.GetFileNameWithoutExtension(f)).Order();

    private static string Folder => Path.Combine(TestContext.CurrentContext.TestDirectory, "Transport", "Captures");

    public static Capture Load(string name)
    {
        var entries = new List<Entry>();
        foreach (string line in File.ReadLines(Path.Combine(Folder, name + ".txt")))
        {
            Match match = Datagram().Match(line);
            if (match.Success)
            {
                var direction = match.Groups["to"].Value == "S" ? Direction.ToServer : Direction.ToClient;
                bool lost = match.Groups["lost"].Length > 0 || match.Groups["to"].Value == "old";
                entries.Add(new Entry(direction, lost, Rebuild(match), match.Groups["text"].Value));
            }
            else if (line.Contains("##", StringComparison.Ordinal))
            {
                entries.Add(new Entry(Direction.Note, false, [], line[(line.IndexOf("##", StringComparison.Ordinal) + 2)..].Trim()));
            }
        }

        return new Capture(name, entries);
    }

    /// <summary>The packets of a datagram: its own, or those that it merges.</summary>
    public static IEnumerable<byte[]> PacketsOf(WireLine line, byte[] datagram)
    {
        if (line.KindOf(datagram[0]) != PacketKind.Merged)
        {
            yield return datagram;
            yield break;
        }

        for (int i = 1; i < datagram.Length;)
        {
            int length = BinaryPrimitives.ReadUInt16LittleEndian(datagram.AsSpan(i));
            yield return datagram[(i + 2)..(i + 2 + length)];
            i += 2 + length;
        }
    }

    /// <summary>The messages of a reliable packet that is no fragment.</summary>
    public static IEnumerable<byte[]> MessagesOf(WireLine line, byte[] packet)
    {
        if (line.KindOf(packet[0]) != PacketKind.ReliableMerged)
        {
            yield return packet[4..];
            yield break;
        }

        for (int i = 4; i < packet.Length;)
        {
            int length = BinaryPrimitives.ReadUInt16LittleEndian(packet.AsSpan(i));
            yield return packet[(i + 2)..(i + 2 + length)];
            i += 2 + length;
        }
    }

    /// <summary>The datagram with another connection number in it and in the packets that it merges.</summary>
    public static byte[] WithNumber(WireLine line, byte[] datagram, int number)
    {
        byte[] copy = [.. datagram];
        copy[0] = (byte)((copy[0] & ~0x60) | (number << 5));
        for (int i = 1; line.KindOf(copy[0]) == PacketKind.Merged && i + 2 < copy.Length;)
        {
            copy[i + 2] = (byte)((copy[i + 2] & ~0x60) | (number << 5));
            i += 2 + BinaryPrimitives.ReadUInt16LittleEndian(copy.AsSpan(i));
        }

        return copy;
    }

    private static byte[] Rebuild(Match match)
    {
        byte[] bytes = new byte[int.Parse(match.Groups["length"].Value, CultureInfo.InvariantCulture)];
        byte[] shown = Convert.FromHexString(match.Groups["bytes"].Value.Replace(" ", "", StringComparison.Ordinal));
        shown.CopyTo(bytes, 0);
        string text = match.Groups["text"].Value;
        if (shown.Length < bytes.Length)
        {
            FillHidden(bytes, text);
            shown.CopyTo(bytes, 0);
        }

        return bytes;
    }

    private static void FillHidden(byte[] bytes, string text)
    {
        long time = Number(text, "time");
        if (text.StartsWith("ConnectRequest", StringComparison.Ordinal))
        {
            Wire.WriteRequest(bytes, 0, time, 0, PeerAddress.FromIPv4(0x0100007F, 1), [4, 0, (byte)'K', (byte)'E', (byte)'Y']);
        }
        else if (text.StartsWith("ConnectAccept", StringComparison.Ordinal))
        {
            Wire.WriteAccept(bytes, 0, time, (int)Number(text, "connNum"), 0, (int)Number(text, "peerId"));
        }
        else if (text.StartsWith("Mtu", StringComparison.Ordinal))
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(bytes.Length - 4), (int)Number(text, "mtu"));
        }
        else if (text.StartsWith("ReliableMerged", StringComparison.Ordinal))
        {
            int i = 4;
            foreach (string length in text[(text.IndexOf('[', StringComparison.Ordinal) + 1)..text.IndexOf(']', StringComparison.Ordinal)].Split(' '))
            {
                BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(i), ushort.Parse(length, CultureInfo.InvariantCulture));
                i += 2 + ushort.Parse(length, CultureInfo.InvariantCulture);
            }
        }
        else if (text.StartsWith("Merged", StringComparison.Ordinal))
        {
            FillMerged(bytes, text);
        }
    }

    private static void FillMerged(byte[] bytes, string text)
    {
        int i = 1;
        foreach (Match inner in MergedEntry().Matches(text))
        {
            int length = int.Parse(inner.Groups["length"].Value, CultureInfo.InvariantCulture);
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(i), (ushort)length);
            if (inner.Groups["kind"].Value == "Channeled")
            {
                Wire.WriteChannelHeader(bytes.AsSpan(i + 2), 1, (ushort)Number(inner.Value, "seq"), (int)Number(inner.Value, "ch"));
            }

            i += 2 + length;
        }
    }

    private static long Number(string text, string name)
    {
        Match match = Regex.Match(text, $@"\b{name}=(\d+)");
        return match.Success ? long.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture) : 0;
    }

    [GeneratedRegex(@"^\s*[\d.]+ (?:## +[\d.]+ )?(?<from>[CSI])>(?<to>S|C|old)(?<lost>x?)\s+len=\s*(?<length>\d+) (?<bytes>(?:[0-9a-f]{2} ?)+)\s*(?:\.\.\(\+\d+\)\s*)?\|\s?(?<text>.*)$")]
    private static partial Regex Datagram();

    [GeneratedRegex(@"(?<length>\d+):(?<kind>\w+)[^;]*;")]
    private static partial Regex MergedEntry();
}
