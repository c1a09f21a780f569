using System.Runtime.CompilerServices;

namespace GameServer.Tests.Source;

/// <summary>The files of this repository, found from where this file was compiled, else upward from the test assembly.</summary>
internal static class SourceTree
{
    private static readonly string[] Projects = ["GameServer", "GameServer.Netcode", "GameServer.Tests", "GameServer.Bench"];

    public static string Root { get; } = FindRoot();

    /// <summary>All C# files of the four projects, as paths below the root with forward slashes.</summary>
    public static IReadOnlyList<string> CSharpFiles { get; } = [.. Projects.SelectMany(project => FilesBelow(project, "*.cs"))];

    /// <summary>Files below a folder of the root, without what builds leave there; nothing when the folder does not exist.</summary>
    public static IEnumerable<string> FilesBelow(string folder, string pattern)
    {
        string path = Path.Combine(Root, folder);
        return !Directory.Exists(path)
            ? []
            : Directory.EnumerateFiles(path, pattern, SearchOption.AllDirectories)
                .Select(file => Path.GetRelativePath(Root, file).Replace('\\', '/'))
                .Where(file => !file.Contains("/bin/", StringComparison.Ordinal) && !file.Contains("/obj/", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal);
    }

    public static string Read(string file) => File.ReadAllText(Path.Combine(Root, file));

    private static string FindRoot([CallerFilePath] string thisFile = "")
    {
        foreach (string start in new[] { Path.GetDirectoryName(thisFile) ?? string.Empty, AppContext.BaseDirectory })
        {
            for (DirectoryInfo? folder = Directory.Exists(start) ? new DirectoryInfo(start) : null; folder != null; folder = folder.Parent)
            {
                if (File.Exists(Path.Combine(folder.FullName, "GameServer.sln")))
                {
                    return folder.FullName;
                }
            }
        }

        throw new DirectoryNotFoundException("no folder with GameServer.sln above the tests");
    }
}
