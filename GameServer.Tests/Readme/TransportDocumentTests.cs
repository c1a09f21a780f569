using GameServer.Netcode.Transport;
using GameServer.Tests.Source;

namespace GameServer.Tests.Readme;

/// <summary>What docs/TRANSPORT.md shows is what these tests compile and run.</summary>
public sealed class TransportDocumentTests
{
    [Test]
    public void Example_InTheDocument_IsTheCodeThatIsTested()
    {
        string document = Lines(Path.Combine("docs", "TRANSPORT.md"));
        int start = document.IndexOf("```csharp\n", StringComparison.Ordinal) + 10;
        string shown = document[start..document.IndexOf("```", start, StringComparison.Ordinal)];

        string source = Lines(Path.Combine("GameServer.Tests", "Readme", "TransportExample.cs"));
        int from = source.IndexOf("// TRANSPORT: alone\n", StringComparison.Ordinal) + "// TRANSPORT: alone\n".Length;
        string[] tested = source[from..source.IndexOf("        // TRANSPORT: end", from, StringComparison.Ordinal)].Split('\n');
        string code = string.Join(
            '\n', tested.Select(static line => line.StartsWith("        ", StringComparison.Ordinal) ? line[8..] : line));
        Assert.That(shown.Trim(), Is.EqualTo(code.Trim()));
    }

    [Test]
    [Category("Socket")]
    public void Example_OverRealSockets_ConnectsTalksAndEnds()
    {
        List<string> log = [];
        TransportExample.Run(secret: 7, SocketClock.Micros + 8_000_000, log.Add);
        Assert.That(log, Is.SupersetOf(new[]
        {
            "server: Connected a key or ticket",
            "server: Message where I am",
            "server: Message what I say",
            "client: Message what I say",
            "server: Disconnected goodbye",
        }));
        int ends = log.Count(static line => line.Contains("Disconnected", StringComparison.Ordinal));
        Assert.That(ends, Is.EqualTo(2), string.Join('\n', log));
    }

    private static string Lines(string path) =>
        File.ReadAllText(Path.Combine(SourceTree.Root, path)).Replace("\r\n", "\n", StringComparison.Ordinal);
}
