using GameServer.Netcode.Client;

namespace GameServer.Bots;

/// <summary>Decides what a bot does, from what its client sees and nothing else.</summary>
/// <typeparam name="TInput">The game's input.</typeparam>
/// <remarks>Owner: the thread that runs the bot. Must not allocate, but for the first decisions.</remarks>
public interface IBotBrain<TInput>
    where TInput : unmanaged
{
    /// <summary>Called once per tick; <paramref name="input"/> holds the last decision.</summary>
    void Decide(GameClient<TInput> client, ref TInput input);
}
