using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using GameServer.Operations;

namespace GameServer.Tests.Hosting;

[Category("Socket")]
[Platform(Include = "Linux")]
[Parallelizable(ParallelScope.All)]
public class ProcessTests
{
    [Test]
    [NonParallelizable] // counts bytes per tick, which include those of the compiler: on a crowded machine it works for longer
    public void Serve_BotsOfAnotherProcess_PlayAndBothEndCleanly()
    {
        using HostProcess server = HostProcess.StartServer();
        using HostProcess bots = HostProcess.StartBots(server.Port, count: 8, seconds: 6);

        Assert.That(bots.WaitForExit(), Is.Zero, () => bots.Error);
        server.Terminate();
        Assert.That(server.WaitForExit(), Is.Zero, () => server.Error);

        JsonElement played = bots.Stats();
        Assert.That(played.GetProperty("connected").GetInt32(), Is.EqualTo(8));
        Assert.That(played.GetProperty("lost").GetInt32(), Is.Zero);
        Assert.That(played.GetProperty("snapshotsReceived").GetInt64(), Is.GreaterThan(8 * 60));
        Assert.That(played.GetProperty("eventGaps").GetInt64(), Is.Zero);
        Assert.That(played.GetProperty("baselineMisses").GetInt64(), Is.Zero);
        JsonElement served = server.Stats();
        Assert.That(served.GetProperty("window").GetString(), Is.EqualTo("steady"));
        Assert.That(served.GetProperty("players").GetInt32(), Is.EqualTo(8));
        Assert.That(served.GetProperty("ticks").GetInt64(), Is.GreaterThan(60));
        Assert.That(served.GetProperty("inputs").GetProperty("executed").GetInt64(), Is.GreaterThan(8 * 60));
#if !NETCODE_PORTABLE // whose socket makes an address per datagram
        Assert.That(served.GetProperty("allocatedBytesPerTick").GetDouble(), Is.LessThan(1024), "a steady tick allocates nothing; a tier-up may, once");
#endif
    }

#if !NETCODE_PORTABLE // whose sockets cannot share a port
    [Test]
    public void Serve_TwoNetworkThreads_ServeManyAsOneDoesAndSayWhatTheyCannot()
    {
        using HostProcess server = HostProcess.StartServer(0, "--network-threads", "2", "--max-players", "32");
        using HostProcess bots = HostProcess.StartBots(server.Port, count: 32, seconds: 10);

        Assert.That(bots.WaitForExit(), Is.Zero, () => bots.Error);
        server.Terminate();
        Assert.That(server.WaitForExit(), Is.Zero, () => server.Error);

        Assert.That(server.Output, Does.Contain("address changes: not followed: 2 network threads share the port"));
        JsonElement played = bots.Stats();
        Assert.That((played.GetProperty("connected").GetInt32(), played.GetProperty("lost").GetInt32()), Is.EqualTo((32, 0)));
        Assert.That(played.GetProperty("corrections").GetProperty("own").GetInt64(), Is.Zero);
        Assert.That(played.GetProperty("shots").GetProperty("disagreements").GetInt64(), Is.Zero);
        Assert.That(played.GetProperty("eventGaps").GetInt64(), Is.Zero);
        Assert.That(played.GetProperty("baselineMisses").GetInt64(), Is.Zero);
        Assert.That(played.GetProperty("endReasons").GetProperty("left").GetInt32(), Is.EqualTo(32));
        JsonElement served = server.Stats();
        JsonElement whole = served.GetProperty("wholeRun");
        Assert.That((whole.GetProperty("joins").GetInt64(), whole.GetProperty("leaves").GetInt64()), Is.EqualTo((32L, 32L)));
        Assert.That((whole.GetProperty("kernelDrops").GetInt64(), whole.GetProperty("reliableOverflows").GetInt64()), Is.EqualTo((0L, 0L)));
        Assert.That(served.GetProperty("inputs").GetProperty("executed").GetInt64(), Is.GreaterThan(32 * 60));
        Assert.That(served.GetProperty("drops").TryGetProperty("reliableTooFast", out _), Is.False, "honest clients never meet the limit");
        Assert.That(served.GetProperty("drops").TryGetProperty("strangerPacket", out _), Is.False, "each address stays with its thread");
    }
#endif

    [Test]
    public void Serve_OwnBotsAlone_SignalEndsItAtOnce()
    {
        using HostProcess server = HostProcess.StartServer(4, "--drain-timeout", "60");
        server.WaitFor(static p => p.Output.Contains("player 4 joined", StringComparison.Ordinal));

        server.Terminate();

        Assert.That(server.WaitForExit(5), Is.Zero, () => server.Error);
        Assert.That(server.Output, Does.Contain("server_stopped").Or.Contain("left"));
    }

    [Test]
    public void Serve_SignalWhilePlayersPlay_NobodyLeavesBeforeTheDeadline()
    {
        using HostProcess server = HostProcess.StartServer(0, "--drain-timeout", "8"); // a client starts meanwhile
        using HostProcess bots = HostProcess.StartBots(server.Port, count: 2, seconds: 60);
        server.WaitFor(static p => p.Output.Contains("player 2 joined", StringComparison.Ordinal));

        server.Terminate();
        server.WaitFor(static p => p.Output.Contains("draining (signal)", StringComparison.Ordinal));
        using HostProcess late = HostProcess.StartBots(server.Port, count: 1, seconds: 1);
        Assert.That(late.WaitForExit(), Is.EqualTo(ExitCode.TemporaryFailure));
        Assert.That(late.Error, Does.Contain("is about to stop"));
        Assert.That(server.Output, Does.Not.Contain("left:"));

        Assert.That(server.WaitForExit(15), Is.Zero, () => server.Error);
        Assert.That(server.Output, Does.Contain("left: server_stopped"));
        Assert.That(bots.WaitForExit(10), Is.Zero, () => bots.Error);
        Assert.That(bots.Stats().GetProperty("endReasons").GetProperty("server_stopped").GetInt32(), Is.EqualTo(2));
    }

    [Test]
    public void Serve_PortInUse_OneLineAndTemporaryFailure()
    {
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        int port = ((IPEndPoint)taken.LocalEndPoint!).Port;

        using HostProcess server = HostProcess.Start("serve", "--bind", "127.0.0.1", "--port", $"{port}", "--http", "none");

        Assert.That(server.WaitForExit(), Is.EqualTo(ExitCode.TemporaryFailure));
        Assert.That(server.Error.Trim().Split('\n'), Has.Length.EqualTo(1));
        Assert.That(server.Error, Does.Contain($"{port}"));
    }

    [TestCase("--no-such-option")]
    [TestCase("--tick-rate", "0")]
    [TestCase("bots", "--link", "loss=101")]
    public void Run_BadArguments_SaysSoAndEndsWithTwo(params string[] args)
    {
        using HostProcess server = HostProcess.Start(args);

        Assert.That(server.WaitForExit(), Is.EqualTo(ExitCode.BadArguments));
        Assert.That(server.Error, Does.Contain(args[^1]));
    }

    [TestCase("bots")]
    [TestCase("watch")]
    public void Connect_HostDoesNotResolve_TemporaryFailure(string command)
    {
        using HostProcess client = HostProcess.Start(command, "--connect", "no-such-host.invalid:9050");

        Assert.That(client.WaitForExit(), Is.EqualTo(ExitCode.TemporaryFailure));
        Assert.That(client.Error, Does.Contain("no-such-host.invalid").And.Contain("resolve"));
    }

    [TestCase("bots")]
    [TestCase("watch")]
    public void Connect_NoServerThere_TemporaryFailure(string command)
    {
        using var silent = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        silent.Bind(new IPEndPoint(IPAddress.Loopback, 0));

        using HostProcess client = HostProcess.Start(command, "--connect", silent.LocalEndPoint!.ToString()!);

        Assert.That(client.WaitForExit(), Is.EqualTo(ExitCode.TemporaryFailure));
        Assert.That(client.Error, Does.Contain("no server answers"));
    }

    [Test]
    public void Watch_WithoutTerminal_DrawsPlainFrames()
    {
        using HostProcess server = HostProcess.StartServer(2);
        using HostProcess watch = HostProcess.Start("watch", "--connect", $"127.0.0.1:{server.Port}");

        watch.WaitFor(static p => p.Output.Contains("kB/s down", StringComparison.Ordinal) && p.Output.Contains("██", StringComparison.Ordinal) && p.Output.Contains("bot 2", StringComparison.Ordinal));
        watch.Terminate();

        Assert.That(watch.WaitForExit(), Is.Zero, () => watch.Error);
        Assert.That(watch.Output, Does.Not.Contain("\e").And.Match("→ soldier +o rocket +# explosion").And.Match(@"\d/\d +bot [12]"));
    }

    [Test]
    public void Serve_BotsKilledHard_TheirSeatsAreFreeAfterTheTimeout()
    {
        using HostProcess server = HostProcess.StartServer(0, "--max-players", "2");
        using HostProcess first = HostProcess.StartBots(server.Port, count: 2, seconds: 60);
        server.WaitFor(static p => p.Output.Contains("player 2 joined", StringComparison.Ordinal));

        first.Kill();
        using HostProcess early = HostProcess.StartBots(server.Port, count: 1, seconds: 1);
        Assert.That(early.WaitForExit(), Is.EqualTo(ExitCode.TemporaryFailure), "both seats are still held");
        Assert.That(early.Error, Does.Contain("every seat is taken"));

        server.WaitFor(static p => p.Output.Split("left: timeout").Length == 3, seconds: 10);
        using HostProcess second = HostProcess.StartBots(server.Port, count: 2, seconds: 3);
        Assert.That(second.WaitForExit(), Is.Zero, () => second.Error);
        Assert.That(second.Stats().GetProperty("connected").GetInt32(), Is.EqualTo(2));
    }

    [Test]
    public void Serve_FloodOfGarbageWhileSixteenPlay_NobodyIsLost()
    {
        using HostProcess server = HostProcess.StartServer();
        using HostProcess bots = HostProcess.StartBots(server.Port, count: 16, seconds: 9);
        server.WaitFor(static p => p.Output.Contains("player 16 joined", StringComparison.Ordinal));
        Thread.Sleep(3500); // the figures are counted from 3 s after the last join on

        Flood(server.Port, datagrams: 100_000);

        Assert.That(bots.WaitForExit(), Is.Zero, () => bots.Error);
        server.Terminate();
        Assert.That(server.WaitForExit(), Is.Zero, () => server.Error);
        JsonElement played = bots.Stats();
        JsonElement served = server.Stats();
        JsonElement inputs = served.GetProperty("inputs");
        long dropped = served.GetProperty("drops").EnumerateObject().Sum(d => d.Value.GetInt64());
        TestContext.Out.WriteLine($"{dropped} datagrams refused, {inputs.GetProperty("starved")} inputs starved, {inputs.GetProperty("executed")} executed");
        Assert.That(played.GetProperty("connected").GetInt32(), Is.EqualTo(16));
        Assert.That(played.GetProperty("lost").GetInt32(), Is.Zero);
        Assert.That(played.GetProperty("eventGaps").GetInt64(), Is.Zero);
        Assert.That(inputs.GetProperty("executed").GetInt64(), Is.GreaterThan(16 * 60));
        Assert.That(dropped, Is.GreaterThan(1000), "the flood never arrived");
    }

    private static void Flood(int port, int datagrams)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Connect(IPAddress.Loopback, port);
        var random = new Random(7);
        byte[] datagram = new byte[600];
        for (int i = 0; i < datagrams; i++)
        {
            random.NextBytes(datagram);
            socket.Send(datagram, 1 + random.Next(datagram.Length - 1), SocketFlags.None);
        }
    }
}
