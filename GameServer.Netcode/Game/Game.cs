using System.Reflection;

namespace GameServer.Netcode.Game;

/// <summary>A game: what a user of the library writes. The same class runs on the server and on each client.</summary>
/// <typeparam name="TInput">What a player does in one tick: an unmanaged struct without padding.</typeparam>
/// <remarks>Holds no state of its own, only readonly handles: all state lives in the <see cref="World"/>.</remarks>
public abstract class Game<TInput>
    where TInput : unmanaged
{
    /// <summary>Name; client and server must agree.</summary>
    public abstract string Name { get; }

    /// <summary>Version of the rules; client and server must agree.</summary>
    public virtual int Version => 1;

    /// <summary>Declares input, entities, commands and events. Called once.</summary>
    public abstract void Define(GameSchema<TInput> schema);

    /// <summary>Sets up a new world, before the first tick. Server only.</summary>
    public virtual void Start(in TickContext tick)
    {
    }

    /// <summary>A match is to begin, with what was asked for on the command line or by the orchestrator: map, mode, length. Between two ticks; server only.</summary>
    /// <param name="tick">The tick that was simulated last.</param>
    /// <param name="parameters">Text by name; anybody may have written it: what the game does not know it passes over, what is wrong it replaces by its own.</param>
    public virtual void BeginMatch(in TickContext tick, IReadOnlyDictionary<string, string> parameters)
    {
    }

    /// <summary>The rules of the server: executes posted commands, moves what nobody owns. After the steps of each tick.</summary>
    public abstract void Tick(in TickContext tick);

    /// <summary>A player has joined: give him an entity. Server only; spectators are not announced.</summary>
    public virtual void PlayerJoined(in TickContext tick, PlayerId player)
    {
    }

    /// <summary>A player has left; his entities are gone after this call. Server only.</summary>
    public virtual void PlayerLeft(in TickContext tick, PlayerId player)
    {
    }

    /// <summary>A player has said something: false keeps it from everybody, for example a word that the game takes as a command. Server only; the text is valid for the call.</summary>
    public virtual bool Chat(in TickContext tick, PlayerId player, ReadOnlySpan<char> text) => true;

    /// <summary>A player's score, for lists of players. Server only.</summary>
    public virtual int ScoreOf(World world, PlayerId player) => 0;

    /// <summary>Refuses a game class with state of its own: it would escape snapshots, replays and checks.</summary>
    /// <exception cref="ArgumentException">A field is not readonly; the message names it.</exception>
    internal void CheckStateless()
    {
        for (Type? type = GetType(); type is not null && type != typeof(Game<TInput>); type = type.BaseType)
        {
            const BindingFlags all = BindingFlags.Instance | BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly;
            foreach (FieldInfo field in type.GetFields(all))
            {
                if (!field.IsInitOnly && !field.IsLiteral)
                {
                    throw new ArgumentException($"{type.Name}.{field.Name} is not readonly; keep the state of a game in its world (entities and singletons)");
                }
            }
        }
    }
}
