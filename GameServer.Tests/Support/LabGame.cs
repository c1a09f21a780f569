using GameServer.Netcode.Game;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Server;

namespace GameServer.Tests.Support;

/// <summary>A game that the lab can play: how to make it, who plays it, what must hold in its world.</summary>
/// <typeparam name="TInput">The game's input.</typeparam>
/// <remarks>One object per lab: it may keep what its checks need from tick to tick.</remarks>
internal abstract class LabGame<TInput>
    where TInput : unmanaged
{
    /// <summary>What the seeds of this game are called.</summary>
    public abstract string Name { get; }

    /// <summary>Index of an event kind that every client in the match must take exactly once: emitted by the rules, without a position. −1: none.</summary>
    public virtual int Announced => -1;

    public abstract Game<TInput> CreateGame();

    /// <summary>Somebody who plays; the same for the same index and seed.</summary>
    public abstract LabPlayer<TInput> CreatePlayer(int index, ulong seed);

    /// <summary>What must hold in the world after every tick.</summary>
    public virtual void CheckWorld(LabInvariants<TInput> invariants, Room room, Tick tick)
    {
    }
}
