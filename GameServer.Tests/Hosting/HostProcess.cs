using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace GameServer.Tests.Hosting;

/// <summary>The program in a process of its own, with all that it says.</summary>
internal sealed partial class HostProcess : IDisposable
{
    private const int SignalTerminate = 15;

    private readonly Process _process;
    private readonly StringBuilder _output = new();
    private readonly StringBuilder _error = new();
    private readonly string? _stats;

    private HostProcess(string[] args, bool withStats)
    {
        _stats = withStats ? Path.GetTempFileName() : null;
        var start = new ProcessStartInfo(Environment.ProcessPath is { } path && path.EndsWith("dotnet", StringComparison.Ordinal) ? path : "dotnet")
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = Path.GetTempPath(),
        };
        start.ArgumentList.Add(Path.Combine(TestContext.CurrentContext.TestDirectory, "GameServer.dll"));
        foreach (string arg in _stats is null ? args : [.. args, "--stats-json", _stats])
        {
            start.ArgumentList.Add(arg);
        }

        _process = Process.Start(start)!;
        _process.OutputDataReceived += (_, e) => Append(_output, e.Data);
        _process.ErrorDataReceived += (_, e) => Append(_error, e.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    public string Output => Text(_output);

    public string Error => Text(_error);

    public int Port { get; private set; }

    public static HostProcess Start(params string[] args) => new(args, withStats: false);

    public static HostProcess StartBots(int port, int count, int seconds, params string[] args) =>
        new(["bots", "--connect", $"127.0.0.1:{port}", "--count", Number(count), "--seconds", Number(seconds), .. args], withStats: true);

    /// <summary>A server on a free port, once it is ready.</summary>
    public static HostProcess StartServer(int bots = 0, params string[] args)
    {
        var server = new HostProcess(["serve", "--port", "0", "--bind", "127.0.0.1", "--bots", Number(bots), "--http", "none", .. args], withStats: true);
        server.WaitFor(static p => p.Output.Contains("ready after", StringComparison.Ordinal));
        server.Port = int.Parse(Listening().Match(server.Error).Groups[1].Value, CultureInfo.InvariantCulture);
        return server;
    }

    public void WaitFor(Func<HostProcess, bool> condition, int seconds = 20)
    {
        var watch = Stopwatch.StartNew();
        while (!condition(this))
        {
            Assert.That(watch.Elapsed.TotalSeconds, Is.LessThan(seconds), () => $"what was waited for did not come.\n{Output}\n{Error}");
            Thread.Sleep(20);
        }
    }

    /// <summary>The exit code, once the process has ended.</summary>
    public int WaitForExit(int seconds = 30)
    {
        Assert.That(_process.WaitForExit(TimeSpan.FromSeconds(seconds)), Is.True, () => $"it does not end.\n{Output}\n{Error}");
        _process.WaitForExit(); // for the rest of what it said
        return _process.ExitCode;
    }

    public JsonElement Stats()
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(_stats!));
        return document.RootElement.Clone();
    }

    public void Terminate() => _ = Signal(_process.Id, SignalTerminate);

    public void Kill() => _process.Kill();

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
        if (_stats is not null)
        {
            File.Delete(_stats);
        }
    }

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

    private static void Append(StringBuilder text, string? line)
    {
        lock (text)
        {
            text.AppendLine(line);
        }
    }

    private static string Text(StringBuilder text)
    {
        lock (text)
        {
            return text.ToString();
        }
    }

    [GeneratedRegex("^listening udp [0-9.]+:([0-9]+)\r?$", RegexOptions.Multiline)]
    private static partial Regex Listening();

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Signal(int process, int signal);
}
