using System.Diagnostics;
using System.Globalization;

namespace GameServer.Bench.Mutation;

/// <summary>Runs the tests of a tree against its mutants, in processes of their own: one that surveys which test comes by which mutant, then one after another that tries mutants.</summary>
internal sealed class MutationRun(string root)
{
    private readonly string _survey = Path.Combine(root, "survey.txt");

    /// <summary>Runs every test without a mutant; the names of those that are red all the same.</summary>
    public string[] Survey()
    {
        int tests = 0;
        var lines = new List<string>();
        Host(["survey"], line =>
        {
            lines.Add(line);
            if (line.StartsWith("test\t", StringComparison.Ordinal) && ++tests % 250 == 0)
            {
                Console.WriteLine($"  {tests} tests surveyed");
            }
        });
        File.WriteAllLines(_survey, lines);
        return [.. lines.Where(static l => l.StartsWith("red\t", StringComparison.Ordinal)).Select(static l => l[4..])];
    }

    /// <summary>Tries mutants by number, one after another; each result is told as it comes: what noticed it, or null and by how many tests it was reached.</summary>
    public void Try(List<int> mutants, Action<int, string?, string> told)
    {
        while (mutants.Count > 0)
        {
            int current = -1;
            string end = "the process came down";
            Host(["run", _survey, .. mutants.Select(static m => m.ToString(CultureInfo.InvariantCulture))], line =>
            {
                switch (line.Split('\t'))
                {
                    case ["begin", string number]:
                        current = int.Parse(number, CultureInfo.InvariantCulture);
                        break;
                    case ["mutant", _, string fate, string by]:
                        told(current, fate == "noticed" ? by : null, by);
                        mutants.Remove(current);
                        current = -1;
                        break;
                    case ["hangs"]:
                        end = "a test hangs";
                        break;
                }
            });
            if (current >= 0)
            {
                told(current, end, end);
                mutants.Remove(current);
            }
        }
    }

    private void Host(string[] arguments, Action<string> read)
    {
        string program = Path.Combine(root, "GameServer.Tests", "bin", "Release", "net10.0", "GameServer.Tests.dll");
        var start = new ProcessStartInfo("dotnet", [program, .. arguments]) { WorkingDirectory = root, RedirectStandardOutput = true, RedirectStandardError = true };
        using Process host = Process.Start(start)!;
        host.ErrorDataReceived += static (_, _) => { }; // what a changed program says there is of no interest
        host.BeginErrorReadLine();
        while (host.StandardOutput.ReadLine() is { } line)
        {
            read(line);
        }

        host.WaitForExit();
    }
}
