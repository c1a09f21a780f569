using GameServer.Netcode.Game;

namespace GameServer.Netcode.Server;

/// <summary>A game behind a door without type parameters.</summary>
internal abstract class GameRules
{
    public abstract string Name { get; }

    public abstract int Version { get; }

    public abstract Schema Schema { get; }

    public abstract void Start(in TickContext tick);

    public abstract void BeginMatch(in TickContext tick, IReadOnlyDictionary<string, string> parameters);

    public abstract void Tick(in TickContext tick);

    public abstract void PlayerJoined(in TickContext tick, PlayerId player);

    public abstract void PlayerLeft(in TickContext tick, PlayerId player);

    public abstract bool Chat(in TickContext tick, PlayerId player, ReadOnlySpan<char> text);

    public abstract int ScoreOf(World world, PlayerId player);
}

/// <summary>The typed half.</summary>
internal sealed class GameRules<TInput> : GameRules
    where TInput : unmanaged
{
    private readonly Game<TInput> _game;

    public GameRules(Game<TInput> game)
    {
        _game = Argument.Given(game, nameof(game), "give the game that the room runs");
        game.CheckStateless();
        Schema = GameSchema<TInput>.Of(game);
    }

    public override string Name => _game.Name;

    public override int Version => _game.Version;

    public override Schema Schema { get; }

    public override void Start(in TickContext tick) => _game.Start(in tick);

    public override void BeginMatch(in TickContext tick, IReadOnlyDictionary<string, string> parameters) => _game.BeginMatch(in tick, parameters);

    public override void Tick(in TickContext tick) => _game.Tick(in tick);

    public override void PlayerJoined(in TickContext tick, PlayerId player) => _game.PlayerJoined(in tick, player);

    public override void PlayerLeft(in TickContext tick, PlayerId player) => _game.PlayerLeft(in tick, player);

    public override bool Chat(in TickContext tick, PlayerId player, ReadOnlySpan<char> text) => _game.Chat(in tick, player, text);

    public override int ScoreOf(World world, PlayerId player) => _game.ScoreOf(world, player);
}
