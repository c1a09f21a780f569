using System.Text.RegularExpressions;
using System.Xml.Linq;
using GameServer.Netcode.Primitives;

namespace GameServer.Tests.Source;

/// <summary>Rules of style that a compiler does not know.</summary>
public partial class SourceRulesTests
{
    private const int FileLinesMax = 400;
    private const int MemberLinesMax = 80;

    [Test]
    public void Tree_IsFound() => Assert.That(SourceTree.CSharpFiles, Has.Count.GreaterThan(30));

    [Test]
    public void FileNames_SayARole() =>
        Assert.That(SourceTree.CSharpFiles.Where(file => EmptyWord().IsMatch(Path.GetFileNameWithoutExtension(file))), Is.Empty);

    [TestCase("SessionManager", true)]
    [TestCase("MathUtils", true)]
    [TestCase("StringUtility", true)]
    [TestCase("TestHelpers", true)]
    [TestCase("PlayerData", true)]
    [TestCase("DataStore", true)]
    [TestCase("Datagram", false)]
    [TestCase("Infographic", false)]
    public void EmptyWord_Names_AreToldApart(string name, bool empty) => Assert.That(EmptyWord().IsMatch(name), Is.EqualTo(empty));

    [Test]
    public void Files_FitInAHead() => Assert.That(
        SourceTree.CSharpFiles.Select(file => (file, Lines: SourceTree.Read(file).Count(c => c == '\n'))).Where(file => file.Lines > FileLinesMax),
        Is.Empty);

    [Test]
    public void Members_FitOnAScreen() => Assert.That(
        SourceTree.CSharpFiles
            .SelectMany(file => CSharpText.Members(SourceTree.Read(file)).Select(member => (file, member)))
            .Where(found => found.member.Lines > MemberLinesMax),
        Is.Empty);

    /// <summary>A number beyond the range becomes something else on every platform when it is cast: code of steps asks for <c>DeterministicMath.ToInt</c>.</summary>
    [Test]
    public void Steps_CastNoFloatToAWholeNumber()
    {
        // To (uint) only the whole numbers of cells are cast, to compare both borders in one.
        var cast = new Regex(@"\((int|long|ulong|short|ushort|byte|sbyte)\)|\(uint\)(?!column|row)");
        Assert.That(SourceTree.FilesBelow(Path.Combine("GameServer", "Arena"), "*.cs").Where(file => cast.IsMatch(CSharpText.WithoutCommentsAndLiterals(SourceTree.Read(file)))), Is.Empty);

        // The library's own: only whole numbers, and what was compared with its range before.
        var known = new Dictionary<string, int> { ["Primitives/DeterministicMath.cs"] = 2, ["Rewind/RayQuery.cs"] = 0, ["Game/Capsule.cs"] = 0, ["Client/ScreenView.cs"] = 0 };
        var toInt = new Regex(@"\((int|uint|long|ulong|short|ushort|byte|sbyte)\)");
        Assert.That(
            known.Select(file => (file.Key, toInt.Count(CSharpText.WithoutCommentsAndLiterals(SourceTree.Read("GameServer.Netcode/" + file.Key))))),
            Is.EqualTo(known.Select(file => (file.Key, file.Value))));
    }

    [Test]
    public void Code_HasNoRegionsAndNoNotesToSelf()
    {
        var note = new Regex(@"^\s*#region|\b(TO" + @"DO|FIX" + "ME|HA" + @"CK)\b", RegexOptions.Multiline);
        Assert.That(SourceTree.CSharpFiles.Where(file => note.IsMatch(SourceTree.Read(file))), Is.Empty);
    }

    /// <summary>What is committed works on any machine, so it names no absolute path of one.</summary>
    [Test]
    public void Files_NameNoPathOfOneMachine()
    {
        string[] patterns = ["*.cs", "*.csproj", "*.props", "*.targets", "*.md", "*.sh", "*.json", "*.yml", "*.yaml", "*.txt", "*.html", "*.js"];
        string machinePath = string.Concat("/wo", "rk/");
        IEnumerable<string> folders = ["GameServer", "GameServer.Netcode", "GameServer.Tests", "GameServer.Bench", "docs", "deploy", ".ci"];
        IEnumerable<string> files = folders.SelectMany(folder => patterns.SelectMany(pattern => SourceTree.FilesBelow(folder, pattern)))
            .Concat(Directory.EnumerateFiles(SourceTree.Root).Select(file => Path.GetFileName(file)).Where(file => file != ".git"));
        Assert.That(files.Where(file => SourceTree.Read(file).Contains(machinePath, StringComparison.Ordinal)), Is.Empty);
    }

    [Test]
    public void Library_PublicTypes_HaveASummary()
    {
        string path = Path.ChangeExtension(typeof(Tick).Assembly.Location, ".xml");
        var documented = XDocument.Load(path).Descendants("member")
            .Where(member => !string.IsNullOrWhiteSpace(member.Element("summary")?.Value))
            .Select(member => member.Attribute("name")!.Value)
            .ToHashSet();
        IEnumerable<string> names = typeof(Tick).Assembly.GetExportedTypes().Select(type => "T:" + type.FullName!.Replace('+', '.'));
        Assert.That(names.Where(name => !documented.Contains(name)), Is.Empty);
    }

    // Words that name no role: whoever is looking for something cannot know that it is there.
    [GeneratedRegex("(Manager|Helper|Util(itie|ity)?|Data|Info)s?(?![a-z])")]
    private static partial Regex EmptyWord();
}
