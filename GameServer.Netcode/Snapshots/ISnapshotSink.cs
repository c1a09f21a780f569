using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Snapshots;

/// <summary>What a client is told once: an event of the game, or the verdict of a shot.</summary>
internal interface ISnapshotSink
{
    /// <summary>An event that has not been received before; its sequence is that of its stream.</summary>
    void OnEvent(int eventIndex, ushort sequence, Tick tick, byte ordinal, bool ownKey, ReadOnlySpan<int> row);

    /// <summary>A verdict that has not been received before.</summary>
    void OnVerdict(in ShotVerdict verdict);

    /// <summary>An entity began a new life or visibility epoch.</summary>
    void OnBegin(EntityReplica replica);

    /// <summary>An entity was hidden or died.</summary>
    void OnRemove(EntityReplica replica);
}
