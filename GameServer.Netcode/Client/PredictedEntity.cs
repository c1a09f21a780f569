using System.Runtime.InteropServices;
using GameServer.Netcode.Game;
using GameServer.Netcode.Primitives;
using GameServer.Netcode.Snapshots;

namespace GameServer.Netcode.Client;

/// <summary>One entity of the client's own: its predicted states, by tick.</summary>
/// <remarks>Pooled. Owner: the client's thread.</remarks>
internal sealed class PredictedEntity
{
    private readonly int _stride;
    private readonly byte[] _states;
    private readonly Tick[] _ticks;
    private readonly bool[] _filled;
    private readonly bool[] _ended;

    public PredictedEntity(int componentBytesMax, int historyTicks)
    {
        _stride = componentBytesMax;
        _states = new byte[historyTicks * componentBytesMax];
        _ticks = new Tick[historyTicks];
        _filled = new bool[historyTicks];
        _ended = new bool[historyTicks];
    }

    public KindSchema Kind { get; private set; } = null!;

    /// <summary>What the server has told of it; none for a spawn that it has not confirmed.</summary>
    public EntityReplica? Replica { get; private set; }

    public Tick SpawnTick { get; private set; }

    public byte SpawnOrdinal { get; private set; }

    /// <summary>The state at the newest predicted tick.</summary>
    public byte[] State { get; } = new byte[Limits.ComponentBytesMax];

    /// <summary>The entity ended itself in the prediction.</summary>
    public bool HasEnded { get; set; }

    /// <summary>What is drawn beside the predicted position, fading out: where it was drawn before the last correction.</summary>
    public System.Numerics.Vector3 DrawOffset { get; set; }

    /// <summary>Where it was drawn before the replay at hand.</summary>
    public System.Numerics.Vector3 DrawnBefore { get; set; }

    public bool HasBeenDrawn { get; set; }

    /// <summary>The entity that <see cref="Replica"/> was when it was linked: a slot may get another one.</summary>
    public EntityId ConfirmedId { get; private set; }

    /// <summary>The visibility epoch of <see cref="Replica"/> to which the predicted states belong.</summary>
    public byte Epoch { get; private set; }

    /// <summary>Newest tick at which the prediction was compared with the server's state.</summary>
    public Tick ComparedAt { get; set; }

    public bool HasCompared { get; set; }

    /// <summary>The prediction of <see cref="ComparedAt"/> differs: the replay at hand puts the server's state in its place.</summary>
    public bool IsWrong { get; set; }

    /// <summary>During a replay: nothing is known of it before <see cref="ComparedAt"/>.</summary>
    public bool IsUnknownYet { get; set; }

    /// <summary>Where it is at the newest predicted tick; the origin when its kind has no position.</summary>
    public System.Numerics.Vector3 Position
    {
        get
        {
            int column = Kind.PositionColumn;
            return column < 0 ? default : MemoryMarshal.Read<System.Numerics.Vector3>(Bytes[Kind.Seen.Columns[column].Offset..]);
        }
    }

    public EntityId Id => Replica is { IsKnown: true } ? Replica.Id : EntityId.None;

    public void Start(KindSchema kind, EntityReplica? replica, Tick spawnTick, byte ordinal)
    {
        Kind = kind;
        Replica = replica;
        ConfirmedId = replica?.Id ?? EntityId.None;
        Epoch = replica?.Epoch ?? 0;
        HasBeenDrawn = false;
        SpawnTick = spawnTick;
        SpawnOrdinal = ordinal;
        HasEnded = false;
        DrawOffset = default;
        HasCompared = IsWrong = IsUnknownYet = false;
        _filled.AsSpan().Clear();
    }

    public void Confirm(EntityReplica replica)
    {
        Replica = replica;
        ConfirmedId = replica.Id;
        Epoch = replica.Epoch;
    }

    /// <summary>It is the client's own again: what was predicted before is of another time.</summary>
    public void Return(EntityReplica replica)
    {
        Confirm(replica);
        HasCompared = false;
        _filled.AsSpan().Clear();
    }

    public Span<byte> Bytes => State.AsSpan(0, Kind.SizeBytes);

    public void Remember(Tick tick)
    {
        int index = IndexOf(tick);
        _ticks[index] = tick;
        _filled[index] = true;
        _ended[index] = HasEnded;
        Bytes.CopyTo(_states.AsSpan(index * _stride));
    }

    public bool TryRecall(Tick tick, out ReadOnlySpan<byte> state, out bool ended)
    {
        int index = IndexOf(tick);
        state = _states.AsSpan(index * _stride, Kind.SizeBytes);
        ended = _ended[index];
        return _filled[index] && _ticks[index] == tick;
    }

    private int IndexOf(Tick tick) => (int)(tick.Value & (uint)(_ticks.Length - 1));

    /// <summary>Returns to the state of a tick; false when it is not held.</summary>
    public bool TryReturnTo(Tick tick)
    {
        if (!TryRecall(tick, out ReadOnlySpan<byte> state, out bool ended))
        {
            return false;
        }

        state.CopyTo(State);
        HasEnded = ended;
        return true;
    }

    /// <summary>Takes the server's state of <see cref="ComparedAt"/> in place of the prediction.</summary>
    public void Adopt()
    {
        MemoryMarshal.AsBytes(Replica!.Owned!.NewestRow).CopyTo(State);
        HasEnded = IsWrong = IsUnknownYet = false;
        Remember(ComparedAt);
    }

    /// <summary>True when the replica is what this entity was predicted to become.</summary>
    public bool IsKeyOf(EntityReplica replica) => replica.Kind == Kind && replica.SpawnTick == SpawnTick && replica.SpawnOrdinal == SpawnOrdinal;

    /// <summary>Order in which the server steps a player's entities.</summary>
    public int CompareTo(PredictedEntity other)
    {
        int byTick = SpawnTick - other.SpawnTick;
        int byOrdinal = SpawnOrdinal - other.SpawnOrdinal;
        return byTick != 0 ? byTick : byOrdinal != 0 ? byOrdinal : (Replica?.Slot ?? 0) - (other.Replica?.Slot ?? 0);
    }
}
