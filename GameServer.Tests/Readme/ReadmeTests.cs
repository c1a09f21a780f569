using System.Net;
using System.Numerics;
using GameServer.Arena;
using GameServer.Netcode.Client;
using GameServer.Netcode.Game;
using GameServer.Tests.Hosting;
using GameServer.Tests.Source;

namespace GameServer.Tests.Readme;

/// <summary>What the README shows is what these tests compile and run.</summary>
public sealed class ReadmeTests
{
    private static readonly string[] Names = ["client", "litenetlib"];

    private static long NowMicros => Environment.TickCount64 * 1000;

    [TestCaseSource(nameof(Names))]
    public void Example_InTheReadme_IsTheCodeThatIsTested(string name)
    {
        string readme = Lines(File.ReadAllText(Path.Combine(SourceTree.Root, "README.md")));
        int start = readme.IndexOf("```csharp\n", readme.IndexOf($"<!-- test: {name} -->", StringComparison.Ordinal), StringComparison.Ordinal) + 10;
        string shown = readme[start..readme.IndexOf("```", start, StringComparison.Ordinal)];

        string file = name == "client" ? "ReadmeClients.cs" : "ReadmeLiteNetLibClient.cs";
        string source = Lines(File.ReadAllText(Path.Combine(SourceTree.Root, "GameServer.Tests", "Readme", file)));
        int from = source.IndexOf($"// README: {name}\n", StringComparison.Ordinal) + $"// README: {name}\n".Length;
        string tested = source[from..source.IndexOf("        // README: end", from, StringComparison.Ordinal)];
        tested = string.Join('\n', tested.Split('\n').Select(static line => line.StartsWith("        ", StringComparison.Ordinal) ? line[8..] : line));

        Assert.That(shown.Trim(), Is.EqualTo(tested.Trim()));
    }

    [Test]
    [Category("Socket")]
    [Platform(Include = "Linux")]
    public void Clients_OfTheReadme_PlayOnARealServer()
    {
        using HostProcess server = HostProcess.StartServer(2);
        int drawn = 0;
        GameClient<ArenaInput> own = ReadmeClient.Run(new IPEndPoint(IPAddress.Loopback, server.Port), () => NowMicros, NowMicros + 1_500_000, _ => drawn++);
        Assert.That(own.Stats.SnapshotsReceived, Is.GreaterThan(30), () => server.Output);
        Assert.That(drawn, Is.GreaterThan(30));

        GameClient<ArenaInput> foreign = ReadmeLiteNetLibClient.Run("127.0.0.1", server.Port, () => NowMicros, NowMicros + 1_500_000);
        Assert.That(foreign.Player, Is.Not.EqualTo(PlayerId.None), () => server.Output);
        Assert.That(foreign.Stats.SnapshotsReceived, Is.GreaterThan(30));
        Assert.That(foreign.TryGetOwned(ArenaGame.Soldiers, out Soldier soldier), Is.True);
        Assert.That(soldier.Position, Is.Not.EqualTo(Vector3.Zero));
        Assert.That(foreign.Stats.CorrectionsOwn, Is.LessThanOrEqualTo(3));
    }

    private static string Lines(string text) => text.Replace("\r\n", "\n", StringComparison.Ordinal);
}
