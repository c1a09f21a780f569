namespace GameServer.Netcode.Game;

/// <summary>Names one entity for its whole life: a slot of the world and the generation of that slot.</summary>
/// <remarks>4 bytes, so that it can be a field of a component. The default value names no entity.</remarks>
public readonly struct EntityId : IEquatable<EntityId>
{
    /// <summary>Slot in the world; the kind follows from it.</summary>
    public readonly ushort Slot;

    /// <summary>Counts the entities that have lived in the slot; 0 is never used.</summary>
    public readonly ushort Generation;

    /// <summary>The entity of this slot and generation.</summary>
    public EntityId(int slot, int generation)
    {
        Slot = (ushort)Argument.InRange(slot, 0, ushort.MaxValue, nameof(slot));
        Generation = (ushort)Argument.InRange(generation, 0, ushort.MaxValue, nameof(generation));
    }

    /// <summary>No entity.</summary>
    public static EntityId None => default;

    /// <summary>True when this names no entity.</summary>
    public bool IsNone => Generation == 0;

    /// <inheritdoc/>
    public bool Equals(EntityId other) => Slot == other.Slot && Generation == other.Generation;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is EntityId other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => (Generation << 16) | Slot;

    /// <summary>True when both name the same entity.</summary>
    public static bool operator ==(EntityId a, EntityId b) => a.Equals(b);

    /// <summary>True when they name different entities.</summary>
    public static bool operator !=(EntityId a, EntityId b) => !a.Equals(b);

    /// <inheritdoc/>
    public override string ToString() => IsNone ? "none" : $"{Slot}:{Generation}";
}
