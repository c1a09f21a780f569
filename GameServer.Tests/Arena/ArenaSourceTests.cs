using GameServer.Tests.Source;

namespace GameServer.Tests.Arena;

public class ArenaSourceTests
{
    /// <summary>People read it as the tutorial; what it may use is in the table of layers.</summary>
    [Test]
    public void Arena_AllFilesTogether_StayUnder600Lines()
    {
        string[] files = [.. SourceTree.CSharpFiles.Where(file => file.StartsWith("GameServer/Arena/", StringComparison.Ordinal))];
        Assert.That(files, Has.Length.GreaterThan(2));
        Assert.That(files.Sum(file => SourceTree.Read(file).Count(c => c == '\n')), Is.LessThan(600));
    }
}
