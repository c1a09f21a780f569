using GameServer.Arena;
using GameServer.Bots;
using GameServer.Commands;
using GameServer.Hosting;

return GameHost.Run(new ArenaGame(), args, new GameExtras<ArenaInput>
{
    Bots = static seed => new ArenaBot(seed),
    Picture = static () => new ArenaPicture(),
    Rehearsal = static () => new ArenaGame(),
    MatchParameters = [MatchParameter.Whole("round-seconds", ArenaGame.RoundSecondsMin, ArenaGame.RoundSecondsMax)],
});
