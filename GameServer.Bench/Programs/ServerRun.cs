using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace GameServer.Bench.Programs;

/// <summary>One way to run the server program: which build, and with which settings of the runtime.</summary>
/// <param name="Name">What the tables call it.</param>
/// <param name="Folder">Where the program stands.</param>
/// <param name="RuntimeSettings">What its runtimeconfig.json is to say instead; null removes a setting.</param>
internal sealed record ServerRun(string Name, string Folder, IReadOnlyDictionary<string, JsonNode?> RuntimeSettings)
{
    /// <summary>Where the ordinary build stands: beside this program.</summary>
    public static string OrdinaryFolder => AppContext.BaseDirectory;

    /// <summary>Compiles the server ahead of time, as <c>dotnet publish</c> does, into a folder of its own; returns it.</summary>
    public static string Publish()
    {
        string root = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(root, "GameServer.sln")))
        {
            root = Path.GetDirectoryName(root) ?? throw new InvalidOperationException("run this from the repository: the server must be published");
        }

        string folder = Directory.CreateTempSubdirectory("gameserver-published-").FullName;
        using Process publish = Process.Start(new ProcessStartInfo("dotnet", ["publish", Path.Combine(root, "GameServer"), "-c", "Release", "-o", folder, "--nologo", "-clp:ErrorsOnly"]))!;
        publish.WaitForExit();
        return publish.ExitCode == 0 ? folder : throw new InvalidOperationException("dotnet publish failed");
    }

    /// <summary>Starts the server; its log lines come on standard output as JSON.</summary>
    public Process Start(string arguments)
    {
        string program = Path.Combine(Folder, "GameServer.dll");
        string own = RuntimeConfig();
        // As it is when nothing is changed: then the program's own starter, which is what operators run.
        ProcessStartInfo start = RuntimeSettings.Count == 0
            ? new ProcessStartInfo(Path.Combine(Folder, "GameServer"), arguments)
            : new ProcessStartInfo("dotnet", $"exec --runtimeconfig \"{own}\" \"{program}\" {arguments}");
        (start.RedirectStandardOutput, start.RedirectStandardError) = (true, true);
        Process server = Process.Start(start)!;
        _ = server.StandardError.ReadToEndAsync();
        return server;
    }

    /// <summary>Reads log lines up to the next one of <paramref name="name"/>.</summary>
    public static JsonElement ReadEvent(StreamReader lines, string name)
    {
        while (lines.ReadLine() is { } line)
        {
            using JsonDocument document = JsonDocument.Parse(line);
            if (document.RootElement.GetProperty("event").GetString() == name)
            {
                return document.RootElement.Clone();
            }
        }

        throw new InvalidOperationException($"the server ended without \"{name}\"");
    }

    /// <summary>Processor time that a process has used so far.</summary>
    public static double ProcessorMillis(Process process)
    {
        process.Refresh();
        return process.TotalProcessorTime.TotalMilliseconds;
    }

    private string RuntimeConfig()
    {
        JsonNode config = JsonNode.Parse(File.ReadAllText(Path.Combine(Folder, "GameServer.runtimeconfig.json")))!;
        JsonObject properties = config["runtimeOptions"]!["configProperties"]!.AsObject();
        foreach ((string name, JsonNode? value) in RuntimeSettings)
        {
            properties.Remove(name);
            if (value is not null)
            {
                properties.Add(name, value.DeepClone());
            }
        }

        string path = Path.Combine(Folder, string.Create(CultureInfo.InvariantCulture, $"variant-{Math.Abs(Name.GetHashCode(StringComparison.Ordinal))}.runtimeconfig.json"));
        File.WriteAllText(path, config.ToJsonString());
        return path;
    }
}
