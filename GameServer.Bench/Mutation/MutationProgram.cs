using System.Globalization;
using GameServer.Bench.Programs;

namespace GameServer.Bench.Mutation;

/// <summary>Changes one operator of the library at a time, at random places, and counts how many of the changes the tests notice.</summary>
internal static class MutationProgram
{
    public static int Run(string[] args)
    {
        ProgramOptions options = new ProgramOptions("mutation", "changes one operator of the library at a time and runs the tests of the last commit; exit code 1 when fewer than --percent are noticed")
            .Number("--count", 120, 1, 10_000, "mutants")
            .Number("--seed", 1, 0, int.MaxValue, "picks them")
            .Number("--parallel", 1, 1, 64, "mutants at a time")
            .Number("--percent", 90, 0, 100, "how many must be noticed")
            .Flag("--list", "only print the mutants");
        if (!options.TryParse(args, out int exitCode))
        {
            return exitCode;
        }

        using var tree = new MutationTree();
        List<MutationSite> sites = tree.Sites();
        MutationSite?[] mutants = Pick(sites, options["--count"], options["--seed"]);
        Console.WriteLine($"{sites.Count} operators in {sites.Select(static s => s.File).Distinct().Count()} files; {mutants.Length} are picked by seed {options["--seed"]}");
        if (options.Has("--list"))
        {
            Array.ForEach(mutants, static mutant => Console.WriteLine(mutant));
            return 0;
        }

        if (!tree.TryBuild(mutants, out string errors))
        {
            Console.Error.WriteLine(errors);
            return 2;
        }

        Console.WriteLine($"{mutants.Count(static m => m is null)} do not compile as a choice at run time and are left out");
        var run = new MutationRun(tree.Root);
        if (run.Survey() is [_, ..] red)
        {
            Console.Error.WriteLine($"these are red without any mutant; nothing is proved by this commit:\n{string.Join('\n', red)}");
            return 2;
        }

        return Report(mutants, TryAll(run, mutants, options["--parallel"]), options["--percent"]);
    }

    /// <summary>In random order, so that a run that is cut short has tried all folders; no two mutants overlap.</summary>
    private static MutationSite?[] Pick(List<MutationSite> sites, int count, int seed)
    {
        var random = new Random(seed);
        var picked = new List<MutationSite>();
        foreach (MutationSite site in sites.OrderBy(_ => random.Next()))
        {
            if (picked.Count == count)
            {
                break;
            }

            if (!picked.Exists(other => other.File == site.File && other.Span.OverlapsWith(site.Span)))
            {
                picked.Add(site);
            }
        }

        return [.. picked];
    }

    private static string?[] TryAll(MutationRun run, MutationSite?[] mutants, int parallel)
    {
        var noticed = new string?[mutants.Length];
        int done = 0;
        Parallel.For(0, parallel, new ParallelOptions { MaxDegreeOfParallelism = parallel }, part =>
        {
            List<int> mine = [.. Enumerable.Range(0, mutants.Length).Where(i => mutants[i] is not null && i % parallel == part)];
            run.Try(mine, (mutant, by, detail) =>
            {
                noticed[mutant] = by;
                string fate = by is null ? $"LIVES after {detail}" : "noticed by " + ShortName(by);
                Console.WriteLine($"{Interlocked.Increment(ref done),4}  {mutants[mutant]}\n      {fate}");
            });
        });
        return noticed;
    }

    private static string ShortName(string test) => test.StartsWith("GameServer.Tests.", StringComparison.Ordinal) ? test["GameServer.Tests.".Length..] : test;

    private static int Report(MutationSite?[] mutants, string?[] noticed, int percent)
    {
        int run = mutants.Count(static m => m is not null);
        int caught = noticed.Count(static n => n is not null);
        Console.WriteLine();
        foreach (IGrouping<string, int> folder in Enumerable.Range(0, mutants.Length).Where(i => mutants[i] is not null).GroupBy(i => mutants[i]!.File.Split('/')[1]))
        {
            Console.WriteLine($"{folder.Key,-12} {folder.Count(i => noticed[i] is not null),4} of {folder.Count(),4}");
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{"all",-12} {caught,4} of {run,4} noticed: {100.0 * caught / Math.Max(run, 1):0.0} %"));
        return caught * 100 >= run * percent ? 0 : 1;
    }
}
