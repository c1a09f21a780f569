using System.ComponentModel;
using System.Diagnostics;
using GameServer.Tests.Source;

namespace GameServer.Tests.Mutants;

/// <summary>The planted bugs still fit the code; whether each is noticed, <c>run.sh</c> tells.</summary>
public sealed class MutantTests
{
    private static IEnumerable<string> Patches => Directory.EnumerateFiles(Folder, "*.patch").Select(Path.GetFileName).Order()!;

    private static string Folder => Path.Combine(SourceTree.Root, "GameServer.Tests", "Mutants");

    [Test]
    public void Folder_HoldsBugs_EachNumberOnce()
    {
        string[] numbers = [.. Patches.Select(patch => patch[..2])];
        Assert.That(numbers, Has.Length.AtLeast(11).And.Unique);
    }

    [TestCaseSource(nameof(Patches))]
    public void Patch_OnTheCodeAsItIs_Applies(string patch)
    {
        if (!Path.Exists(Path.Combine(SourceTree.Root, ".git")))
        {
            Assert.Ignore("the sources are not in a git repository");
        }

        Assert.That(Git("apply", "--check", Path.Combine(Folder, patch)), Is.Empty, "the code it changes has changed: make the patch anew");
    }

    /// <summary>What git says when it fails; empty when it succeeds.</summary>
    private static string Git(params string[] arguments)
    {
        var start = new ProcessStartInfo("git", ["-C", SourceTree.Root, .. arguments]) { RedirectStandardError = true };
        try
        {
            using Process git = Process.Start(start)!;
            string error = git.StandardError.ReadToEnd();
            git.WaitForExit();
            return git.ExitCode == 0 ? string.Empty : $"exit code {git.ExitCode}: {error}";
        }
        catch (Win32Exception)
        {
            Assert.Ignore("git is not installed");
            throw;
        }
    }
}
