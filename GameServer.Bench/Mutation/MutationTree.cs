using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace GameServer.Bench.Mutation;

/// <summary>
/// A copy of the last commit into which all mutants are compiled at once, each behind a number that an environment variable names. One build serves every mutant.
/// </summary>
internal sealed partial class MutationTree : IDisposable
{
    private const string Library = "GameServer.Netcode";

    private const string Switch = """
        namespace GameServer.Netcode.Primitives;

        internal static class ActiveMutant
        {
            internal static int Number = -1;
            internal static bool[]? Touched;

            internal static bool Is(int number)
            {
                if (Touched is { } touched)
                {
                    touched[number] = true;
                }

                return Number == number;
            }
        }

        """;

    private readonly string _origin;

    public MutationTree()
    {
        _origin = Output(Environment.CurrentDirectory, "git", "rev-parse", "--show-toplevel").Trim();
        Root = Directory.CreateTempSubdirectory("mutation").FullName;
        Output(_origin, "git", "worktree", "add", "--quiet", "--force", "--detach", Root, "HEAD");
    }

    /// <summary>The folder of the copy.</summary>
    public string Root { get; }

    /// <summary>All sites of the library, in the order of files and places.</summary>
    public List<MutationSite> Sites()
    {
        var sites = new List<MutationSite>();
        foreach (string path in Directory.EnumerateFiles(Path.Combine(Root, Library), "*.cs", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            string file = Path.GetRelativePath(Root, path).Replace('\\', '/');
            if (!file.Contains("/bin/", StringComparison.Ordinal) && !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/Compat/", StringComparison.Ordinal))
            {
                sites.AddRange(MutationSites.In(file, File.ReadAllText(path)));
            }
        }

        return sites;
    }

    /// <summary>Builds the tests with these mutants in it; what does not compile behind a switch is set to null. False: it does not build for another reason.</summary>
    public bool TryBuild(MutationSite?[] mutants, out string errors)
    {
        for (int attempt = 0; attempt < 10; attempt++)
        {
            Output(Root, "git", "checkout", "--quiet", ".");
            File.WriteAllText(Path.Combine(Root, Library, "Primitives", "ActiveMutant.cs"), Switch);
            Dictionary<string, List<(int First, int Last, int Mutant)>> lines = Write(mutants);
            errors = Output(Root, "dotnet", "build", "-c", "Release", "GameServer.Tests", "--nologo", "-v:q", "-p:RunAnalyzers=false", "-p:EnforceCodeStyleInBuild=false",
                "-p:TreatWarningsAsErrors=false", "-p:GenerateDocumentationFile=false", "-p:NoWarn=CS1591%3BCS0162%3BCS0165");
            MatchCollection found = ErrorLine().Matches(errors);
            if (found.Count == 0)
            {
                return !errors.Contains("error", StringComparison.OrdinalIgnoreCase) || errors.Contains("0 Error(s)", StringComparison.Ordinal);
            }

            if (!Drop(mutants, lines, found))
            {
                return false;
            }
        }

        errors = "errors remain after ten builds";
        return false;
    }

    public void Dispose()
    {
        Output(_origin, "git", "worktree", "remove", "--force", Root);
        if (Directory.Exists(Root))
        {
            Directory.Delete(Root, recursive: true);
        }
    }

    private Dictionary<string, List<(int First, int Last, int Mutant)>> Write(MutationSite?[] mutants)
    {
        var lines = new Dictionary<string, List<(int, int, int)>>();
        foreach (IGrouping<string, int> file in Enumerable.Range(0, mutants.Length).Where(i => mutants[i] is not null).GroupBy(i => mutants[i]!.File))
        {
            string path = Path.Combine(Root, file.Key);
            string text = File.ReadAllText(path);
            // From the end to the front, so that the places before stay where they are; line breaks stay too.
            foreach (int mutant in file.OrderByDescending(i => mutants[i]!.Span.Start))
            {
                MutationSite site = mutants[mutant]!;
                string choice = string.Create(CultureInfo.InvariantCulture,
                    $"(global::GameServer.Netcode.Primitives.ActiveMutant.Is({mutant}) ? ({SingleLine(site.After)}) : ({site.Before}))");
                text = string.Concat(text.AsSpan(0, site.Span.Start), site.IsStatement ? "_ = " + choice : choice, text.AsSpan(site.Span.End));
                if (!lines.TryGetValue(file.Key, out List<(int, int, int)>? list))
                {
                    lines.Add(file.Key, list = []);
                }

                list.Add((site.Line, site.Line + site.Before.Count(static c => c == '\n'), mutant));
            }

            File.WriteAllText(path, text);
        }

        return lines;
    }

    private bool Drop(MutationSite?[] mutants, Dictionary<string, List<(int First, int Last, int Mutant)>> lines, MatchCollection found)
    {
        bool dropped = false;
        foreach (Match match in found)
        {
            string file = Path.GetRelativePath(Root, match.Groups[1].Value).Replace('\\', '/');
            int line = int.Parse(match.Groups[2].Value, CultureInfo.InvariantCulture);
            foreach ((int first, int last, int mutant) in lines.GetValueOrDefault(file) ?? [])
            {
                if (line >= first && line <= last && mutants[mutant] is not null)
                {
                    mutants[mutant] = null;
                    dropped = true;
                }
            }
        }

        return dropped;
    }

    private static string SingleLine(string text) => text.Contains("//", StringComparison.Ordinal) ? text : text.ReplaceLineEndings(" ");

    private static string Output(string folder, string program, params string[] arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true };
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return output + error.Result;
    }

    [GeneratedRegex(@"^\s*(/[^(\n]+\.cs)\((\d+),\d+\): error", RegexOptions.Multiline)]
    private static partial Regex ErrorLine();
}
