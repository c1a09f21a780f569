using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace GameServer.Tests.Operations;

/// <summary>The whole process with not one handle left: it plays on, answers, and ends in order.</summary>
[Category("Socket")]
[Platform("Linux")]
[Parallelizable(ParallelScope.All)]
internal sealed partial class NoHandleTests
{
    /// <summary>Below every number in use: what is closed gives nothing back.</summary>
    private const int FarBelow = 3;

    private const int OfTheStart = 64;

    private const int LimitOfOpenFiles = 7; // RLIMIT_NOFILE
    /// <summary>As the image and the unit have it: the compiler's thread stays, and need not be made later.</summary>
    private static readonly (string Name, string Value) CompilerStays = ("DOTNET_TC_BackgroundWorkerTimeoutMs", "7fffffff");

    private const string Quick = "serve --port 0 --http 127.0.0.1:0 --cpu-affinity none --status-seconds 1";

    [TestCase(false)]
    [TestCase(true)]
    public async Task Signal_NoHandleLeft_EndsInOrder(bool isFarBelow)
    {
        using var server = new ServerProcess(Quick + " --bots 2 --drain-timeout 0", CompilerStays);
        await server.Ready();
        await AgonesTests.Eventually(() => server.Events("joined").Length == 2);
        await PlayOnWithoutHandles(server, isFarBelow);
        server.Signal(ServerProcess.Terminate);
        Assert.That(await server.Exit(withinSeconds: 15), Is.Zero, server.Everything);
        Assert.That(server.Events("ended").Single().GetProperty("reason").GetString(), Is.EqualTo("signal"));
        Assert.That(server.Events("unexpected"), Is.Empty);
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task SecondSignal_NoHandleLeft_EndsAtOnce(bool isFarBelow)
    {
        using var server = new ServerProcess(Quick + " --bots 0 --drain-timeout 60", CompilerStays);
        await server.Ready();
        using ServerProcess players = server.Play(1);
        await server.Event("joined");
        await PlayOnWithoutHandles(server, isFarBelow);
        server.Signal(ServerProcess.Terminate);
        await server.Event("draining");
        server.Signal(ServerProcess.Terminate);
        Assert.That(await server.Exit(withinSeconds: 10), Is.Zero, server.Everything);
        Assert.That(server.Events("stopping_at_once"), Has.Length.EqualTo(1));
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task HangUp_NoHandleLeft_ChangesNothingAndTheServerServes(bool isFarBelow)
    {
        string folder = Directory.CreateTempSubdirectory("gameserver-").FullName;
        string file = Path.Combine(folder, "a.json");
        await File.WriteAllTextAsync(file, """{ "drain-timeout": 0 }""");
        using var server = new ServerProcess($"{Quick} --bots 0 --config {file}", CompilerStays);
        await server.Ready();
        await PlayOnWithoutHandles(server, isFarBelow);
        server.Signal(ServerProcess.HangUp);
        await AgonesTests.Eventually(() => server.Events("reload_failed").Length + server.Events("reloaded_nothing").Length == 1, seconds: 20);
        await MoreStatus(server);
        Assert.That(server.Events("reloaded"), Is.Empty);
        server.Signal(ServerProcess.Terminate);
        Assert.That(await server.Exit(withinSeconds: 15), Is.Zero, server.Everything);
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>One has kept its connection, others come anew each time; whoever is idle then may have to make room.</summary>
    [Test]
    public async Task ProbesAndScrapes_NoHandleLeft_AreAnswered()
    {
        using var server = new ServerProcess(Quick + " --bots 2 --drain-timeout 0", CompilerStays);
        using var kept = new HttpClient { BaseAddress = await server.Ready() };
        Assert.That(await kept.GetStringAsync("/livez"), Does.Contain("alive"));
        await PlayOnWithoutHandles(server, isFarBelow: false);
        Assert.That(await kept.GetStringAsync("/livez"), Does.Contain("alive"));
        for (int i = 0; i < 50; i++)
        {
            using var fresh = new HttpClient { BaseAddress = kept.BaseAddress };
            Assert.That(await fresh.GetStringAsync("/livez"), Does.Contain("alive"));
            Assert.That(await fresh.GetStringAsync("/metrics"), Does.Contain("gameserver_players 2\n").And.Contains("gameserver_ready 1\n"));
        }

        Assert.That(server.Events("http_failed").Concat(server.Events("http_accept_failed")), Is.Empty);
        server.Signal(ServerProcess.Terminate);
        Assert.That(await server.Exit(withinSeconds: 15), Is.Zero, server.Everything);
    }

    [Test]
    public async Task Figures_NoHandleLeft_AreWrittenAllTheSame()
    {
        string file = Path.Combine(Path.GetTempPath(), Path.GetRandomFileName());
        using var server = new ServerProcess($"{Quick} --bots 0 --drain-timeout 0 --stats-json {file}", CompilerStays);
        await server.Ready();
        await PlayOnWithoutHandles(server, isFarBelow: false);
        server.Signal(ServerProcess.Terminate);
        Assert.That(await server.Exit(withinSeconds: 15), Is.Zero, server.Everything);
        using JsonDocument figures = JsonDocument.Parse(await File.ReadAllTextAsync(file));
        Assert.That(figures.RootElement.GetProperty("ticks").GetInt64(), Is.GreaterThan(0));
        File.Delete(file);
    }

    [Test]
    public async Task Orchestrator_NoHandleLeft_IsToldTheEnd()
    {
        await using var sidecar = new AgonesStandIn();
        await sidecar.Start();
        using var server = new ServerProcess(Quick + " --bots 0 --drain-timeout 0", sidecar.Environment, CompilerStays);
        await server.Ready();
        await AgonesTests.Eventually(() => sidecar.Count("POST /ready") == 1);
        await PlayOnWithoutHandles(server, isFarBelow: false);
        server.Signal(ServerProcess.Terminate);
        Assert.That(await server.Exit(withinSeconds: 15), Is.Zero, server.Everything);
        Assert.That(sidecar.State, Is.EqualTo("Shutdown"));
    }

    /// <summary>Takes every handle from the server, and waits until it has lived with that for a while.</summary>
    private static async Task PlayOnWithoutHandles(ServerProcess server, bool isFarBelow)
    {
        await AgonesTests.Eventually(() => File.ReadAllText($"/proc/{server.Id}/maps").Contains("System.IO.Compression.dll", StringComparison.Ordinal), seconds: 20);
        await MoreStatus(server); // what is loaded last has been loaded for a while: the start is over in all its parts
        int all = isFarBelow ? FarBelow : LowestFree(server);
        var limit = new Limits((ulong)all, 4_096);
        Assert.That(SetLimit(server.Id, LimitOfOpenFiles, in limit, 0), Is.Zero);
        await MoreStatus(server);
    }

    /// <summary>The first number that a new file would get: with it as the limit, there is none. What waits in an open (the debugger's pipe) has one of the first and shows none.</summary>
    private static int LowestFree(ServerProcess server)
    {
        HashSet<string?> taken = [.. Directory.GetFiles($"/proc/{server.Id}/fd").Select(Path.GetFileName)];
        return Enumerable.Range(OfTheStart, 4_096).First(n => !taken.Contains(n.ToString(CultureInfo.InvariantCulture)));
    }

    private static async Task MoreStatus(ServerProcess server)
    {
        int before = server.Events("status").Length;
        await AgonesTests.Eventually(() => server.HasEnded || server.Events("status").Length >= before + 2, seconds: 20);
        Assert.That(server.HasEnded, Is.False, () => server.Everything);
    }

    [LibraryImport("libc", EntryPoint = "prlimit")]
    private static partial int SetLimit(int process, int resource, in Limits limits, nint before);

    private readonly record struct Limits(ulong Current, ulong Most);
}
