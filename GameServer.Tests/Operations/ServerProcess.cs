using System.Collections.Concurrent;
using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace GameServer.Tests.Operations;

/// <summary>The real server program in a process of its own.</summary>
internal sealed partial class ServerProcess : IDisposable
{
    public const int Terminate = 15;
    public const int HangUp = 1;

    private readonly Process _process;

    public ServerProcess(string arguments, params (string Name, string Value)[] environment)
        : this(new ProcessStartInfo("dotnet", $"\"{Program}\" {arguments}"), environment)
    {
    }

    private ServerProcess(ProcessStartInfo start, (string Name, string Value)[] environment)
    {
        (start.RedirectStandardOutput, start.RedirectStandardError, start.WorkingDirectory) = (true, true, Path.GetTempPath());
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        _process = new Process { StartInfo = start };
        _process.OutputDataReceived += (_, line) => Add(Lines, line.Data);
        _process.ErrorDataReceived += (_, line) => Add(Errors, line.Data);
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    private static string Program => Path.Combine(TestContext.CurrentContext.TestDirectory, "GameServer.dll");

    public ConcurrentQueue<string> Lines { get; } = new();

    /// <summary>A server that begins after some commands of the shell, for example a limit.</summary>
    public static ServerProcess InShell(string before, string arguments, string shell = "/bin/sh")
    {
        var start = new ProcessStartInfo(shell);
        start.ArgumentList.Add("-c");
        string exec = arguments.Contains('|', StringComparison.Ordinal) ? "" : "exec ";
        start.ArgumentList.Add($"{before} {exec}dotnet '{Program}' {arguments}");
        return new ServerProcess(start, []);
    }

    public ConcurrentQueue<string> Errors { get; } = new();

    public string Everything => string.Join('\n', Lines.Concat(Errors));

    /// <summary>The log lines of one event, parsed; a line that is not JSON fails the test.</summary>
    public JsonElement[] Events(string name) => [.. Lines.Select(Parse).Where(l => l.GetProperty("event").GetString() == name)];

    /// <summary>Waits for the first line of an event.</summary>
    public async Task<JsonElement> Event(string name)
    {
        for (int i = 0; i < 1_500; i++)
        {
            if (Events(name) is [var first, ..])
            {
                return first;
            }

            if (_process.HasExited)
            {
                await _process.WaitForExitAsync(); // the last lines
                return Events(name) is [var last, ..] ? last : throw new AssertionException($"it has ended without \"{name}\":\n{Everything}");
            }

            await Task.Delay(20);
        }

        throw new AssertionException($"no \"{name}\" within 30 s:\n{Everything}");
    }

    /// <summary>Waits until players may join; returns the address of the HTTP surface.</summary>
    public async Task<Uri> Ready()
    {
        string address = (await Event("ready")).GetProperty("http").GetString()!;
        return address == "none" ? new Uri("http://localhost:1") : new Uri(address);
    }

    public int Id => _process.Id;

    public bool HasEnded => _process.HasExited;

    public void Signal(int signal) => Assert.That(Kill(_process.Id, signal), Is.Zero);

    /// <summary>Most memory that it has held so far.</summary>
    public long PeakMegabytes
    {
        get
        {
            string line = File.ReadLines($"/proc/{_process.Id}/status").First(static l => l.StartsWith("VmHWM:", StringComparison.Ordinal));
            return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], System.Globalization.CultureInfo.InvariantCulture) / 1024;
        }
    }

    /// <summary>Players from elsewhere, in a process of their own; the server must be ready.</summary>
    public ServerProcess Play(int count) =>
        new($"bots --connect 127.0.0.1:{Events("ready").Single().GetProperty("addresses").GetString()!.Split(':')[^1]} --count {count}");

    public async Task<int> Exit(int withinSeconds)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(withinSeconds));
        try
        {
            await _process.WaitForExitAsync(patience.Token);
        }
        catch (OperationCanceledException)
        {
            Assert.Fail($"it did not end within {withinSeconds} s:\n{Everything}");
        }

        _process.WaitForExit(); // the last lines
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
        {
            _process.Kill();
            _process.WaitForExit();
        }

        _process.Dispose();
    }

    private static void Add(ConcurrentQueue<string> lines, string? line)
    {
        if (line is not null)
        {
            lines.Enqueue(line);
        }
    }

    private static JsonElement Parse(string line)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(line);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            throw new AssertionException("not a JSON line on standard output: " + line);
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
