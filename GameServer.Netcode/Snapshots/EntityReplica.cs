using GameServer.Netcode.Game;
using GameServer.Netcode.Primitives;

namespace GameServer.Netcode.Snapshots;

/// <summary>What a client has of one entity slot.</summary>
/// <remarks>Owner: the client's thread.</remarks>
internal sealed class EntityReplica
{
    private readonly SampleRingPool _rings;
    private SampleRing? _seen;

    public EntityReplica(KindSchema kind, int slot, SampleRingPool rings)
    {
        Kind = kind;
        Slot = slot;
        _rings = rings;
    }

    public KindSchema Kind { get; }

    public int Slot { get; }

    public ushort Generation { get; private set; }

    public byte Epoch { get; private set; }

    /// <summary>Between the first full state and the hide or despawn.</summary>
    public bool IsKnown { get; private set; }

    public bool IsOwned { get; private set; }

    /// <summary>Known no more since <see cref="RemovedAt"/>, but still on screen until the view gets there.</summary>
    public bool IsRemoved { get; private set; }

    public Tick RemovedAt { get; private set; }

    public Tick SpawnTick { get; private set; }

    public byte SpawnOrdinal { get; private set; }

    /// <summary>Newest change by the rules that the server has told.</summary>
    public Tick ExternalTick { get; set; }

    public bool HasExternal { get; set; }

    /// <summary>States in the seen table; empty for what is the client's own or not known.</summary>
    public SampleRing Seen => _seen ?? SampleRing.Empty;

    /// <summary>States in the owned table; none for what is not the client's own.</summary>
    public SampleRing? Owned { get; private set; }

    public EntityId Id => new(Slot, Generation);

    /// <summary>Begins a new life or a new visibility epoch, or continues the present one.</summary>
    public void Begin(ushort generation, byte epoch, bool owned, Tick spawnTick, byte ordinal)
    {
        if (!IsKnown || Generation != generation || Epoch != epoch || IsOwned != owned)
        {
            ReturnRings();
            HasExternal = false;
        }

        Generation = generation;
        Epoch = epoch;
        IsOwned = owned;
        IsKnown = true;
        IsRemoved = false;
        SpawnTick = spawnTick;
        SpawnOrdinal = ordinal;
        if (owned)
        {
            Owned ??= _rings.Rent(Kind, owned: true);
        }
        else
        {
            _seen ??= _rings.Rent(Kind, owned: false);
        }
    }

    /// <summary>The server said that the entity is hidden or dead.</summary>
    public void Remove(Tick tick)
    {
        IsKnown = false;
        IsRemoved = true;
        RemovedAt = tick;
    }

    /// <summary>Lets go of an entity that the view has left behind, with its states.</summary>
    public void Forget()
    {
        IsRemoved = false;
        ReturnRings();
    }

    private void ReturnRings()
    {
        if (_seen is not null)
        {
            _rings.Return(Kind, owned: false, _seen);
            _seen = null;
        }

        if (Owned is not null)
        {
            _rings.Return(Kind, owned: true, Owned);
            Owned = null;
        }
    }
}
