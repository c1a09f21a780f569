using System.Diagnostics;
using System.Globalization;

namespace GameServer.Bench.Mutation;

/// <summary>Runs the tests against one mutant after another: first those of the mutant's own folder, then all quick ones, last those on real sockets.</summary>
internal sealed class MutationRun(string root, bool withSockets)
{
    // These read the source instead of running it, and would find the mutants themselves.
    private const string NotSource = "FullyQualifiedName!~Tests.Source.&FullyQualifiedName!~Tests.Mutants.";

    // A mutant that hangs has been noticed. The time is a multiple of what the same tests need without a mutant, so that a busy machine is not taken for one.
    private const int TimesUntouched = 6;
    private static readonly TimeSpan s_shortest = TimeSpan.FromMinutes(7);
    private TimeSpan _timeout = TimeSpan.FromHours(2);

    /// <summary>Runs everything without a mutant and notes how long that takes: the name of the stage that is red, or null when all is green.</summary>
    public string? RedUntouched()
    {
        var watch = Stopwatch.StartNew();
        string? stage = Noticed(-1, null);
        TimeSpan patience = watch.Elapsed * TimesUntouched;
        _timeout = patience > s_shortest ? patience : s_shortest;
        return stage;
    }

    /// <summary>The name of the stage that noticed the mutant, or null: it lives.</summary>
    public string? Noticed(int mutant, MutationSite? site)
    {
        string folder = site is null ? string.Empty : site.File.Split('/')[1];
        if (folder.Length > 0 && IsRed(mutant, $"FullyQualifiedName~Tests.{folder}.&TestCategory!=Socket&TestCategory!=LiteNetLib"))
        {
            return $"tests of {folder}";
        }

        if (IsRed(mutant, "TestCategory!=Socket&TestCategory!=LiteNetLib"))
        {
            return "quick tests";
        }

        return withSockets && IsRed(mutant, "(TestCategory=Socket|TestCategory=LiteNetLib)") ? "tests on sockets" : null;
    }

    private bool IsRed(int mutant, string filter)
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
        if (tests.WaitForExit(_timeout))
        {
            return tests.ExitCode != 0;
        }

        tests.Kill(entireProcessTree: true);
        tests.WaitForExit();
        return true;
    }
}
