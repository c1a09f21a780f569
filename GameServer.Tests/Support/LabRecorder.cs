using GameServer.Netcode.Client;
using GameServer.Netcode.Transport;
using GameServer.Tests.Source;

namespace GameServer.Tests.Support;

/// <summary>What a real room and one client sent to each other, and the committed files of that: one payload per line, in hex.</summary>
public sealed class LabRecorder
{
    private const string SnapshotFile = "Snapshots/Corpus/arena.hex";
    private const string InputFile = "Inputs/Corpus/arena.hex";

    /// <summary>The committed snapshots, in the order in which they arrived.</summary>
    internal static byte[][] Snapshots() => Load(SnapshotFile);

    /// <summary>The committed input packets.</summary>
    internal static byte[][] Inputs() => Load(InputFile);

    [Test]
    [Explicit("records the committed corpus anew, after a change of the format or of the sample game")]
    public void Record_Corpus()
    {
        var snapshots = new List<byte[]>();
        var inputs = new List<byte[]>();
        var link = new LinkModel { DelayMicros = 30_000, JitterMicros = 10_000, LossPercent = 10 };
        var lab = new Lab(new LabOptions { Seed = 5, Clients = 5, SyncTest = false, Checks = false, FirstTick = uint.MaxValue - 150, Up = link, Down = link });

        var client = new LabCheat(lab.Network, lab.Server.Address, link) { Received = payload => snapshots.Add(payload.ToArray()), Sent = payload => inputs.Add(payload.ToArray()) };
        lab.Stranger = client.Update;
        lab.Run(7);
        Assert.That(client.Client.State, Is.EqualTo(ClientState.Playing));
        Save(SnapshotFile, "snapshots of the arena, as one client received them", snapshots.Take(240));
        Save(InputFile, "input packets of the arena, as one client sent them", inputs.Take(120));
    }

    private static byte[][] Load(string file) =>
        [.. File.ReadLines(Path.Combine(TestContext.CurrentContext.TestDirectory, file)).Where(l => l.Length > 0 && l[0] != '#').Select(Convert.FromHexString)];

    private static void Save(string file, string title, IEnumerable<byte[]> payloads)
    {
        string path = Path.Combine(SourceTree.Root, "GameServer.Tests", file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllLines(path, payloads.Select(Convert.ToHexString).Prepend($"# {title}; LabRecorder.Record_Corpus makes it anew"));
    }
}
