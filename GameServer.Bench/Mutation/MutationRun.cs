using System.Diagnostics;
using System.Globalization;

namespace GameServer.Bench.Mutation;

/// <summary>Runs the tests against one mutant after another: first those of the mutant's own folder, then all quick ones, then whole matches, matches drawn from seeds, last those on real sockets.</summary>
internal sealed class MutationRun(string root, bool withMatches, bool withSockets)
{
    // These read the source instead of running it, and would find the mutants themselves.
    private const string NotSource = "FullyQualifiedName!~Tests.Source.&FullyQualifiedName!~Tests.Mutants.";
    private const string Quick = "TestCategory!=Socket&TestCategory!=LiteNetLib&TestCategory!=Process&";

    // A mutant that hangs has been noticed. The time is a multiple of what the same tests need without a mutant, so that a busy machine is not taken for one.
    private const int TimesUntouched = 6;
    private static readonly TimeSpan s_shortest = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan s_untouched = TimeSpan.FromHours(2);

    private static readonly Stage s_quick = new("quick tests", Quick + "FullyQualifiedName!~Tests.Scenarios.");
    private static readonly Stage s_matches = new("whole matches", Quick + "FullyQualifiedName~Tests.Scenarios.&FullyQualifiedName!~SeedTests");
    private static readonly Stage s_seeds = new("seeds", Quick + "FullyQualifiedName~SeedTests");
    private static readonly Stage s_sockets = new("tests on sockets", "(TestCategory=Socket|TestCategory=LiteNetLib|TestCategory=Process)");

    private readonly Dictionary<Stage, TimeSpan> _patience = [];

    private sealed record Stage(string Name, string Filter);

    /// <summary>Runs everything that these mutants may need without any of them, and notes how long that takes: the name of the stage that is red, or null when all is green.</summary>
    public string? RedUntouched(IEnumerable<MutationSite> mutants)
    {
        foreach (Stage stage in mutants.SelectMany(Stages).Distinct().ToList())
        {
            var watch = Stopwatch.StartNew();
            if (IsRed(-1, stage.Filter, s_untouched))
            {
                return stage.Name;
            }

            TimeSpan patience = watch.Elapsed * TimesUntouched;
            _patience[stage] = patience > s_shortest ? patience : s_shortest;
        }

        return null;
    }

    /// <summary>The name of the stage that noticed the mutant, or null: it lives.</summary>
    public string? Noticed(int mutant, MutationSite site) => Stages(site).FirstOrDefault(stage => IsRed(mutant, stage.Filter, _patience[stage]))?.Name;

    private IEnumerable<Stage> Stages(MutationSite site)
    {
        string folder = site.File.Split('/')[1];
        yield return new Stage($"tests of {folder}", $"{Quick}FullyQualifiedName~Tests.{folder}.");
        yield return s_quick;
        if (withMatches)
        {
            yield return s_matches;
            yield return s_seeds;
        }

        if (withSockets)
        {
            yield return s_sockets;
        }
    }

    private bool IsRed(int mutant, string filter, TimeSpan patience)
    {
        var start = new ProcessStartInfo("dotnet",
            ["test", "-c", "Release", "--no-build", "GameServer.Tests", "--filter", $"{filter}&{NotSource}", "--nologo", "--", "NUnit.StopOnError=true"])
        {
            WorkingDirectory = root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment[MutationTree.Variable] = mutant.ToString(CultureInfo.InvariantCulture);
        using Process tests = Process.Start(start)!;
        // What a changed program prints is of no interest; the pipes only have to stay empty.
        tests.OutputDataReceived += static (_, _) => { };
        tests.ErrorDataReceived += static (_, _) => { };
        tests.BeginOutputReadLine();
        tests.BeginErrorReadLine();
        if (tests.WaitForExit(patience))
        {
            return tests.ExitCode != 0;
        }

        tests.Kill(entireProcessTree: true);
        tests.WaitForExit();
        return true;
    }
}
