namespace GameServer.Tests.Support;

/// <summary>Plays a game in the lab from what one client shows.</summary>
/// <typeparam name="TInput">The game's input.</typeparam>
internal abstract class LabPlayer<TInput>
    where TInput : unmanaged
{
    /// <summary>Decides the input of one update. Stands still without a button when <see cref="LabClient{TInput}.IsIdle"/>. Must not allocate.</summary>
    public abstract void Sample(LabClient<TInput> me, ref TInput input);

    /// <summary>Takes all events that are there; returns how many of <see cref="LabGame{TInput}.Announced"/> there were. Must not allocate.</summary>
    public virtual int TakeEvents(LabClient<TInput> me) => 0;
}
