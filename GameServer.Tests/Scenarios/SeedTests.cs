using System.Globalization;

namespace GameServer.Tests.Scenarios;

/// <summary>Invariants T1, T5, S1–S6, P1, P2, P4, L2, M1, M2, E1, H1 (an end or a match for everybody), C1 over runs drawn from seeds.</summary>
/// <remarks>
/// <c>GAMESERVER_LAB_SEEDS=500</c> runs that many seeds, <c>GAMESERVER_LAB_SEED=123</c> only that one. Under bit flips without an integrity layer
/// only T5, M1, M2, P1, S6 and L2 are demanded.
/// </remarks>
[Parallelizable(ParallelScope.All)]
public sealed class SeedTests
{
    private const ulong SeedsInNormalRun = 60;

    public static IEnumerable<ulong> Seeds
    {
        get
        {
            if (Number("GAMESERVER_LAB_SEED") is { } only)
            {
                return [only];
            }

            return Enumerable.Range(1, (int)(Number("GAMESERVER_LAB_SEEDS") ?? SeedsInNormalRun)).Select(i => (ulong)i);
        }
    }

    [TestCaseSource(nameof(Seeds))]
    public void Run_AnyLink_HoldsAllInvariants(ulong seed) => Check(seed);

    [Test]
    [Explicit("minutes to hours: a thousand seeds beyond those of the normal run")]
    public void Run_ThousandSeeds_HoldAllInvariants() => Parallel.For(1000, 2000, seed => Check((ulong)seed));

    private static void Check(ulong seed)
    {
        var run = new SeedRun(seed);
        string line = run.Run();
        TestContext.Out.WriteLine(line);
        Assert.That(
            run.Lab.Invariants.Violations.Values, Is.Empty,
            $"{line}\n{run.Lab.Invariants.Describe()}\nreplay: GAMESERVER_LAB_SEED={seed} dotnet test -c Release GameServer.Tests --filter \"FullyQualifiedName~SeedTests\"");
    }

    private static ulong? Number(string variable) =>
        ulong.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out ulong number) ? number : null;
}
