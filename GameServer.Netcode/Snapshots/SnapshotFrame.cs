using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Snapshots;

/// <summary>Quantised and exact state of all entities at one tick.</summary>
/// <remarks>Owner: simulation thread. Arrays are indexed by slot or as the schema lays out columns and components.</remarks>
internal sealed class SnapshotFrame
{
    public SnapshotFrame(int slotCount, int columnCount, int componentBytes)
    {
        Columns = new int[columnCount];
        Components = new byte[componentBytes];
        Generations = new ushort[slotCount];
        ChangedAt = new Tick[slotCount];
        PreviousChangedAt = new Tick[slotCount];
    }

    public Tick Tick { get; set; }

    public bool IsFilled { get; set; }

    /// <summary>Seen columns of all slots.</summary>
    public int[] Columns { get; }

    /// <summary>Exact bytes of all components.</summary>
    public byte[] Components { get; }

    /// <summary>Generation in each slot; 0 where nothing lives.</summary>
    public ushort[] Generations { get; }

    /// <summary>Since when the seen columns of a slot have had this value.</summary>
    public Tick[] ChangedAt { get; }

    /// <summary>Since when they had had the value before that.</summary>
    public Tick[] PreviousChangedAt { get; }
}
