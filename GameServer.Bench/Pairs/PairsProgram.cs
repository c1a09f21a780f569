using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;
using GameServer.Bench.Programs;

namespace GameServer.Bench.Pairs;

/// <summary>The rule for ratios, applied to two builds: one program of the benchmarks, run by the old and the new one in turn.</summary>
internal static partial class PairsProgram
{
    private const double IntervalRoom = 0.10;

    /// <summary>Runs the program; 1: the ratio is above the bound, 2: nothing was measured.</summary>
    public static int Run(string[] args)
    {
        string? before = TakeText(ref args, "--old");
        string? after = TakeText(ref args, "--new");
        string? command = TakeText(ref args, "--command");
        string line = TakeText(ref args, "--line") ?? "";
        ProgramOptions options = new ProgramOptions(
                "pairs", "the ratio of a figure between two builds, by the rule of docs/BENCHMARKS.md; exit code 1 when it is above the bound")
            .Flag("--old", "DIR: the folder of the old build's GameServer.Bench.dll")
            .Flag("--new", "DIR: that of the new build")
            .Flag("--command", "\"PROGRAM …\": what both run, for example \"room --clients 64 --ticks 2000\"")
            .Flag("--line", "TEXT: the figure is in the last line that contains it and has as many numbers")
            .Number("--number", 6, 1, 100, "which number of that line; in those of room the 6th is the median tick's processor time")
            .Number("--pairs", 10, 10, 1_000, "pairs of runs")
            .Number("--bound", 100, 1, 10_000, "largest ratio of new to old, in percent");
        if (!options.TryParse(args, out int exitCode))
        {
            return exitCode;
        }

        if (Missing(("--old", before), ("--new", after)) is { } problem)
        {
            Console.Error.WriteLine($"error: pairs {problem}");
            return 2;
        }

        if (command is null)
        {
            Console.Error.WriteLine("error: pairs --command is missing: what both builds run, in quotes");
            return 2;
        }

        Console.WriteLine(Machine.Line);
        Console.WriteLine($"{command}; number {options["--number"]} of the last line with \"{line}\"; old {before}, new {after}");
        var ratios = new List<double>();
        for (int pair = 0; pair < options["--pairs"]; pair++)
        {
            // Which one comes first changes, so that a slow drift of the machine favours neither.
            bool oldFirst = pair % 2 == 0;
            double? first = Measure((oldFirst ? before : after)!, command, line, options["--number"]);
            double? second = Measure((oldFirst ? after : before)!, command, line, options["--number"]);
            if (first is not > 0 || second is not > 0)
            {
                return 2;
            }

            (double old, double new_) = oldFirst ? (first.Value, second.Value) : (second.Value, first.Value);
            ratios.Add(new_ / old);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{pair + 1,4}   old {old,10:0.###}   new {new_,10:0.###}   {new_ / old:0.000}"));
        }

        return Judge(MedianInterval.Of(ratios), options["--bound"] / 100.0);
    }

    private static int Judge(MedianInterval ratio, double bound)
    {
        bool holds = ratio.Median <= bound && ratio.High <= bound + IntervalRoom;
        Console.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"new/old: median {ratio.Median:0.000}, 95 % interval {ratio.Low:0.000} to {ratio.High:0.000}; bound {bound:0.00}: {(holds ? "holds" : "MISSED")}"));
        return holds ? 0 : 1;
    }

    private static string? Missing(params (string Option, string? Folder)[] folders)
    {
        foreach ((string option, string? folder) in folders)
        {
            if (folder is null || !File.Exists(Path.Combine(folder, "GameServer.Bench.dll")))
            {
                return $"{option} {folder}: a folder with GameServer.Bench.dll is wanted";
            }
        }

        return null;
    }

    /// <summary>The figure of one run; null, and a message, when there is none.</summary>
    private static double? Measure(string folder, string command, string line, int number)
    {
        string program = Path.Combine(folder, "GameServer.Bench.dll");
        using Process run = Process.Start(new ProcessStartInfo("dotnet", $"\"{program}\" {command}") { RedirectStandardOutput = true })!;
        string output = run.StandardOutput.ReadToEnd();
        run.WaitForExit();
        double[]? numbers = output.Split('\n').Where(l => l.Contains(line, StringComparison.Ordinal))
            .Select(static l => NumberPattern().Matches(l).Select(static m => double.Parse(m.Value.Replace(",", ""), CultureInfo.InvariantCulture)).ToArray())
            .LastOrDefault(n => n.Length >= number);
        if (run.ExitCode != 0 || numbers is null)
        {
            Console.Error.WriteLine($"error: pairs {program} {command}: exit code {run.ExitCode}, no line with {number} numbers; it printed:\n{output}");
            return null;
        }

        return numbers[number - 1];
    }

    private static string? TakeText(ref string[] args, string option)
    {
        int index = Array.IndexOf(args, option);
        if (index < 0 || index + 1 == args.Length)
        {
            return null;
        }

        string text = args[index + 1];
        args = [.. args[..index], .. args[(index + 2)..]];
        return text;
    }

    [GeneratedRegex(@"(?<![\w.])\d[\d,]*(\.\d+)?")]
    private static partial Regex NumberPattern();
}
