using GameServer.Netcode.Game;
using GameServer.Netcode.Snapshots;

namespace GameServer.Netcode.Server;

/// <summary>A world and what its snapshots are made from.</summary>
/// <remarks>Owner: simulation thread. Allocates: only at start.</remarks>
internal sealed class SnapshotSource
{
    public SnapshotSource(World world, RoomEvents events)
    {
        World = world;
        Events = events;
        History = new SnapshotHistory(world);
        Grid = new InterestGrid(world);
        Writer = new SnapshotWriter(world, History, events.Reliable, events.Brief);
    }

    public World World { get; }

    public SnapshotHistory History { get; }

    public InterestGrid Grid { get; }

    public RoomEvents Events { get; }

    public SnapshotWriter Writer { get; }
}
