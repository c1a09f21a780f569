using System.Globalization;

namespace GameServer.Hosting;

/// <summary>The files in which Linux describes a machine, below a root that tests can replace.</summary>
public sealed class SystemFiles(string root = "/")
{
    /// <summary>The text of a file without its last line break; null where there is none.</summary>
    public string? Text(string path)
    {
        try
        {
            return File.ReadAllText(Path.Combine(root, path)).TrimEnd('\n');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    /// <summary>The number in a file; null where there is none.</summary>
    public long? Number(string path) =>
        long.TryParse(Text(path), NumberStyles.Integer, CultureInfo.InvariantCulture, out long value) ? value : null;

    /// <summary>The set of processors in a file; null where there is none.</summary>
    public CpuMask? Cores(string path) => Text(path) is string text ? CpuMask.Parse(text) : null;

    /// <summary>Names of the folders in a folder whose names are numbers.</summary>
    public IReadOnlyList<int> NumberedFolders(string path)
    {
        try
        {
            return [.. Directory.EnumerateDirectories(Path.Combine(root, path))
                .Select(folder => int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : -1)
                .Where(static number => number >= 0)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return [];
        }
    }
}
