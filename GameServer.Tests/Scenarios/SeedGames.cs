using GameServer.Arena;
using GameServer.Tests.Support;

namespace GameServer.Tests.Scenarios;

/// <summary>The games of the seeds; "home" is the sample game at 60 Hz, played from homes. A game is added by a <see cref="LabGame{TInput}"/> and a line here.</summary>
internal static class SeedGames
{
    public const string Sample = "arena";

    private static readonly Dictionary<string, Func<ulong, ISeedRun>> Games = new()
    {
        [Sample] = static seed => new SeedRun<ArenaInput>(new ArenaLab(), seed),
        ["bolts"] = static seed => new SeedRun<BoltInput>(new BoltLab(), seed),
        ["presses"] = static seed => new SeedRun<PressInput>(new PressLab(), seed),
        ["tag"] = static seed => new SeedRun<TagInput>(new TagLab(), seed),
        ["fireworks"] = static seed => new SeedRun<FireworksInput>(new FireworksLab(sparksPerTick: 4 + (int)(seed % 20)), seed),
        ["cards"] = static seed => new SeedRun<CardInput>(new CardLab(), seed),
        ["home"] = static seed => new SeedRun<ArenaInput>(new ArenaLab(), seed, isHome: true),
        ["fleet"] = static seed => new SeedRun<FleetInput>(new FleetLab(ships: 1 + (int)(seed % 8), isAdrift: seed % 3 == 0), seed),
    };

    /// <summary>All but the sample game.</summary>
    public static IEnumerable<string> Others => Games.Keys.Where(static name => name != Sample);

    public static ISeedRun Create(string game, ulong seed) => Games[game](seed);
}
