using GameServer.Netcode.Game;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Snapshots;

namespace GameServer.Netcode.Client;

/// <summary>The entities that a client predicts, in the order in which they step, and those that are free for the next ones.</summary>
/// <remarks>Owner: the client's thread. Allocates: at start, and when there are more than ever before.</remarks>
internal sealed class PredictedEntities
{
    private const int AtStart = 64;

    private readonly int _componentBytesMax;
    private readonly Stack<PredictedEntity> _free = new(AtStart);
    private readonly PredictedEntity?[] _bySlot;
    private int _historyTicks = Limits.HistoryTicks;

    public PredictedEntities(int componentBytesMax, int slotCount)
    {
        _componentBytesMax = componentBytesMax;
        _bySlot = new PredictedEntity?[slotCount];
    }

    public List<PredictedEntity> All { get; } = new(AtStart);

    /// <summary>Begins a match, in which so many ticks of each are held.</summary>
    public void Start(int historyTicks)
    {
        _historyTicks = historyTicks;
        for (int i = 0; i < AtStart; i++)
        {
            _free.Push(new PredictedEntity(_componentBytesMax, historyTicks));
        }
    }

    /// <summary>
    /// The entity that stands for a replica: linked already, predicted and now confirmed, or a new one; null when there is no room. One that
    /// the client has lost and got back since is new as well: while it was another's, it was not as predicted.
    /// </summary>
    public PredictedEntity? Link(EntityReplica replica, out bool isNew)
    {
        isNew = false;
        if (_bySlot[replica.Slot] is { } linked)
        {
            isNew = linked.Epoch != replica.Epoch;
            if (isNew)
            {
                linked.Return(replica);
            }

            return linked;
        }

        foreach (PredictedEntity entity in All)
        {
            if (entity.Replica is null && entity.IsKeyOf(replica))
            {
                entity.Confirm(replica);
                _bySlot[replica.Slot] = entity;
                return entity;
            }
        }

        isNew = true;
        return Add(replica.Kind, replica, replica.SpawnTick, replica.SpawnOrdinal);
    }

    /// <summary>True when a confirmed entity was spawned by this key: a replay that begins before its spawn meets it again.</summary>
    public bool HasConfirmed(int kindIndex, Tick spawnTick, byte ordinal)
    {
        foreach (PredictedEntity entity in All)
        {
            if (entity.Replica is not null && entity.Kind.Index == kindIndex && entity.SpawnTick == spawnTick && entity.SpawnOrdinal == ordinal)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Adds one at its place in the order; null when there is no room.</summary>
    public PredictedEntity? Add(KindSchema kind, EntityReplica? replica, Tick spawnTick, byte ordinal)
    {
        if (All.Count >= Limits.OwnedEntitiesMax)
        {
            return null;
        }

        PredictedEntity entity = _free.Count > 0 ? _free.Pop() : new PredictedEntity(_componentBytesMax, _historyTicks);
        entity.Start(kind, replica, spawnTick, ordinal);
        if (replica is not null)
        {
            _bySlot[replica.Slot] = entity;
        }

        int index = All.Count;
        while (index > 0 && All[index - 1].CompareTo(entity) > 0)
        {
            index--;
        }

        All.Insert(index, entity);
        return entity;
    }

    public void RemoveAt(int index)
    {
        PredictedEntity entity = All[index];
        if (entity.Replica is { } replica)
        {
            _bySlot[replica.Slot] = null;
        }

        _free.Push(entity);
        All.RemoveAt(index);
    }
}
